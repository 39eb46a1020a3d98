"""Stripe over HTTP: lists from the newest on, filters, deletions, the feed of events, versions, limits."""

from collections import Counter
from typing import Any

import httpx
import pytest

from execution.errors import GtmError
from execution.sandbox import Options, Running, start
from tests.sandbox.conftest import Caller, stripe_of

DAY_S = 86_400
NOW_S = 1_793_620_800


def listed(stripe: Caller, resource: str, **params: str | int) -> list[dict[str, Any]]:
    """Every record of a list, page by page."""
    page = stripe.get(f"/v1/{resource}", **{"limit": 7, **params}).json()
    records: list[dict[str, Any]] = page["data"]
    while page["has_more"]:
        page = stripe.get(f"/v1/{resource}", **{"limit": 7, **params, "starting_after": records[-1]["id"]}).json()
        records = records + page["data"]
    return records


@pytest.mark.parametrize("resource", ["customers", "subscriptions", "invoices", "charges", "events"])
def test_lists_hold_everything_once_newest_first(stripe: Caller, sandbox: Running, resource: str) -> None:
    records = listed(stripe, resource, limit=40, **({"status": "all"} if resource == "subscriptions" else {}))
    assert len({record["id"] for record in records}) == len(records) == sandbox.truth("stripe")[resource]
    times = [record["created"] for record in records]
    assert times == sorted(times, reverse=True)
    assert times[0] <= NOW_S


def test_canceled_subscriptions_hide_unless_asked_for(stripe: Caller, sandbox: Running) -> None:
    everything = listed(stripe, "subscriptions", status="all")
    statuses = Counter(record["status"] for record in everything)
    assert statuses == sandbox.truth("stripe")["statuses"]
    assert statuses["canceled"] > 1
    assert {record["status"] for record in listed(stripe, "subscriptions")} == set(statuses) - {"canceled"}
    assert len(listed(stripe, "subscriptions", status="canceled")) == statuses["canceled"]
    assert stripe.get("/v1/subscriptions", status="gone").status_code == 400


def test_money_adds_up_to_what_the_world_says(stripe: Caller, sandbox: Running) -> None:
    truth = sandbox.truth("stripe")
    paid: Counter[str] = Counter()
    for charge in listed(stripe, "charges", limit=100):
        if charge["status"] == "succeeded":
            paid[charge["currency"]] += charge["amount"] - charge["amount_refunded"]
    assert paid == truth["paid"]
    mrr: Counter[str] = Counter()
    for one in listed(stripe, "subscriptions"):
        items = one["items"]["data"]
        assert (one["plan"], one["quantity"]) == (
            (items[0]["plan"], items[0]["quantity"]) if len(items) == 1 else (None, None)
        )
        for item in items:
            months = 12 if item["price"]["recurring"]["interval"] == "year" else 1
            mrr[f"{one['status']} {one['currency']}"] += item["price"]["unit_amount"] * item["quantity"] // months
    assert mrr == truth["mrr"]
    assert {key.split()[1] for key in mrr} == {"usd", "jpy", "eur"}


def test_the_crm_and_the_messenger_tell_the_same_customer(
    stripe: Caller, hubspot: Caller, intercom: Caller, sandbox: Running
) -> None:
    by_id = {one["id"]: one for one in listed(stripe, "customers")}
    search = {"query": {"field": "role", "operator": "=", "value": "user"}, "pagination": {"per_page": 150}}
    contacts = intercom.post("/contacts/search", search).json()["data"]
    payers = [one for one in contacts if "stripe_id" in one["custom_attributes"]]
    assert len(payers) > 8
    for contact in payers:
        attributes, customer = contact["custom_attributes"], by_id.get(contact["custom_attributes"]["stripe_id"])
        if customer is not None:
            assert customer["email"] == contact["email"]
            assert customer["delinquent"] == attributes["stripe_delinquent"]
            latest = listed(stripe, "subscriptions", status="all", customer=customer["id"])[0]
            assert latest["status"] == attributes["stripe_subscription_status"]
            told = sandbox.truth("stripe")["by_email"][contact["email"]]
            payments = attributes["Stripe Payments"]
            taken = sum(one["amount"] for one in payments if one["status"] == "succeeded")
            assert taken == told["paid"] + told["refunded"]
    companies = hubspot.get("/crm/v3/objects/companies", limit=100, properties="stripe_customer_id").json()["results"]
    known = {one["properties"]["stripe_customer_id"] for one in companies} - {None}
    assert len(known & set(by_id)) > 5


def test_a_list_goes_both_ways(stripe: Caller) -> None:
    ids = [one["id"] for one in listed(stripe, "invoices", limit=100)]
    before = stripe.get("/v1/invoices", limit=3, ending_before=ids[5]).json()
    assert [one["id"] for one in before["data"]] == ids[2:5]
    assert before["has_more"]


