"""The facts of all chosen accounts, whatever their number: told apart by a hash, put in order, read in batches.

A hash of every account's rows is made first, kind by kind, and keeps none of them; so an account of which nothing is
other than it was is neither put in order nor read. Of the others each kind of row is made by one statement, into a
temporary table in the order of the accounts: of such tables DuckDB gives the rows of a few hundred accounts at once
without looking at the others.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from execution import engine
from execution.context import accounts, chosen, reading
from execution.context.chosen import TIERS
from execution.context.facts import Account, Listed
from execution.context.reading import Section
from execution.directives import Program
from execution.directives.model import EVERYBODY, Tier
from execution.engine import ident, literal
from execution.measures import Stored

DEPTH: Mapping[Tier, int] = {"compact": 60, "standard": 600, "extended": 5000}
"""Rows of a kind, and of one account, that are read for a tier: more than its budget has room for."""

_AT_ONCE = 250
"""Accounts that are in memory at once."""

_READING_MB = 250
"""What the engine may hold while they are read: what was put in order waits on disk."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An account that was chosen: its number, key and name, and the tiers that the settings want of it."""

    no: int
    key: str
    name: str
    tiers: tuple[Tier, ...]


@dataclass(frozen=True)
class Gathering:
    """The chosen accounts as of a moment, in the temporary tables of `con`."""

    con: engine.Connection
    program: Program
    stored: Stored
    entries: tuple[Entry, ...]
    sections: tuple[Section, ...]
    params: Mapping[str, object]

    def keep_at_most(self, depths: Mapping[int, int], usual: int) -> None:
        """Say how many rows of a kind are kept of an account: `depths` by its number, of the others as is usual."""
        rows = [[no, depth] for no, depth in sorted(depths.items())]
        engine.load(self.con, "context_depths", {"no": "BIGINT", "depth": "BIGINT"}, [[None, usual], *rows])
        self.con.execute(f"DELETE FROM context_people p WHERE place > {_allowed('p')}")

    def hashes(self) -> dict[int, int]:
        """A hash of everything that is known of each account, by its number. No row is kept or put in order for it."""
        self.con.execute("CREATE OR REPLACE TEMP TABLE context_hashes (no BIGINT, part BIGINT, rows HUGEINT)")
        selects = ["FROM context_accounts", *(self._select(section) for section in self.sections)]
        for part, select in enumerate(selects):
            sql = f"SELECT no, {part}, sum(hash(t)::HUGEINT) FROM ({select}) t GROUP BY no"
            _run(self.con, f"INSERT INTO context_hashes {sql}", self.params)
        sql = "SELECT no, hash(list((part, rows) ORDER BY part)) FROM context_hashes GROUP BY no"
        return dict(self.con.execute(sql).fetchall())

    def read(self, folders: Mapping[int, str]) -> Iterator[Account]:
        """The accounts with these numbers (→ their folders), in their order. The others are let go."""
        numbers = sorted(folders)
        if numbers:
            self._put_in_order(numbers)
        with engine.within(self.con, _READING_MB):
            for begin in range(0, len(numbers), _AT_ONCE):
                wanted = numbers[begin : begin + _AT_ONCE]
                heads = {row[0]: reading.head(*row[1:]) for row in self._rows("accounts", reading.HEAD, wanted)}
                lists = self._lists(wanted)
                for no in wanted:
                    yield Account(heads[no], folders[no], **lists.get(no, {}))

    def _put_in_order(self, numbers: Sequence[int]) -> None:
        """Make the tables of all kinds of rows of these accounts."""
        if len(numbers) < len(self.entries):
            for table in ("people", "accounts"):
                kept = f"FROM context_{table} SEMI JOIN (SELECT unnest({literal(list(numbers))}) AS no) USING (no)"
                _table(self.con, table, f"{kept} ORDER BY no{', place' if table == 'people' else ''}", {})
        for section in self.sections:
            if section.sql:
                _table(self.con, section.name, f"{self._select(section)} ORDER BY no, place", self.params)

    def _select(self, section: Section) -> str:
        """The rows of a kind, of an account no more than are kept."""
        if not section.sql:
            return f"FROM context_{section.name}"
        ctes = _read_in(self.program, self.stored, section.sql)
        return f"{ctes}SELECT * FROM (\n{section.sql}\n) s WHERE s.place <= {_allowed('s')}"

    def _lists(self, wanted: Sequence[int]) -> dict[int, dict[str, Listed[Any]]]:
        found: dict[int, dict[str, Listed[Any]]] = {}
        for section in self.sections:
            groups: dict[tuple[int, str], list[Any]] = {}
            totals: dict[tuple[int, str], int] = {}
            for no, total, *values in self._rows(section.name, f"total, {section.columns}", wanted):
                row = section.make(*values)
                name = section.into[0 if section.split is None or section.split(row) else 1]
                groups.setdefault((no, name), []).append(row)
                totals[no, name] = total
            for (no, name), rows in groups.items():
                found.setdefault(no, {})[name] = Listed(tuple(rows), totals[no, name])
        return found

    def _rows(self, table: str, columns: str, wanted: Sequence[int]) -> list[tuple[Any, ...]]:
        between = f"no BETWEEN {wanted[0]} AND {wanted[-1]}"
        is_gapless = wanted[-1] - wanted[0] + 1 == len(wanted)
        chosen_ones = "" if is_gapless else f" AND no IN (SELECT unnest({literal(list(wanted))}))"
        is_person = " AND email IS NOT NULL" if table == "people" else ""
        order = "no" if table == "accounts" else "no, place"
        sql = f"SELECT no, {columns} FROM context_{table} WHERE {between}{chosen_ones}{is_person} ORDER BY {order}"
        return self.con.execute(sql).fetchall()


