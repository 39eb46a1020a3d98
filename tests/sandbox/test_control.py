"""The sandbox's own doors: the log, moving on, changes by hand, and refusals that explain themselves."""

from typing import Any

import httpx
import pytest

from execution.errors import GtmError
from execution.sandbox import Options, Running, start
from tests.sandbox.conftest import Caller, calendly_of


def organization_of(calendly: Caller) -> str:
    found: str = calendly.get("/users/me").json()["resource"]["current_organization"]
    return found


def test_the_log_has_every_request_but_our_own(own_sandbox: Running, client: httpx.Client) -> None:
    calendly = calendly_of(own_sandbox, client)
    calendly.get("/users/me")
    calendly.get("/scheduled_events", count=0)
    log = own_sandbox.log()
    assert [(e["number"], e["vendor"], e["method"], e["path"], e["query"], e["status"]) for e in log] == [
        (1, "calendly", "GET", "/users/me", "", 200),
        (2, "calendly", "GET", "/scheduled_events", "count=0", 400),
    ]
    assert all(entry["ms"] >= 0 for entry in log)
    assert [entry["number"] for entry in own_sandbox.log(after=1)] == [2]
    own_sandbox.ask("DELETE", "log")
    assert own_sandbox.log() == []


def test_unfinished_answers_have_no_status(own_sandbox: Running, client: httpx.Client) -> None:
    own_sandbox.arm({"kind": "truncated"})
    with pytest.raises(httpx.RemoteProtocolError):
        calendly_of(own_sandbox, client).get("/users/me")
    assert own_sandbox.log()[0]["status"] == 0


def test_days_go_by(own_sandbox: Running, client: httpx.Client) -> None:
    before = own_sandbox.truth("calendly")
    assert own_sandbox.advance(days=10)["now"] == "2026-11-12T12:00:01.000000Z"
    after = own_sandbox.truth("calendly")
    assert after["events"] > before["events"]
    assert after["no_show"] >= before["no_show"]
    assert all(after["by_email"][email]["booked"] >= counts["booked"] for email, counts in before["by_email"].items())
    found = calendly_of(own_sandbox, client)
    events = found.collect("/scheduled_events", organization=organization_of(found), count=100)
    assert len(events) == after["events"]


def test_the_world_moves_while_it_is_read(client: httpx.Client) -> None:
    with start(Options(customers=60, speed=0, drift_s=10 * 86_400, vendors=("calendly",), max_seconds=30)) as running:
        calendly = calendly_of(running, client)
        ours = organization_of(calendly)
        assert running.ask("GET", "health")["now"] == "2026-11-12T12:00:00.000000Z"
        booked: dict[str, str | int] = {"organization": ours, "min_start_time": "2026-11-02T12:00:00Z", "count": 100}
        first, second = (calendly.get("/scheduled_events", **booked).json() for _ in range(2))
        assert first["pagination"]["count"] < second["pagination"]["count"]
        running.ask("POST", "advance", {"drift_s": 0})
        standing = running.ask("GET", "health")["now"]
        calendly.get("/users/me")
        assert running.ask("GET", "health")["now"] == standing
        running.ask("POST", "advance", {"days": 365, "drift_s": 864_000})
        for _ in range(2):
            calendly.get("/users/me")
        assert running.ask("GET", "health")["now"] == "2027-12-07T12:00:00.000000Z", "where the story ends"


def test_moving_on_is_deterministic(own_sandbox: Running) -> None:
    own_sandbox.advance(days=5)
    with start(Options(customers=60, speed=0, max_seconds=30)) as other:
        other.advance(days=5)
        assert other.truth("calendly") == own_sandbox.truth("calendly")
        assert other.truth("hubspot") == own_sandbox.truth("hubspot")


def test_changes_by_hand(own_sandbox: Running, client: httpx.Client) -> None:
    calendly = calendly_of(own_sandbox, client)
    organization = organization_of(calendly)
    start_time = "2026-12-24T10:00:00.000000Z"
    made = own_sandbox.advance(changes=[{"change": "book", "email": "ann+x@new.example", "start_time": start_time}])
    event, invitee = made["changes"][0]["event"], made["changes"][0]["invitee"]
    listed = calendly.collect("/scheduled_events", organization=organization, min_start_time=start_time)
    assert event in {one["uri"] for one in listed}
    booked = calendly.get(event + "/invitees").json()["collection"][0]
    assert (booked["uri"], booked["email"], booked["status"]) == (invitee, "ann+x@new.example", "active")

    own_sandbox.advance(changes=[{"change": "no_show", "invitee": invitee}])
    assert calendly.get(invitee).json()["resource"]["no_show"]
    own_sandbox.advance(changes=[{"change": "no_show", "invitee": invitee, "mark": False}])
    assert calendly.get(invitee).json()["resource"]["no_show"] is None

    own_sandbox.advance(changes=[{"change": "cancel", "invitee": invitee, "by": "host", "reason": "ill"}])
    canceled = calendly.get(invitee).json()["resource"]
    assert canceled["status"] == "canceled"
    assert canceled["cancellation"]["reason"] == "ill"
    assert canceled["cancellation"]["canceler_type"] == "host"
    assert canceled["updated_at"] > booked["updated_at"]
    assert calendly.get(event).json()["resource"]["status"] == "canceled"


def test_an_existing_booking_can_be_canceled(own_sandbox: Running, client: httpx.Client) -> None:
    calendly = calendly_of(own_sandbox, client)
    to_come = calendly.collect(
        "/scheduled_events",
        organization=organization_of(calendly),
        status="active",
        min_start_time="2026-11-02T12:00:00Z",
    )
    invitee = calendly.get(to_come[0]["uri"] + "/invitees").json()["collection"][0]["uri"]
    before = own_sandbox.truth("calendly")["canceled"]
    own_sandbox.advance(changes=[{"change": "cancel", "invitee": invitee}])
    assert own_sandbox.truth("calendly")["canceled"] == before + 1


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"days": -1}, "Expected `float` >= 0"),
        ({"days": 500}, "the story ends"),
        ({"changes": [{"change": "rain"}]}, "Invalid value 'rain'"),
        ({"changes": [{"change": "cancel", "invitee": "x"}]}, "no invitee x"),
        ({"changes": [{"change": "book", "email": "a@b.example", "start_time": "noon"}]}, "'noon' is no time"),
        ({"changes": [{"change": "archive", "id": "52"}]}, "contacts have no record 52"),
        ({"changes": [{"change": "merge", "id": "51", "into": "51"}]}, "merged into itself"),
        ([], "Expected `object`"),
    ],
)
def test_changes_that_cannot_be(sandbox: Running, asked: Any, message: str) -> None:  # noqa: ANN401 - any JSON
    before = sandbox.truth("calendly")["by_email"]
    with pytest.raises(GtmError) as caught:
        sandbox.ask("POST", "advance", asked)
    assert message in caught.value.message
    assert sandbox.truth("calendly")["by_email"] == before


def test_doors_that_are_not_there(sandbox: Running, client: httpx.Client) -> None:
    for path in ("/_sandbox/nothing", "/_sandbox", "/salesforce/x", "/"):
        assert client.get(sandbox.url + path).status_code == 404
    with pytest.raises(GtmError, match="no vendor 'x'"):
        sandbox.ask("GET", "truth?vendor=x")
    assert client.post(sandbox.url + "/_sandbox/advance", content=b"{").status_code == 400
