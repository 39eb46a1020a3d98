"""Everything that happened with accounts, as one relation: a SELECT for each kind of fact, over all accounts at once.

Columns of an entry, whatever its kind:

    account   whose it is: a company's domain, or the e-mail of a person without one
    at        when, naive UTC; that of a meeting that is to come lies after the moment asked about
    kind      meeting, conversation, payment … as the events have it; deal, health, revenue, alert, task, person
    state     what became of it, or what kind of movement it was
    title     a line that names it; detail says a sentence more
    amount    in `currency`, which is NULL where it is the team's own; a score for health, a rating for conversations
    who       the people it is about: e-mail, name, and how it stands with each
    host      e-mail of our person
    source    where it comes from; `ids` are its records there

Reads the temporary tables `folder_accounts` (account) and `folder_people` (email, name, account). What was never
stored gives no rows.
"""

from execution.directives import Program
from execution.directives.model import Health
from execution.engine import ident, literal
from execution.measures import Stored

ENTRY = {
    "account": "VARCHAR", "at": "TIMESTAMP", "until": "TIMESTAMP", "kind": "VARCHAR", "state": "VARCHAR",
    "title": "VARCHAR", "detail": "VARCHAR", "amount": "DECIMAL(18,4)", "currency": "VARCHAR",
    "who": "STRUCT(email VARCHAR, name VARCHAR, state VARCHAR)[]", "host": "VARCHAR", "source": "VARCHAR",
    "ids": "VARCHAR[]",
}  # fmt: skip
"""The columns of an entry and their types."""

UNSEEN = ("login",)
"""Kinds of events that are too many to be told one by one; measures count them."""

_EVENTS = {
    "source": "VARCHAR", "source_id": "VARCHAR", "email": "VARCHAR", "account": "VARCHAR", "kind": "VARCHAR",
    "status": "VARCHAR", "occurred_at": "TIMESTAMP", "ended_at": "TIMESTAMP", "title": "VARCHAR", "detail": "VARCHAR",
    "host": "VARCHAR", "rating": "INTEGER", "amount": "DECIMAL(18,4)", "currency": "VARCHAR",
}  # fmt: skip
_DEALS = {
    "source": "VARCHAR", "deal_id": "VARCHAR", "email": "VARCHAR", "company_domain": "VARCHAR", "name": "VARCHAR",
    "stage": "VARCHAR", "status": "VARCHAR", "amount": "DECIMAL(18,4)", "currency": "VARCHAR", "owner": "VARCHAR",
    "opened_at": "TIMESTAMP", "closed_at": "TIMESTAMP",
}  # fmt: skip
_PEOPLE = {
    "email": "VARCHAR", "name": "VARCHAR", "company_domain": "VARCHAR", "job_title": "VARCHAR",
    "signup_date": "DATE", "crm_created_at": "TIMESTAMP",
}  # fmt: skip


def entries_sql(program: Program, stored: Stored) -> str:
    """SELECT of every entry of the accounts in `folder_accounts`."""
    found = [_events(stored), *_deals(program, stored), _people(stored)]
    found += [_health(score, stored) for score in program.health.values() if score.primary]
    found += [_revenue(stored), *_alerts(stored), _tasks(stored)]
    return "\nUNION ALL BY NAME\n".join(f"({_whole(sql)})" for sql in found if sql)


def people_sql(stored: Stored) -> str:
    """SELECT of everybody who has an account: `email`, `name`, `account`."""
    return (
        f"SELECT email, name, coalesce(company_domain, email) AS account FROM ({_read(stored, 'customers', _PEOPLE)})"
    )


def _whole(sql: str) -> str:
    """The relation with all columns of an entry: what it does not name is unknown."""
    nothing = ", ".join(f"CAST(NULL AS {kind}) AS {ident(name)}" for name, kind in ENTRY.items())
    typed = ", ".join(f"CAST({ident(name)} AS {kind}) AS {ident(name)}" for name, kind in ENTRY.items())
    return f"SELECT {typed} FROM (SELECT {nothing} WHERE false UNION ALL BY NAME {sql})"


