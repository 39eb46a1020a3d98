"""Finished reports to their readers, as their directives' `deliver:` says: files, mails, messages of Slack.

A file of the workspace is written at once. Everything else is a row of the outbox that alerts use too, so it is tried
again, given up in the end, held to the channel's limit, and sent once: the row's id is made of the report, whose it is,
its edition, and the reader.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from execution import engine, store
from execution.actions import Delivered, filing
from execution.actions import deliver as send_what_is_due
from execution.actions.filing import identity
from execution.actions.letter import REPORT, Attached, packed, unload
from execution.actions.modes import Modes, modes
from execution.actions.senders import SenderMaker
from execution.directives import Program
from execution.directives.model.delivery import Delivery, Format, ToFile, ToMail, ToSlack
from execution.directives.model.routing import Email, Folder, Slack, SlackWebhook
from execution.errors import GtmError
from execution.files import writing
from execution.reports import summary
from execution.reports.compose import Composed
from execution.reports.recipients import Reader, readers
from execution.settings import Environment
from execution.workspace import Workspace

FILE = "file"
_TYPES: Mapping[Format, str] = {"html": "text/html", "pdf": "application/pdf", "md": "text/markdown"}
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished report: its directive's name, what it is called, the period that it is about, its Markdown and its
    pictures (SVG by the path that the Markdown names). `user` is whose it is, `file` where it was written. `edition`
    tells it from others of its period, as of another day; each is sent once."""

    name: str
    title: str
    period: str
    markdown: str
    pictures: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    file: Path | None = None
    edition: str = ""

    @classmethod
    def of(cls, composed: Composed, file: Path | None = None) -> "Finished":
        """A report as it was put together, and where it was written."""
        return cls(
            composed.name, composed.title, composed.span.label, composed.text, composed.pictures, composed.user, file,
            composed.stem,
        )  # fmt: skip

    @property
    def stem(self) -> str:
        """The name of its files, without an end: safe on every file system."""
        words = "_".join(filter(None, [self.name, self.user, self.period]))
        return _NOT_IN_A_NAME.sub("-", words).strip("-.")[:_LONGEST_NAME] or REPORT


