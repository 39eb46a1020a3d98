"""What SQL in a directive sees: the columns of streams and entities, and the DuckDB types they have."""

from execution.directives.model import Entity, Source, Stream
from execution.directives.paths import parse_path

DUCKDB = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,4)",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "json": "JSON",
    "email": "VARCHAR",
    "uuid": "UUID",
}
"""A directive's type → DuckDB's. A timestamp is in UTC; money is a decimal."""

SETTINGS = {"base_currency": "VARCHAR", "time_zone": "VARCHAR", "paying_statuses": "VARCHAR[]"}
"""What a projection sees of the team's settings, as the one row of `settings`."""

RATES = {"currency": "VARCHAR", "since": "DATE", "until": "DATE", "rate": "DECIMAL(28,10)", "is_last": "BOOLEAN"}
"""What a projection sees of the rates in the settings, as `rates`: a row per currency and span of days. A rate counts
from `since` on and before `until`; the base currency is there at 1. `is_last` is the rate of recurring revenue."""

BUILT_IN = {"settings": SETTINGS, "rates": RATES}
"""What projections and sections see of the settings."""

CHURN_FACTS = {
    "entity": "VARCHAR", "key": "VARCHAR", "churned_at": "TIMESTAMP", "reason": "VARCHAR", "detail": "VARCHAR",
    "status": "VARCHAR", "status_before": "VARCHAR", "failed_payments_30d": "BIGINT",
    "mrr": "DECIMAL(18,4)", "paid": "DECIMAL(18,4)",
    "tenure_days": "BIGINT", "health_score": "DECIMAL(18,4)", "health_status": "VARCHAR", "signals": "VARCHAR[]",
}  # fmt: skip
"""What is known of a churn, and so what its `type` and `win_back` are said with."""

PERIOD = {
    "months": "DECIMAL(18,4)", "margin": "DECIMAL(18,4)", "opening": "DECIMAL(18,4)", "new": "DECIMAL(18,4)",
    "expansion": "DECIMAL(18,4)", "contraction": "DECIMAL(18,4)", "churn": "DECIMAL(18,4)",
    "reactivation": "DECIMAL(18,4)", "correction": "DECIMAL(18,4)", "closing": "DECIMAL(18,4)",
    "retained": "DECIMAL(18,4)", "kept": "DECIMAL(18,4)", "lost": "DECIMAL(18,4)", "grown": "DECIMAL(18,4)",
    "customers_opening": "BIGINT", "customers_new": "BIGINT", "customers_lost": "BIGINT", "customers_back": "BIGINT",
    "customers_corrected": "BIGINT", "customers_closing": "BIGINT", "customers_stayed": "BIGINT",
    "customers_unpriced": "BIGINT",
}  # fmt: skip
"""The sums of a period, and so what the figures of the revenue directive are said with."""

REVENUE = {
    "mrr_movements": {
        "entity": "VARCHAR", "key": "VARCHAR", "day": "DATE", "turn": "TINYINT", "moved_at": "TIMESTAMP",
        "kind": "VARCHAR", "change": "DECIMAL(18,4)", "total_before": "DECIMAL(18,4)", "total_after": "DECIMAL(18,4)",
        "is_customer": "BOOLEAN", "customers": "INTEGER", "unpriced": "INTEGER", "unknown": "INTEGER",
    },
    "churn_events": {
        "entity": "VARCHAR", "key": "VARCHAR", "day": "DATE", "type": "VARCHAR", "win_back": "BOOLEAN",
        "returned_on": "DATE", **{name: kind for name, kind in CHURN_FACTS.items() if name not in ("entity", "key")},
    },
}  # fmt: skip
"""What measures see of recurring revenue, beside the entities: every movement in base (`entity` is customers, or
companies; `key` their e-mail or domain), and every churn. Both know the future of a moment: ask for what moved by
it."""

SENTIMENT = {
    "message_sentiment": {"source": "VARCHAR", "message_id": "VARCHAR", "sentiment": "DECIMAL(5,4)"},
}
"""What measures see of how a customer's message sounds, -1 to 1; NULL where its language is not known. Messages of our
own people have no row."""

