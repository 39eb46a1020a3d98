"""A source's SQL blocks, run over its stored records: what this source says of each entity.

A projection is a pure function of the raw tables and the directive, so it can be run whole at any time; only rows that
came out differently go on to `unify`. E-mails are canonical here: identity comes first.
"""

from dataclasses import dataclass
from hashlib import sha256

from execution import engine, identity, store
from execution.directives.model import Block, Entity, Settings, Source
from execution.directives.schema import FIRST_SEEN, SETTINGS, entity_columns, tells_first_seen
from execution.engine import ident, literal
from execution.errors import DataError
from execution.sync.decode import typed_columns
from execution.sync.rates import rates_select, settings_select
from execution.sync.raw import raw_table

FEW = 5_000
"""Up to so many changed keys are named in the query one by one: DuckDB then reads those alone, through groups and
windows by the key (1,000 of 100,000 contacts: 15 ms against 58)."""


@dataclass(frozen=True, slots=True)
class Projection:
    """One source's rows for one entity; `sql` is the block made whole: the key, the typed columns, `row_hash`."""

    source: str
    entity: Entity
    columns: tuple[str, ...]
    sql: str

    @property
    def types(self) -> dict[str, str]:
        """The columns of `sql` and their DuckDB types."""
        types = entity_columns(self.entity)
        return {name: types[name] for name in (self.entity.key, *self.columns)} | {"row_hash": "UBIGINT"}

    @property
    def table(self) -> str:
        """The stored rows, as of the last projection: those of `sql` and `changed_at`."""
        return ident("projected", f"{self.source}__{self.entity.name}")

    @property
    def fresh(self) -> str:
        """The temporary table of today's (key, row_hash)."""
        return ident(f"fresh_{self.source}__{self.entity.name}")

    @property
    def changed(self) -> str:
        """The temporary table of the keys (`key`) whose row is new, different or gone."""
        return ident(f"changed_{self.source}__{self.entity.name}")


def views(source: Source, settings: Settings) -> str:
    """CTEs giving each stream under its bare name (current records only, e-mails canonical), `settings`, `rates`, and
    the source's own steps."""
    return ",\n".join(
        [
            *(_stream_view(source, name, raw_table(source.name, name)) for name in source.streams),
            f"settings AS ({settings_select(settings)})",
            f"rates AS ({rates_select(settings)})",
            *(f"{ident(name)} AS (\n{block.text}\n)" for name, block in source.steps()),
        ]
    )


def of_settings(source: Source, settings: Settings) -> str:
    """What a source's projections depend on of the settings, as text; the rates only where a block names them."""
    parts = [str(getattr(settings, name)) for name in SETTINGS]
    if any("rates" in block.text.lower() for block in source.blocks):
        parts.append(sha256(rates_select(settings).encode()).hexdigest())
    return ",".join(parts)


def _stream_view(source: Source, name: str, relation: str) -> str:
    stream = source.streams[name]
    selected: list[str] = ["t.key"]
    joins: list[str] = []
    if stream.each:
        selected.append("t.parent_key")
    if tells_first_seen(source):
        selected.append(f"t.{ident(FIRST_SEEN)}")
    for column in typed_columns(stream):
        declared = stream.columns.get(column)
        if declared is None or declared.type != "email":
            selected.append(f"t.{ident(column)}")
            continue
        known = f"known{len(joins)}"
        joins.append(f"LEFT JOIN identity.emails {known} ON {known}.address = t.{ident(column)}")
        selected.append(f"{identity.canonical_sql(f't.{ident(column)}', known)} AS {ident(column)}")
    body = " ".join([f"SELECT {', '.join(selected)} FROM {relation} t", *joins, "WHERE NOT t.deleted"])
    return f"{ident(name)} AS ({body})"


def projection(
    source: Source, entity: Entity, block: Block, columns: tuple[str, ...], settings: Settings
) -> Projection:
    """The block wrapped into one SELECT of the entity's key, typed columns and a hash of them.

    `columns` are the names the block gives beside the key.
    """
    types = entity_columns(entity)
    typed = [f"{ident(name)}::{types[name]} AS {ident(name)}" for name in columns]
    key = f"{ident(entity.key)}::{types[entity.key]} AS {ident(entity.key)}"
    hashed = ", ".join(ident(name) for name in columns) or "1"
    sql = (
        f"WITH {views(source, settings)},\nblock AS (\n{block.text.strip().rstrip(';')}\n),\n"
        f"typed AS (SELECT {', '.join([key, *typed])} FROM block)\n"
        f"SELECT *, hash({hashed}) AS row_hash FROM typed"
    )
    return Projection(source.name, entity, columns, sql)


