"""What the sources say → the entities people read: one row per key, every column by its order of precedence.

Runs over changed keys only, in hash slices so that memory stays flat however many there are. Rows that belong to one
source alone (deals, events) are not copied: their entity is a view over the projections.
"""

from collections.abc import Sequence

from execution import engine, identity, store
from execution.directives import Program
from execution.directives.model import Entity, Settings
from execution.directives.schema import DUCKDB, entity_columns, is_derived
from execution.engine import ident, literal
from execution.sync.feeding import ACTIONS, SELF, Feed

SLICE_ROWS = 100_000
_OURS = (SELF, ACTIONS)
"""Feeds that are no source of anybody's."""
STAMPS = {"created_at": "TIMESTAMP", "updated_at": "TIMESTAMP", "row_hash": "UBIGINT"}


def stored_columns(entity: Entity) -> dict[str, str]:
    """The columns of a shared entity that are stored, with their DuckDB types: its key, what sources write, and what
    identity knows."""
    columns = {entity.key: "VARCHAR"}
    for name, column in entity.columns.items():
        if not is_derived(column.sources) or (name in SYSTEM and "system" in column.sources):
            columns.setdefault(name, DUCKDB[column.type])
    if entity.key == "email":
        columns.setdefault("customer_id", "UUID")
    return columns


SYSTEM = {
    # A stable id: derived from the key the customer was first known by, and never changed after.
    "customer_id": "md5('customer:' || k.key)::UUID",
    "company_domain": "d.registrable",
}


def unified_sql(entity: Entity, sources: Sequence[Feed], settings: Settings) -> str:
    """SELECT of the unified rows of the temporary table `changed_keys`; keys that no source knows any more, role
    mailboxes and the team's own addresses give none, nor those that none knows whose word is enough.

    `sources` are all that project into the entity.
    """
    giving = {feed.source: set(feed.columns) for feed in sources}
    selected = [f"k.key AS {ident(entity.key)}"]
    for name, kind in stored_columns(entity).items():
        value = None if name == entity.key else _value(entity, name, giving)
        if value is not None:  # what no source gives is left out, and NULL by default
            selected.append(f"{value}::{kind} AS {ident(name)}")
    selected += [f"{ident(name)}.changed_at AS {ident(f'last_{name}_change')}" for name in giving if name not in _OURS]
    joins = [
        f"LEFT JOIN {feed.table} {ident(feed.source)} ON {ident(feed.source)}.{ident(entity.key)} = k.key"
        for feed in sources
    ]
    known = " OR ".join(feed.counts(feed.source) for feed in sources) or "false"
    where = [f"({known})"]
    if entity.key == "email":
        joins.append(_domain_join(settings))
        where += _is_person(settings)
    return f"SELECT {', '.join(selected)} FROM changed_keys k {' '.join(joins)} WHERE {' AND '.join(where)}"


def _value(entity: Entity, column: str, giving: dict[str, set[str]]) -> str | None:
    if column in SYSTEM and entity.key == "email":
        return SYSTEM[column]
    named = entity.columns[column].sources
    ranked = [each for name in named for each in ((name, ACTIONS) if name == "workspace" else (name,))]
    others = sorted(giving.keys() - {*named, ACTIONS})
    order = [name for name in (*ranked, *others) if column in giving.get(name, ())]
    if not order:
        return None
    return f"coalesce({', '.join(f'{ident(name)}.{ident(column)}' for name in order)})"


def _domain_join(settings: Settings) -> str:
    free = literal(sorted(settings.free_mail_domains)) + "::VARCHAR[]"
    return (
        "LEFT JOIN identity.domains d ON d.domain = split_part(k.key, '@', 2) "
        f"AND NOT list_contains({free}, d.registrable)"
    )


def _is_person(settings: Settings) -> list[str]:
    conditions = []
    if settings.role_mailboxes:
        conditions.append(f"split_part(split_part(k.key, '@', 1), '+', 1) NOT IN ({_texts(settings.role_mailboxes)})")
    if settings.internal_domains:
        conditions.append(f"split_part(k.key, '@', 2) NOT IN ({_texts(settings.internal_domains)})")
    return conditions


def _texts(values: Sequence[str]) -> str:
    return ", ".join(literal(value.lower()) for value in sorted(values))


