"""Work out recurring revenue and keep it: the ledger, its steps, and who left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from execution import engine, identity, store
from execution.directives import Program
from execution.directives.model import Revenue
from execution.engine import ident
from execution.errors import DataError, GtmError
from execution.revenue import ledger, seen
from execution.revenue.churn import churn_sql
from execution.revenue.keeping import keep
from execution.revenue.movements import MOVEMENTS
from execution.revenue.steps import steps_sql
from execution.revenue.subscribers import TOUCHED, subscribers_sql
from execution.store.stored import Stored
from execution.sync.rates import rates_select

LEDGER, STEPS, SUBSCRIBERS, MOVES, CHURN = (
    "mrr_ledger", "mrr_steps", "mrr_subscribers", "mrr_movements", "churn_events",
)  # fmt: skip
KNOWN = "subscription_changes"
_INPUTS = "mrr_ledger follows from"

_VIEWS = ("history", "changes", "rates", "seen", "known")
_TABLES = ("everybody", "touched", "subscribers", "steps", "deltas", "moves", CHURN)
_SUBSCRIBERS = "SELECT source, subscription_id, customer, account, digest FROM subscribers"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run did: how many subscriptions were seen to have changed, for how many accounts the ledger was told
    anew, and the rows of the ledger and of churn."""

    seen: int = 0
    accounts: int = 0
    ledger: int = 0
    churned: int = 0


def run(con: engine.Connection, program: Program, as_of: datetime, stored: Stored | None = None) -> Kept:
    """Note what changed in the subscriptions, and bring the ledger up to date. Run this before the measures.

    `con` has the store as its current database and no open transaction. The ledger is of no moment: what is to come
    (a discount that ends) stands in it with its day. `as_of` is when a subscription that is gone was found to be, where
    its source does not say when it was read. `stored` is what the store has, where that is at hand. Raises GtmError
    where a rule fails on the data, or the sums do not agree.
    """
    revenue = next(iter(program.revenue.values()), None)
    if revenue is None:
        return Kept()
    moment, accounts = engine.naive_utc(as_of), 0
    stored, made = Stored.read(con) if stored is None else stored, store.all_made_from(con)
    noticed = seen.observe(con, program, moment, stored, made)
    _learn_domains(con)
    try:
        known = _known(con, stored)
        is_made = _is_made(program, revenue, stored, made)
        if not is_made or made.get(_INPUTS) != known:
            _look(con, program, stored)
            accounts = _tell_ledger(con, program, revenue, moment, whole=not is_made)
            _note(con, _INPUTS, known, moment)
        told = f"{_fingerprint(program, revenue)} {known} {_known_of_churn(con, made)}"
        if made.get(CHURN) != told or not stored.columns(f"derived.{CHURN}"):
            _look(con, program, stored)
            _tell_churn(con, program, revenue, stored)
            _note(con, CHURN, told, moment)
    finally:
        _drop(con)
    return Kept(noticed, accounts, *_counts(con, LEDGER, CHURN))


def _note(con: engine.Connection, step: str, made_from: str, moment: datetime) -> None:
    """Say what a step was made from. Readers see nothing of it, so it is no change to publish."""
    with engine.transaction(con):
        store.record_made(con, step, made_from, moment)


def _known(con: engine.Connection, stored: Stored) -> str:
    """What the ledger follows from, as far as it can be told without reading it: what was seen, billed, and whose
    domains are known."""
    columns = stored.columns(f"core.{KNOWN}")
    changed = "max(changed_at)" if "changed_at" in columns else "NULL"
    billed = f"SELECT count(*), {changed} FROM {ident('core', KNOWN)}" if columns else "SELECT 0, NULL"
    row = con.execute(
        f"""SELECT (SELECT count(*) FROM {ident("derived", seen.TABLE)}), *,
                (SELECT count(*) FROM identity.domains) FROM ({billed})"""
    ).fetchone()
    return str(row)


def _known_of_churn(con: engine.Connection, made: Mapping[str, str]) -> str:
    """The same for what is told of churn besides: payments, and scores of before anybody left."""
    projected = sorted((step, text) for step, text in made.items() if step.startswith("project "))
    scored = con.execute(
        f"""SELECT count(*), bit_xor(hash(run, as_of, directive, rests_on)) FROM derived.score_runs
            WHERE as_of < (SELECT max(day) FROM {ident("derived", LEDGER)} WHERE kind = 'churn')"""
    ).fetchone()
    return sha256(f"{projected} {scored}".encode()).hexdigest()


def is_outdated(con: engine.Connection, program: Program) -> bool:
    """Whether the ledger was worked out by other definitions, or at other rates, than today's."""
    revenue = next(iter(program.revenue.values()), None)
    return revenue is not None and store.made_from(con, LEDGER) != _fingerprint(program, revenue)


def _look(con: engine.Connection, program: Program, stored: Stored) -> None:
    """What everything is worked out from, as temporary views."""
    changes = (
        "SELECT NULL::VARCHAR AS source, NULL::VARCHAR AS subscription_id, NULL::TIMESTAMP AS since, "
        f"NULL::VARCHAR AS currency, NULL::{ledger.MONEY} AS yearly WHERE false"
    )
    if {"subscription_id", "occurred_at", "currency", "yearly_amount"} <= stored.columns(f"core.{KNOWN}").keys():
        changes = (
            "SELECT source, subscription_id, occurred_at AS since, currency, yearly_amount AS yearly "
            f"FROM {ident('core', KNOWN)} WHERE occurred_at IS NOT NULL"
        )
    con.execute(f"CREATE OR REPLACE TEMP VIEW history AS FROM {ident('derived', seen.TABLE)}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW changes AS {changes}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW rates AS {rates_select(program.settings)}")


