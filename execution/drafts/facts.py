"""What the store knows of one account, row by row: the company, its people, its deals, and what happened with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from execution import engine
from execution.directives import Program
from execution.directives.schema import DUCKDB
from execution.drafts.columns import COMPANIES, DEALS, EVENTS, NEEDED, PEOPLE
from execution.engine import ident
from execution.health import view
from execution.measures.stored import Stored, all_columns, key_columns
from execution.segments.history import key_sql

KEY = ".key"
"""The column with a row's key as references have it."""

_CUT = 25
"""People, deals and happenings of one account that are read."""

_PEOPLE = (
    "WHERE coalesce(company_domain, email) = $key ORDER BY mrr DESC NULLS LAST, last_seen_at DESC NULLS LAST, email"
)
_DEALS = (
    "WHERE company_domain = $key OR list_contains($people, email) "
    "ORDER BY status = 'open' DESC NULLS LAST, amount DESC NULLS LAST, source, deal_id"
)
_HAPPENED = (
    "WHERE list_contains($people, email) AND occurred_at <= $at AND kind NOT IN ('login', 'payment') "
    "ORDER BY occurred_at DESC, source, source_id"
)
_COMING = (
    "WHERE list_contains($people, email) AND occurred_at > $at AND kind = 'meeting' AND status = 'booked' "
    "ORDER BY occurred_at, source, source_id"
)

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Known:
    """The rows of one account. `of` is the entity that the account's own row is of: companies, or customers where
    somebody's address says nothing of a company."""

    key: str
    of: str
    account: Values
    people: tuple[Values, ...]
    deals: tuple[Values, ...]
    happened: tuple[Values, ...]
    coming: tuple[Values, ...]


def accounts(con: engine.Connection, program: Program) -> dict[str, str]:
    """Every account: its key, and what it is called."""
    people, companies = _rows(con, program, PEOPLE), _rows(con, program, COMPANIES)
    rows = con.execute(
        f"""WITH people AS ({people}), companies AS ({companies})
        SELECT domain, coalesce(name, domain) FROM companies
        UNION SELECT company_domain, company_domain FROM people ANTI JOIN companies c ON c.domain = company_domain
            WHERE company_domain IS NOT NULL
        UNION SELECT email, coalesce(name, email) FROM people WHERE company_domain IS NULL
        ORDER BY 1"""
    ).fetchall()
    return dict(rows)


def read(con: engine.Connection, program: Program, key: str, as_of: datetime) -> Known:
    """Everything of one account as of a moment. People: who pays most first, then who was seen last; deals: open ones
    first; what happened: the latest first."""
    people = _select(con, program, PEOPLE, _PEOPLE, {"key": key})
    addresses = [str(person["email"]) for person in people]
    of = PEOPLE if "@" in key else COMPANIES
    company = _select(con, program, COMPANIES, "WHERE domain = $key", {"key": key})
    own = people[:1] if of == PEOPLE else company
    about = {"people": addresses, "at": engine.naive_utc(as_of)}
    return Known(
        key=key,
        of=of,
        account=own[0] if own else {},
        people=people,
        deals=_select(con, program, DEALS, _DEALS, {"key": key, "people": addresses}),
        happened=_select(con, program, EVENTS, _HAPPENED, about),
        coming=_select(con, program, EVENTS, _COMING, about),
    )


def _select(
    con: engine.Connection, program: Program, entity: str, where: str, params: dict[str, object]
) -> tuple[Values, ...]:
    cursor = con.execute(f"SELECT * FROM ({_rows(con, program, entity)}) {where} LIMIT {_CUT}", params)
    names = [column[0] for column in cursor.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def _rows(con: engine.Connection, program: Program, entity: str) -> str:
    """SELECT of an entity's rows with everything known of them, what is needed, and their key."""
    directive, stored = program.entities.get(entity), Stored.read(con)
    if directive is None or not stored.columns(f"core.{entity}"):
        empty = [f"{_nothing(kind)} AS {ident(name)}" for name, kind in NEEDED[entity].items()]
        return f"SELECT {', '.join(empty)}, CAST(NULL AS VARCHAR) AS {ident(KEY)} WHERE false"
    lacking = NEEDED[entity].keys() - all_columns(directive).keys()
    added = "".join(f", {_nothing(NEEDED[entity][name])} AS {ident(name)}" for name in sorted(lacking))
    # `hubspot:123` where a row belongs to its source.
    key = key_sql(key_columns(directive)).replace("'/'", "':'")
    return f"SELECT *{added}, {key} AS {ident(KEY)} FROM ({view.view_sql(program, directive, stored)})"


def _nothing(kind: str) -> str:
    return f"CAST(NULL AS {DUCKDB[kind]})"