BESIDE = REVENUE | SENTIMENT
"""What measures see beside the entities."""

VOLUMES = {
    "source": "VARCHAR", "stream": "VARCHAR", "day": "DATE", "new": "BIGINT", "changed": "BIGINT", "deleted": "BIGINT",
}  # fmt: skip
"""How many records a stream had on a day."""

ASKED = ("begin", "end", "until", "today", "tomorrow", "day", "every", "user")
"""What a section of a report may ask for beside `$as_of`: when its period begins and ends, up to when it has passed,
when the team's day and the next begin (all UTC), which day that is, as what its period counts for goals (`day`, `week`,
`month`, `quarter` or `year`; NULL for any other length), and whose report it is, as the team directive names them; NULL
where it is nobody's own."""

REPORTED = {
    "people": {
        "user": "VARCHAR", "name": "VARCHAR", "email": "VARCHAR", "role": "VARCHAR", "manager": "VARCHAR",
        "is_here": "BOOLEAN",
    },
    "owners": {"owner": "VARCHAR", "user": "VARCHAR"},
    "goals": {
        "user": "VARCHAR", "goal": "VARCHAR", "every": "VARCHAR", "target": "DECIMAL(18,4)", "unit": "VARCHAR",
        "meaning": "VARCHAR",
    },
    "spans": {
        "every": "VARCHAR", "begins_at": "TIMESTAMP", "ends_at": "TIMESTAMP", "days_left": "BIGINT",
        "workdays_left": "BIGINT",
    },
    "briefs": {"account": "VARCHAR", "path": "VARCHAR"},
    "alerts": {
        "alert": "VARCHAR", "trigger": "VARCHAR", "title": "VARCHAR", "entity": "VARCHAR", "key": "VARCHAR",
        "account": "VARCHAR", "state": "VARCHAR", "severity": "VARCHAR", "message": "VARCHAR",
        "worth": "DECIMAL(18,4)", "user": "VARCHAR", "fired_at": "TIMESTAMP", "acknowledged_at": "TIMESTAMP",
        "acknowledged_by": "VARCHAR", "snoozed_until": "TIMESTAMP", "resolved_at": "TIMESTAMP",
        "resolution": "VARCHAR", "outcome": "VARCHAR", "is_false_positive": "BOOLEAN", "respond_within_s": "BIGINT",
    },
    "tasks": {
        "task": "VARCHAR", "alert": "VARCHAR", "account": "VARCHAR", "title": "VARCHAR", "note": "VARCHAR",
        "user": "VARCHAR", "due_at": "TIMESTAMP", "created_at": "TIMESTAMP", "done_at": "TIMESTAMP",
        "done_by": "VARCHAR",
    },
    "scores": {
        "score": "VARCHAR", "entity": "VARCHAR", "key": "VARCHAR", "since": "TIMESTAMP", "until": "TIMESTAMP",
        "points": "DECIMAL(18,4)", "band": "VARCHAR", "band_before": "VARCHAR", "is_primary": "BOOLEAN",
    },
    "places": {
        "segment": "VARCHAR", "entity": "VARCHAR", "key": "VARCHAR", "since": "TIMESTAMP", "place": "VARCHAR",
    },
    "sources": {
        "source": "VARCHAR", "title": "VARCHAR", "read_at": "TIMESTAMP", "state": "VARCHAR", "records": "BIGINT",
        "rejects": "BIGINT", "invalid": "BIGINT",
    },
    "checks": {
        "check": "VARCHAR", "dimension": "VARCHAR", "about": "VARCHAR", "severity": "VARCHAR", "verdict": "VARCHAR",
        "failing": "BIGINT", "of": "BIGINT", "at_most": "VARCHAR", "note": "VARCHAR",
    },
    "volumes": VOLUMES,
    "runs": {
        "run": "VARCHAR", "source": "VARCHAR", "status": "VARCHAR", "began_at": "TIMESTAMP", "seconds": "DECIMAL(18,4)",
        "error": "VARCHAR",
    },
}  # fmt: skip
"""What a section sees beside the entities and `BESIDE`: who is who, and by which spelling records name them as their
owner (in small letters); what each is to reach; the day, week, month, quarter and year that run, with the days and the
days from Monday to Friday that are left of them, today too; which accounts have a brief, and where; alerts that told
somebody and tasks, with whose they are; every state of every score and every change of a place in a segment; how fresh
sources are, how many of their records do not fit or miss what is expected, what they read, how their runs ended; and
what the checks of quality last found."""

