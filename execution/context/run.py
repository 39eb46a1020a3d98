"""Write the accounts' context files, `customers/<account>/context/<tier>.md`; or tell what a run would write."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from execution import engine
from execution.context import gathering, places, remembered, slugs, templates, view
from execution.context.chosen import TIERS
from execution.context.fitting import Sheet
from execution.context.gathering import DEPTH, Entry, Gathering
from execution.context.ground import ground
from execution.context.remembered import Look, Seen
from execution.context.view import Ground, View
from execution.directives import Program
from execution.directives.model import Tier
from execution.errors import Problem, UsageError
from execution.files import quoting, writing
from execution.workspace import Workspace

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES: Mapping[Tier, str] = {tier: f"customers/templates/{tier}.md.j2" for tier in TIERS}

_MEMORY_MB = 600
"""What the engine may hold while it puts facts in order; more goes to disk."""
_MANY = 100_000
"""People beyond whom one thread does the work: each thread needs room of its own."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the files, as paths from the workspace's root; conflicts were left as they are. `left` are those
    of accounts that get none any more, or are there no more: they stay as last written. Of a check, `changed` are those
    that are not as they would be written, and `missing` those that are not there."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    conflicts: tuple[Problem, ...]
    left: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    archived: tuple[str, ...] = ()
    """Folders whose account is gone, where they are now."""
    finished: tuple[str, ...] = ()
    """Tasks whose boxes people ticked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts and tiers, where not all that the settings want: keys of accounts, chosen or not, and tiers."""

    accounts: tuple[str, ...] | None = None
    tiers: tuple[Tier, ...] | None = None


@dataclass(frozen=True)
class _Shapes:
    """The templates, each read when it is first asked for; another version of one makes all files anew."""

    paths: Mapping[Tier, Path]
    texts: str
    named: Mapping[str, Collection[str]]
    _loaded: "dict[Tier, Template]" = field(default_factory=dict)

    @classmethod
    def of(cls, workspace: Workspace) -> "_Shapes":
        """Raises UsageError where a template is not there."""
        paths = {tier: templates.find(workspace, pattern) for tier, pattern in TEMPLATES.items()}
        texts = "\0".join(path.read_text(encoding="utf-8") for path in paths.values())
        people, companies = templates.named(texts)
        return cls(paths, texts, {"customers": people, "companies": companies})

    def template(self, tier: Tier) -> "Template":
        """The template of a tier, read when it is first asked for. Raises UsageError where it does not hold."""
        if tier not in self._loaded:
            self._loaded[tier] = templates.load(self.paths[tier])
        return self._loaded[tier]

    def text(self, ground: Ground, account: View, tier: Tier, budget: int) -> str:
        """The file's block, within its budget."""
        sheet = Sheet()
        values = ground.values(account, tier, sheet)
        return sheet.written(templates.pieces(self.template(tier), self.paths[tier], values), budget)


@dataclass
class _Result:
    """What a run found so far."""

    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    conflicts: list[Problem] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    seen: dict[str, Seen] = field(default_factory=dict)


@dataclass(frozen=True)
class _Run:
    """One run: the accounts it is about, their folders, and the tiers of each."""

    workspace: Workspace
    program: Program
    shapes: _Shapes
    ground: Ground
    gathering: Gathering
    folders: Mapping[str, str]
    wanted: Mapping[int, Sequence[Tier]]
    facts: Mapping[int, str]

    def block(self, account: View, no: int, tier: Tier) -> writing.Block:
        budget = budget_of(self.program, tier)
        return writing.Block(
            tier, account.head.key, self.facts[no], lambda: self.shapes.text(self.ground, account, tier, budget)
        )

    def unrendered(self, entry: Entry, tier: Tier) -> writing.Block:
        return writing.Block(tier, entry.key, self.facts[entry.no], lambda: "")

    def accounts(self, numbers: Collection[int]) -> Iterator[tuple[int, View]]:
        """The accounts with these numbers."""
        entries = {entry.key: entry.no for entry in self.gathering.entries}
        for account in self.gathering.read(
            {entry.no: self.folders[entry.key] for entry in self.gathering.entries if entry.no in numbers}
        ):
            yield entries[account.head.key], View(account, self.ground)


