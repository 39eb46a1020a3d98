"""The store's own tables, as numbered steps.

A step, once released, never changes; undoing one is restoring a backup.
"""

from datetime import UTC, datetime

from execution import engine
from execution.engine import ident, literal
from execution.errors import StoreRefusedError

_DERIVED = (
    # Of which moment each derived table is, and from which directives.
    """CREATE TABLE IF NOT EXISTS derived.moments (
        made VARCHAR NOT NULL, as_of TIMESTAMP NOT NULL, directive VARCHAR NOT NULL)""",
    # Who entered a segment and who left it, and from when on which rules applied; see `segments.history`.
    """CREATE TABLE IF NOT EXISTS derived.segment_history (
        segment VARCHAR NOT NULL, entity VARCHAR NOT NULL, key VARCHAR NOT NULL, as_of TIMESTAMP NOT NULL,
        place VARCHAR)""",
    """CREATE TABLE IF NOT EXISTS derived.segment_rules (
        segment VARCHAR NOT NULL, as_of TIMESTAMP NOT NULL, rules VARCHAR NOT NULL)""",
    # How scores changed, and by which directives; see `health.history`.
    """CREATE TABLE IF NOT EXISTS derived.score_runs (
        run INTEGER NOT NULL, score VARCHAR NOT NULL, entity VARCHAR NOT NULL, as_of TIMESTAMP NOT NULL,
        directive VARCHAR NOT NULL, version INTEGER NOT NULL, rests_on VARCHAR, is_split BOOLEAN)""",
    """CREATE TABLE IF NOT EXISTS derived.score_changes (
        run INTEGER NOT NULL, key VARCHAR NOT NULL,
        score_milli INTEGER, low_milli INTEGER, high_milli INTEGER, coverage_milli INTEGER,
        band VARCHAR, churn_risk_milli INTEGER, contributions INTEGER[], signals VARCHAR[])""",
    """CREATE TABLE IF NOT EXISTS derived.score_parts (
        directive VARCHAR NOT NULL, position INTEGER NOT NULL, part VARCHAR NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS derived.score_texts (directive VARCHAR NOT NULL, written VARCHAR NOT NULL)",
    """CREATE TABLE IF NOT EXISTS derived.score_splits (
        run INTEGER NOT NULL, key VARCHAR NOT NULL,
        score_milli INTEGER, contributions INTEGER[], formula_milli INTEGER)""",
    """CREATE VIEW IF NOT EXISTS derived.score_history AS
        SELECT r.score, r.entity, c.key, r.as_of, c.* EXCLUDE (run, key), r.directive, r.version
        FROM derived.score_changes c JOIN derived.score_runs r ON r.run = c.run""",
)
"""What is known of the moments of derived tables, and the histories."""

_STATES = (
    # Every state that a score was in; see `health.unended`, which adds those that a score's own table still holds.
    "CREATE OR REPLACE VIEW derived.score_states AS FROM derived.score_changes",
    """CREATE OR REPLACE VIEW derived.score_history AS
        SELECT r.score, r.entity, c.key, r.as_of, c.* EXCLUDE (run, key), r.directive, r.version
        FROM derived.score_states c JOIN derived.score_runs r ON r.run = c.run""",
)

_ALERTS = (
    "CREATE SCHEMA ops",  # what was told to people, and what they made of it: cannot be derived again
    # One row for each episode: from when a rule began to hold of a row until its alert was resolved; see
    # `triggers.lifecycle`. `alert` is a hash, `account` whom the row belongs to, `reason` the facts (JSON) that the
    # rule names, as they are, `worth` what the row pays a month (or a deal's amount) when the alert fired.
    """CREATE TABLE ops.alerts (
        alert VARCHAR NOT NULL, trigger VARCHAR NOT NULL, entity VARCHAR NOT NULL, key VARCHAR NOT NULL,
        item VARCHAR NOT NULL, episode INTEGER NOT NULL, account VARCHAR NOT NULL, state VARCHAR NOT NULL,
        severity VARCHAR NOT NULL, is_experimental BOOLEAN NOT NULL, message VARCHAR NOT NULL, reason VARCHAR NOT NULL,
        worth DECIMAL(18,4), directive VARCHAR NOT NULL,
        pending_since TIMESTAMP NOT NULL, fired_at TIMESTAMP, last_true_at TIMESTAMP NOT NULL, resolved_at TIMESTAMP,
        resolved_by VARCHAR, resolution VARCHAR, acknowledged_at TIMESTAMP, acknowledged_by VARCHAR,
        snoozed_until TIMESTAMP, snoozed_by VARCHAR, outcome VARCHAR, is_false_positive BOOLEAN)""",
    # Of what a person resolved an alert while its rule held: it stays silent until the rule has once not held.
    """CREATE TABLE ops.silences (
        trigger VARCHAR NOT NULL, entity VARCHAR NOT NULL, key VARCHAR NOT NULL, item VARCHAR NOT NULL,
        alert VARCHAR NOT NULL, since TIMESTAMP NOT NULL)""",
    # What became of each alert, and what people did with it; `as_of` is the moment asked about, `noted_at` the clock's.
    """CREATE TABLE ops.alert_log (
        alert VARCHAR NOT NULL, as_of TIMESTAMP NOT NULL, event VARCHAR NOT NULL, who VARCHAR, detail VARCHAR,
        noted_at TIMESTAMP NOT NULL)""",
    # When each rule was last looked at, by which directive, and why it could not be told, if so.
    """CREATE TABLE ops.trigger_runs (
        trigger VARCHAR NOT NULL, as_of TIMESTAMP NOT NULL, directive VARCHAR NOT NULL, verdict VARCHAR NOT NULL,
        why VARCHAR, fired INTEGER NOT NULL, resolved INTEGER NOT NULL, open INTEGER NOT NULL)""",
)

_OUTBOX = (
    # What is to be done about alerts, one row each: written with them, in the same transaction, by `actions.plan`, and
    # done by `actions.deliver`. `id` is a hash of what is told by which way to whom, so nothing is there twice.
    # `state`: `held` (waits for approval), `due`, `sending`, `done`, `dead`, `dropped`; `payload` and `receipt` are
    # JSON; `claimed_at` is when it was last taken up.
    """CREATE TABLE ops.outbox (
        id VARCHAR NOT NULL, alert VARCHAR, occasion VARCHAR NOT NULL, action VARCHAR NOT NULL, "do" VARCHAR NOT NULL,
        channel VARCHAR, recipient VARCHAR, payload VARCHAR NOT NULL, state VARCHAR NOT NULL,
        due_at TIMESTAMP NOT NULL, attempts INTEGER NOT NULL, claimed_at TIMESTAMP, last_error VARCHAR,
        created_at TIMESTAMP NOT NULL, done_at TIMESTAMP, receipt VARCHAR)""",
    # Whose word a held row waits for, and what they said.
    """CREATE TABLE ops.approvals (
        outbox VARCHAR NOT NULL, asked_at TIMESTAMP NOT NULL, expires_at TIMESTAMP NOT NULL,
        approvers VARCHAR[] NOT NULL, decided_at TIMESTAMP, decision VARCHAR, who VARCHAR, note VARCHAR)""",
    # Tasks that actions put on people's lists; `task` is the outbox row's id.
    """CREATE TABLE ops.tasks (
        task VARCHAR NOT NULL, alert VARCHAR, title VARCHAR NOT NULL, note VARCHAR, assignee VARCHAR,
        due_at TIMESTAMP, created_at TIMESTAMP NOT NULL, done_at TIMESTAMP, done_by VARCHAR)""",
    # Fields that actions set, each time they did; the latest one counts (see `sync.fields`). `value` is JSON.
    """CREATE TABLE ops.fields (
        entity VARCHAR NOT NULL, key VARCHAR NOT NULL, field VARCHAR NOT NULL, value VARCHAR NOT NULL, alert VARCHAR,
        set_at TIMESTAMP NOT NULL, set_by VARCHAR NOT NULL)""",
)

STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE SCHEMA raw",  # what the vendors sent, one table per stream
        "CREATE SCHEMA projected",  # what each source says of each entity
        "CREATE SCHEMA core",  # the entities, unified
        "CREATE SCHEMA identity",
        "CREATE SCHEMA derived",  # what depends on the moment: measures, scores
        "CREATE TABLE meta.changes (count BIGINT NOT NULL)",
        "INSERT INTO meta.changes VALUES (0)",
        """CREATE TABLE meta.cursors (
            source VARCHAR NOT NULL, stream VARCHAR NOT NULL,
            high_water VARCHAR, resume VARCHAR, swept_at TIMESTAMP)""",
        # The version of each parent record at which its children were last read, and when; of each row of a feed,
        # the version at which what it names was asked for again.
        """CREATE TABLE meta.reads (
            source VARCHAR NOT NULL, stream VARCHAR NOT NULL, parent_key VARCHAR NOT NULL, parent_hash UBIGINT,
            read_at TIMESTAMP NOT NULL)""",
        # What a step's result was made from: it is made again when that differs.
        "CREATE TABLE meta.steps (step VARCHAR NOT NULL, made_from VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL)",
        # How a stream's typed columns were decoded, and how often its rows have changed.
        """CREATE TABLE meta.streams (
            source VARCHAR NOT NULL, stream VARCHAR NOT NULL, mapping VARCHAR NOT NULL, changes BIGINT NOT NULL)""",
        # Sources that a run has begun to change and not yet read to their end.
        "CREATE TABLE meta.unfinished (source VARCHAR NOT NULL, run VARCHAR NOT NULL)",
        # When each source was last read whole, as of the last publication; the journal knows of later runs.
        "CREATE TABLE meta.sources (source VARCHAR NOT NULL, completed_at TIMESTAMP NOT NULL)",
        # Text that was present and did not fit its declared type, and records without a key.
        """CREATE TABLE meta.rejects (
            source VARCHAR NOT NULL, stream VARCHAR NOT NULL, key VARCHAR,
            column_name VARCHAR NOT NULL, content VARCHAR, seen_at TIMESTAMP NOT NULL)""",
        # Addresses that plain lower-casing does not make canonical; `email` is NULL where no valid one is in them.
        "CREATE TABLE identity.emails (address VARCHAR NOT NULL, email VARCHAR, problem VARCHAR)",
        "CREATE TABLE identity.domains (domain VARCHAR NOT NULL, registrable VARCHAR)",
    ),
    (
        # How many records of a stream were new, changed or deleted on a day (UTC).
        """CREATE TABLE meta.volumes (
            source VARCHAR NOT NULL, stream VARCHAR NOT NULL, day DATE NOT NULL,
            new BIGINT NOT NULL, changed BIGINT NOT NULL, deleted BIGINT NOT NULL)""",
        # Why the store may not be published, and how many rows checks counted when it last was.
        "CREATE TABLE meta.held (since TIMESTAMP NOT NULL, reason VARCHAR NOT NULL)",
        "CREATE TABLE meta.published (counted VARCHAR NOT NULL, rows BIGINT NOT NULL)",
    ),
    _DERIVED,
    _STATES,
    _ALERTS,
    _OUTBOX,
)


def has_table(con: engine.Connection, schema: str, table: str) -> bool:
    """Whether the current database has that table or view.

    A query of a name that is not there would abort the transaction in DuckDB 2, and one of the catalogue takes ten
    times as long as looking the name up, which before DuckDB 2 finds tables alone.
    """
    (catalog,) = con.execute("SELECT current_database()").fetchone() or ("memory",)
    try:
        con.table(ident(catalog, schema, table))
    except engine.CatalogError:
        views = (
            "SELECT 1 FROM duckdb_views() WHERE (database_name, schema_name, view_name) = "
            f"({literal(catalog)}, {literal(schema)}, {literal(table)})"
        )
        return con.execute(views).fetchone() is not None
    return True


def version(con: engine.Connection) -> int:
    """How many steps the current database has had; 0 for a new one."""
    if not has_table(con, "meta", "migrations"):
        return 0
    row = con.execute("SELECT coalesce(max(number), 0) FROM meta.migrations").fetchone()
    return int(row[0]) if row else 0


def migrate(con: engine.Connection) -> tuple[int, ...]:
    """Bring the current database up to date, each step in a transaction of its own; the numbers applied.

    Raises StoreRefusedError where a newer gtm wrote it.
    """
    done = version(con)
    if done > len(STEPS):
        raise StoreRefusedError(
            f"the store is at version {done}, this gtm knows {len(STEPS)}",
            hint="use the newer gtm that wrote it, or restore an older backup",
            code="E421",
        )
    for number in range(done + 1, len(STEPS) + 1):
        with engine.transaction(con):
            con.execute("CREATE SCHEMA IF NOT EXISTS meta")
            con.execute(
                "CREATE TABLE IF NOT EXISTS meta.migrations (number INTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)"
            )
            for statement in STEPS[number - 1]:
                con.execute(statement)
            con.execute("INSERT INTO meta.migrations VALUES (?, ?)", [number, engine.naive_utc(datetime.now(UTC))])
    return tuple(range(done + 1, len(STEPS) + 1))


def pending(con: engine.Connection) -> bool:
    """Whether `migrate` has something to do, or to refuse."""
    return version(con) != len(STEPS)
