"""Each fault as a client meets it, over real HTTP."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from execution.errors import GtmError, UsageError
from execution.sandbox import Running
from execution.sandbox.faults import BEFORE, SPOILING, Armed, Fault, Faults
from execution.sandbox.spoiling import HOSTILE_TEXTS, MESSY_EMAILS
from tests.sandbox.conftest import CALENDLY, Caller, calendly_of, hubspot_of

EVENTS = "/scheduled_events"


@pytest.fixture
def faulty(sandbox: Running) -> Iterator[Running]:
    """The shared sandbox, rid of its faults afterwards."""
    yield sandbox
    sandbox.disarm()


def three_pages(calendly: Caller, organization: str) -> list[dict[str, Any]]:
    pages = [calendly.get(EVENTS, organization=organization, count=10).json()]
    for _ in range(2):
        pages.append(calendly.get(pages[-1]["pagination"]["next_page"]).json())
    return pages


def uris(page: dict[str, Any]) -> list[str]:
    return [record["uri"] for record in page["collection"]]


def test_a_status_with_retry_after(faulty: Running, calendly: Caller) -> None:
    faulty.arm({"kind": "status", "status": 429, "retry_after": "7", "nth": 2})
    answers = [calendly.get("/users/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 200]
    assert answers[1].headers["retry-after"] == "7"


def test_server_errors_speak_the_vendors_language(faulty: Running, calendly: Caller, hubspot: Caller) -> None:
    faulty.arm({"kind": "status", "status": 502})
    assert calendly.get("/users/me").json()["title"] == "Internal Server Error"
    assert hubspot.get("/crm/v3/owners").json()["status"] == "error"
    assert "retry-after" not in calendly.get("/users/me").headers


def test_matching_by_vendor_path_and_number(faulty: Running, calendly: Caller, hubspot: Caller) -> None:
    faulty.arm({"kind": "status", "vendor": "hubspot", "path": "owners$", "every": 2, "times": 2})
    owners = [hubspot.get("/crm/v3/owners").status_code for _ in range(7)]
    assert owners == [200, 503, 200, 503, 200, 200, 200]
    assert hubspot.get("/crm/v3/properties/contacts").status_code == 200
    assert calendly.get("/users/me").status_code == 200
    assert [(fault["matched"], fault["struck"]) for fault in faulty.ask("GET", "faults")] == [(7, 2)]


def test_an_expired_token(faulty: Running, calendly: Caller) -> None:
    faulty.arm({"kind": "expired_token", "after": 2})
    assert [calendly.get("/users/me").status_code for _ in range(4)] == [200, 200, 401, 401]


def test_slow(faulty: Running, calendly: Caller) -> None:
    faulty.arm({"kind": "slow", "ms": 120})
    begun = time.perf_counter()
    assert calendly.get("/users/me").status_code == 200
    assert time.perf_counter() - begun >= 0.12


def test_hang(faulty: Running, calendly: Caller, client: httpx.Client) -> None:
    faulty.arm({"kind": "hang", "times": 1})
    with pytest.raises(httpx.ReadTimeout):
        client.get(calendly.base + "/users/me", timeout=0.2)
    assert calendly.get("/users/me").status_code == 200


def test_truncated(faulty: Running, calendly: Caller) -> None:
    faulty.arm({"kind": "truncated"})
    with pytest.raises(httpx.RemoteProtocolError):
        calendly.get("/users/me")


@pytest.mark.parametrize("kind", ["html", "empty", "invalid_utf8"])
def test_bodies_that_are_no_json(faulty: Running, calendly: Caller, kind: str) -> None:
    faulty.arm({"kind": kind})
    answer = calendly.get("/users/me")
    assert answer.status_code == 200
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
        json.loads(answer.content)
    if kind == "html":
        assert answer.headers["content-type"].startswith("text/html")


def test_duplicates_across_pages(faulty: Running, calendly: Caller, organization: str) -> None:
    right = three_pages(calendly, organization)
    faulty.arm({"kind": "duplicates", "path": EVENTS})
    wrong = three_pages(calendly, organization)
    assert uris(wrong[1]) == [uris(right[0])[-1], *uris(right[1])]
    assert uris(wrong[2]) == [uris(right[1])[-1], *uris(right[2])]


def test_out_of_order(faulty: Running, calendly: Caller, organization: str) -> None:
    right = three_pages(calendly, organization)[0]
    faulty.arm({"kind": "out_of_order"})
    wrong = three_pages(calendly, organization)[0]
    assert uris(wrong) != uris(right)
    assert sorted(uris(wrong)) == sorted(uris(right))


def test_changed_while_paging(faulty: Running, calendly: Caller, organization: str) -> None:
    faulty.arm({"kind": "changed"})
    first, second, _ = three_pages(calendly, organization)
    old, new = first["collection"][0], second["collection"][-1]
    assert new["uri"] == old["uri"]
    assert new["updated_at"] > old["updated_at"]
    assert new["name"] != old["name"]


def test_a_cursor_that_repeats(faulty: Running, calendly: Caller, organization: str) -> None:
    faulty.arm({"kind": "repeat_cursor", "nth": 2})
    first, second, third = three_pages(calendly, organization)
    assert second["pagination"]["next_page"] == first["pagination"]["next_page"]
    assert uris(third) == uris(second)


def test_a_cycle_of_two(faulty: Running, calendly: Caller, organization: str) -> None:
    faulty.arm({"kind": "cycle"})
    first, second, third = three_pages(calendly, organization)
    assert uris(third) == uris(first) != uris(second)


def test_a_list_never_has_records_of_another(faulty: Running, calendly: Caller, organization: str) -> None:
    events = uris(calendly.get(EVENTS, organization=organization, count=2).json())
    right = [uris(calendly.get(f"{event}/invitees").json()) for event in events]
    faulty.arm({"kind": "duplicates"})
    wrong = [uris(calendly.get(f"{event}/invitees").json()) for event in events]
    assert wrong == [[first, first, *rest] for first, *rest in right]


@pytest.mark.parametrize(
    ("kind", "changed"),
    [("contacts", "lastmodifieddate"), ("companies", "hs_lastmodifieddate"), ("deals", "hs_lastmodifieddate")],
)
def test_a_record_of_hubspot_changes_as_its_kind_does(
    faulty: Running, hubspot: Caller, kind: str, changed: str
) -> None:
    faulty.arm({"kind": "changed"})
    first = hubspot.get(f"/crm/v3/objects/{kind}", limit=2, properties=changed).json()
    after = first["paging"]["next"]["after"]
    again = hubspot.get(f"/crm/v3/objects/{kind}", limit=2, properties=changed, after=after).json()["results"][-1]
    assert again["id"] == first["results"][0]["id"]
    assert again["properties"][changed] > first["results"][0]["properties"][changed]


def test_what_is_no_object_of_hubspot_does_not_change(faulty: Running, hubspot: Caller) -> None:
    faulty.arm({"kind": "changed"})
    assert [hubspot.get("/crm/v3/owners").status_code for _ in range(2)] == [200, 200]


def test_cursors_of_hubspot(faulty: Running, hubspot: Caller) -> None:
    path = "/crm/v3/objects/contacts"
    faulty.arm({"kind": "repeat_cursor"})
    for body in ({"limit": 5}, {"limit": 5, "after": "5"}):
        assert hubspot.post(path + "/search", body).json()["paging"]["next"]["after"] == body.get("after", "0")
    assert hubspot.get(path, after="51").json()["paging"]["next"]["after"] == "51"
    faulty.disarm()
    faulty.arm({"kind": "cycle"})
    first = hubspot.get(path, limit=5).json()
    second = hubspot.get(path, limit=5, after=first["paging"]["next"]["after"]).json()
    third = hubspot.get(path, limit=5, after=second["paging"]["next"]["after"]).json()
    assert third["results"] == first["results"]


def test_a_foreign_host(faulty: Running, calendly: Caller, organization: str) -> None:
    faulty.arm({"kind": "foreign_host", "origin": "https://elsewhere.example"})
    page = calendly.get(EVENTS, organization=organization, count=10).json()
    assert page["pagination"]["next_page"].startswith("https://elsewhere.example/scheduled_events?")


def test_huge_text(faulty: Running, calendly: Caller, organization: str) -> None:
    faulty.arm({"kind": "huge_text"})
    page = calendly.get(EVENTS, organization=organization).json()
    assert len(page["collection"][0]["name"]) > 1_000_000


def test_hostile_text(faulty: Running, hubspot: Caller) -> None:
    faulty.arm({"kind": "hostile_text"})
    answer = hubspot.get("/crm/v3/objects/contacts", limit=100)
    assert rb"\u0000" in answer.content
    assert b"half a pair: \\ud83d" in answer.content
    sent = {record["properties"]["firstname"] for record in json.loads(answer.content)["results"]}
    plain = {text for text in HOSTILE_TEXTS if "half a pair" not in text}
    assert len(plain & sent) > 5


def test_email_mess(faulty: Running, calendly: Caller, organization: str) -> None:
    members = "/organization_memberships"
    event = calendly.get(EVENTS, organization=organization).json()["collection"][0]["uri"]
    right = calendly.get(event + "/invitees").json()["collection"]
    faulty.arm({"kind": "email_mess", "path": "invitees"})
    answers = [calendly.get(event + "/invitees").json()["collection"] for _ in MESSY_EMAILS]
    sent = [invitee["email"] for answer in answers for invitee in answer]
    assert sent[0] == f"  {right[0]['email']} "
    expected = {mess(invitee["email"]) for mess in MESSY_EMAILS for invitee in right}
    assert set(sent) <= expected
    assert "n/a" in sent
    assert all("@" in one["user"]["email"] for one in calendly.collect(members, organization=organization))


def test_faults_of_lists_leave_the_rest_alone(faulty: Running, calendly: Caller) -> None:
    right = calendly.get("/users/me").json()
    for kind in SPOILING[4:]:
        faulty.arm({"kind": kind})
        assert calendly.get("/users/me").json() == right
        faulty.disarm()
    faulty.arm({"kind": "duplicates"})
    assert calendly.get(EVENTS).status_code == 400


def test_an_empty_page_can_be_spoilt_too(faulty: Running, calendly: Caller, organization: str) -> None:
    for kind in SPOILING[4:]:
        faulty.arm({"kind": kind})
        answer = calendly.get("/event_types", organization=organization, active="false")
        assert answer.status_code == 200
        assert answer.json()["collection"] == []
        faulty.disarm()


def test_faults_from_the_start(client: httpx.Client) -> None:
    from execution.sandbox import Options, start

    with start(Options(customers=3, faults=({"kind": "html"},), max_seconds=30)) as running:
        assert hubspot_of(running, client).get("/crm/v3/owners").headers["content-type"].startswith("text/html")
        assert calendly_of(running, client).get("/users/me").text.startswith("<!DOCTYPE")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "gremlins"}, "Invalid enum value 'gremlins'"),
        ({"kind": "html", "path": "("}, "missing )"),
        ({"kind": "html", "evry": 2}, "unknown field `evry`"),
        ({"kind": "html", "every": 0}, "every 0th"),
        ("html", "Expected `object`"),
    ],
)
def test_faults_that_make_no_sense(sandbox: Running, fault: Any, message: str) -> None:  # noqa: ANN401 - any JSON
    with pytest.raises(GtmError, match="sandbox") as caught:
        sandbox.ask("POST", "faults", [fault])
    assert message in caught.value.message
    assert sandbox.ask("GET", "faults") == []


def test_none_is_armed_if_one_is_wrong() -> None:
    faults = Faults()
    with pytest.raises(UsageError):
        faults.arm([{"kind": "html"}, {"kind": "?"}])
    assert faults.armed == []


def test_every_kind_is_known() -> None:
    assert {*BEFORE, *SPOILING} == set(Fault.__annotations__["kind"].__args__)
    armed = Armed(Fault(kind="status", after=1, times=1))
    assert [armed.meets("any", "/x", "") for _ in range(4)] == [False, True, False, False]
    assert CALENDLY.startswith("https://")
