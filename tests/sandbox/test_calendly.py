"""Calendly over HTTP: pages, filters, refusals, limits, and what the records say of each other."""

from typing import Any

import httpx
import pytest

from execution.sandbox import Options, Running, start
from execution.sandbox.calendly.ids import EVENT, INVITEE, Uuids
from execution.sandbox.calendly.paging import Listing, Place, Tokens, page, rows_of
from execution.sandbox.calendly.params import Refusal
from execution.sandbox.options import CALENDLY_MEMBER_TOKEN
from execution.sandbox.world.meetings import Ref
from tests.sandbox.conftest import CALENDLY, Caller, calendly_of


@pytest.fixture(scope="module")
def events(sandbox: Running, client: httpx.Client, organization: str) -> list[dict[str, Any]]:
    return calendly_of(sandbox, client).collect("/scheduled_events", organization=organization, count=100)


@pytest.fixture(scope="module")
def invitees(sandbox: Running, client: httpx.Client, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    caller = calendly_of(sandbox, client)
    return [invitee for event in events for invitee in caller.collect(event["uri"] + "/invitees", count=100)]


def details(response: httpx.Response) -> dict[str, str]:
    assert response.status_code == 400
    return {detail["parameter"]: detail["message"] for detail in response.json()["details"]}


def test_pages_hold_every_event_once_in_order(
    calendly: Caller, organization: str, events: list[dict[str, Any]], sandbox: Running
) -> None:
    truth = sandbox.truth("calendly")
    assert len({event["uri"] for event in events}) == len(events) == truth["events"]
    starts = [event["start_time"] for event in events]
    assert starts == sorted(starts)
    assert calendly.collect("/scheduled_events", organization=organization, count=7) == events
    backwards = calendly.collect("/scheduled_events", organization=organization, sort="start_time:desc")
    assert [event["start_time"] for event in backwards] == starts[::-1]


def test_a_full_read_finds_the_truth(invitees: list[dict[str, Any]], sandbox: Running) -> None:
    truth = sandbox.truth("calendly")
    counts: dict[str, dict[str, int]] = {}
    for invitee in invitees:
        counted = counts.setdefault(invitee["email"].lower(), dict.fromkeys(("booked", "canceled", "no_show"), 0))
        counted.setdefault("rescheduled", 0)
        counted["booked"] += 1
        if invitee["rescheduled"]:
            counted["rescheduled"] += 1
        elif invitee["no_show"]:
            counted["no_show"] += 1
        elif invitee["status"] == "canceled":
            counted["canceled"] += 1
    assert counts == truth["by_email"]
    assert sum(person["booked"] for person in truth["by_person"].values()) == truth["invitees"] == len(invitees)


def test_previous_page_leads_back(calendly: Caller, organization: str) -> None:
    first = calendly.get("/scheduled_events", organization=organization, count=5).json()
    second = calendly.get(first["pagination"]["next_page"]).json()
    third = calendly.get(second["pagination"]["next_page"]).json()
    assert first["pagination"]["previous_page"] is None
    assert calendly.get(third["pagination"]["previous_page"]).json()["collection"] == second["collection"]
    back = calendly.get(second["pagination"]["previous_page"]).json()
    assert back["collection"] == first["collection"]
    assert back["pagination"]["previous_page"] is None


def test_next_page_is_the_vendors_own_url(calendly: Caller, organization: str) -> None:
    pagination = calendly.get("/scheduled_events", organization=organization, status="active", count=5).json()[
        "pagination"
    ]
    url = httpx.URL(pagination["next_page"])
    assert str(url).startswith(f"{CALENDLY}/scheduled_events?count=5&organization=https%3A%2F%2Fapi.calendly.com%2F")
    assert [name for name, _ in url.params.multi_items()] == ["count", "organization", "page_token", "status"]
    assert url.params["page_token"] == pagination["next_page_token"]
    assert len(pagination["next_page_token"]) == 32


def test_a_page_token_tolerates_no_other_parameters(calendly: Caller, organization: str) -> None:
    token = calendly.get("/scheduled_events", organization=organization, count=5).json()["pagination"][
        "next_page_token"
    ]
    assert calendly.get("/scheduled_events", page_token=token).status_code == 200
    assert details(calendly.get("/scheduled_events", page_token=token, status="active")) == {"page_token": "is invalid"}
    assert details(calendly.get("/event_types", page_token=token)) == {"page_token": "is invalid"}
    assert details(calendly.get("/scheduled_events", page_token="made-up")) == {"page_token": "is invalid"}


def test_windows_and_filters(calendly: Caller, organization: str, events: list[dict[str, Any]]) -> None:
    low, high = events[20]["start_time"], events[40]["start_time"]
    found = calendly.collect("/scheduled_events", organization=organization, min_start_time=low, max_start_time=high)
    assert found == [event for event in events if low <= event["start_time"] < high]
    canceled = calendly.collect("/scheduled_events", organization=organization, status="canceled")
    assert canceled == [event for event in events if event["status"] == "canceled"]
    assert all("cancellation" in event for event in canceled)
    host = events[0]["event_memberships"][0]["user"]
    hosted = calendly.collect("/scheduled_events", organization=organization, user=host)
    assert hosted == [e for e in events if host in {member["user"] for member in e["event_memberships"]}]


def test_events_of_an_invitee(calendly: Caller, organization: str, invitees: list[dict[str, Any]]) -> None:
    email = invitees[5]["email"]
    found = calendly.collect("/scheduled_events", organization=organization, invitee_email=email.upper())
    expected = {invitee["event"] for invitee in invitees if invitee["email"].lower() == email.lower()}
    assert {event["uri"] for event in found} == expected


def test_invitee_filters(calendly: Caller, events: list[dict[str, Any]]) -> None:
    group = next(event for event in events if event["invitees_counter"]["total"] > 3)
    path = group["uri"] + "/invitees"
    everybody = calendly.collect(path, count=1)
    assert len(everybody) == group["invitees_counter"]["total"]
    assert sum(one["status"] == "active" for one in everybody) == group["invitees_counter"]["active"]
    assert calendly.collect(path, sort="created_at:desc") == everybody[::-1]
    assert calendly.collect(path, email=everybody[1]["email"]) == [everybody[1]]
    assert calendly.collect(path, status="active") == [one for one in everybody if one["status"] == "active"]


def test_a_reschedule_links_both_ways(invitees: list[dict[str, Any]]) -> None:
    by_uri = {invitee["uri"]: invitee for invitee in invitees}
    moved = [invitee for invitee in invitees if invitee["rescheduled"]]
    assert moved
    for old in moved:
        new = by_uri[old["new_invitee"]]
        assert new["old_invitee"] == old["uri"]
        assert old["status"] == "canceled"
        assert new["created_at"] >= old["created_at"]


def test_a_no_show_mark_can_be_read(calendly: Caller, invitees: list[dict[str, Any]]) -> None:
    missed = next(invitee for invitee in invitees if invitee["no_show"])
    mark = calendly.get(missed["no_show"]["uri"]).json()["resource"]
    assert mark == {**missed["no_show"], "invitee": missed["uri"]}
    there = next(invitee for invitee in invitees if not invitee["no_show"])
    uuid = missed["no_show"]["uri"].replace(missed["uri"][-36:], there["uri"][-36:])
    assert calendly.get("/invitee_no_shows/" + there["uri"][-36:]).status_code == 404
    assert uuid == missed["no_show"]["uri"]  # marks have names of their own


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, {"organization": "is missing", "user": "is missing"}),
        ({"count": "101"}, {"count": "must be less than or equal to 100"}),
        ({"count": "0"}, {"count": "must be greater than or equal to 1"}),
        ({"count": "many"}, {"count": "must be a number"}),
        ({"page": "2"}, {"page": "is not a known parameter"}),
        ({"status": "done"}, {"status": "must be one of: active, canceled"}),
        ({"sort": "name:asc"}, {"sort": "is invalid"}),
        ({"min_start_time": "yesterday"}, {"min_start_time": "must be a valid UTC time"}),
        ({"invitee_email": "nobody"}, {"invitee_email": "must be a valid email"}),
        ({"user": "me", "organization": "ours"}, dict.fromkeys(("user", "organization"), "must be a valid URI")),
    ],
)
def test_wrong_parameters_are_all_named(calendly: Caller, params: dict[str, str], expected: dict[str, str]) -> None:
    assert details(calendly.get("/scheduled_events", **params)) == expected


