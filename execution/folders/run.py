"""Write what stands in accounts' folders beside their briefs, and the index of all folders."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from execution import engine
from execution.context import slugs
from execution.directives import Program
from execution.errors import Problem
from execution.files import managed, quoting, whose, writing
from execution.folders import (
    account_file,
    accounts,
    entries,
    happened,
    index,
    notes,
    noting,
    tasks,
    timeline,
    trends,
    wording,
)  # fmt: skip
from execution.folders.accounts import Filed
from execution.folders.notes import Planned
from execution.folders.remembered import Remembered
from execution.folders.wording import Tongue
from execution.workspace import Workspace

BLOCKS = (timeline.NAME, notes.NAME, tasks.NAME, index.NAME)
"""The names of the blocks that are written here."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of the files, as paths from the workspace's root; conflicts were left as they are. Of a check,
    `changed` are those that are not as they would be written, and `missing` those that are not there."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    conflicts: tuple[Problem, ...]
    missing: tuple[str, ...] = ()


@dataclass
class _Desk:
    """One run: what is known before it begins, and what became of the files so far. `folders` maps keys to folders."""

    con: engine.Connection
    program: Program
    workspace: Workspace
    as_of: datetime
    filed: Mapping[str, Filed]
    folders: Mapping[str, str]
    tongue: Tongue
    made_with: str
    remembered: Remembered
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    conflicts: list[Problem] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def facts(self, *parts: object) -> str:
        """The hash of what a file is made of, and of what makes it."""
        return managed.hash_of("\n".join([*map(str, parts), self.made_with]))

    def is_current(self, shown: str, facts: str) -> bool:
        """Whether a file is as these facts make it; then it is done with."""
        if not self.remembered.is_current(shown, facts):
            return False
        self.unchanged.append(shown)
        return True

    def bring(self, shown: str, block: writing.Block, below: str = "") -> None:
        """Write a file where its block says something else by now; a new one ends with `below`."""
        root, path = self.workspace.root, self.workspace.root / shown
        is_new = bool(below) and self._begun(path, block, below)
        outcome: Problem | bool = is_new or writing.write_block(root, path, block)
        if isinstance(outcome, Problem):
            self.conflicts.append(outcome)
            return
        self.remembered.note(shown, block.facts)
        (self.changed if outcome else self.unchanged).append(shown)

    def _begun(self, path: Path, block: writing.Block, below: str) -> bool:
        """Whether a new file was written; not where there is one, or where none can be."""
        if path.exists() or not path.parent.resolve().is_relative_to(self.workspace.root.resolve()):
            return False
        return writing.write_new(self.workspace.root, path, block.wrapped(block.render()) + below)

    def begin(self, shown: str, text: Callable[[], str]) -> None:
        """Write a file that is people's from then on, where there is none."""
        if writing.write_new(self.workspace.root, self.workspace.root / shown, text()):
            self.changed.append(shown)

    def brought(self) -> Brought:
        """What became of the files."""
        return Brought(tuple(self.changed), tuple(self.unchanged), tuple(self.conflicts), tuple(self.missing))


class _Check(_Desk):
    """The same without a word written: every file is looked into."""

    def is_current(self, shown: str, facts: str) -> bool:  # noqa: ARG002 - whatever is remembered
        """Nothing is taken for granted."""
        return False

    def bring(self, shown: str, block: writing.Block, below: str = "") -> None:  # noqa: ARG002 - what a new one has
        """Note how the file stands."""
        stands = writing.look_at(self.workspace.root, self.workspace.root / shown, block)
        if isinstance(stands, Problem):
            self.conflicts.append(stands)
        else:
            (self.missing if stands is None else self.changed if stands else self.unchanged).append(shown)

    def begin(self, shown: str, text: Callable[[], str]) -> None:  # noqa: ARG002 - that it is not there is all
        """Note that it is not there."""
        self.missing.append(shown)


@dataclass
class _Drawing(_Desk):
    """Blocks as they would be written, by name and key, for whoever wants to see one."""

    blocks: dict[tuple[str, str], writing.Block] = field(default_factory=dict)

    def is_current(self, shown: str, facts: str) -> bool:  # noqa: ARG002 - whatever stands there
        """All are wanted."""
        return False

    def bring(self, shown: str, block: writing.Block, below: str = "") -> None:  # noqa: ARG002 - only the block
        """Keep it."""
        self.blocks[block.name, block.key] = block


AnyDesk = TypeVar("AnyDesk", bound=_Desk)


def write(
    con: engine.Connection,
    program: Program,
    workspace: Workspace,
    as_of: datetime,
    done: Collection[str] = (),
) -> Brought:
    """Bring the timeline, the notes, the tasks and the account's own file of every account that the settings choose up
    to date, and the index of all of them.

    `con` reads the store; `done` are tasks that are finished, whether or not it knows that yet. The same store gives
    the same files, and what is as it was is neither rendered nor written. Raises UsageError where a template does not
    hold, or nobody knows yet who is in a segment that the settings choose by.
    """
    desk = _laid(_Desk, con, program, workspace, as_of)
    _go_through(desk, done)
    desk.remembered.keep()
    return desk.brought()


def check(con: engine.Connection, program: Program, workspace: Workspace, as_of: datetime) -> Brought:
    """What `write` would do; every file is looked into, and nothing is written."""
    desk = _laid(_Check, con, program, workspace, as_of)
    _go_through(desk, ())
    return desk.brought()