def _tell_ledger(con: engine.Connection, program: Program, revenue: Revenue, as_of: datetime, *, whole: bool) -> int:
    """Tell the ledger anew for every account that anything changed for, or for all (`whole`); for how many."""
    _table(con, "everybody", subscribers_sql(revenue, program.settings))
    touched = "SELECT DISTINCT account FROM temp.everybody" if whole else TOUCHED
    _table(con, "touched", touched)
    accounts = _rows(con, "temp.touched")
    if not accounts and not whole:
        return 0
    _table(con, "subscribers", "FROM temp.everybody SEMI JOIN temp.touched USING (account)")
    for name, mine, stored in (("seen", "h.*", "history h"), ("known", "h.since, h.currency, h.yearly", "changes h")):
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT b.sub, {mine} FROM {stored} JOIN temp.subscribers b "
            "ON b.source = h.source AND b.subscription_id = h.subscription_id"
        )
    _table(con, "steps", steps_sql(revenue, "FROM temp.seen", "FROM temp.known"))
    _table(con, "deltas", ledger.DELTAS)
    _table(con, "moves", ledger.moves_sql(revenue))
    _require_even(con)
    with store.change(con):
        _store(con, LEDGER, ledger.NAMED, whole=whole)
        _store(con, STEPS, ledger.STEPS, whole=whole)
        _store(con, SUBSCRIBERS, _SUBSCRIBERS, whole=whole)
        con.execute(f"CREATE OR REPLACE VIEW {ident('derived', MOVES)} AS {MOVEMENTS}")
        store.record_made(con, LEDGER, _fingerprint(program, revenue), as_of)
    return accounts


def _store(con: engine.Connection, table: str, sql: str, *, whole: bool) -> None:
    """Put what was told of the touched accounts in the place of what was stored of them."""
    stored = ident("derived", table)
    if whole:
        con.execute(f"CREATE OR REPLACE TABLE {stored} AS {sql}")
        return
    con.execute(f"DELETE FROM {stored} WHERE account IN (SELECT account FROM temp.touched)")
    con.execute(f"INSERT INTO {stored} BY NAME {sql}")


def _is_made(program: Program, revenue: Revenue, stored: Stored, made: Mapping[str, str]) -> bool:
    there = all(stored.columns(f"derived.{table}") for table in (LEDGER, STEPS, SUBSCRIBERS, MOVES))
    return there and made.get(LEDGER) == _fingerprint(program, revenue)


def _tell_churn(con: engine.Connection, program: Program, revenue: Revenue, stored: Stored) -> None:
    """Each time anew: what is known of a customer's payments and health on that day may have come since."""
    sql = churn_sql(program, revenue, stored.columns("core.events"), stored.columns("derived.score_history"))
    hint = "an expression under churn: does not hold on the data"
    with engine.on_data("the rules of churn failed", hint=hint, where=revenue.path, code="E371"):
        _table(con, CHURN, sql)
    _require_known_types(con, revenue)
    keep(con, CHURN, stored)


def _table(con: engine.Connection, name: str, sql: str) -> None:
    con.execute(f"CREATE OR REPLACE TEMP TABLE {ident(name)} AS {sql}")


def _drop(con: engine.Connection) -> None:
    views = [f"DROP VIEW IF EXISTS temp.{ident(view)}" for view in _VIEWS]
    con.execute("; ".join(views + [f"DROP TABLE IF EXISTS temp.{ident(table)}" for table in _TABLES]))


def _require_even(con: engine.Connection) -> None:
    """Raises GtmError where the movements of anybody do not add up to what their subscriptions come to."""
    row = con.execute(ledger.UNEVEN).fetchone()
    if row:
        entity, key, currency, too_much = row
        raise GtmError(
            f"the movements of {key!r} ({entity}) come to {too_much} {currency} more than their subscriptions",
            hint="this is a bug of gtm: nothing was written; please report it with `gtm db backup`",
            code="E370",
        )


def _require_known_types(con: engine.Connection, revenue: Revenue) -> None:
    row = con.execute(
        f"SELECT type, key FROM temp.{CHURN} WHERE type NOT IN ('voluntary', 'involuntary') ORDER BY ALL LIMIT 1"
    ).fetchone()
    if row:
        raise DataError(
            f"the type of a churn came out as {row[0]!r} for {row[1]!r}",
            hint="let churn.type give 'voluntary', 'involuntary' or null",
            where=revenue.path,
            code="E371",
        )


def _learn_domains(con: engine.Connection) -> None:
    """Whose company an address belongs to, for addresses that only subscriptions have."""
    rows = con.execute(
        f"""SELECT DISTINCT split_part(email, '@', 2) AS domain FROM {ident("derived", seen.TABLE)}
            WHERE email IS NOT NULL AND split_part(email, '@', 2) NOT IN (SELECT domain FROM identity.domains)
            ORDER BY 1"""
    ).fetchall()
    if rows:
        with store.change(con):
            identity.learn_domains(con, [row[0] for row in rows])


def _fingerprint(program: Program, revenue: Revenue) -> str:
    """What the ledger depends on beside what is known of subscriptions."""
    settings = program.settings
    parts = [revenue.hash, MOVEMENTS, rates_select(settings), settings.internal_domains, settings.free_mail_domains]
    return sha256("\n".join(map(str, parts)).encode()).hexdigest()


def _counts(con: engine.Connection, *tables: str) -> tuple[int, ...]:
    asked = ", ".join(f"(SELECT count(*) FROM {ident('derived', table)})" for table in tables)
    return con.execute(f"SELECT {asked}").fetchone() or (0,) * len(tables)


def _rows(con: engine.Connection, table: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
