"""What happened with many accounts, prepared once in temporary tables and read for those whose files are to change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from execution import engine
from execution.directives import Program
from execution.engine import ident, literal
from execution.folders import happened
from execution.measures import Stored

COMING = 5
"""Meetings to come that a timeline names."""

_ORDER = "e.at DESC, e.kind, e.source, e.ids, e.state, e.title"
_BOOKED = "(e.kind = 'meeting' AND e.state = 'booked')"
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the account; `state` is how it stands with them, where that is said of each."""

    email: str
    name: str | None
    state: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; see `happened`."""

    account: str
    at: datetime
    until: datetime | None
    kind: str
    state: str | None
    title: str | None
    detail: str | None
    amount: Decimal | None
    currency: str | None
    who: tuple[Someone, ...]
    host: str | None
    source: str | None
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """What a timeline shows of one account: the newest entries first, how many older ones there are, what is to come
    (the next first)."""

    account: str
    past: tuple[Entry, ...]
    older: int
    coming: tuple[Entry, ...]


def prepare(con: engine.Connection, program: Program, accounts: Mapping[str, str], as_of: datetime) -> None:
    """Make the temporary tables `folder_accounts`, `folder_people` and `folder_entries` of these accounts (key → name).

    Entries up to the moment have their `place` in the account, from 1 for the newest; a meeting that is booked for
    later has its place among those to come, below zero, -1 for the next. One that was called off has no place, and all
    else that lies in the future is left out.
    """
    stored = Stored.read(con)
    engine.load(con, "folder_accounts", {"account": "VARCHAR", "name": "VARCHAR"}, list(accounts.items()))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE folder_people AS SELECT p.* FROM ({happened.people_sql(stored)}) p "
        "SEMI JOIN folder_accounts USING (account)"
    )
    columns = ", ".join(f"e.{ident(name)}" for name in happened.ENTRY)
    now = literal(as_of)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE folder_entries AS
        SELECT {columns}, CASE WHEN e.at <= {now} THEN row_number() OVER (past ORDER BY {_ORDER})
            WHEN {_BOOKED} THEN -row_number() OVER (half ORDER BY e.at, e.source, e.ids) END AS place
        FROM ({happened.entries_sql(program, stored)}) e WHERE e.at <= {now} OR e.kind = 'meeting'
        WINDOW past AS (PARTITION BY e.account, e.at <= {now}),
            half AS (PARTITION BY e.account, e.at <= {now}, {_BOOKED})"""
    )


def facts(con: engine.Connection, limit: int) -> dict[str, str]:
    """Account → a hash of all that its timeline shows."""
    columns = ", ".join(ident(name) for name in happened.ENTRY)
    rows = con.execute(
        f"""SELECT account, md5(string_agg(md5(CAST(({columns}) AS VARCHAR)), '' ORDER BY place)
                FILTER (WHERE {_shown(limit)}) || max(place))
        FROM folder_entries WHERE place IS NOT NULL GROUP BY account"""
    )
    return dict(rows.fetchall())


def stories(con: engine.Connection, accounts: Iterable[str], limit: int) -> Iterator[Story]:
    """What the timelines of these accounts show, in the order of their keys; of one without any entry nothing.

    They are read as they are asked for: nothing else may be asked of `con` meanwhile.
    """
    engine.load(con, "folder_wanted", {"account": "VARCHAR"}, [(account,) for account in accounts])
    columns = ", ".join(f"e.{ident(name)}" for name in happened.ENTRY)
    cursor = con.execute(
        f"""SELECT {columns}, e.place, max(e.place) OVER (PARTITION BY e.account) AS total
        FROM folder_entries e SEMI JOIN folder_wanted w ON w.account = e.account
        QUALIFY {_shown(limit)} ORDER BY e.account, e.place"""
    )
    for account, rows in groupby(_rows(cursor), key=lambda row: row[0]):
        found = list(rows)
        coming = [entry_of(row) for row in reversed(found) if row[-2] < 0]
        past = [entry_of(row) for row in found if row[-2] > 0]
        yield Story(account, tuple(past), max(found[0][-1], 0) - len(past), tuple(coming))


def every(
    con: engine.Connection, *, since: datetime | None, until: datetime | None, kinds: Sequence[str]
) -> list[Entry]:
    """All prepared entries between two moments, of these kinds or of any: those to come, then the newest first."""
    columns = ", ".join(f"e.{ident(name)}" for name in happened.ENTRY)
    wanted = ["e.place IS NOT NULL"]
    wanted += [f"e.at >= {literal(since)}"] if since else []
    wanted += [f"e.at <= {literal(until)}"] if until else []
    wanted += [f"e.kind IN (SELECT unnest({literal(list(kinds))}))"] if kinds else []
    rows = con.execute(
        f"SELECT {columns} FROM folder_entries e WHERE {' AND '.join(wanted)} ORDER BY e.place > 0, e.place"
    )
    return [entry_of(row) for row in rows.fetchall()]


def _shown(limit: int) -> str:
    return f"place BETWEEN -{COMING} AND {limit}"


def _rows(cursor: engine.Connection) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(_AT_ONCE):
        yield from rows


def entry_of(row: tuple[Any, ...]) -> Entry:
    """An entry from the columns that a row begins with."""
    values: dict[str, Any] = dict(zip(happened.ENTRY, row, strict=False))
    values["who"] = tuple(Someone(**each) for each in values["who"] or ())
    values["ids"] = tuple(values["ids"] or ())
    return Entry(**values)
