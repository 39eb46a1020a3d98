"""Every kind of answer, good and bad, against the vendors' own descriptions of their APIs."""

from typing import Any

import httpx
import pytest

from execution.sandbox import Options, Running, start
from execution.sandbox.calendly import params
from execution.sandbox.options import CALENDLY_MEMBER_TOKEN, HUBSPOT_UNSCOPED_TOKEN
from tests.sandbox.conformance import DEVIATIONS, description
from tests.sandbox.conftest import CALENDLY, Caller, calendly_of, hubspot_of, intercom_of, stripe_of

HUBSPOT = "https://api.hubapi.com"
STRIPE = "https://api.stripe.com"
INTERCOM = "https://api.intercom.io"


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


@pytest.mark.parametrize(
    ("spec", "path", "name"),
    [("hubspot_companies.json", "companies", "companies"), ("hubspot_deals.json", "0-3", "deals")],
)
def test_hubspot_companies_and_deals(hubspot: Caller, spec: str, path: str, name: str) -> None:
    base = f"/crm/v3/objects/{path}"
    first = hubspot.get(base, limit=1).json()["results"][0]["id"]
    asked: dict[str, Any] = {"inputs": [{"id": first}, {"id": "1"}], "properties": ["amount", "domain"]}
    answers = [
        (200, hubspot.get(base, limit=100)),
        (200, hubspot.get(base, limit=100, archived="true")),
        (200, hubspot.get(f"{base}/{first}")),
        (200, hubspot.post(f"{base}/search", {"limit": 200})),
        (200, hubspot.post(f"{base}/batch/read", {**asked, "inputs": asked["inputs"][:1]})),
        (207, hubspot.post(f"{base}/batch/read", asked)),
        (400, hubspot.get(base, limit=101)),
        (404, hubspot.get(f"{base}/1")),
    ]
    for status, response in answers:
        assert response.status_code == status, response.text
        assert_conforms(spec, HUBSPOT, response, hubspot.base)
    assert_conforms("hubspot_properties.json", HUBSPOT, hubspot.get(f"/crm/v3/properties/{name}"), hubspot.base)


def test_hubspot_pipelines_and_associations(hubspot: Caller) -> None:
    pipelines = hubspot.get("/crm/v3/pipelines/deals")
    one = hubspot.get(f"/crm/v3/pipelines/deals/{pipelines.json()['results'][0]['id']}")
    for response in (pipelines, one):
        assert response.status_code == 200
        assert_conforms("hubspot_pipelines.json", HUBSPOT, response, hubspot.base)
    deal = hubspot.get("/crm/v3/objects/deals", limit=1).json()["results"][0]["id"]
    many = "/crm/v4/associations/deals/contacts/batch/read"
    answers = [
        (200, hubspot.post(many, {"inputs": [{"id": deal}]})),
        (207, hubspot.post(many, {"inputs": [{"id": deal}, {"id": "5"}]})),
        (200, hubspot.get(f"/crm/v4/objects/deals/{deal}/associations/contacts")),
        (400, hubspot.post("/crm/v4/associations/deals/tickets/batch/read", {"inputs": [{"id": deal}]})),
        (404, hubspot.get("/crm/v4/objects/deals/5/associations/contacts")),
    ]
    for status, response in answers:
        assert response.status_code == status, response.text
        assert_conforms("hubspot_associations_v4.json", HUBSPOT, response, hubspot.base)


@pytest.mark.parametrize(
    "resource", ["customers", "subscriptions", "invoices", "charges", "events", "prices", "products"]
)
def test_stripe_lists_and_objects(stripe: Caller, resource: str) -> None:
    params = {"status": "all"} if resource == "subscriptions" else {}
    answers = [stripe.get(f"/v1/{resource}", limit=100, **params)]
    if resource in {"customers", "subscriptions", "invoices", "events"}:
        answers += [stripe.get(f"/v1/{resource}/{one['id']}") for one in answers[0].json()["data"][:5]]
    for response in answers:
        assert response.status_code == 200
        assert_conforms("stripe_2023-08-16.json", STRIPE, response, stripe.base)


