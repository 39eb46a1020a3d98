"""A store with as many accounts as wanted, each with people, meetings, conversations, deals and payments."""

from execution import engine
from execution.directives import Program, load, read_folder
from tests.measures.stock import ROOT, Stock

PEOPLE = 3
"""People of one account."""

_CUSTOMERS = """INSERT INTO core.customers BY NAME
SELECT 'p' || p || '@account' || a || '.com' AS email, 'account' || a || '.com' AS company_domain,
    'Account ' || a AS company_name, 'Person ' || p || ' of ' || a AS name,
    ['CEO', 'Marketing Manager', 'Head of Sales'][p + 1] AS job_title, 'customer' AS customer_type,
    CASE WHEN p = 0 THEN 50 + a % 900 END AS mrr, CASE WHEN p = 0 THEN 12 * (50 + a % 900) END AS arr,
    CASE WHEN p = 0 THEN 'active' END AS subscription_status, 'Pro' AS plan_name, 'Owner ' || a % 20 AS assigned_am,
    TIMESTAMP '2026-06-29' - INTERVAL (a % 60) DAYS AS last_seen_at,
    DATE '2025-01-01' + (a % 300)::INTEGER AS signup_date
FROM range($accounts) x(a), range($people) y(p)"""

_COMPANIES = """INSERT INTO core.companies BY NAME
SELECT 'account' || a || '.com' AS domain, 'Account ' || a AS name, 'SOFTWARE' AS industry, '51-200' AS company_size,
    'Norway' AS country, 'Oslo' AS city, 'Owner ' || a % 20 AS owner,
    DATE '2026-08-01' + (a % 200)::INTEGER AS renewal_date
FROM range($accounts) x(a)"""

_EVENTS = """INSERT INTO core.events BY NAME
SELECT 'calendly' AS source, kind || a || '-' || n AS source_id,
    'p' || n % $people || '@account' || a || '.com' AS email, kind,
    CASE kind WHEN 'meeting' THEN ['booked', 'no_show', 'canceled'][1 + (a + n) % 3] WHEN 'payment' THEN 'succeeded'
        ELSE ['open', 'closed'][1 + (a + n) % 2] END AS status,
    TIMESTAMP '2026-06-29 10:00:00' - INTERVAL (n * 11 + a % 7) DAYS AS occurred_at,
    CASE kind WHEN 'meeting' THEN 'Monthly check-in' WHEN 'payment' THEN 'USD 99' ELSE 'Question ' || n END AS title,
    'host@us.com' AS host, CASE WHEN kind = 'payment' THEN 99 END AS amount,
    CASE WHEN kind = 'payment' THEN 'USD' END AS currency
FROM range($accounts) x(a), range(8) y(n), (SELECT unnest(['meeting', 'conversation', 'payment']) AS kind)"""

_MESSAGES = """INSERT INTO core.messages BY NAME
SELECT 'intercom' AS source, a || '-' || n || '-' || m AS message_id,
    'conversation' || a || '-' || n AS conversation_id,
    'p' || n % $people || '@account' || a || '.com' AS email, ['customer', 'team'][1 + m % 2] AS author,
    TIMESTAMP '2026-06-29 10:00:00' - INTERVAL (n * 11 + a % 7) DAYS + INTERVAL (m) HOURS AS written_at,
    'How do I export a list with all custom columns, number ' || n || '? It has failed for ' || m || ' hours.' AS text
FROM range($accounts) x(a), range(8) y(n), range(3) z(m)"""

_DEALS = """INSERT INTO core.deals BY NAME
SELECT 'hubspot' AS source, a || '-' || n AS deal_id, 'account' || a || '.com' AS company_domain,
    'Deal ' || n || ' of ' || a AS name,
    CASE n WHEN 0 THEN 'open' ELSE 'won' END AS status, 'Proposal' AS stage, 1000 + a % 5000 AS amount,
    'USD' AS currency,
    DATE '2026-07-15' + (a % 90)::INTEGER AS expected_close,
    CASE n WHEN 1 THEN TIMESTAMP '2025-06-01' END AS closed_at,
    TIMESTAMP '2025-04-01' AS opened_at, 'Owner ' || a % 20 AS owner
FROM range($accounts) x(a), range(2) y(n)"""

CHANGED = "UPDATE core.companies SET industry = 'BANKING' WHERE hash(domain) % 100 = 0"
"""One account in a hundred is another than it was."""


def program() -> Program:
    """The shipped directives."""
    return load(read_folder(ROOT)).require_valid()


def fill(con: engine.Connection, directives: Program, accounts: int) -> None:
    """Make the tables, and derive what is derived of them. `con` has an empty store as its current database."""
    stock = Stock(directives, con)
    stock.table("customers", company_domain="VARCHAR")
    for name in ("companies", "events", "messages", "deals", "subscriptions"):
        stock.table(name)
    for statement in (_CUSTOMERS, _COMPANIES, _EVENTS, _MESSAGES, _DEALS):
        params = {"accounts": accounts, "people": PEOPLE}
        con.execute(statement, {name: value for name, value in params.items() if f"${name}" in statement})
    stock.score()