def write(
    con: engine.Connection,
    program: Program,
    workspace: Workspace,
    as_of: datetime,
    wanted: Wanted | None = None,
) -> Written:
    """Write the context files of the accounts that the settings choose, or of those that are `wanted`, as of a moment,
    where something in them changed.

    `con` reads the store. Nothing is written twice: the same store gives the same files. A file that is there is kept
    up to date, also of a tier that the settings do not want. Raises UsageError where a template does not hold, or
    nobody knows yet who is in a segment that the settings choose by.
    """
    return _go(con, program, workspace, as_of, wanted or Wanted(), is_check=False)


def check(
    con: engine.Connection, program: Program, workspace: Workspace, as_of: datetime, wanted: Wanted | None = None
) -> Written:
    """What `write` would do; every file is looked into, and nothing is written."""
    return _go(con, program, workspace, as_of, wanted or Wanted(), is_check=True)


def render(
    con: engine.Connection, program: Program, workspace: Workspace, as_of: datetime, account_key: str, tier: Tier
) -> str:
    """A context file's block as it would be written now. Raises UsageError for an account that the store has not."""
    found = places.look(workspace, {})
    shapes = _Shapes.of(workspace)
    on = ground(con, program, view.zone_of(program, as_of), shapes.named["companies"])
    with gathering.gathered(con, program, as_of, shapes.named, [account_key]) as of_one:
        if not of_one.entries or not is_known(of_one, account_key):
            raise UsageError(
                f"the store knows no account {account_key!r}", hint="`ls customers` shows them", code="E236"
            )
        (entry,) = of_one.entries
        folder = slugs.assign({entry.key: entry.name}, found.owners({entry.key}))[entry.key]
        tiers = {*entry.tiers, tier, *(each for each in TIERS if (folder, each) in found.files)}
        of_one.keep_at_most({entry.no: max(DEPTH[each] for each in tiers)}, DEPTH["standard"])
        (account,) = of_one.read({entry.no: folder})
        return shapes.text(on, View(account, on), tier, budget_of(program, tier))


def is_known(of_one: Gathering, key: str) -> bool:
    """Whether the store has anybody, or a company, behind a key."""
    sql = "SELECT people_count > 0 OR domain IS NOT NULL FROM context_accounts WHERE account = ?"
    row = of_one.con.execute(sql, [key]).fetchone()
    return bool(row and row[0])


def budget_of(program: Program, tier: Tier) -> int:
    """How many tokens a tier may take."""
    settings = program.settings
    by_tier = {
        "compact": settings.compact_tokens,
        "standard": settings.standard_tokens,
        "extended": settings.extended_tokens,
    }
    return by_tier[tier]


def _go(
    con: engine.Connection, program: Program, workspace: Workspace, as_of: datetime, wanted: Wanted, *, is_check: bool
) -> Written:
    seen = remembered.read(workspace)
    found = places.look(workspace, {} if is_check else seen)
    shapes = _Shapes.of(workspace)
    on = ground(con, program, view.zone_of(program, as_of), shapes.named["companies"])
    with (
        engine.within(con, _MEMORY_MB, threads=1 if _people(con) > _MANY else None),
        gathering.gathered(con, program, as_of, shapes.named, wanted.accounts) as chosen,
    ):
        names = {entry.key: entry.name for entry in chosen.entries}
        folders = slugs.assign(names, found.owners(names))
        tiers = {entry.no: _tiers(entry, folders[entry.key], found, wanted) for entry in chosen.entries}
        depths = {no: DEPTH["extended"] for no, every in tiers.items() if "extended" in every[1]}
        chosen.keep_at_most(depths, DEPTH["standard"])
        made_with = _made_with(program, shapes, on)
        facts = {no: sha256(f"{each} {made_with}".encode()).hexdigest()[:16] for no, each in chosen.hashes().items()}
        asked = {no: each for no, (each, _) in tiers.items()}
        run = _Run(workspace, program, shapes, on, chosen, folders, asked, facts)
        result = _checked(run) if is_check else _written(run, found, seen)
    if not is_check:
        kept = {} if wanted.accounts is None and wanted.tiers is None else seen
        remembered.write(workspace, kept | result.seen)
    left = () if wanted.accounts is not None else _left(found, folders)
    return Written(tuple(result.changed), tuple(result.unchanged), tuple(result.conflicts), left, tuple(result.missing))