def test_stripe_expanded_and_errors(sandbox: Running, client: httpx.Client, stripe: Caller) -> None:
    answers = [
        (200, stripe.get("/v1/invoices", limit=20, **{"expand[]": "data.subscription"})),
        (200, stripe.get("/v1/subscriptions", limit=20, **{"expand[]": "data.customer"})),
        (400, stripe.get("/v1/invoices", limit=101)),
        (400, stripe.get("/v1/customers", wrong="x")),
        (401, stripe_of(sandbox, client, "wrong").get("/v1/customers")),
        (404, stripe.get("/v1/customers/cus_nobody")),
    ]
    for status, response in answers:
        assert response.status_code == status, response.text
        assert_conforms("stripe_2023-08-16.json", STRIPE, response, stripe.base)


def test_stripe_of_basil_breaks_the_older_description_where_it_should(sandbox: Running, client: httpx.Client) -> None:
    basil = stripe_of(sandbox, client, version="2025-03-31.basil").get("/v1/subscriptions", limit=10)
    url = STRIPE + "/v1/subscriptions?limit=10"
    problems = description("stripe_2023-08-16.json").problems("GET", url, 200, basil.content)
    assert {problem.rpartition(": ")[2] for problem in problems if problem.startswith("at data")} == {
        "'current_period_end' is a required property",
        "'current_period_start' is a required property",
    }


def test_intercom_answers(sandbox: Running, client: httpx.Client, intercom: Caller) -> None:
    query = {"query": {"field": "updated_at", "operator": ">", "value": 1}, "pagination": {"per_page": 150}}
    contact = intercom.post("/contacts/search", query).json()["data"][0]["id"]
    talks = intercom.post("/conversations/search", query)
    answers = [
        *((200, intercom.get(path)) for path in ("/me", "/admins", "/tags", "/data_attributes", "/conversations")),
        (200, intercom.get("/contacts")),
        (200, intercom.post("/contacts/search", query)),
        (200, intercom.get(f"/contacts/{contact}")),
        (200, intercom.get(f"/contacts/{contact}/companies")),
        (200, intercom.post("/companies/list?per_page=50", {})),
        (200, talks),
        *((200, intercom.get(f"/conversations/{one['id']}")) for one in talks.json()["conversations"][:20]),
        (400, intercom.post("/contacts/search", {"query": {"field": "x", "operator": "=", "value": 1}})),
        (401, intercom_of(sandbox, client, "wrong").get("/contacts")),
        (404, intercom.get("/contacts/nobody")),
        (404, intercom.get("/conversations/1")),
    ]
    for status, response in answers:
        assert response.status_code == status, response.text
        assert_conforms("intercom_2.14.yaml", INTERCOM, response, intercom.base)


def test_a_wrong_answer_is_told() -> None:
    problems = description("calendly.yaml").problems("GET", f"{CALENDLY}/users/me", 200, b'{"resource": {"uri": 1}}')
    assert any("is not of type 'string'" in problem for problem in problems)


def test_every_deviation_has_a_reason() -> None:
    assert all(deviation.what and deviation.reason for deviation in DEVIATIONS)


def swagger_problems(path: str, body: Any, status: str = "200") -> list[str]:  # noqa: ANN401 - any JSON
    """What is wrong with an answer by Slack's description, which is Swagger 2 with lists of alternatives as `items`."""
    import json
    import os
    from pathlib import Path

    from jsonschema import Draft4Validator  # type: ignore[import-untyped]

    folder = os.environ.get("GTM_VENDOR_SPECS")
    if not folder:
        pytest.skip("GTM_VENDOR_SPECS is not set: no vendor's API description to validate against")
    spec = json.loads((Path(folder) / "slack_web_v2.json").read_text(encoding="utf-8"))
    operation = next(iter(spec["paths"][path].values()))
    schema = {**operation["responses"][status]["schema"], "definitions": spec["definitions"]}
    return [
        f"{list(error.absolute_path)}: {error.message[:200]}" for error in Draft4Validator(schema).iter_errors(body)
    ]


def without_metadata(answer: Any) -> Any:  # noqa: ANN401 - any JSON
    """Metadata of messages came after the description was frozen; so did `thread_not_found` when posting."""
    if isinstance(answer, list):
        return [without_metadata(each) for each in answer]
    if isinstance(answer, dict):
        return {name: without_metadata(each) for name, each in answer.items() if name != "metadata"}
    return answer