@contextmanager
def gathered(
    con: engine.Connection,
    program: Program,
    as_of: datetime,
    named: Mapping[str, Collection[str]],
    only: Collection[str] | None = None,
) -> Iterator[Gathering]:
    """The accounts that the settings choose, or `only` those with these keys, as of a moment.

    `named` are the columns of customers and of companies that templates name. Raises UsageError where nobody knows yet
    who is in a segment that the settings choose by.
    """
    stored = Stored.read(con)
    params = _params(program, as_of)
    found = tuple(reading.sections(program, stored))
    try:
        _people(con, program, stored, params, named, only)
        yield Gathering(con, program, stored, _entries(con), found, params)
    finally:
        for table in ("people", "accounts", "depths", "tiers", "hashes", *(section.name for section in found)):
            con.execute(f"DROP TABLE IF EXISTS temp.context_{table}")


def _people(
    con: engine.Connection,
    program: Program,
    stored: Stored,
    params: Mapping[str, object],
    named: Mapping[str, Collection[str]],
    only: Collection[str] | None,
) -> None:
    """Make `context_people`, `context_accounts`, and `context_tiers` with those that the settings want of each."""
    entities = {
        name: accounts.relation(program, stored, name, _packed(program, name, named[name]))
        for name in ("customers", "companies")
    }
    events = accounts.relation(program, stored, "events")
    ctes = [f"{name} AS ({sql})" for name, sql in {**entities, "events": events}.items()]
    ctes += chosen.relations(program, stored, only)
    _table(con, "people", f"WITH {', '.join(ctes)},\n{reading.text_of('people')} ORDER BY no, place", params)
    _table(con, "accounts", f"WITH {ctes[1]},\n{reading.text_of('accounts')} ORDER BY no", params)
    flags = ", ".join(f"{_is_in(program, tier)} AS {tier}" for tier in TIERS)
    _table(con, "tiers", f"WITH {', '.join(ctes)} SELECT a.no, {flags} FROM context_accounts a", params)


def _is_in(program: Program, tier: Tier) -> str:
    """Whether an account `a` is to have a tier. Where everybody is, nobody need be looked up."""
    is_everybody = EVERYBODY in program.settings.tiers.of(tier)
    return "true" if is_everybody else f"a.account IN (SELECT account FROM in_{tier} WHERE account IS NOT NULL)"


def _packed(program: Program, entity: str, named: Collection[str]) -> dict[str, str]:
    known = accounts.known_columns(program, entity)
    return {name: known[name] for name in sorted(named) if name in known}


def _entries(con: engine.Connection) -> tuple[Entry, ...]:
    rows = con.execute(
        f"SELECT a.no, a.account, a.name, {', '.join(f't.{tier}' for tier in TIERS)} "
        "FROM context_accounts a JOIN context_tiers t ON t.no = a.no ORDER BY a.no"
    ).fetchall()
    return tuple(
        Entry(no, key, name, tuple(tier for tier, is_wanted in zip(TIERS, wanted, strict=True) if is_wanted))
        for no, key, name, *wanted in rows
    )


def _read_in(program: Program, stored: Stored, sql: str) -> str:
    """The entities that a statement reads, as CTEs before it."""
    read = [name for name in accounts.COLUMNS if f"FROM {name} " in sql]
    ctes = [f"{name} AS ({accounts.relation(program, stored, name)})" for name in read]
    return f"WITH {', '.join(ctes)} " if ctes else ""


def _allowed(row: str) -> str:
    """How many rows of a kind are kept of a row's account."""
    return (
        f"coalesce((SELECT depth FROM context_depths d WHERE d.no = {row}.no), "
        "(SELECT depth FROM context_depths WHERE no IS NULL))"
    )


def _table(con: engine.Connection, name: str, sql: str, params: Mapping[str, object]) -> None:
    _run(con, f"CREATE OR REPLACE TEMP TABLE {ident(f'context_{name}')} AS {sql}", params)


def _run(con: engine.Connection, sql: str, params: Mapping[str, object]) -> None:
    con.execute(sql, {key: value for key, value in params.items() if f"${key}" in sql})


def _params(program: Program, as_of: datetime) -> dict[str, object]:
    """The moment, and those that depend on it by the settings; `today` is that of the team's zone."""
    settings = program.settings
    today = as_of.astimezone(ZoneInfo(settings.time_zone)).date()
    scores = {entity: reading.standing_score(program, entity) for entity in ("customers", "companies")}

    def ago(length: timedelta) -> datetime:
        return engine.naive_utc(as_of - length)

    return {
        "as_of": engine.naive_utc(as_of),
        "today": today,
        "recent": ago(settings.recent),
        "lately": ago(settings.lately),
        "quiet": ago(settings.quiet_after),
        "renewal": today + settings.renewal_soon,
        **{f"{entity}_score": score.name if score else "" for entity, score in scores.items()},
    }
