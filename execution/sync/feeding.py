"""Which sources feed an entity, and which of their rows count alone: some only add to what another source has."""

from collections.abc import Iterable
from dataclasses import dataclass

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Entity, Source
from execution.engine import ident

SELF = "identity"
"""What stands as the source of rows that follow from other rows: a customer's domain is a company."""

ACTIONS = "@actions"
"""What stands as the source of fields that actions set (see `sync.fields`); no source can have that name."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A source's stored projection into an entity, and its columns there beside the key. A row of one with `unless`
    counts where another source has it too, or where that column is true."""

    source: str
    entity: Entity
    columns: tuple[str, ...] = ()
    unless: str | None = None

    @property
    def table(self) -> str:
        return ident("projected", f"{self.source}__{self.entity.name}")

    def counts(self, row: str) -> str:
        """The condition that a row, joined as `row`, counts without any other."""
        if self.unless is None:
            return f"{ident(row)}.{ident(self.entity.key)} IS NOT NULL"
        return f"{ident(row)}.{ident(self.unless)}" if self.unless in self.columns else "false"


def enabled(program: Program) -> Iterable[Source]:
    """The sources that are switched on."""
    return (source for source in program.sources.values() if source.enabled)


def feeding(con: engine.Connection, program: Program, entity: Entity) -> list[Feed]:
    """Every enabled source that has a projection of this entity stored, by name; last what follows from other rows."""
    found = []
    for source in sorted(enabled(program), key=lambda s: s.name):
        table = f"{source.name}__{entity.name}"
        if source.sql(entity.name) and store.has_table(con, "projected", table):
            stored = engine.columns(con, f"FROM {ident('projected', table)}")
            given = tuple(name for name in stored if name not in ("row_hash", "changed_at", entity.key))
            unless = source.known_unless.get(entity.name)
            found.append(Feed(source.name, entity, given, unless if unless and has_others(con, program) else None))
    if is_companies(program, entity) and store.has_table(con, "projected", f"{SELF}__{entity.name}"):
        found.append(Feed(SELF, entity))
    return found


def has_others(con: engine.Connection, program: Program) -> bool:
    """Whether there is a row of any source that speaks for itself: before the first of them is read nobody is known,
    and nothing follows from that."""
    entities = {name for source in enabled(program) for name in source.known_unless}
    for source in enabled(program):
        for name in () if source.known_unless else sorted(entities & {*source.feeds}):
            table = f"{source.name}__{name}"
            if store.has_table(con, "projected", table) and _has_row(con, ident("projected", table)):
                return True
    return False


def _has_row(con: engine.Connection, table: str) -> bool:
    return con.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


def is_companies(program: Program, entity: Entity) -> bool:
    """Whether an entity's rows are the companies of customers too."""
    return entity.rows == "shared" and entity.key == "domain" and "customers" in program.entities