def test_filters_by_time_customer_and_address(stripe: Caller) -> None:
    everything = listed(stripe, "invoices", limit=100)
    middle = everything[len(everything) // 2]
    later = listed(stripe, "invoices", limit=100, **{"created[gt]": middle["created"]})
    assert later == [one for one in everything if one["created"] > middle["created"]]
    until = listed(stripe, "invoices", limit=100, **{"created[lte]": middle["created"]})
    assert len(until) + len(later) == len(everything)
    own = listed(stripe, "invoices", customer=middle["customer"])
    assert own == [one for one in everything if one["customer"] == middle["customer"]]
    assert stripe.get("/v1/invoices", customer="cus_x").status_code == 400
    open_ones = listed(stripe, "invoices", status="open")
    assert open_ones == [one for one in everything if one["status"] == "open"]
    customer = stripe.get(f"/v1/customers/{middle['customer']}").json()
    if customer["email"]:
        assert customer in stripe.get("/v1/customers", email=customer["email"]).json()["data"]


def test_the_feed_has_thirty_days_of_everything(stripe: Caller) -> None:
    events = listed(stripe, "events", limit=100)
    assert all(NOW_S - 30 * DAY_S <= event["created"] <= NOW_S for event in events)
    kinds = Counter(event["type"] for event in events)
    assert {"invoice.paid", "charge.succeeded", "customer.subscription.updated"} <= set(kinds)
    chosen = stripe.get("/v1/events?limit=100&types[]=invoice.paid&types[]=charge.failed").json()["data"]
    assert len(chosen) == kinds["invoice.paid"] + kinds["charge.failed"]
    assert {one["type"] for one in stripe.get("/v1/events", type="charge.*", limit=100).json()["data"]} <= {
        "charge.succeeded", "charge.failed",
    }  # fmt: skip
    assert stripe.get(f"/v1/events/{events[0]['id']}").json() == events[0]
    assert stripe.get("/v1/events?type=invoice.paid&types[]=charge.failed").status_code == 400


def test_what_changes_is_in_the_feed(own_sandbox: Running, client: httpx.Client) -> None:
    stripe = stripe_of(own_sandbox, client)
    before = {one["id"]: one for one in listed(stripe, "subscriptions", status="all", limit=100)}
    own_sandbox.advance(9)
    after = {one["id"]: one for one in listed(stripe, "subscriptions", status="all", limit=100)}
    changed = {id_ for id_, one in after.items() if one != before.get(id_)}
    fed = listed(stripe, "events", limit=100, type="customer.subscription.*", **{"created[gt]": NOW_S})
    assert changed
    latest_aside = {
        id_ for id_ in changed if {**after[id_], "latest_invoice": ""} != {**before.get(id_, {}), "latest_invoice": ""}
    }
    assert latest_aside <= {event["data"]["object"]["id"] for event in fed}


def test_deletion_churn_and_failing_payments_by_hand(own_sandbox: Running, client: httpx.Client) -> None:
    stripe = stripe_of(own_sandbox, client)
    one, two, three = (record["customer"] for record in listed(stripe, "subscriptions", status="active")[:3])
    own_sandbox.advance(
        changes=[
            {"change": "delete_customer", "customer": one},
            {"change": "churn", "customer": two},
            {"change": "stop_paying", "customer": three},
        ]
    )
    assert stripe.get(f"/v1/customers/{one}").json() == {"id": one, "object": "customer", "deleted": True}
    assert one not in {record["id"] for record in listed(stripe, "customers")}
    assert stripe.get("/v1/events", type="customer.deleted").json()["data"][0]["data"]["object"]["id"] == one
    over = [event["data"]["object"] for event in listed(stripe, "events", type="customer.subscription.deleted")]
    for customer in (one, two):
        ended = listed(stripe, "subscriptions", status="all", customer=customer)[0]
        assert (ended["status"], ended["ended_at"]) == ("canceled", NOW_S + 1)
        assert ended in over
    invoice = stripe.get("/v1/invoices", customer=one, limit=1, **{"expand[]": "data.customer"}).json()["data"][0]
    assert invoice["customer"] == {"id": one, "object": "customer", "deleted": True}
    own_sandbox.advance(40)
    assert not [bill for bill in listed(stripe, "invoices", customer=one) if bill["created"] > NOW_S + 1]
    assert stripe.get(f"/v1/customers/{three}").json()["delinquent"]
    owing = listed(stripe, "subscriptions", status="all", customer=three)[0]
    assert owing["status"] in {"past_due", "unpaid"}
    told = [one for one in own_sandbox.truth("stripe")["by_email"].values() if one["left_at"]]
    assert ("2026-11-02T12:00:01.000000Z", "cancellation_requested") in {(t["left_at"], t["left_why"]) for t in told}
    with pytest.raises(GtmError, match="no customer"):
        own_sandbox.advance(changes=[{"change": "churn", "customer": "cus_x"}])


def test_what_was_paid_stays_paid(own_sandbox: Running, client: httpx.Client) -> None:
    stripe = stripe_of(own_sandbox, client)
    customer = listed(stripe, "subscriptions", status="active")[2]["customer"]
    before = {one["id"]: one for one in listed(stripe, "charges", customer=customer)}
    own_sandbox.advance(changes=[{"change": "stop_paying", "customer": customer}])
    assert {one["id"]: one for one in listed(stripe, "charges", customer=customer)} == before
    own_sandbox.advance(40)
    later = [one for one in listed(stripe, "charges", customer=customer) if one["id"] not in before]
    assert later
    assert {one["status"] for one in later} == {"failed"}


def test_a_cursor_must_still_be_in_the_list(own_sandbox: Running, client: httpx.Client) -> None:
    stripe = stripe_of(own_sandbox, client)
    deleted, churned = listed(stripe, "subscriptions", status="active")[:2]
    own_sandbox.advance(
        changes=[
            {"change": "delete_customer", "customer": deleted["customer"]},
            {"change": "churn", "customer": churned["customer"]},
        ]
    )
    refused = stripe.get("/v1/customers", starting_after=deleted["customer"])
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "resource_missing"
    assert refused.json()["error"]["param"] == "starting_after"
    assert stripe.get("/v1/subscriptions", ending_before=churned["id"]).status_code == 400
    assert stripe.get("/v1/subscriptions", starting_after=churned["id"], status="all").status_code == 200


def test_from_basil_on_fields_have_moved(sandbox: Running, client: httpx.Client, stripe: Caller) -> None:
    basil = stripe_of(sandbox, client, version="2025-03-31.basil")
    for old, new in zip(listed(stripe, "subscriptions"), listed(basil, "subscriptions"), strict=True):
        assert "current_period_end" not in new
        assert new["items"]["data"][0]["current_period_end"] == old["current_period_end"]
    for old, new in zip(listed(stripe, "invoices"), listed(basil, "invoices"), strict=True):
        assert "subscription" not in new
        assert new["parent"]["subscription_details"]["subscription"] == old["subscription"]
    assert "invoice" not in basil.get("/v1/charges").json()["data"][0]
    event = next(one for one in listed(basil, "events") if one["type"].startswith("customer.subscription"))
    assert event["api_version"] == "2023-08-16"
    assert "current_period_end" in event["data"]["object"]
    assert stripe_of(sandbox, client, version="latest").get("/v1/customers").status_code == 400


def test_ids_are_expanded_into_objects(stripe: Caller) -> None:
    invoice = stripe.get("/v1/invoices?limit=1&expand[]=data.customer&expand[]=data.subscription.latest_invoice")
    record = invoice.json()["data"][0]
    assert record["customer"]["object"] == "customer"
    assert record["subscription"]["latest_invoice"]["object"] == "invoice"
    assert stripe.get("/v1/invoices?expand[]=data.lines").status_code == 400
    assert stripe.get("/v1/prices?limit=1&expand[]=data.product").json()["data"][0]["product"]["object"] == "product"


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("nonsense=1", "nonsense"),
        ("created[gte]=yesterday", "created[gte]"),
        ("created[near]=1", "created[near]"),
        ("starting_after=cus_x", "starting_after"),
        ("starting_after=a&ending_before=b", "ending_before"),
        ("test_clock=x", "test_clock"),
    ],
)
def test_wrong_lists_are_refused(stripe: Caller, query: str, param: str) -> None:
    response = stripe.get(f"/v1/customers?{query}")
    assert response.status_code == 400
    assert response.json()["error"]["param"] == param


def test_keys_paths_and_limits(client: httpx.Client) -> None:
    with start(Options(customers=9, vendors=("stripe",), max_seconds=30)) as running:
        stripe = stripe_of(running, client)
        assert client.get(f"{stripe.base}/v1/customers").status_code == 401
        basic = client.get(f"{stripe.base}/v1/customers", auth=(stripe.token, ""))
        assert basic.status_code == 200
        assert stripe.get("/customers").json() == stripe.get("/v1/customers").json()
        assert stripe.get("/v1/nothing").status_code == 404
        assert "Unrecognized request URL" in stripe.get("/v1/customers/").json()["error"]["message"]
    with start(Options(customers=9, vendors=("stripe",), speed=0.05, max_seconds=30)) as running:
        stripe = stripe_of(running, client)
        answers = [stripe.get("/v1/customers") for _ in range(12)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert refused[0].json()["error"]["code"] == "rate_limit"
        assert refused[0].headers["stripe-rate-limited-reason"] == "global-rate"