def render(
    con: engine.Connection, program: Program, workspace: Workspace, as_of: datetime, name: str, key: str
) -> str | None:
    """The block of that name and key as it would be written now; None where none would be. What is of one account is
    drawn from what is known of that one."""
    desk = _laid(_Drawing, con, program, workspace, as_of, None if name == index.NAME else key.partition(" ")[0])
    if name == index.NAME:
        _index(desk)
    else:
        _read_entries(desk)
        draw: dict[str, Callable[[_Desk], None]] = {timeline.NAME: _timelines, notes.NAME: _notes, tasks.NAME: _tasks}
        draw[name](desk)
    block = desk.blocks.get((name, key))
    return block.render() if block else None


def _laid(
    kind: type[AnyDesk],
    con: engine.Connection,
    program: Program,
    workspace: Workspace,
    as_of: datetime,
    only: str | None = None,
) -> AnyDesk:
    filed = {account.key: account for account in accounts.read(con, program) if only in (None, account.key)}
    names = {key: account.name for key, account in filed.items()}
    folders = slugs.assign(names, whose.taken(workspace.customers, names))
    tongue = Tongue.of(program)
    made_with = "\n".join([_code(), program.settings.model_dump_json(), repr(tongue)])
    return kind(con, program, workspace, as_of, filed, folders, tongue, made_with, Remembered(workspace))


def _go_through(desk: _Desk, done: Collection[str]) -> None:
    _read_entries(desk)
    _timelines(desk)
    _notes(desk)
    _tasks(desk, done)
    _account_files(desk)
    _index(desk)


def _read_entries(desk: _Desk) -> None:
    names = {key: account.name for key, account in desk.filed.items()}
    entries.prepare(desk.con, desk.program, names, desk.as_of)


@cache
def _code() -> str:
    """What gives the files their words: another version of it makes every one anew."""
    modules = (entries, happened, index, notes, noting, tasks, timeline, wording, quoting)
    return "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules)


def _timelines(desk: _Desk) -> None:
    limit = desk.program.settings.timeline_entries
    known = entries.facts(desk.con, limit)
    due: dict[str, str] = {}
    for key, folder in desk.folders.items():
        facts = desk.facts(key, desk.filed[key].name, known.get(key, "nothing"))
        if not desk.is_current(f"customers/{folder}/timeline.md", facts):
            due[key] = facts

    def bring(story: entries.Story) -> None:
        key = story.account
        block = writing.Block(
            timeline.NAME, key, due[key], lambda: timeline.block(desk.filed[key].name, key, story, desk.tongue)
        )
        desk.bring(f"customers/{desk.folders[key]}/timeline.md", block)

    for story in entries.stories(desk.con, [key for key in due if key in known], limit):
        bring(story)
    for key in due:
        if key not in known:
            bring(entries.Story(key, (), 0, ()))


def _notes(desk: _Desk) -> None:
    noting.prepare(desk.con, desk.program, desk.as_of)
    due: dict[int, tuple[Planned, str, str]] = {}
    there: dict[str, str] = {}
    at = ""
    for each in noting.planned(desk.con):
        folder = f"customers/{desk.folders[each.account]}/{each.folder}"
        if folder != at:
            at, there = folder, notes.written(desk.workspace.root / folder)
        if not each.begins and not any(hash_ in there for hash_ in each.hashes):
            continue
        shown = f"{folder}/{notes.name_for(each, there, desk.tongue)}"
        facts = desk.facts(each.account, each.facts)
        if not desk.is_current(shown, facts):
            due[each.no] = (each, shown, facts)
    for no, entry, said, cut in noting.told(desk.con, due):
        each, shown, facts = due[no]
        text = notes.block(entry, said, cut, desk.tongue, desk.as_of)
        desk.bring(shown, writing.Block(notes.NAME, notes.key_of(each), facts, partial(str, text)), notes.BELOW)


def _tasks(desk: _Desk, done: Collection[str] = ()) -> None:
    by_account: dict[str, list[tasks.Open]] = {}
    for task in tasks.open_tasks(desk.con):
        if task.task not in done:
            by_account.setdefault(task.account, []).append(task)
    for key, folder in desk.folders.items():
        found, name = by_account.get(key, []), desk.filed[key].name
        facts, shown = desk.facts(key, name, found), f"customers/{folder}/tasks.md"
        if not desk.is_current(shown, facts):
            desk.bring(shown, writing.Block(tasks.NAME, key, facts, partial(tasks.block, name, found, desk.tongue)))


def _account_files(desk: _Desk) -> None:
    form = cache(lambda: account_file.form(desk.workspace))

    def text(key: str) -> str:
        return account_file.text(form(), key, desk.filed[key].name)

    for key, path in account_file.missing(desk.workspace.customers, desk.folders):
        desk.begin(path.relative_to(desk.workspace.root).as_posix(), partial(text, key))


def _index(desk: _Desk) -> None:
    of = [account.health_of for account in desk.filed.values() if account.health_of]
    went = trends.health(desk.con, desk.program, of, desk.as_of)
    alerts = trends.open_alerts(desk.con)
    rows = [
        index.Row(account, desk.folders[key], went.get(account.health_of or "", ()), alerts.get(key, {}))
        for key, account in desk.filed.items()
    ]
    customers = desk.workspace.customers
    archived = sorted(path.name for path in (customers / whose.ARCHIVE).glob("*/"))
    pages = index.pages(rows, archived, desk.program.settings.index_accounts, desk.tongue, desk.as_of)
    for page in [*pages, *index.emptied(pages, _owner_pages(customers))]:
        key = index.KEY if page.path == "INDEX.md" else page.path
        facts = desk.facts(managed.timeless(page.text))
        shown = f"customers/{page.path}"
        if not desk.is_current(shown, facts):
            desk.bring(shown, writing.Block(index.NAME, key, facts, partial(str, page.text)))


def _owner_pages(customers: Path) -> list[str]:
    """The pages of owners that are there."""
    return [path.relative_to(customers).as_posix() for path in sorted((customers / "index").glob("*.md"))]