Ending = Literal["done", "same", "again", "dead", "dropped", "would", "waits"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one report on its way to one reader: `same` means that they have it already, `waits` that the
    channel's limit is reached. `error` says why it is not there."""

    report: str
    to: str
    channel: str
    ending: Ending
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    """One report to one reader: a channel and its row, or a file of the workspace; or why there is none of it."""

    report: str
    to: str
    channel: str
    row: filing.Row | None = None
    path: Path | None = None
    content: bytes = b""
    lacking: str | None = None


def deliver(
    workspace: Workspace,
    program: Program,
    environment: Environment,
    finished: Sequence[Finished],
    now: datetime,
    *,
    dry_run: bool = False,
    test: bool = False,
    timeout_s: float = store.DEFAULT_TIMEOUT_S,
    make: SenderMaker | None = None,
) -> tuple[Sent, ...]:
    """Deliver reports, each as its directive says; a report that was delivered for its period is not sent again.

    With `dry_run` nothing is written or sent. `test` sends to the channels' test addresses only, marked as tests; what
    is tested is sent in earnest later all the same. What one report lacks (a browser that prints it, say) keeps no
    other. Raises StoreBusyError where the store is not free in time.
    """
    how = modes(program, environment, test=test)
    ways = [way for one in finished for way in _ways(program, workspace, how, one, now)]
    if dry_run:
        return tuple(_foreseen(workspace, ways, timeout_s))
    sent = [_written(workspace, way.path, way) for way in ways if way.path is not None]
    rows = [way.row for way in ways if way.row is not None]
    with store.writer(workspace, timeout_s=timeout_s) as con:
        before = _states(con, [row.id for row in rows])
        if any(before.get(row.id, _NEW)[0] in {"new", "dropped"} for row in rows):
            with store.change(con):
                unload(con)
                filing.put(con, rows, engine.naive_utc(now))
    came = send_what_is_due(
        workspace, program, environment, now=now, test=test, only=REPORT, timeout_s=timeout_s, make=make
    )
    return (*sent, *_told(ways, before, came))


# --- which ways -------------------------------------------------------------------------------------


def _ways(program: Program, workspace: Workspace, how: Modes, finished: Finished, now: datetime) -> Iterator[_Way]:
    report = program.reports.get(finished.name)
    made = _Made(finished)
    for delivery in report.deliver if report is not None else ():
        match delivery:
            case ToFile(via=None):
                yield _in_the_workspace(workspace, how, delivery, made)
            case ToFile():
                yield _through(how, delivery, made, now, Reader(delivery.via or "", folder=delivery.path))
            case ToMail():
                for reader in readers(program, delivery.recipients, finished.user, now):
                    yield _through(how, delivery, made, now, reader)
            case ToSlack():
                yield _through(how, delivery, made, now, Reader(delivery.channel, room=delivery.channel))


class _Made:
    """A report in the forms that are asked of it, each made once."""

    def __init__(self, finished: Finished) -> None:
        self.finished = finished
        self._content: dict[Format, bytes] = {}

    def name(self, form: Format) -> str:
        """The name of the file in that form."""
        return f"{self.finished.stem}.{form}"

    def content(self, form: Format) -> bytes:
        """The file in that form."""
        if form not in self._content:
            self._content[form] = self._make(form)
        return self._content[form]

    def _make(self, form: Format) -> bytes:
        from execution.reports.page import page
        from execution.reports.pdf import printed

        if form == "md":
            return self.finished.markdown.encode("utf-8", "replace")
        html = page(self.finished.markdown, self.finished.pictures, title=self.finished.title)
        return printed(html) if form == "pdf" else html.encode("utf-8", "replace")


def _channel(how: Modes, delivery: Delivery) -> str | None:
    """The channel that a delivery goes through: the one that it names, else the first of its kind."""
    if delivery.via is not None:
        return delivery.via
    kinds = {ToMail: (Email,), ToSlack: (Slack, SlackWebhook), ToFile: (Folder,)}[type(delivery)]
    fitting = [name for name, each in how.channels.items() if isinstance(each, kinds)]
    enabled = [name for name in fitting if how.channels[name].enabled]
    return next(iter((*enabled, *fitting)), None)


def _through(how: Modes, delivery: Delivery, made: _Made, now: datetime, reader: Reader) -> _Way:
    finished, channel = made.finished, _channel(how, delivery)
    lacking = reader.lacking or how.refusal(channel)
    if lacking is not None:
        return _Way(finished.name, reader.name, channel or delivery.to, lacking=lacking)
    form = None if isinstance(delivery, ToSlack) else delivery.format
    try:
        files = [] if form is None else [Attached(made.name(form), _TYPES[form], made.content(form))]
    except GtmError as error:
        return _Way(finished.name, reader.name, channel or delivery.to, lacking=f"{error.code} {error.message}")
    payload = {
        "kind": REPORT, "title": finished.title, "period": finished.period, "why": reader.why,
        "lines": list(summary.lines(finished.markdown)), "to": dict(reader.to), "slack_channel": reader.room,
        "whole": "" if finished.file is None else finished.file.as_posix(), "link": _link(delivery, made),
        "folder": reader.folder, "files": packed(files),
    }  # fmt: skip
    is_test = how.is_test or (channel is not None and how.tests(how.channels[channel]))
    whose = f"{finished.name}/{finished.user or ''}"
    id_ = identity(
        REPORT,
        whose,
        finished.edition or finished.period,
        form,
        channel,
        reader.name,
        reader.folder,
        "test" if is_test else "",
    )
    row = filing.Row(
        id_, None, f"{REPORT} {finished.period}", finished.name, REPORT, channel, reader.name, payload,
        engine.naive_utc(now),
    )  # fmt: skip
    return _Way(finished.name, reader.name, channel or "", row)


def _link(delivery: Delivery, made: _Made) -> str:
    """Where a browser finds the report: the folder's address and the name of its page."""
    link = None if isinstance(delivery, ToFile) else delivery.link
    return f"{link}/{quote(made.name('html'))}" if link else ""


# --- files of the workspace -------------------------------------------------------------------------


def _in_the_workspace(workspace: Workspace, how: Modes, delivery: ToFile, made: _Made) -> _Way:
    path = workspace.root / delivery.path / made.name(delivery.format)
    shown = path.relative_to(workspace.root).as_posix()
    name = made.finished.name
    if how.is_test:
        return _Way(name, shown, FILE, lacking="test mode, and a file is no test")
    try:
        return _Way(name, shown, FILE, path=path, content=made.content(delivery.format))
    except GtmError as error:
        return _Way(name, shown, FILE, lacking=f"{error.code} {error.message}")


def _written(workspace: Workspace, path: Path, way: _Way) -> Sent:
    if _is_same(path, way.content):
        return Sent(way.report, way.to, FILE, "same")
    try:
        writing.write_bytes(workspace.root, path, way.content)
    except GtmError as error:
        return Sent(way.report, way.to, FILE, "dropped", f"{error.code} {error.message}")
    except OSError as error:
        return Sent(way.report, way.to, FILE, "dropped", error.strerror or type(error).__name__)
    return Sent(way.report, way.to, FILE, "done")


def _is_same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


# --- what came of it --------------------------------------------------------------------------------


def _states(con: engine.Connection, ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Rows that are there already: how each stands, and its last error."""
    if not ids:
        return {}
    listed = ", ".join(engine.literal(id_) for id_ in ids)
    rows = con.execute(f"SELECT id, state, last_error FROM ops.outbox WHERE id IN ({listed})").fetchall()
    return {id_: (state, error) for id_, state, error in rows}


def _told(ways: Iterable[_Way], before: Mapping[str, tuple[str, str | None]], came: Delivered) -> Iterator[Sent]:
    """What became of each way through a channel. Rows that were there before say how they stand."""
    handled = {one.id: one for one in came.handled}
    for way in ways:
        if way.lacking is not None:
            yield Sent(way.report, way.to, way.channel, "dropped", way.lacking)
        elif way.row is not None:
            one, (state, error) = handled.get(way.row.id), before.get(way.row.id, _NEW)
            if one is not None:
                yield Sent(way.report, way.to, way.channel, one.ending, one.error)
            else:
                yield Sent(way.report, way.to, way.channel, _STANDS.get(state, "waits"), error)


_NEW = ("new", None)
_STANDS: Mapping[str, Ending] = {"done": "same", "dead": "dead", "dropped": "dropped"}


def _foreseen(workspace: Workspace, ways: Sequence[_Way], timeout_s: float) -> Iterator[Sent]:
    """What would be delivered; nothing is written."""
    with store.looking(workspace, timeout_s=timeout_s) as con:
        is_there = store.has_table(con, "ops", "outbox")
        before = _states(con, [way.row.id for way in ways if way.row is not None]) if is_there else {}
    for way in ways:
        if way.lacking is not None:
            yield Sent(way.report, way.to, way.channel, "dropped", way.lacking)
        elif way.row is not None:
            state, error = before.get(way.row.id, _NEW)
            yield Sent(way.report, way.to, way.channel, _STANDS.get(state, "would"), error)
        else:
            is_same = way.path is not None and _is_same(way.path, way.content)
            yield Sent(way.report, way.to, way.channel, "same" if is_same else "would")
