"""The entities as generated files read them: with the columns they are made of, whatever the store has."""

from collections.abc import Collection, Mapping

from execution.directives import Program
from execution.directives.schema import DUCKDB
from execution.engine import ident
from execution.health import view
from execution.measures import Stored
from execution.measures.stored import all_columns

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "email": "text", "company_domain": "text", "company_name": "text", "name": "text", "job_title": "text",
        "customer_type": "text", "assigned_am": "text", "mrr": "decimal", "arr": "decimal", "plan_name": "text",
        "subscription_status": "text", "deal_stage": "text", "renewal_date": "date", "last_seen_at": "timestamp",
        "next_call_date": "timestamp", "upcoming_calls": "integer",
        "health_score": "decimal",
        "health_score_low": "decimal", "health_score_high": "decimal", "health_coverage": "decimal",
        "health_status": "text", "churn_risk": "decimal", "risk_signals": "json", "recommended_action": "text",
        "health_override_score": "decimal", "health_override_band": "text", "health_override_reason": "text",
        "health_override_author": "text", "health_override_expires": "date",
        "csm_sentiment": "integer", "csm_sentiment_by": "text", "csm_sentiment_on": "date",
        "client_offer": "text", "client_icp": "text", "client_ltv": "text",
    },
    "companies": {
        "domain": "text", "name": "text", "industry": "text", "company_size": "text", "country": "text",
        "city": "text", "website": "text", "owner": "text", "stage": "text", "renewal_date": "date",
        "tags": "json", "stakeholders": "json",
        "health_score": "decimal", "health_score_low": "decimal", "health_score_high": "decimal",
        "health_coverage": "decimal", "health_status": "text", "churn_risk": "decimal", "risk_signals": "json",
        "recommended_action": "text", "expansion_potential": "text", "expansion_reason": "text",
    },
    "deals": {
        "source": "text", "deal_id": "text", "email": "text", "company_domain": "text", "name": "text", "stage": "text",
        "status": "text", "amount": "decimal", "currency": "text", "probability": "decimal",
        "forecast_category": "text", "owner": "text", "opened_at": "timestamp", "expected_close": "date",
        "closed_at": "timestamp", "last_activity_at": "timestamp",
    },
    "events": {
        "source": "text", "source_id": "text", "email": "text", "kind": "text", "status": "text",
        "occurred_at": "timestamp", "title": "text", "detail": "text", "host": "text", "rating": "integer",
        "amount": "decimal", "currency": "text",
    },
    "messages": {
        "source": "text", "message_id": "text", "conversation_id": "text", "email": "text", "author": "text",
        "written_at": "timestamp", "text": "text",
    },
    "subscriptions": {
        "source": "text", "subscription_id": "text", "email": "text", "status": "text", "plan": "text",
        "monthly_amount": "decimal", "currency": "text", "billing_interval": "text", "quantity": "integer",
        "started_at": "timestamp", "trial_ends_at": "timestamp", "canceled_at": "timestamp", "ended_at": "timestamp",
        "cancel_reason": "text", "cancel_detail": "text",
    },
}  # fmt: skip
"""The columns that generated files are made of; a workspace whose data model lacks one has it as unknown."""


def known_columns(program: Program, name: str) -> dict[str, str]:
    """Every column of an entity's unified view, with its DuckDB type."""
    if name not in program.entities:
        return {}
    return all_columns(program.entities[name]) | {fact: known.type for fact, known in program.facts(name).items()}


def relations(program: Program, stored: Stored) -> list[str]:
    """CTEs `customers`, `companies`, `deals`, `events` … with exactly the columns of `COLUMNS`, whatever is stored."""
    return [f"{ident(name)} AS ({relation(program, stored, name)})" for name in COLUMNS]


def relation(program: Program, stored: Stored, name: str, packed: Mapping[str, str] | None = None) -> str:
    """SELECT of one of them. With `packed` (column → DuckDB type) there is a struct `row` of these columns besides."""
    entity = program.entities.get(name)
    wanted = {column: DUCKDB[kind] for column, kind in COLUMNS[name].items()}
    if entity is None or not stored.columns(f"core.{name}"):
        nothing = [f"CAST(NULL AS {kind}) AS {ident(column)}" for column, kind in wanted.items()]
        return f"SELECT {', '.join([*nothing, *_packed(packed, ())])} WHERE false"
    unified = entity.rows == "shared"
    have = known_columns(program, name) if unified else stored.columns(f"core.{name}")
    source = f"({view.view_sql(program, entity, stored)})" if unified else ident("core", name)
    selected = [
        f"CAST({ident(column) if column in have else 'NULL'} AS {kind}) AS {ident(column)}"
        for column, kind in wanted.items()
    ]
    return f"SELECT {', '.join([*selected, *_packed(packed, have)])} FROM {source}"


def _packed(columns: Mapping[str, str] | None, have: Collection[str]) -> list[str]:
    if columns is None:
        return []
    pairs = [
        f"{ident(name)} := CAST({ident(name) if name in have else 'NULL'} AS {kind})" for name, kind in columns.items()
    ]
    return [f"struct_pack({', '.join(pairs)}) AS row" if pairs else "NULL AS row"]
