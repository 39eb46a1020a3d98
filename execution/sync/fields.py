"""Fields that actions set: the newest value of each stands where the workspace's own word does, below what people write
into `account.md` and above whatever comes after `workspace` in the column's `from`.

What actions set is kept in `ops.fields`, line by line. Here it becomes a table like a source's projection, so that it
is unified like one; but a row that nothing but an action names is nobody.
"""

from datetime import datetime

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Entity
from execution.directives.schema import entity_columns
from execution.engine import ident, literal
from execution.sync.feeding import ACTIONS, Feed

STEP = "fields"
WORKSPACE = "workspace"


def columns(entity: Entity) -> tuple[str, ...]:
    """The columns that an action may set: those that are the workspace's to fill."""
    return tuple(n for n, column in entity.columns.items() if WORKSPACE in column.sources and n != entity.key)


def feed(con: engine.Connection, entity: Entity) -> Feed | None:
    """What actions say of an entity, as a feed; None while they say nothing."""
    if not store.has_table(con, "projected", f"{ACTIONS}__{entity.name}"):
        return None
    stored = engine.columns(con, f"FROM {_table(entity)}")
    given = tuple(name for name in columns(entity) if name in stored)
    return Feed(ACTIONS, entity, given, unless="")  # no column's name: it never counts alone


def _table(entity: Entity) -> str:
    return ident("projected", f"{ACTIONS}__{entity.name}")


def is_outdated(con: engine.Connection, program: Program) -> bool:
    """Whether actions have set something since the fields were last taken over, or fields have another type."""
    if not store.has_table(con, "ops", "fields"):
        return False
    made_from = _made_from(con, program)
    return made_from is not None and store.made_from(con, STEP) != made_from


def _made_from(con: engine.Connection, program: Program) -> str | None:
    count = engine.count(con, "FROM ops.fields")
    hashes = ",".join(f"{name}={program.entities[name].hash}" for name in sorted(program.entities))
    return f"{count}:{hashes}" if count else None


def refresh(con: engine.Connection, program: Program, now: datetime) -> dict[str, str]:
    """Take over what actions have set; by entity, the temporary table of the keys (`key`) of which something differs.

    Inside a transaction.
    """
    changed: dict[str, str] = {}
    if not is_outdated(con, program):
        return changed
    for entity in program.entities.values():
        names = columns(entity)
        is_set = f"FROM ops.fields WHERE entity = {literal(entity.name)}"
        if names and engine.count(con, is_set):
            changed[entity.name] = _exchange(con, entity, names, now)
    store.record_made(con, STEP, _made_from(con, program) or "", now)
    return changed


def _exchange(con: engine.Connection, entity: Entity, names: tuple[str, ...], now: datetime) -> str:
    """Bring the table of an entity up to date; the temporary table of the keys that changed."""
    table, key = _table(entity), ident(entity.key)
    con.execute(f"CREATE OR REPLACE TEMP TABLE set_fields AS {latest_sql(entity, names)}")
    same = False
    if store.has_table(con, "projected", f"{ACTIONS}__{entity.name}"):
        shape = engine.columns(con, f"SELECT * EXCLUDE (changed_at) FROM {table}")
        same = shape == engine.columns(con, "FROM set_fields")
    found = ident(f"changed_{ACTIONS}__{entity.name}")
    before = f"SELECT {key}, row_hash FROM {table}" if same else f"SELECT NULL AS {key}, NULL AS row_hash WHERE false"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {found} AS SELECT s.{key} AS key FROM set_fields s LEFT JOIN ({before}) b "
        f"ON b.{key} = s.{key} WHERE b.row_hash IS DISTINCT FROM s.row_hash"
    )
    rows = f"SELECT *, {literal(now)}::TIMESTAMP AS changed_at FROM set_fields"
    if same:
        con.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT key FROM {found})")
        con.execute(f"INSERT INTO {table} BY NAME {rows} WHERE {key} IN (SELECT key FROM {found})")
    else:
        con.execute(f"CREATE OR REPLACE TABLE {table} AS {rows}")
    con.execute("DROP TABLE set_fields")
    return found


def latest_sql(entity: Entity, names: tuple[str, ...]) -> str:
    """SELECT of a row per key with the newest value of each field in its type; what does not fit is NULL."""
    types = entity_columns(entity)
    picked = [f"max(value) FILTER (field = {literal(name)}) AS {ident(name)}" for name in names]
    typed = [f"{_typed(ident(name), types[name])} AS {ident(name)}" for name in names]
    hashed = ", ".join(ident(name) for name in names)
    return (
        "WITH latest AS (\n"
        "    SELECT key, field, arg_max(value, (set_at, value)) AS value FROM ops.fields\n"
        f"    WHERE entity = {literal(entity.name)} GROUP BY key, field\n"
        f"),\nwide AS (SELECT key AS {ident(entity.key)}, {', '.join(picked)} FROM latest GROUP BY key)\n"
        f"SELECT {ident(entity.key)}, {', '.join(typed)}, hash({hashed}) AS row_hash FROM wide"
    )


def _typed(value: str, kind: str) -> str:
    text = f"json_extract_string({value}, '$')"
    return f"{value}::JSON" if kind == "JSON" else f"try_cast({text} AS {kind})"