def unify(
    con: engine.Connection,
    entity: Entity,
    sources: Sequence[Feed],
    settings: Settings,
    now: object,
) -> None:
    """Bring `core.<entity>` up to date for the temporary table `changed_keys`.

    Inside a transaction. A changed set of columns rebuilds the table, keeping ids and dates of creation.
    """
    _prepare(con, entity, [feed.source for feed in sources])
    row = con.execute("SELECT count(*) FROM changed_keys").fetchone()
    slices = max(1, -(-(int(row[0]) if row else 0) // SLICE_ROWS))
    sql = unified_sql(entity, sources, settings)
    for number in range(slices):
        part = sql if slices == 1 else f"{sql} AND hash(k.key) % {slices} = {number}"
        own = "true" if slices == 1 else f"hash(key) % {slices} = {number}"
        if entity.key == "email":
            _learn_domains(con, own)
        _apply(con, entity, part, own, now)


def _apply(con: engine.Connection, entity: Entity, sql: str, own: str, now: object) -> None:
    """Write the unified rows of the keys in `changed_keys` that meet `own`, and remove those that no longer are.

    As in the raw tables a changed row is deleted and inserted anew. It keeps its id and its date of creation.
    """
    table, key, stamp = ident("core", entity.name), ident(entity.key), literal(now)
    own_keys = f"(SELECT key FROM changed_keys WHERE {own})"
    stored = con.execute(f"SELECT count(*) FROM {table} WHERE {key} IN {own_keys}").fetchone()
    if not (stored and stored[0]):
        con.execute(
            f"INSERT INTO {table} BY NAME SELECT u.*, hash(u) AS row_hash, {stamp} AS created_at, "
            f"{stamp} AS updated_at FROM ({sql}) u"
        )
        return
    con.execute(f"CREATE OR REPLACE TEMP TABLE unified AS SELECT u.*, hash(u) AS row_hash FROM ({sql}) u")
    keeps = f"t.{key}, t.created_at" + (", t.customer_id" if entity.key == "email" else "")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE outdated AS SELECT {keeps} FROM {table} t "
        f"LEFT JOIN unified u ON u.{key} = t.{key} "
        f"WHERE t.{key} IN {own_keys} AND u.row_hash IS DISTINCT FROM t.row_hash"
    )
    con.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM outdated)")
    kept = " REPLACE (coalesce(o.customer_id, u.customer_id) AS customer_id)" if entity.key == "email" else ""
    con.execute(
        f"INSERT INTO {table} BY NAME SELECT u.*{kept}, coalesce(o.created_at, {stamp}) AS created_at, "
        f"{stamp} AS updated_at FROM unified u ANTI JOIN {table} t ON t.{key} = u.{key} "
        f"LEFT JOIN outdated o ON o.{key} = u.{key}"
    )


def wanted_columns(entity: Entity, sources: Sequence[str]) -> dict[str, str]:
    """Every column of `core.<entity>` and its DuckDB type."""
    changes = {f"last_{name}_change": "TIMESTAMP" for name in sources if name not in _OURS}
    return {**stored_columns(entity), **changes, **STAMPS}


def _prepare(con: engine.Connection, entity: Entity, sources: Sequence[str]) -> None:
    """Make sure the table has today's columns. Where it had others, its rows stay with what is common to both, and
    every key counts as changed."""
    table, wanted = ident("core", entity.name), wanted_columns(entity, sources)
    definition = ", ".join(f"{ident(name)} {kind}" for name, kind in wanted.items())
    if not store.has_table(con, "core", entity.name):
        con.execute(f"CREATE TABLE {table} ({definition})")
        return
    stored = engine.columns(con, f"SELECT * FROM {table}")
    if stored == wanted:
        return
    common = ", ".join(ident(name) for name in wanted if stored.get(name) == wanted[name] and name != "row_hash")
    con.execute(f"CREATE TABLE core.rebuilt ({definition})")
    con.execute(f"INSERT INTO core.rebuilt ({common}, row_hash) SELECT {common}, 0 FROM {table}")
    con.execute(f"DROP TABLE {table}")
    con.execute(f"ALTER TABLE core.rebuilt RENAME TO {ident(entity.name)}")