def _read(stored: Stored, entity: str, columns: dict[str, str]) -> str:
    """The entity's rows with exactly these columns, NULL where the store has none."""
    have = stored.columns(f"core.{entity}")
    selected = ", ".join(
        f"CAST({ident(name) if name in have else 'NULL'} AS {kind}) AS {ident(name)}" for name, kind in columns.items()
    )
    return f"SELECT {selected} FROM {ident('core', entity)}" if have else f"SELECT {selected} WHERE false"


def _events(stored: Stored) -> str:
    """A meeting of several guests is one entry, held where anybody came."""
    return f"""SELECT coalesce(p.account, a.account) AS account, e.occurred_at AS at, max(e.ended_at) AS until, e.kind,
        CASE WHEN e.kind <> 'meeting' THEN max(e.status)
            ELSE arg_min(e.status, list_position(['booked', 'no_show', 'rescheduled', 'canceled'], e.status))
        END AS state,
        e.title, min(e.detail) AS detail, sum(coalesce(e.amount, e.rating)) AS amount, max(e.currency) AS currency,
        list({{'email': e.email, 'name': p.name, 'state': e.status}} ORDER BY e.email)
            FILTER (WHERE e.email IS NOT NULL) AS who,
        e.host, e.source, list(e.source_id ORDER BY e.source_id) AS ids
    FROM ({_read(stored, "events", _EVENTS)}) e
    LEFT JOIN folder_people p ON p.email = e.email
    LEFT JOIN folder_accounts a ON a.account = e.account
    WHERE e.occurred_at IS NOT NULL AND e.kind NOT IN ({", ".join(map(literal, UNSEEN))})
        AND coalesce(p.account, a.account) IS NOT NULL
    GROUP BY coalesce(p.account, a.account), e.source, e.kind, e.occurred_at, e.title, e.host,
        CASE WHEN e.kind = 'meeting' THEN '' ELSE e.source_id END"""


def _deals(program: Program, stored: Stored) -> list[str]:
    deals = f"""SELECT coalesce(p.account, a.account) AS account, p.name AS person, d.*,
            coalesce(d.status, CASE WHEN d.closed_at IS NULL THEN 'open' END) AS standing
        FROM ({_read(stored, "deals", _DEALS)}) d
        LEFT JOIN folder_people p ON p.email = d.email
        LEFT JOIN folder_accounts a ON a.account = d.company_domain
        WHERE coalesce(p.account, a.account) IS NOT NULL"""
    same = """account, 'deal' AS kind, name AS title, amount, currency, owner AS host, source, [deal_id] AS ids,
        CASE WHEN email IS NOT NULL THEN [{'email': email, 'name': person, 'state': NULL}] END AS who"""
    found = [
        f"SELECT {same}, opened_at AS at, 'opened' AS state FROM ({deals}) WHERE opened_at IS NOT NULL",
        f"""SELECT {same}, closed_at AS at, standing AS state FROM ({deals})
        WHERE closed_at IS NOT NULL AND standing <> 'open'""",
    ]
    segments = [each for each in program.segments.values() if each.entity == "deals" and each.groups]
    if segments and stored.columns("derived.segment_history"):
        found += [_moved(each.name, each.title or each.name, deals, same) for each in segments]
    return found


def _moved(segment: str, title: str, deals: str, same: str) -> str:
    """A deal that went from one group of a segment to another, unless the segment's rules became others that day."""
    return f"""SELECT {same}, h.as_of AS at, 'moved' AS state,
        {literal(title)} || ': ' || h.before || ' → ' || h.place AS detail
    FROM (
        SELECT key, as_of, place, lag(place) OVER (PARTITION BY key ORDER BY as_of) AS before,
            min(as_of) OVER (PARTITION BY key) AS first_at
        FROM derived.segment_history WHERE segment = {literal(segment)}
    ) h
    JOIN ({deals}) d ON h.key = d.source || '/' || d.deal_id
    WHERE h.before IS NOT NULL AND h.place IS NOT NULL AND h.as_of NOT IN (
        SELECT as_of FROM derived.segment_rules WHERE segment = {literal(segment)})"""


