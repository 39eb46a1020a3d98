"""`gtm measures`: what is measured, what it means, and what it comes to in the published store."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from execution.bootstrap.published import by_email, known_key, private_copy, published
from execution.directives import Program, read_folder
from execution.directives.locating import Places
from execution.directives.model import Measure, Measures
from execution.directives.problems import suggest
from execution.directives.schema import DUCKDB
from execution.errors import UsageError
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.engine import Connection
    from execution.measures.figures import Bin, Figures, Value


@dataclass(frozen=True, slots=True)
class Defined:
    """One measure as it is declared, where that stands (`path:line`), and what it comes to; no figures where it was
    not worked out yet."""

    measure: str
    entity: str
    type: str
    unit: str
    meaning: str
    null: str
    directive: str
    where: str
    figures: "Figures | None"
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Catalogued:
    """Every measure, as of when each entity was measured."""

    as_of: dict[str, datetime]
    measures: tuple[Defined, ...]


@dataclass(frozen=True, slots=True)
class UsedBy:
    """A use of a measure: the directive that names it, and where."""

    kind: str
    name: str
    places: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Opened:
    """One measure with the SQL that gives it, who uses it, and how its values lie."""

    defined: Defined
    as_of: datetime | None
    sql: str
    sql_where: str
    used_by: tuple[UsedBy, ...]
    spread: "tuple[Bin, ...]"


@dataclass(frozen=True, slots=True)
class Valued:
    """What one measure comes to for one customer; `null` says what it means where it is unknown."""

    measure: str
    directive: str
    unit: str
    value: "Value"
    null: str


@dataclass(frozen=True, slots=True)
class Of:
    """Every measure of one customer."""

    email: str
    as_of: datetime | None
    values: tuple[Valued, ...]


def measures(workspace: Workspace, *, as_of: datetime | None = None) -> Catalogued:
    """Every measure, and what they came to when last worked out, or would as of another moment."""
    with _measured(workspace, as_of) as (con, program, places):
        moments = {entity: at for entity in program.entities if (at := _measured_at(con, entity)) is not None}
        return Catalogued(moments, tuple(_defined(con, program, places)))


def measure(workspace: Workspace, name: str, *, as_of: datetime | None = None) -> tuple[Opened, ...]:
    """The measures of that name, one for each entity that has it. Raises UsageError where no directive declares it."""
    from execution.measures.figures import spread

    with _measured(workspace, as_of) as (con, program, places):
        every = list(_defined(con, program, places, name))
        _require(name, program, is_known=bool(every))
        found = []
        for defined in every:
            kind = DUCKDB[defined.type]
            bins = spread(con, defined.entity, name, kind, defined.figures) if defined.figures else ()
            at = _measured_at(con, defined.entity)
            found.append(Opened(defined, at, *_sql(program, defined), _used_by(program, places, defined), bins))
        return tuple(found)


def measures_of(workspace: Workspace, email: str, *, name: str | None = None, as_of: datetime | None = None) -> Of:
    """What every measure comes to for the customer of that address, or the one named.

    Raises UsageError for an address that the store does not have.
    """
    from execution import engine, store
    from execution.engine import ident
    from execution.measures.run import table_name

    with _measured(workspace, as_of) as (con, program, _):
        entity = by_email(program)
        key = known_key(con, entity, email)
        row: dict[str, Value] = {}
        if store.has_table(con, "derived", table_name(entity.name)):
            table = ident("derived", table_name(entity.name))
            row = next(iter(engine.dicts(con, f"FROM {table} WHERE {ident(entity.key)} = ?", [key])), {})
        values = [
            Valued(each, directive.name, declared.unit, row.get(each), declared.null)
            for directive, each, declared in _declared(program)
            if directive.entity == entity.name and name in (None, each)
        ]
        _require(name, program, is_known=bool(values))
        return Of(key, _measured_at(con, entity.name), tuple(values))


def _require(name: str | None, program: Program, *, is_known: bool) -> None:
    if name is not None and not is_known:
        hint = suggest(name, [known for _, known, _ in _declared(program)], otherwise="`gtm measures` lists them")
        raise UsageError(f"there is no measure {name!r}", hint=hint, code="E212")


def _declared(program: Program) -> Iterator[tuple[Measures, str, Measure]]:
    """Every measure with its directive: those of people first, then by directive and as written."""
    for directive in sorted(program.measures.values(), key=lambda each: (each.entity != "customers", each.name)):
        for name, declared in directive.measures.items():
            yield directive, name, declared


def _defined(con: "Connection", program: Program, places: Places, only: str | None = None) -> Iterator[Defined]:
    from execution.measures.figures import figures

    entities = {directive.entity for directive, name, _ in _declared(program) if only in (None, name)}
    known: dict[str, dict[str, Figures]] = {}
    for entity in sorted(entities & program.entities.keys()):
        about = [(n, m) for d, n, m in _declared(program) if d.entity == entity and only in (None, n)]
        known[entity] = figures(con, entity, {name: DUCKDB[declared.type] for name, declared in about})
    for directive, name, declared in _declared(program):
        if only in (None, name) and directive.entity in known:
            found = known[directive.entity].get(name)
            yield Defined(
                name, directive.entity, declared.type, declared.unit, declared.meaning, declared.null, directive.name,
                places.shown(directive, "measures", name), found, found.coverage if found else None,
            )  # fmt: skip


def _sql(program: Program, defined: Defined) -> tuple[str, str]:
    from execution.measures.users import block_of

    found = block_of(program, program.measures[defined.directive], defined.measure)
    return (found[0], f"{found[1]}:{found[2]}") if found else ("", "")


def _used_by(program: Program, places: Places, defined: Defined) -> tuple[UsedBy, ...]:
    from execution.measures.users import users

    by_directive: dict[tuple[str, str], list[str]] = {}
    where: dict[tuple[str, str], str] = {}
    for user in users(program, defined.entity, defined.measure):
        by_directive.setdefault((user.kind, user.name), []).append(user.place)
        where.setdefault((user.kind, user.name), places.shown(user.directive, *user.keys))
    return tuple(UsedBy(*key, tuple(found), where[key]) for key, found in by_directive.items())


def _measured_at(con: "Connection", entity: str) -> datetime | None:
    from execution import store
    from execution.measures import moments
    from execution.measures.run import table_name

    if not store.has_table(con, "derived", table_name(entity)):
        return None
    moment = moments.read(con, table_name(entity))
    return moment.as_of if moment else None


@contextmanager
def _measured(workspace: Workspace, as_of: datetime | None) -> Iterator[tuple["Connection", Program, Places]]:
    """The published store, or a private copy of it brought to another moment."""
    texts = read_folder(workspace.root)
    if as_of is None:
        with published(workspace) as (con, program):
            yield con, program, Places(texts)
        return
    from execution import health

    with private_copy(workspace) as (con, program):
        health.derive(con, program, as_of)
        yield con, program, Places(texts)