def test_who_may_see_what(
    sandbox: Running, client: httpx.Client, calendly: Caller, organization: str, events: list[dict[str, Any]]
) -> None:
    member = calendly_of(sandbox, client, CALENDLY_MEMBER_TOKEN)
    me = member.get("/users/me").json()["resource"]["uri"]
    owner = calendly.get("/users/me").json()["resource"]["uri"]
    own = member.collect("/scheduled_events", user=me)
    assert own
    assert member.get(own[0]["uri"]).status_code == 200

    def refused(caller: Caller, path: str, **params: str) -> str:
        response = caller.get(path, **params)
        assert response.status_code == 403
        message: str = response.json()["message"]
        return message

    assert refused(member, "/scheduled_events", organization=organization) == "You do not have permission"
    assert refused(member, "/scheduled_events", organization=organization, user=owner) == "You do not have permission"
    assert "specify organization" in refused(calendly, "/scheduled_events", user=me)
    stranger = CALENDLY + "/organizations/012345678901234567890"
    assert "permission to access" in refused(calendly, "/scheduled_events", organization=stranger)
    nobody = CALENDLY + "/users/012345678901234567890"
    assert "not in your organization" in refused(calendly, "/scheduled_events", organization=organization, user=nobody)
    others = next(e for e in events if me not in {one["user"] for one in e["event_memberships"]})
    assert refused(member, others["uri"]) == "You are not allowed to view this event"