def company_rows(con: engine.Connection, entity: Entity, now: object) -> None:
    """Make every customer's company one of the entity's rows, and add those that came or went to `changed_keys`.

    Inside a transaction, after the customers were unified.
    """
    key, table = ident(entity.key), ident("projected", f"{SELF}__{entity.name}")
    con.execute(f"CREATE TABLE IF NOT EXISTS {table} ({key} VARCHAR, row_hash UBIGINT, changed_at TIMESTAMP)")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE companies_now AS SELECT DISTINCT company_domain AS key FROM core.customers "
        "WHERE company_domain IS NOT NULL"
    )
    con.execute(f"INSERT INTO changed_keys SELECT key FROM companies_now WHERE key NOT IN (SELECT {key} FROM {table})")
    con.execute(
        f"INSERT INTO changed_keys SELECT {key} FROM {table} WHERE {key} NOT IN (SELECT key FROM companies_now)"
    )
    con.execute(f"DELETE FROM {table} WHERE {key} NOT IN (SELECT key FROM companies_now)")
    con.execute(
        f"INSERT INTO {table} SELECT key, 0, {literal(now)} FROM companies_now "
        f"WHERE key NOT IN (SELECT {key} FROM {table})"
    )


def _learn_domains(con: engine.Connection, own: str) -> None:
    """Look up the new domains of the keys that meet `own`: a slice's, since they go through Python's memory (340,000
    at once held 400 MB)."""
    new = con.execute(
        f"SELECT DISTINCT split_part(key, '@', 2) FROM changed_keys WHERE {own} "
        "AND split_part(key, '@', 2) NOT IN (SELECT domain FROM identity.domains)"
    ).fetchall()
    identity.learn_domains(con, [row[0] for row in new])


def owned_view_sql(entity: Entity, sources: Sequence[Feed]) -> str:
    """CREATE VIEW of an entity whose rows belong to one source each: the projections side by side."""
    types = entity_columns(entity)
    wanted = [name for name in types if name != "source"]
    parts = []
    ours = next((feed for feed in sources if feed.source == ACTIONS), None)
    for feed in sources:
        if feed is ours:
            continue
        given = {*feed.columns, entity.key}
        selected = [f"{ident(n) if n in given else 'NULL'}::{types[n]} AS {ident(n)}" for n in wanted]
        parts.append(
            f"SELECT {literal(feed.source)} AS source, {', '.join(selected)}, changed_at, row_hash FROM {feed.table}"
        )
    if not parts:
        nothing = ", ".join(f"NULL::{types[name]} AS {ident(name)}" for name in wanted)
        stamps = "NULL::TIMESTAMP AS changed_at, NULL::UBIGINT AS row_hash"
        parts = [f"SELECT NULL::VARCHAR AS source, {nothing}, {stamps} WHERE false"]
    rows = " UNION ALL ".join(parts)
    if ours is not None:
        rows = _with_fields_sql(entity, ours, rows)
    return f"CREATE OR REPLACE VIEW {ident('core', entity.name)} AS {rows}"


def _with_fields_sql(entity: Entity, ours: Feed, rows: str) -> str:
    """The rows with what actions set of them, in the place of the workspace: before the row's own source, or after."""
    selected = ["r.source"]
    for name in entity_columns(entity):
        if name in ours.columns:
            named = entity.columns[name].sources
            before = literal(list(named[: named.index("workspace")])) + "::VARCHAR[]"
            own, set_ = f"r.{ident(name)}", f"f.{ident(name)}"
            value = f"CASE WHEN list_contains({before}, r.source) OR r.source = 'workspace' "
            selected.append(f"{value}THEN coalesce({own}, {set_}) ELSE coalesce({set_}, {own}) END AS {ident(name)}")
        elif name != "source":
            selected.append(f"r.{ident(name)}")
    selected += ["greatest(r.changed_at, f.changed_at) AS changed_at", "hash(r.row_hash, f.row_hash) AS row_hash"]
    key = ident(entity.key)
    return (
        f"SELECT {', '.join(selected)} FROM ({rows}) r LEFT JOIN {ours.table} f ON f.{key} = r.source || '/' || r.{key}"
    )


def fingerprint(program: Program, entity: Entity, sources: Sequence[Feed]) -> str:
    """What the unified rows of an entity depend on beside the projections."""
    # Which fields actions set changes no row but theirs; but a view must know of them.
    told = [feed for feed in sources if feed.source != ACTIONS or entity.rows == "owned"]
    named = (feed.source if feed.unless is None else f"{feed.source} unless {feed.unless}" for feed in told)
    return ":".join([entity.hash, program.settings.hash, *sorted(named)])
