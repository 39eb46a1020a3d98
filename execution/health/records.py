"""Which records of the sources a stored column comes from.

The source's own SQL says which streams it reads for the column, and the record is one of theirs that has the customer's
address or one of the ids that the source knows them by.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from execution import engine
from execution.directives import Program
from execution.directives.model import Entity, Source
from execution.directives.schema import RATES, SETTINGS, view_columns
from execution.directives.sql.origins import Origins, origins
from execution.engine import ident, literal
from execution.measures.stored import Stored
from execution.sync.raw import raw_table

SHOWN = 3
"""Records that are named; of the others there is a number."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose records are asked for: a row of a shared entity, in a store."""

    con: engine.Connection
    program: Program
    stored: Stored
    entity: Entity
    key: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a source: the stream it came in, or the entity it is a row of, and its key there. `at` is when it
    happened or was last changed, in UTC."""

    source: str
    kind: str
    key: str
    at: datetime | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """Records of one source that a value rests on: the newest few, and how many there are. `synced_at` is when the
    source was last read whole. `fields` are what of them is read."""

    source: str
    kind: str
    fields: tuple[str, ...]
    records: tuple[Record, ...]
    count: int
    synced_at: datetime | None


def synced(subject: Subject) -> dict[str, datetime]:
    """When each source was last read whole."""
    if not subject.stored.columns("meta.sources"):
        return {}
    return dict(subject.con.execute("SELECT source, max(completed_at) FROM meta.sources GROUP BY source").fetchall())


def giver(subject: Subject, column: str) -> str | None:
    """The source whose value is shown of a column: the first in precedence that has one."""
    entity, stored = subject.entity, subject.stored
    named = entity.columns[column].sources if column in entity.columns else ()
    giving = [name for name in subject.program.sources if column in stored.columns(f"projected.{name}__{entity.name}")]
    order = [name for name in (*named, *sorted(set(giving) - set(named))) if name in giving]
    for source in order:
        table = ident("projected", f"{source}__{entity.name}")
        sql = f"SELECT {ident(column)} FROM {table} WHERE {ident(entity.key)} = ?"
        row = subject.con.execute(sql, [subject.key]).fetchone()
        if row and row[0] is not None:
            return source
    return None


def streams_of(source: Source, entity: str) -> Origins:
    """What a source's block for an entity makes its columns of: column → stream → the stream's columns."""
    block = source.sql(entity)
    if block is None:
        return {}
    tables: dict[str, Mapping[str, str]] = {name: view_columns(source, name) for name in source.streams}
    steps = ",\n".join(f"{ident(name)} AS (\n{step.text}\n)" for name, step in source.steps())
    sql = f"{f'WITH {steps}' if steps else ''}\nSELECT * FROM (\n{block.text}\n) block"
    found = origins(sql, tables | {"settings": SETTINGS, "rates": RATES})
    return {
        column: {name: columns for name, columns in read.items() if name in source.streams}
        for column, read in found.items()
    }


def raw_traces(
    subject: Subject, source: Source, read: Mapping[str, tuple[str, ...]], ids: Iterable[str]
) -> list[Trace]:
    """The records of the streams that are read (stream → its columns) which have one of the ids, and a value."""
    wanted = f"{literal(sorted(set(ids)))}::VARCHAR[]"
    found = []
    for stream, columns in read.items():
        have = subject.stored.columns(f"raw.{source.name}__{stream}")
        texts = [name for name, kind in have.items() if kind == "VARCHAR" and name != "payload"]
        valued = [name for name in columns if name in have]
        if not texts or not valued:
            continue
        linked = " OR ".join(f"list_contains({wanted}, {ident(name)})" for name in texts)
        has_value = " OR ".join(f"{ident(name)} IS NOT NULL" for name in valued)
        rows = subject.con.execute(
            f"SELECT key, last_changed, count(*) OVER () FROM {raw_table(source.name, stream)} "
            f"WHERE NOT deleted AND ({linked}) AND ({has_value}) ORDER BY last_changed DESC, key LIMIT {SHOWN}"
        ).fetchall()
        records = tuple(Record(source.name, stream, key, at, None) for key, at, _ in rows)
        if records:
            found.append(Trace(source.name, stream, columns, records, rows[0][2], None))
    return found


def ids_of(subject: Subject, source: str) -> list[str]:
    """Under which ids a source knows the subject: its key, what the source says of it in columns named …_id, and the
    keys of the rows that the source has of it."""
    entity, stored, found = subject.entity, subject.stored, [subject.key]
    own = f"{source}__{entity.name}"
    named = [name for name in stored.columns(f"projected.{own}") if name.endswith("_id")]
    if named:
        found += _texts(subject, own, [f"{ident(name)}::VARCHAR" for name in named])
    for name, other in subject.program.entities.items():
        columns = stored.columns(f"projected.{source}__{name}")
        if other.rows == "owned" and entity.key in columns and other.key in columns:
            found += _texts(subject, f"{source}__{name}", [ident(other.key)])
    return found


def _texts(subject: Subject, table: str, selected: list[str]) -> list[str]:
    sql = f"SELECT {', '.join(selected)} FROM {ident('projected', table)} WHERE {ident(subject.entity.key)} = ?"
    return [text for row in subject.con.execute(sql, [subject.key]).fetchall() for text in row if text]