def block_columns(
    con: engine.Connection, source: Source, entity: Entity, block: Block, settings: Settings
) -> tuple[str, ...]:
    """The names a block gives beside the key, asked of the database itself."""
    found = engine.columns(con, f"WITH {views(source, settings)} SELECT * FROM (\n{block.text.strip().rstrip(';')}\n)")
    return tuple(name for name in found if name != entity.key)


def refresh(con: engine.Connection, made: Projection) -> int:
    """Make the table of a projection's fresh hashes; how many rows came without a key and are left out.

    Raises GtmError where the block fails on the data, and where a key comes out twice: then it does not say which row
    is meant.
    """
    key = ident(made.entity.key)
    where, what = f"{made.source}/{made.entity.name}", f"the {made.entity.name} block of {made.source}"
    hint = "mend the block (try_cast gives NULL for what does not fit); its last good rows stay"
    with engine.on_data(f"{what} fails on the data", hint=hint, where=where, code="E366"):
        con.execute(f"CREATE OR REPLACE TEMP TABLE {made.fresh} AS SELECT {key} AS key, row_hash FROM ({made.sql})")
    twice = con.execute(
        f"SELECT key, count(*) FROM {made.fresh} WHERE key IS NOT NULL GROUP BY 1 HAVING count(*) > 1 "
        "ORDER BY 1 LIMIT 1"
    ).fetchone()
    if twice:
        raise DataError(
            f"{what} gives {twice[1]} rows for {made.entity.key} {twice[0]!r}",
            hint=f"group the block by {made.entity.key}, or pick one row with a unique order; its last good rows stay",
            where=where,
            code="E360",
        )
    row = con.execute(f"DELETE FROM {made.fresh} WHERE key IS NULL").fetchone()
    return int(row[0]) if row else 0


def find_changed(con: engine.Connection, made: Projection) -> int:
    """Make the table of the keys that changed since the last projection; how many."""
    key = ident(made.entity.key)
    if _has_same_columns(con, made):
        keys = (
            f"SELECT coalesce(f.key, p.{key}) AS key FROM {made.fresh} f FULL JOIN {made.table} p ON f.key = p.{key} "
            "WHERE f.row_hash IS DISTINCT FROM p.row_hash"
        )
    else:
        stored = f" UNION SELECT {key} FROM {made.table}" if _exists(con, made) else ""
        keys = f"SELECT key FROM {made.fresh}{stored}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {made.changed} AS {keys}")
    con.execute(f"DROP TABLE {made.fresh}")
    row = con.execute(f"SELECT count(*) FROM {made.changed}").fetchone()
    return int(row[0]) if row else 0


def keep(con: engine.Connection, made: Projection, now: object) -> None:
    """Store the rows that changed, with the moment. Inside a transaction, after `find_changed`."""
    key = ident(made.entity.key)
    rows = f"SELECT *, {literal(now)}::TIMESTAMP AS changed_at FROM ({made.sql})"
    if not _has_same_columns(con, made):
        con.execute(f"CREATE OR REPLACE TABLE {made.table} AS {rows} WHERE {key} IS NOT NULL")
        return
    few = con.execute(f"SELECT key FROM {made.changed} LIMIT {FEW + 1}").fetchall()
    if few:
        all_of_them = f"SELECT key FROM {made.changed}"
        keys = all_of_them if len(few) > FEW else ", ".join(literal(changed) for (changed,) in few)
        con.execute(f"DELETE FROM {made.table} WHERE {key} IN ({all_of_them})")
        con.execute(f"INSERT INTO {made.table} BY NAME {rows} WHERE {key} IN ({keys})")


def _exists(con: engine.Connection, made: Projection) -> bool:
    return store.has_table(con, "projected", f"{made.source}__{made.entity.name}")


def _has_same_columns(con: engine.Connection, made: Projection) -> bool:
    if not _exists(con, made):
        return False
    stored = engine.columns(con, f"SELECT * EXCLUDE (changed_at) FROM {made.table}")
    return stored == made.types