def _people(stored: Stored) -> str:
    """Who came to an account, on the day that the product or the CRM first knew of them."""
    return f"""SELECT f.account, least(c.crm_created_at, c.signup_date::TIMESTAMP) AS at, 'person' AS kind,
        'came' AS state, c.job_title AS title, [{{'email': c.email, 'name': c.name, 'state': NULL}}] AS who
    FROM ({_read(stored, "customers", _PEOPLE)}) c
    JOIN folder_people f ON f.email = c.email
    WHERE coalesce(c.crm_created_at, c.signup_date::TIMESTAMP) IS NOT NULL"""


def _health(score: Health, stored: Stored) -> str:
    """Changes of band. `detail` is what the score was, in thousandths, and the parts that moved it as it went, those
    that did most first: `90294;penalty.overdue=-25000,payment=-18824`; no part where another directive spoke."""
    if not stored.columns("derived.score_history"):
        return ""
    of_company = score.entity == "companies"
    joined = "folder_accounts a ON a.account = h.key" if of_company else "folder_people a ON a.email = h.key"
    who = "" if of_company else "[{'email': h.key, 'name': a.name, 'state': NULL}] AS who, "
    return f"""SELECT a.account, h.as_of AS at, 'health' AS kind, h.before || ' → ' || h.band AS state, {who}
        {literal(score.name)} AS source, h.score_milli / 1000 AS amount,
        coalesce(h.was, 0) || ';' || CASE WHEN h.directive = h.directive_before THEN coalesce((
            SELECT string_agg(part || '=' || moved, ',' ORDER BY abs(moved) DESC, part)
            FROM (
                SELECT s.part, h.contributions[s.position] - h.parts_before[s.position] AS moved
                FROM derived.score_parts s WHERE s.directive = h.directive
            ) WHERE sign(moved) = sign(h.score_milli - h.was)
        ), '') ELSE '' END AS detail
    FROM (
        SELECT key, as_of, band, score_milli, contributions, directive, lag(band) OVER past AS before,
            lag(score_milli) OVER past AS was, lag(contributions) OVER past AS parts_before,
            lag(directive) OVER past AS directive_before
        FROM derived.score_history WHERE score = {literal(score.name)}
        WINDOW past AS (PARTITION BY key ORDER BY as_of)
    ) h
    JOIN {joined}
    WHERE h.before <> h.band"""


def _revenue(stored: Stored) -> str:
    """Movements of the account's own sum, in the team's currency."""
    if not stored.columns("derived.mrr_movements"):
        return ""
    return """SELECT a.account, coalesce(m.moved_at, m.day::TIMESTAMP) AS at, 'revenue' AS kind, m.kind AS state,
        m.change AS amount, m.total_after::VARCHAR AS detail
    FROM derived.mrr_movements m JOIN folder_accounts a ON a.account = m.key
    WHERE m.entity = 'companies' AND m.kind <> 'correction'"""


def _alerts(stored: Stored) -> list[str]:
    if not stored.columns("ops.alerts"):
        return []
    same = "a.account, 'alert' AS kind, o.message AS title, o.trigger AS source, [o.alert] AS ids"
    joined = "ops.alerts o JOIN folder_accounts a ON a.account = o.account WHERE NOT o.is_experimental"
    ended = "concat_ws(', ', nullif(o.outcome, ''), CASE WHEN o.is_false_positive THEN 'a false alarm' END)"
    return [
        f"SELECT {same}, o.fired_at AS at, o.severity AS state FROM {joined} AND o.fired_at IS NOT NULL",
        f"""SELECT {same}, o.resolved_at AS at, 'resolved' AS state, nullif({ended}, '') AS detail,
            o.resolved_by AS host FROM {joined} AND o.fired_at IS NOT NULL AND o.resolved_at IS NOT NULL""",
    ]


def _tasks(stored: Stored) -> str:
    if not stored.columns("ops.tasks"):
        return ""
    return """SELECT a.account, t.done_at AS at, 'task' AS kind, 'done' AS state, t.title, t.done_by AS host,
        [t.task] AS ids
    FROM ops.tasks t JOIN ops.alerts o ON o.alert = t.alert JOIN folder_accounts a ON a.account = o.account
    WHERE t.done_at IS NOT NULL"""