def test_slack_answers_as_described(client: httpx.Client) -> None:
    from execution.sandbox.options import SLACK_TOKEN, SLACK_UNSCOPED_TOKEN
    from tests.sandbox.conftest import Caller

    with start(Options(customers=0, vendors=("slack",), speed=0, max_seconds=60)) as running:
        slack = Caller(client, f"{running.url}/slack", SLACK_TOKEN)
        blocks = [{"type": "header", "text": {"type": "plain_text", "text": "x"}}]
        metadata = {"event_type": "x", "event_payload": {"id": "1"}}
        posted = slack.post(
            "/chat.postMessage", {"channel": "#test-alerts", "text": "x", "blocks": blocks, "metadata": metadata}
        )
        sent = posted.json()
        place = {"channel": sent["channel"], "ts": sent["ts"]}
        slack.post("/chat.postMessage", {"channel": "#test-alerts", "text": "y", "thread_ts": sent["ts"]})
        good = {
            "/auth.test": slack.get("/auth.test"),
            "/chat.postMessage": posted,
            "/chat.update": slack.post("/chat.update", {**place, "text": "z"}),
            "/conversations.history": slack.get("/conversations.history", channel=sent["channel"]),
        }
        for path, answer in good.items():
            assert answer.json()["ok"] is True
            assert swagger_problems(path, without_metadata(answer.json())) == [], path
        nobody, blind = (Caller(client, slack.base, token) for token in ("wrong", SLACK_UNSCOPED_TOKEN))
        bad = [
            ("/auth.test", nobody.get("/auth.test")),
            ("/chat.postMessage", slack.post("/chat.postMessage", {"channel": "#nowhere", "text": "x"})),
            ("/chat.postMessage", slack.post("/chat.postMessage", {"channel": "#board", "text": "x"})),
            ("/chat.postMessage", slack.post("/chat.postMessage", {"channel": "#test-alerts"})),
            ("/chat.update", slack.post("/chat.update", {**place, "ts": "1.2", "text": "x"})),
            ("/conversations.history", blind.get("/conversations.history", channel=sent["channel"])),
            ("/conversations.history", slack.get("/conversations.history", channel="#test-alerts")),
            ("/conversations.replies", slack.get("/conversations.replies", channel=sent["channel"], ts="1.2")),
        ]
        for path, answer in bad:
            assert (answer.status_code, answer.json()["ok"]) == (200, False)
            assert swagger_problems(path, answer.json(), "default") == [], path
        hidden = slack.get("/conversations.history", channel=sent["channel"]).json()["messages"]
        assert [each["text"] for each in hidden] == ["z"], "replies are not in the channel's history"
        thread = slack.get("/conversations.replies", channel=sent["channel"], ts=sent["ts"]).json()["messages"]
        assert [each["text"] for each in thread] == ["z", "y"]


def test_hubspot_updates_one_record(own_sandbox: Running, client: httpx.Client) -> None:
    hubspot = hubspot_of(own_sandbox, client)
    url, headers = f"{hubspot.base}/crm/v3/objects/contacts/51", {"authorization": f"Bearer {hubspot.token}"}
    before = hubspot.get("/crm/v3/objects/contacts/51").json()
    own_sandbox.advance(days=1)
    changed = client.patch(url, json={"properties": {"jobtitle": "Chief"}}, headers=headers)
    assert changed.status_code == 200
    assert_conforms("hubspot_contacts.json", HUBSPOT, changed, hubspot.base)
    after = hubspot.get("/crm/v3/objects/contacts/51", properties="jobtitle").json()
    assert after["properties"]["jobtitle"] == "Chief"
    assert after["updatedAt"] > before["updatedAt"]
    refused = [
        client.patch(url, json={"properties": {"no_such": "x"}}, headers=headers),
        client.patch(url, json={"properties": {"hs_object_id": "7"}}, headers=headers),
        client.patch(url, json={"nothing": 1}, headers=headers),
        client.patch(f"{hubspot.base}/crm/v3/objects/contacts/999999999", json={"properties": {}}, headers=headers),
    ]
    assert [one.status_code for one in refused] == [400, 400, 400, 404]
