"""Dated notes: a file for each meeting, call, mail or conversation, with what is known of it and room for one's own.

A note is called `2026-06-26_quarterly-review_1a2b3c4d5e.md`: the day and the title as they were when it was first
written, and a hash of the event's id in its source. It keeps its name when day or title change, and when somebody
gives it another one: then its marker says which event it is about.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from execution.context.slugs import slug
from execution.engine import naive_utc
from execution.files import managed
from execution.files.quoting import code, fenced, inline
from execution.folders.entries import Entry, Someone
from execution.folders.wording import Tongue, meeting_state

NAME = "note"
BELOW = "\n## Notes\n\n"
"""What a new note ends with: the place for a person's own words."""

LONGEST_TITLE = 40
_DIGITS = 10
_HASH = re.compile(rf"_([0-9a-f]{{{_DIGITS}}})\.md$")
_LONGEST_LINE = 1_000


@dataclass(frozen=True, slots=True)
class Message:
    """What was written in a conversation; `author` is customer, team or bot."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A note that is due: whose, in which folder, of which event, and a hash of all that it says. One that does not
    `begin` is only kept up to date where it is there: a meeting that did not take place earns none."""

    no: int
    begins: bool
    account: str
    folder: str
    source: str
    ids: tuple[str, ...]
    at: datetime
    title: str | None
    facts: str

    @property
    def hashes(self) -> tuple[str, ...]:
        """One for each record of the event: a group meeting has as many as guests."""
        return tuple(short_hash(self.source, id_) for id_ in self.ids)


def short_hash(source: str, id_: str) -> str:
    """Ten hexadecimal digits that tell the events of one account apart."""
    return sha256(f"{source}\0{id_}".encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def key_of(planned: Planned) -> str:
    """What a note's marker says: whose it is, and the hash of its event."""
    return f"{planned.account} {planned.hashes[0]}"


# --- names --------------------------------------------------------------------------------------


def file_name(planned: Planned, tongue: Tongue) -> str:
    """The name of a note that is not there yet."""
    title = slug(planned.title or "")[:LONGEST_TITLE].strip("-")
    parts = [f"{tongue.local(planned.at):%Y-%m-%d}", *([title] if title else []), planned.hashes[0]]
    return f"{'_'.join(parts)}.md"


def written(folder: Path) -> dict[str, str]:
    """The notes that are in a folder: the hash of their event → the file's name."""
    try:
        names = sorted(path.name for path in folder.iterdir() if path.suffix == ".md" and path.name[0] != ".")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    found: dict[str, str] = {}
    for name in names:
        match = _HASH.search(name)
        hash_ = match[1] if match else _marked(folder / name)
        if hash_:
            found.setdefault(hash_, name)
    return found


def _marked(file: Path) -> str | None:
    """The hash of the event that a file is about which somebody gave a name of their own."""
    try:
        key = managed.owner(file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    return (key or "").partition(" ")[2] or None


def name_for(planned: Planned, there: Mapping[str, str], tongue: Tongue) -> str:
    """The name of the note: that of the file that is there, or a new one."""
    return next((there[each] for each in planned.hashes if each in there), None) or file_name(planned, tongue)


# --- what a note says ---------------------------------------------------------------------------


def block(entry: Entry, said: Iterable[Message], cut: int, tongue: Tongue, as_of: datetime) -> str:
    """The text of the managed block. `said` are the newest messages in the order they were written, `cut` is how many
    older ones there are."""
    lines = [f"# {inline(entry.title or entry.kind.capitalize())}", ""]
    lines += [f"- **{label}:** {value}" for label, value in _facts(entry, tongue, as_of)]
    if entry.detail and entry.kind != "conversation":
        lines += ["", "## What was said of it", "", fenced([entry.detail], _LONGEST_LINE)]
    messages = list(said)
    if messages:
        lines += ["", "## What was written", ""]
        lines += [f"… {cut} earlier messages are in the source", ""] if cut else []
        lines += [fenced(list(_lines(messages, tongue)), _LONGEST_LINE)]
    elif entry.kind == "conversation" and entry.detail:
        lines += ["", "## What was written", "", fenced([entry.detail], _LONGEST_LINE)]
    return "\n".join(lines) + "\n"


def _facts(entry: Entry, tongue: Tongue, as_of: datetime) -> Iterator[tuple[str, str]]:
    yield "When", _when(entry, tongue)
    yield "Who", ", ".join(_who(each, entry) for each in entry.who) or inline(None)
    yield "Host", tongue.person(entry.host)
    yield "How it stands", _standing(entry, is_past=entry.at <= naive_utc(as_of))
    if entry.kind == "conversation" and entry.amount is not None:
        yield "Rated", f"{entry.amount:.0f} of 5"
    yield "Record", code(f"{entry.source}:{entry.ids[0]}" if entry.ids else entry.source)


def _when(entry: Entry, tongue: Tongue) -> str:
    begins = tongue.local(entry.at)
    ends = tongue.local(entry.until) if entry.until else None
    day = f"{begins:%Y-%m-%d %H:%M}"
    if ends is None or ends <= begins:
        return f"{day} {tongue.zone.key}"
    until = f"{ends:%H:%M}" if ends.date() == begins.date() else f"{ends:%Y-%m-%d %H:%M}"
    return f"{day} to {until} {tongue.zone.key}"


def _who(person: Someone, entry: Entry) -> str:
    named = f"{inline(person.name)} ({code(person.email)})" if person.name else str(code(person.email))
    differs = entry.kind == "meeting" and person.state != entry.state
    return f"{named}, {meeting_state(person.state)}" if differs else named


def _standing(entry: Entry, *, is_past: bool) -> str:
    if entry.kind == "meeting":
        return meeting_state(entry.state, is_past=is_past)
    return inline(entry.state.replace("_", " ") if entry.state else None)


def _lines(messages: Iterable[Message], tongue: Tongue) -> Iterator[str]:
    for message in messages:
        yield f"{tongue.local(message.at):%Y-%m-%d %H:%M} {message.author}:"
        yield from (f"| {line}" for line in message.text.splitlines() if line.strip())
