"""Intercom over HTTP: search by calendar day, pages, contacts that vanish, companies, conversations, limits."""

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest

from execution.errors import GtmError
from execution.sandbox import Options, Running, start
from execution.sandbox.exchange import Reply, Request
from execution.sandbox.intercom import Intercom
from execution.sandbox.options import INTERCOM_TOKEN
from execution.sandbox.world import World, moments
from tests.sandbox.conftest import Caller, intercom_of

ZONE = ZoneInfo("America/New_York")
AS_OF = moments.of(datetime(2026, 11, 2, 12, tzinfo=UTC))
NOW_S = AS_OF // moments.SECOND
EVERYTHING = {"field": "created_at", "operator": ">", "value": 1}


def found(intercom: Caller, query: dict[str, Any], path: str = "contacts", **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Everything a search finds, page by page."""
    name = "data" if path == "contacts" else "conversations"
    pagination: dict[str, Any] = {"per_page": 50}
    records: list[dict[str, Any]] = []
    while True:
        response = intercom.post(f"/{path}/search", {"query": query, "pagination": pagination, **more})
        assert response.status_code == 200, response.text
        page = response.json()
        records += page[name]
        following = page["pages"].get("next")
        if not following:
            assert page["total_count"] == len(records)
            return records
        pagination = {"per_page": 50, "starting_after": following["starting_after"]}


def test_everybody_is_found_and_listed_once(intercom: Caller, sandbox: Running) -> None:
    truth, contacts = sandbox.truth("intercom"), found(intercom, EVERYTHING)
    assert len({one["id"] for one in contacts}) == len(contacts) == truth["contacts"]
    assert Counter(one["role"] for one in contacts) == {"user": truth["users"], "lead": truth["leads"]}
    assert sum(one["email"] is None for one in contacts) == truth["contacts_without_email"] > 0
    emails = Counter(one["email"].lower() for one in contacts if one["email"])
    assert sum(count > 1 for count in emails.values()) == truth["emails_shared"] > 0
    assert {email: one["contacts"] for email, one in truth["by_email"].items()} == emails
    listed = intercom.get("/contacts", per_page=150).json()
    assert listed["data"] == contacts
    assert "next" not in listed["pages"]
    for one in contacts[:9]:
        assert intercom.get(f"/contacts/{one['id']}").json() == one


def test_dates_of_contacts_match_by_calendar_day(intercom: Caller) -> None:
    contacts = found(intercom, EVERYTHING)
    for moment in (contacts[3]["updated_at"], contacts[10]["updated_at"], NOW_S):
        day = datetime.fromtimestamp(moment, ZONE).date()
        days = {one["id"]: datetime.fromtimestamp(one["updated_at"], ZONE).date() for one in contacts}
        for operator, expected in (
            (">", {id_ for id_, other in days.items() if other > day}),
            ("=", {id_ for id_, other in days.items() if other == day}),
            ("<", {id_ for id_, other in days.items() if other < day}),
        ):
            query = {"field": "updated_at", "operator": operator, "value": moment}
            assert {one["id"] for one in found(intercom, query)} == expected


def test_filters_combine_and_sort(intercom: Caller) -> None:
    contacts = found(intercom, EVERYTHING)
    one = next(contact for contact in contacts if contact["email"])
    by_mail = {"field": "email", "operator": "=", "value": one["email"].upper()}
    assert one in found(intercom, by_mail)
    both = {"operator": "AND", "value": [by_mail, {"field": "role", "operator": "!=", "value": one["role"]}]}
    assert one not in found(intercom, both)
    domain = {"field": "email", "operator": "$", "value": one["email"].partition("@")[2]}
    either = {"operator": "OR", "value": [domain, {"field": "email", "operator": "=", "value": None}]}
    assert {None, one["email"]} <= {contact["email"] for contact in found(intercom, either)}
    times = [c["updated_at"] for c in found(intercom, EVERYTHING, sort={"field": "updated_at", "order": "ascending"})]
    assert times == sorted(times)


@pytest.mark.parametrize(
    "body",
    [
        {"query": {"field": "updated_at", "operator": ">=", "value": 1}},
        {"query": {"field": "updated_at", "operator": "IN", "value": [1]}},
        {"query": {"field": "updated_at", "operator": ">", "value": "soon"}},
        {"query": {"field": "updated_at", "operator": ">", "value": 10**18}},
        {"query": {"field": "updated_at", "operator": "<", "value": -(10**18)}},
        {"query": {"field": "nothing", "operator": "=", "value": 1}},
        {"query": {"operator": "AND", "value": [EVERYTHING] * 16}},
        {"query": {"operator": "OR", "value": []}},
        {"query": {"operator": "AND", "value": [{"operator": "AND", "value": [{"operator": "AND", "value": [
            {"operator": "AND", "value": [EVERYTHING]}]}]}]}},
        {"query": EVERYTHING, "pagination": {"per_page": 151}},
        {"query": EVERYTHING, "pagination": {"starting_after": "nonsense"}},
        {"query": {"field": "role", "operator": "IN", "value": "user"}},
        {"query": {"value": 1}},
        [],
    ],
)  # fmt: skip
def test_wrong_searches_are_refused(intercom: Caller, body: Any) -> None:  # noqa: ANN401 - any JSON
    response = intercom.post("/contacts/search", body)
    assert response.status_code == 400
    assert response.json()["type"] == "error.list"
    assert response.json()["errors"][0]["message"]


def test_what_changes_is_newer_than_before(own_sandbox: Running, client: httpx.Client) -> None:
    intercom = intercom_of(own_sandbox, client)
    before = {one["id"]: one for one in found(intercom, EVERYTHING)}
    own_sandbox.advance(6)
    for one in found(intercom, EVERYTHING):
        if one != before.get(one["id"]):
            assert one["updated_at"] > NOW_S, one


def test_the_archived_and_the_merged_vanish(own_sandbox: Running, client: httpx.Client) -> None:
    intercom = intercom_of(own_sandbox, client)
    contacts = found(intercom, EVERYTHING)
    own_sandbox.advance(changes=[{"change": "forget", "contact": contacts[0]["id"]}])
    assert intercom.get(f"/contacts/{contacts[0]['id']}").status_code == 404
    assert contacts[0]["id"] not in {one["id"] for one in found(intercom, EVERYTHING)}


def test_new_contacts_are_found_late(client: httpx.Client) -> None:
    options = Options(customers=60, speed=0, vendors=("intercom",), contact_lag_s=86_400 * 20, max_seconds=30)
    with start(options) as running:
        intercom = intercom_of(running, client)
        running.advance(15)
        listed = {one["id"]: one for one in intercom.get("/contacts", per_page=150).json()["data"]}
        late = set(listed) - {one["id"] for one in found(intercom, EVERYTHING)}
        assert late
        assert all(listed[id_]["created_at"] > NOW_S - 5 * 86_400 for id_ in late)


def test_usage_falls_before_an_account_leaves_but_not_always() -> None:
    world = World(1, 3_000, AS_OF)
    days: dict[str, list[int]] = {}
    for number in range(3_000):
        person = world.person(number)
        seen, account = world.last_seen(person), world.account(person.account)
        if seen is not None and account.at(AS_OF).stage == "customer":
            kind = "leaves" if account.churned_at < moments.NEVER else "stays"
            days.setdefault(kind, []).append((AS_OF - seen) // moments.DAY)
    quiet = {kind: sum(one >= 9 for one in found) * 100 // len(found) for kind, found in days.items()}
    assert 65 <= quiet["leaves"] <= 90
    assert 2 <= quiet["stays"] <= 12
    assert sum(one <= 5 for one in days["stays"]) > len(days["stays"]) * 85 // 100


def test_companies_by_page_and_by_contact(intercom: Caller, sandbox: Running) -> None:
    first = intercom.post("/companies/list?per_page=5&page=1", {}).json()
    companies = [one for page in range(1, first["pages"]["total_pages"] + 1)
                 for one in intercom.post(f"/companies/list?per_page=5&page={page}", {}).json()["data"]]  # fmt: skip
    assert len({one["id"] for one in companies}) == first["total_count"] == sandbox.truth("intercom")["companies"]
    assert all(one["user_count"] for one in companies)
    with_one = next(one for one in found(intercom, EVERYTHING) if one["companies"]["data"])
    own = intercom.get(f"/contacts/{with_one['id']}/companies").json()["companies"]
    assert own[0] in companies
    assert intercom.post("/companies/list?per_page=100&page=101", {}).status_code == 400


class FakeClock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def ask(vendor: Intercom, path: str, query: str = "") -> Reply:
    headers = {b"authorization": f"Bearer {INTERCOM_TOKEN}".encode()}
    return vendor.answer(Request("GET", path, query, headers, b""))


def test_one_scroll_at_a_time_and_it_is_lost_after_a_minute() -> None:
    clock = FakeClock()
    vendor = Intercom(World(1, 1_200, AS_OF), 0, clock=clock)
    page = msgspec.json.decode(ask(vendor, "/companies/scroll").body)
    assert ask(vendor, "/companies/scroll").status == 400
    ids, query = [], f"scroll_param={page['scroll_param']}"
    while page["data"]:
        ids += [one["id"] for one in page["data"]]
        clock.now += 50
        page = msgspec.json.decode(ask(vendor, "/companies/scroll", query).body)
    assert len(set(ids)) == len(ids) == vendor.truth()["companies"] > 200
    assert ask(vendor, "/companies/scroll", query).status == 500
    param = msgspec.json.decode(ask(vendor, "/companies/scroll").body)["scroll_param"]
    clock.now += 61
    lost = ask(vendor, "/companies/scroll", f"scroll_param={param}")
    assert lost.status == 500
    assert b"restart the scroll" in lost.body
    assert ask(vendor, "/companies/scroll").status == 200


def test_conversations_have_parts_ratings_and_trouble(intercom: Caller, sandbox: Running) -> None:
    truth, talks = sandbox.truth("intercom"), found(intercom, EVERYTHING, "conversations")
    assert len({one["id"] for one in talks}) == len(talks) == truth["conversations"]
    ratings = Counter(str(one["conversation_rating"]["rating"]) for one in talks if one["conversation_rating"])
    assert ratings == truth["ratings"]
    assert {"1", "5"} <= set(ratings)
    assert "conversation_parts" not in talks[0]
    whole = [intercom.get(f"/conversations/{one['id']}").json() for one in talks[:30]]
    assert [{**one, "conversation_parts": None} for one in whole] == [
        {**one, "conversation_parts": None} for one in talks[:30]
    ]
    parts = [part for one in whole for part in one["conversation_parts"]["conversation_parts"]]
    assert all(part["body"].startswith("<p>") for part in parts if part["body"])
    assert {part["author"]["type"] for part in parts} == {"user", "admin", "bot"}
    plain = intercom.get(f"/conversations/{talks[0]['id']}", display_as="plaintext").json()
    assert "<p>" not in plain["source"]["body"]


def test_who_left_had_said_so(intercom: Caller, stripe: Caller, sandbox: Running) -> None:
    talks = found(intercom, EVERYTHING, "conversations")
    told = {one["source"]["author"]["email"].partition("@")[2] for one in talks
            if {tag["name"] for tag in one["tags"]["tags"]} & {"cancel"}}  # fmt: skip
    gone = [one for one in stripe.get("/v1/subscriptions", status="canceled", limit=100).json()["data"]
            if one["cancellation_details"]["reason"] == "cancellation_requested"]  # fmt: skip
    assert gone
    assert told
    assert sandbox.truth("intercom")["topics"]["cancel"] >= 2


def test_conversations_match_to_the_second_and_by_contact(intercom: Caller) -> None:
    talks = found(intercom, EVERYTHING, "conversations")
    moment = talks[9]["updated_at"]
    later = found(intercom, {"field": "updated_at", "operator": ">", "value": moment}, "conversations")
    assert {one["id"] for one in later} == {one["id"] for one in talks if one["updated_at"] > moment}
    contact = talks[0]["contacts"]["contacts"][0]["id"]
    own = found(intercom, {"field": "contact_ids", "operator": "IN", "value": [contact]}, "conversations")
    assert {one["contacts"]["contacts"][0]["id"] for one in own} == {contact}


def test_only_the_latest_500_parts_are_kept(own_sandbox: Running, client: httpx.Client) -> None:
    intercom = intercom_of(own_sandbox, client)
    contact = next(one for one in found(intercom, EVERYTHING) if one["role"] == "user")
    said = {"change": "say", "contact": contact["id"], "body": "Still broken", "messages": 620, "rating": 1}
    talk = own_sandbox.advance(changes=[said])["changes"][0]["conversation"]
    whole = intercom.get(f"/conversations/{talk}").json()
    assert whole["conversation_parts"]["total_count"] == 620
    assert len(whole["conversation_parts"]["conversation_parts"]) == 500
    assert whole["conversation_parts"]["conversation_parts"][-1]["part_type"] == "close"
    assert whole["conversation_rating"]["rating"] == 1
    assert intercom.get(f"/contacts/{contact['id']}").json()["last_replied_at"] == NOW_S + 1


def test_a_deleted_conversation_is_nowhere(own_sandbox: Running, client: httpx.Client) -> None:
    intercom = intercom_of(own_sandbox, client)
    first, *rest = found(intercom, EVERYTHING, "conversations")
    own_sandbox.advance(changes=[{"change": "erase", "conversation": first["id"]}])
    assert intercom.get(f"/conversations/{first['id']}").status_code == 404
    assert {one["id"] for one in found(intercom, EVERYTHING, "conversations")} == {one["id"] for one in rest}
    assert own_sandbox.truth("intercom")["conversations"] == len(rest)
    with pytest.raises(GtmError, match="no conversation"):
        own_sandbox.advance(changes=[{"change": "erase", "conversation": first["id"]}])


def test_amounts_say_their_unit(intercom: Caller) -> None:
    attributes = intercom.get("/data_attributes", model="contact").json()["data"]
    amounts = [one for one in attributes if one["name"].endswith(("_amount", "_price"))]
    assert len(amounts) == 2
    assert all("minor units" in one["description"] for one in amounts)


def test_limits_and_versions(client: httpx.Client) -> None:
    with start(Options(customers=9, vendors=("intercom",), speed=0.005, max_seconds=30)) as running:
        intercom = intercom_of(running, client)
        answers = [intercom.get("/me") for _ in range(12)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused[0].json()["errors"][0]["code"] == "rate_limit_exceeded"
        assert time.time() - 1 <= int(refused[0].headers["x-ratelimit-reset"]) <= time.time() + 12
        assert refused[0].headers["x-ratelimit-remaining"] == "0"
        assert "retry-after" not in refused[0].headers
        nobody = intercom_of(running, client, "wrong").get("/me")
        assert nobody.status_code == 401
        assert "x-ratelimit-limit" not in nobody.headers
    with start(Options(customers=9, vendors=("intercom",), speed=0, max_seconds=30)) as running:
        old = Caller(client, f"{running.url}/intercom", INTERCOM_TOKEN, ("intercom-version", "9.9"))
        assert old.get("/me").json()["errors"][0]["code"] == "intercom_version_invalid"
