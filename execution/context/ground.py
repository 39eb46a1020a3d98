"""What the store says that is the same for all accounts: how its sources stand, and what they report at all."""

from collections.abc import Iterable
from datetime import datetime
from types import SimpleNamespace

from execution import engine
from execution.context.accounts import known_columns
from execution.context.view import Ground, SourceRead
from execution.context.wording import Place
from execution.directives import Program
from execution.measures import Stored

_TABLES = ("deals", "messages", "subscriptions")


def ground(con: engine.Connection, program: Program, place: Place, named: Iterable[str]) -> Ground:
    """How things stand as of the place's moment. `named` are the columns of companies that templates name."""
    stored = Stored.read(con)
    known = known_columns(program, "companies")
    blank = SimpleNamespace(**{name: None for name in named if name in known})
    return Ground(program, place, _sources(con, program, stored, place.as_of), _reported(con, stored), blank)


def _sources(con: engine.Connection, program: Program, stored: Stored, as_of: datetime) -> tuple[SourceRead, ...]:
    read: dict[str, datetime] = {}
    if stored.columns("meta.sources"):
        read = dict(con.execute("SELECT source, max(completed_at) FROM meta.sources GROUP BY source").fetchall())
    return tuple(
        SourceRead(name, source.title or name, read.get(name), _state(program, name, read.get(name), as_of))
        for name, source in sorted(program.sources.items())
        if source.enabled
    )


def _state(program: Program, source: str, at: datetime | None, as_of: datetime) -> str:
    freshness = program.sources[source].freshness
    if at is None:
        return "never read"
    age = engine.naive_utc(as_of) - at
    if freshness and age > freshness.error:
        return "stale"
    return "ageing" if freshness and age > freshness.warn else "fresh"


def _reported(con: engine.Connection, stored: Stored) -> frozenset[str]:
    """Kinds of rows that are there at all, and kinds of events."""
    found = {
        name
        for name in _TABLES
        if stored.columns(f"core.{name}") and con.execute(f"SELECT 1 FROM core.{name} LIMIT 1").fetchone()
    }
    if stored.columns("core.events"):
        found |= {kind for (kind,) in con.execute("SELECT DISTINCT kind FROM core.events").fetchall() if kind}
    if stored.columns("derived.mrr_movements"):
        found.add("revenue")
    if stored.columns("ops.alerts"):
        found.add("alerts")
    return frozenset(found)