BUILT_IN_SECTIONS = (
    "summary", "calls", "alerts", "at_risk", "no_shows", "unknown", "sources", "mrr_bridge", "mrr_cohorts", "churned",
)  # fmt: skip
"""Sections that a SELECT cannot give; `reports.built_in` does."""

PICTURED = {
    "bridge": {"label": True, "amount": True, "kind": True},
    "bands": {"label": True, "count": True, "amount": False},
    "trend": {"day": True, "value": True, "series": False},
    "cohorts": {"cohort": True, "month": True, "share": True, "customers": False},
    "funnel": {"label": True, "count": True, "share": False},
    "bars": {"label": True, "value": True},
}
"""What the rows of each kind of picture have, and whether they need it."""

GIVEN_RATES = ("currency", "since", "rate")
"""What a test may give of a rate, which then stands for those of the settings."""

FIRST_SEEN = "first_seen"
"""The column of a stream of files that says when a record was first read. It is stored with the record and stays."""

DERIVED = ("measures", "quality", "segments", "health", "system")
"""What may stand in an entity column's `from` besides sources: the part of the system that fills it."""


def stream_columns(stream: Stream) -> dict[str, str]:
    """What a SQL block sees of a stream: column name → DuckDB type.

    `key`, `parent_key` where the stream is read per parent, the key under the last name of its own path where no
    declared column has that name (`key: uri` → also `uri`), then the declared columns.
    """
    columns = {"key": "VARCHAR"}
    if stream.each is not None:
        columns["parent_key"] = "VARCHAR"
    own = key_name(stream)
    if own is not None:
        columns.setdefault(own, "VARCHAR")
    return columns | {name: DUCKDB[column.type] for name, column in stream.columns.items()}


def view_columns(source: Source, name: str) -> dict[str, str]:
    """What a projection sees of a stream: where it is synced from files, also when a record was first read (UTC)."""
    columns = stream_columns(source.streams[name])
    return columns | {FIRST_SEEN: "TIMESTAMP"} if tells_first_seen(source) else columns


def tells_first_seen(source: Source) -> bool:
    """Whether a source's streams say when a record was first read. Of an API that depends on when we came to ask; a
    labelled table is never synced."""
    return source.files is not None and source.label is None


def key_name(stream: Stream) -> str | None:
    """The last name of the key's path (`uri`, `id`), or None where it ends in a list position."""
    try:
        steps = parse_path(stream.key)
    except ValueError:
        return None
    return steps[-1] if steps and isinstance(steps[-1], str) else None


def entity_columns(entity: Entity) -> dict[str, str]:
    """What is stored of an entity, and so what measures read: column name → DuckDB type.

    The columns that sources write, without those that measures, health or the system fill. Shared entities also have
    `created_at` and `updated_at`, customers `customer_id` and, where it is declared, the `company_domain` that follows
    from their address, owned entities the `source` of each row.
    """
    columns = {"source": "VARCHAR"} if entity.rows == "owned" else {}
    if entity.name == "customers":
        columns["customer_id"] = "UUID"
    columns[entity.key] = "VARCHAR"
    company = entity.columns.get("company_domain")
    if company is not None and "system" in company.sources:
        columns["company_domain"] = "VARCHAR"
    columns |= {name: DUCKDB[column.type] for name, column in entity.columns.items() if not is_derived(column.sources)}
    if entity.rows == "shared":
        columns |= {"created_at": "TIMESTAMP", "updated_at": "TIMESTAMP"}
    return columns


def is_derived(sources: tuple[str, ...]) -> bool:
    """Whether a column's `from` names a part of the system and no source."""
    return bool(sources) and all(source in DERIVED for source in sources)