def test_memberships_and_event_types(calendly: Caller, organization: str) -> None:
    members = calendly.collect("/organization_memberships", organization=organization, count=2)
    assert [member["role"] for member in members[:3]] == ["owner", "admin", "user"]
    one = calendly.collect(
        "/organization_memberships", organization=organization, email=members[1]["user"]["email"].upper()
    )
    assert one == [members[1]]
    kinds = calendly.collect("/event_types", organization=organization, count=2)
    assert [kind["name"] for kind in kinds] == sorted(kind["name"] for kind in kinds)
    assert calendly.collect("/event_types", organization=organization, sort="name:desc") == kinds[::-1]
    assert calendly.collect("/event_types", organization=organization, active="false") == []


@pytest.mark.parametrize(
    "path", ["/nothing", "/users/nobody", "/scheduled_events/x", "/event_types/x", "/invitee_no_shows/x", "/"]
)
def test_what_is_not_there(calendly: Caller, path: str) -> None:
    response = calendly.get(path)
    assert response.status_code == 404
    assert response.json()["title"] == "Resource Not Found"


def test_only_reading(calendly: Caller) -> None:
    assert calendly.post("/scheduled_events", {}).status_code == 404


@pytest.mark.parametrize("token", ["wrong", "sandbox-hubspot"])
def test_credentials_are_needed(sandbox: Running, client: httpx.Client, token: str) -> None:
    response = calendly_of(sandbox, client, token).get("/users/me")
    assert response.status_code == 401
    assert response.json() == {"title": "Unauthenticated", "message": "The access token is invalid"}
    assert client.get(f"{sandbox.url}/calendly/users/me").json() == response.json()


def test_the_rate_limit_says_what_is_left(client: httpx.Client) -> None:
    with start(Options(customers=3, speed=0.006, vendors=("calendly",), max_seconds=30)) as running:
        caller = calendly_of(running, client)
        answers = [caller.get("/users/me") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert {answer.headers["x-ratelimit-limit"] for answer in answers} == {"3"}
        assert 0 < int(answers[3].headers["x-ratelimit-reset"]) <= 60
        other = calendly_of(running, client, CALENDLY_MEMBER_TOKEN)
        assert other.get("/users/me").status_code == 200  # limits are per user


def test_uuids_name_one_thing_of_one_world() -> None:
    uuids, ref = Uuids(1), Ref(1, 77, 5)
    event, invitee = uuids.of(EVENT, 0, ref), uuids.of(INVITEE, 0, ref, 3)
    named = uuids.read(INVITEE, invitee)
    assert named is not None
    assert (named.ref, named.booking) == (ref, 3)
    assert uuids.read(EVENT, invitee) is None
    assert Uuids(2).read(EVENT, event) is None
    assert uuids.read(EVENT, event[:-1] + ("0" if event[-1] != "0" else "1")) is None


def test_the_oldest_tokens_go_stale() -> None:
    tokens = Tokens(most=2)
    listing = Listing("/things", {}, 1, Place())
    given = [tokens.give(listing._replace(place=Place((number,)))) for number in range(3)]
    assert tokens.listing("/things", {"page_token": given[2]}).place == Place((2,))
    with pytest.raises(Refusal):
        tokens.listing("/things", {"page_token": given[0]})


def test_an_empty_listing_has_no_pages_around_it() -> None:
    found = page(Tokens(), Listing("/things", {}, 20, Place()), rows_of([]))
    assert found["pagination"] == {
        "count": 0,
        "next_page": None,
        "previous_page": None,
        "next_page_token": None,
        "previous_page_token": None,
    }
