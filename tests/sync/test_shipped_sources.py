"""The directives that ship, against the sandbox: what is stored must be what its world says of itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from execution import store
from execution.directives import Program, load, read_folder
from execution.sandbox import Options as World
from execution.sandbox import start
from execution.sandbox.process import Running
from execution.settings import Environment
from execution.sync.results import RunResult, StreamResult
from execution.sync.sync_all import sync_all
from execution.workspace import Workspace

ROOT = Path(__file__).parents[2]
AS_OF = datetime(2026, 6, 1, 9, tzinfo=UTC)
LAST_MINUTES = timedelta(minutes=10)
"""HubSpot's search is read up to five minutes ago."""


@dataclass
class Portal:
    """A sandbox with every vendor, and a workspace that was synced from it once."""

    running: Running
    workspace: Workspace
    program: Program
    now: datetime = AS_OF + LAST_MINUTES
    results: list[RunResult] = field(default_factory=list)

    def sync(self, *sources: str) -> RunResult:
        """Sync, and expect no failure and no value that does not fit."""
        result = sync_all(
            self.workspace, self.program, Environment(self.running.environment), sources, clock=lambda: self.now
        )
        assert [(s.source, s.status, s.error) for s in result.sources if s.status != "ok"] == []
        assert [s for s in streams(result).values() if s.rejects or s.warnings] == []
        self.results.append(result)
        return result

    def move(self, *changes: dict[str, Any], days: float = 0) -> None:
        """Let things happen, and some minutes pass."""
        self.running.advance(days, list(changes))
        self.now += timedelta(days=days) + LAST_MINUTES

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return list(store.query(self.workspace, sql).rows)

    def by_email(self, sql: str) -> dict[str, Any]:
        """The second column by the first."""
        return dict(self.rows(sql))

    def live(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM raw.{table} WHERE NOT deleted")[0][0])


def streams(result: RunResult) -> dict[str, StreamResult]:
    return {f"{s.source}.{s.stream}": s for source in result.sources for s in source.streams}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    texts = read_folder(ROOT)
    unlimited = "api: {rate_limit: {requests: 5000, per: 1s, concurrency: 16}}"
    for name in ("hubspot", "intercom", "stripe"):
        searches = ", ".join(f"{kind}: {{rate_limit: {{requests: 5000, per: 1s}}}}" for kind in SEARCHED.get(name, ()))
        overlay = f"---\nextends: {name}\n{unlimited}\nstreams: {{{searches}}}\n---\n"
        texts = {**texts, f"directives/local/{name}.md": overlay.encode()}
    options = World(seed=3, customers=70, as_of=AS_OF, speed=0, associations_page=1)
    with start(options) as running:
        made = Portal(running, Workspace(tmp_path_factory.mktemp("ws")), load(texts).require_valid())
        made.sync("hubspot", "intercom", "stripe")
        yield made


SEARCHED = {"hubspot": ("contacts", "companies", "deals")}


def test_every_record_is_there(portal: Portal) -> None:
    stripe, intercom = portal.running.truth("stripe"), portal.running.truth("intercom")
    for table in ("customers", "subscriptions", "invoices", "charges"):
        assert portal.live(f"stripe__{table}") == stripe[table], table
    for table, name in (("contacts", "contacts"), ("companies", "companies"), ("threads", "conversations")):
        assert portal.live(f"intercom__{table}") == intercom[name], table


def test_a_second_sync_asks_little_and_writes_nothing(portal: Portal) -> None:
    portal.sync("hubspot", "intercom", "stripe")
    before = portal.workspace.store_file.read_bytes()
    result = portal.sync("hubspot", "intercom", "stripe")
    assert portal.workspace.store_file.read_bytes() == before
    assert {s: r.pages for s, r in streams(result).items() if s.startswith("stripe") and s != "stripe.products"} == {
        "stripe.events": 1, "stripe.customers": 0, "stripe.subscriptions": 0, "stripe.invoices": 0, "stripe.charges": 0,
    }  # fmt: skip


def test_revenue_is_what_the_world_says(portal: Portal) -> None:
    truth = {
        email: told for email, told in portal.running.truth("stripe")["by_email"].items() if told["customers"]["live"]
    }
    stored = portal.by_email("SELECT email, is_delinquent FROM projected.stripe__customers")
    paid = portal.by_email("SELECT email, ltv FROM projected.stripe__customers")
    recurring = portal.by_email("SELECT email, mrr FROM projected.stripe__customers")
    discounted = {
        row[0]
        for row in portal.rows(
            "SELECT c.email FROM raw.stripe__subscriptions s JOIN raw.stripe__customers c ON c.key = s.customer "
            "WHERE s.discount::VARCHAR <> 'null'"
        )
    }
    assert stored.keys() == truth.keys()
    for email, told in truth.items():
        in_base = told["currency"] == "usd"
        assert bool(stored[email]) == told["is_delinquent"], email
        assert paid[email] == (Decimal(told["paid"]) / 100 if in_base or not told["paid"] else None), email
        cents = told["mrr"].get("active", 0) + told["mrr"].get("past_due", 0)
        if email not in discounted and (in_base or not cents):
            assert float(recurring[email]) == pytest.approx(cents / 100, abs=0.01), email
        elif cents and not in_base:
            assert recurring[email] is None, email
        elif cents:
            assert 0 < recurring[email] < cents / 100, email


def test_failed_payments_are_events(portal: Portal) -> None:
    truth = portal.running.truth("stripe")["by_email"]
    since = (AS_OF - timedelta(days=90)).replace(tzinfo=None).isoformat()
    stored = portal.by_email(
        "SELECT email, count(*) FROM core.events WHERE kind = 'payment' AND status = 'failed' "
        f"AND occurred_at > '{since}' GROUP BY email"
    )
    wanted = {email: told["failures_90d"] for email, told in truth.items() if told["failures_90d"]}
    assert {email: number for email, number in stored.items() if email in truth} == wanted


def test_support_is_what_the_world_says(portal: Portal) -> None:
    truth = portal.running.truth("intercom")["by_email"]
    rated = portal.by_email("SELECT email, csat_score FROM projected.intercom__customers")
    events = portal.by_email("SELECT email, count(*) FROM projected.intercom__events GROUP BY email")
    assert rated.keys() == truth.keys()
    for email, told in truth.items():
        mean = sum(told["ratings"]) / len(told["ratings"]) if told["ratings"] else None
        assert rated[email] == (None if mean is None else pytest.approx(mean)), email
        assert events.get(email, 0) >= told["conversations"] - told["open"], email


def test_the_sum_of_discounts_and_seats_agrees_with_intercoms_own_copy(portal: Portal) -> None:
    """Two ways to the same fact: Stripe itself, and Stripe's data as Intercom keeps it (before discounts)."""
    rows = portal.rows(
        "SELECT s.email, s.subscription_status, i.subscription_status, s.plan_price, i.plan_price, s.is_delinquent, "
        "i.is_delinquent FROM projected.stripe__customers s JOIN projected.intercom__customers i USING (email) "
        "WHERE i.stripe_customer_id IS NOT NULL "
        "AND s.stripe_customer_id = i.stripe_customer_id AND s.plan_price IS NOT NULL"
    )
    assert len(rows) > 10
    for email, *pairs in rows:
        assert pairs[0::2] == pairs[1::2], email


def test_deals_and_companies_hang_together(portal: Portal) -> None:
    assert portal.live("hubspot__deals") > 20
    loose = portal.rows("SELECT deal_id FROM core.deals WHERE company_domain IS NULL OR status IS NULL")
    assert len(loose) < portal.live("hubspot__deals") / 4
    with_company = portal.rows(
        "SELECT count(*) FILTER (hubspot_company_id IS NULL), count(*) FILTER (assigned_am_email IS NULL), count(*) "
        "FROM projected.hubspot__customers"
    )[0]
    assert with_company[0] < with_company[2] / 4
    per_record = portal.rows('SELECT max(json_array_length("to")) FROM raw.hubspot__deal_contacts')
    assert per_record[0][0] == 2, "the sandbox gives one association a page: the second was asked for"


def test_what_happens_is_followed(portal: Portal) -> None:
    """Last, for it moves the world on: each vendor's way of saying that something is gone, or new."""
    payers = portal.rows(
        "SELECT stripe_customer_id, email FROM projected.stripe__customers "
        "WHERE subscription_status = 'active' AND mrr > 0 ORDER BY 1 LIMIT 2"
    )
    (deleted, gone_email), (churned, churned_email) = payers
    contact = portal.rows(
        "SELECT intercom_contact_id, email FROM projected.intercom__customers WHERE customer_type = 'customer' "
        f"AND email NOT IN ('{gone_email}', '{churned_email}') ORDER BY 1 LIMIT 2"
    )
    (says, says_email), (forgotten, _) = contact
    crm = portal.rows("SELECT key, email FROM raw.hubspot__contacts WHERE NOT deleted AND email IS NOT NULL ORDER BY 1")
    deal = portal.rows("SELECT key FROM raw.hubspot__deals WHERE NOT deleted ORDER BY 1")[0][0]
    portal.move(
        {"change": "delete_customer", "customer": deleted},
        {"change": "churn", "customer": churned},
        {"change": "say", "contact": says, "body": "We will cancel our plan.", "rating": 1},
        {"change": "forget", "contact": forgotten},
        {"change": "archive", "id": crm[0][0]},
        {"change": "archive", "id": deal, "object": "deals"},
        {"change": "merge", "id": crm[1][0], "into": crm[2][0]},
        days=1,
    )
    result = portal.sync("hubspot", "intercom", "stripe")
    truth = portal.running.truth("stripe")
    for table in ("customers", "subscriptions", "invoices", "charges"):
        assert portal.live(f"stripe__{table}") == truth[table], table
    assert streams(result)["stripe.customers"].deleted == 1
    assert streams(result)["stripe.charges"].new > 0, "the charges of the day, each asked for as its event named it"
    assert streams(result)["hubspot.contacts_archived"].buried == 1
    assert streams(result)["hubspot.deals_archived"].buried == 1
    stripe = portal.by_email("SELECT email, subscription_status FROM projected.stripe__customers")
    assert gone_email not in stripe
    assert stripe[churned_email] == "canceled"
    told = portal.rows(f"SELECT cancel_mentioned_at, csat_score FROM core.customers WHERE email = '{says_email}'")[0]
    assert told[0] is not None
    assert told[1] is not None
    crm_emails = portal.by_email("SELECT email, hubspot_contact_id FROM projected.hubspot__customers")
    assert crm_emails.get(crm[0][1]) != crm[0][0]
    assert crm_emails.get(crm[1][1]) != crm[1][0], "merged into another"

    portal.now += timedelta(days=8)
    swept = portal.sync("intercom")
    assert streams(swept)["intercom.contacts"].deleted == 1, "the weekly sweep misses the one that was archived"
