"""Every kind of answer, good and bad, against the vendors' own descriptions of their APIs."""

from typing import Any

import httpx
import pytest

from execution.sandbox import Options, Running, start
from execution.sandbox.calendly import params
from execution.sandbox.options import CALENDLY_MEMBER_TOKEN, HUBSPOT_UNSCOPED_TOKEN
from tests.sandbox.conformance import DEVIATIONS, description
from tests.sandbox.conftest import CALENDLY, Caller, calendly_of, hubspot_of

HUBSPOT = "https://api.hubapi.com"


def assert_conforms(spec: str, origin: str, response: httpx.Response, base: str) -> None:
    request = response.request
    url = origin + str(request.url).removeprefix(base)
    assert description(spec).problems(request.method, url, response.status_code, response.content) == []


def test_calendly_lists_and_resources(calendly: Caller, organization: str) -> None:
    answers = [
        calendly.get("/users/me"),
        calendly.get("/organization_memberships", organization=organization),
        calendly.get("/event_types", organization=organization),
        *(calendly.get("/scheduled_events", organization=organization, status=status, count=100)
          for status in ("active", "canceled")),
    ]  # fmt: skip
    answers.append(calendly.get(answers[0].json()["resource"]["uri"]))
    answers.append(calendly.get(answers[2].json()["collection"][0]["uri"]))
    for response in answers:
        assert response.status_code == 200
        assert_conforms("calendly.yaml", CALENDLY, response, calendly.base)


def test_calendly_invitees_of_every_kind(calendly: Caller, organization: str) -> None:
    seen: dict[str, Any] = {}
    for event in calendly.collect("/scheduled_events", organization=organization, count=100):
        for invitee in calendly.get(event["uri"] + "/invitees").json()["collection"]:
            kind = (
                f"{invitee['status']} moved={invitee['rescheduled']} missed={invitee['no_show'] is not None} "
                f"again={invitee['old_invitee'] is not None} group={invitee['first_name'] is not None} "
                f"place={event['location'] and event['location']['type']}"
            )
            seen.setdefault(kind, (event, invitee))
    assert len(seen) > 15
    for event, invitee in seen.values():
        answers = [calendly.get(event["uri"]), calendly.get(event["uri"] + "/invitees"), calendly.get(invitee["uri"])]
        if invitee["no_show"]:
            answers.append(calendly.get(invitee["no_show"]["uri"]))
        for response in answers:
            assert response.status_code == 200
            assert_conforms("calendly.yaml", CALENDLY, response, calendly.base)


def test_calendly_errors(sandbox: Running, client: httpx.Client, calendly: Caller, organization: str) -> None:
    member = calendly_of(sandbox, client, CALENDLY_MEMBER_TOKEN)
    nobody = calendly_of(sandbox, client, "wrong")
    event = calendly.get("/scheduled_events", organization=organization).json()["collection"][0]["uri"]
    answers = {
        400: calendly.get("/scheduled_events", count=0, wrong="x"),
        401: nobody.get("/users/me"),
        403: member.get("/scheduled_events", organization=organization),
        404: calendly.get(event[:-4] + "0000"),
    }
    for status, response in answers.items():
        assert response.status_code == status
        assert_conforms("calendly.yaml", CALENDLY, response, calendly.base)


def test_calendly_failures_on_demand(client: httpx.Client) -> None:
    faults = [{"kind": "status", "status": status, "nth": nth} for nth, status in enumerate((429, 500), start=1)]
    with start(Options(customers=3, vendors=("calendly",), faults=faults, max_seconds=30)) as running:
        caller = calendly_of(running, client)
        for status in (429, 500):
            response = caller.get("/users/me")
            assert response.status_code == status
            assert_conforms("calendly.yaml", CALENDLY, response, caller.base)


@pytest.mark.parametrize(
    ("path", "accepted"),
    [
        ("/scheduled_events", params.EVENTS),
        ("/scheduled_events/{uuid}/invitees", params.INVITEES),
        ("/event_types", params.EVENT_TYPES),
        ("/organization_memberships", params.MEMBERSHIPS),
    ],
)
def test_calendly_takes_exactly_the_parameters_described(path: str, accepted: params.Accepted) -> None:
    assert set(accepted) == description("calendly.yaml").query_parameters(path)


def test_hubspot_contacts(hubspot: Caller) -> None:
    answers = [
        hubspot.get("/crm/v3/objects/contacts", limit=100),
        hubspot.get("/crm/v3/objects/contacts", limit=100, archived="true", properties="email,jobtitle,mobilephone"),
        hubspot.get("/crm/v3/objects/contacts/51"),
        hubspot.post("/crm/v3/objects/contacts/search", {"limit": 200, "properties": ["email", "mobilephone"]}),
        hubspot.post("/crm/v3/objects/contacts/search", {"limit": 5, "after": "5"}),
    ]
    for response in answers:
        assert response.status_code == 200
        assert_conforms("hubspot_contacts.json", HUBSPOT, response, hubspot.base)


def test_hubspot_properties_and_owners(hubspot: Caller) -> None:
    for spec, path in (
        ("hubspot_properties.json", "/crm/v3/properties/contacts"),
        ("hubspot_properties.json", "/crm/v3/properties/contacts/email"),
        ("hubspot_owners.json", "/crm/v3/owners"),
        ("hubspot_owners.json", "/crm/v3/owners/6166000"),
    ):
        response = hubspot.get(path)
        assert response.status_code == 200
        assert_conforms(spec, HUBSPOT, response, hubspot.base)


def test_hubspot_errors(sandbox: Running, client: httpx.Client, hubspot: Caller) -> None:
    search = "/crm/v3/objects/contacts/search"
    answers = [
        (400, hubspot.get("/crm/v3/objects/contacts", limit=101)),
        (400, hubspot.post(search, {"limit": 200, "after": "9900"})),
        (400, hubspot.post(search, {"filterGroups": [{"filters": [{"propertyName": "no_such", "operator": "EQ"}]}]})),
        (401, hubspot_of(sandbox, client, "wrong").get("/crm/v3/objects/contacts")),
        (403, hubspot_of(sandbox, client, HUBSPOT_UNSCOPED_TOKEN).get("/crm/v3/objects/contacts")),
        (404, hubspot.get("/crm/v3/objects/contacts/52")),
        (414, hubspot.get("/crm/v3/objects/contacts", properties="x" * 17_000)),
    ]
    for status, response in answers:
        assert response.status_code == status, response.text
        assert_conforms("hubspot_contacts.json", HUBSPOT, response, hubspot.base)


def test_a_wrong_answer_is_told() -> None:
    problems = description("calendly.yaml").problems("GET", f"{CALENDLY}/users/me", 200, b'{"resource": {"uri": 1}}')
    assert any("is not of type 'string'" in problem for problem in problems)


def test_every_deviation_has_a_reason() -> None:
    assert all(deviation.what and deviation.reason for deviation in DEVIATIONS)