def _people(con: engine.Connection) -> int:
    """How many people the store has."""
    row = con.execute(
        "SELECT estimated_size FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = 'core' AND table_name = 'customers'"
    ).fetchone()
    return int(row[0]) if row else 0


def _tiers(entry: Entry, folder: str, found: places.Found, wanted: Wanted) -> tuple[tuple[Tier, ...], tuple[Tier, ...]]:
    """The tiers that this run is about, and all that the account has or is to have."""
    there = {tier for tier in TIERS if (folder, tier) in found.files}
    usual = {*entry.tiers, *there}
    asked = set(wanted.tiers) if wanted.tiers is not None else usual
    every = usual | asked
    return tuple(tier for tier in TIERS if tier in asked), tuple(tier for tier in TIERS if tier in every)


def _written(run: _Run, found: places.Found, seen: Mapping[str, Seen]) -> _Result:
    result = _Result()
    todo: dict[int, list[Tier]] = {}
    for entry in run.gathering.entries:
        folder = run.folders[entry.key]
        for tier in run.wanted[entry.no]:
            shown, look = places.shown(folder, tier), found.files.get((folder, tier))
            now = Seen(entry.key, run.facts[entry.no], look.size, look.changed_ns) if look else None
            is_same = now is not None and (
                now == seen.get(shown)
                or writing.is_current(places.file_of(run.workspace, folder, tier), run.unrendered(entry, tier))
            )
            if is_same and now is not None:
                result.unchanged.append(shown)
                result.seen[shown] = now
            else:
                todo.setdefault(entry.no, []).append(tier)
    for no, account in run.accounts(todo.keys()):
        for tier in todo[no]:
            _write_one(run, account, no, tier, result)
    result.changed.sort()
    result.unchanged.sort()
    return result


def _write_one(run: _Run, account: View, no: int, tier: Tier, result: _Result) -> None:
    path, shown = places.file_of(run.workspace, account.folder, tier), places.shown(account.folder, tier)
    block = run.block(account, no, tier)
    became = writing.write_block(run.workspace.root, path, block)
    if isinstance(became, Problem):
        result.conflicts.append(became)
        return
    (result.changed if became else result.unchanged).append(shown)
    try:
        look = Look.of(path)
    except OSError:
        return
    result.seen[shown] = Seen(block.key, block.facts, look.size, look.changed_ns)


def _checked(run: _Run) -> _Result:
    result = _Result()
    for no, account in run.accounts({entry.no for entry in run.gathering.entries}):
        for tier in run.wanted[no]:
            path, shown = places.file_of(run.workspace, account.folder, tier), places.shown(account.folder, tier)
            stands = writing.look_at(run.workspace.root, path, run.block(account, no, tier))
            if isinstance(stands, Problem):
                result.conflicts.append(stands)
            elif stands is None:
                result.missing.append(shown)
            else:
                (result.changed if stands else result.unchanged).append(shown)
    return result


def _left(found: places.Found, folders: Mapping[str, str]) -> tuple[str, ...]:
    given = set(folders.values())
    return tuple(places.shown(folder, tier) for folder, tier in sorted(found.files) if folder not in given)


def _made_with(program: Program, shapes: _Shapes, on: Ground) -> str:
    """A hash of everything beside its facts that an account's files are made of."""
    named = {
        "settings": program.settings.model_dump_json(),
        "directives": [
            each.hash
            for kind in (program.health, program.entities, program.triggers, program.segments)
            for _, each in sorted(kind.items())
        ],
        "team": program.team.hash if program.team else "",
        "sources": [(source.name, source.title, source.state) for source in on.sources],
        "reported": sorted(on.reported),
        "depths": dict(DEPTH),
        "templates": shapes.texts,
        "code": _code(),
    }
    return sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()


@cache
def _code() -> str:
    """What gives files their words and facts beside the templates."""
    folder = Path(__file__).parent
    files = sorted([*folder.glob("*.py"), *folder.glob("sections/*.sql"), Path(str(quoting.__file__))])
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
