"""HubSpot over HTTP: lists, search and its limits, property selection, deletions and merges."""

from typing import Any

import httpx
import pytest

from execution.sandbox import Options, Running, start
from execution.sandbox.hubspot.properties import NAMES
from execution.sandbox.world import moments
from tests.sandbox.conftest import Caller, hubspot_of

CONTACTS = "/crm/v3/objects/contacts"
SEARCH = CONTACTS + "/search"


def where(*filters: tuple[str, str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A search's body: one group of (property, operator, value); a list of values is for IN."""
    made = [
        {
            "propertyName": name,
            "operator": operator,
            **({"values": value} if isinstance(value, list) else {"value": value}),
        }
        for name, operator, value in filters
    ]
    return {"filterGroups": [{"filters": made}], "limit": 200, **more}


def listed(hubspot: Caller, **params: str | int) -> list[dict[str, Any]]:
    answer = hubspot.get(CONTACTS, **params).json()
    records: list[dict[str, Any]] = answer["results"]
    while "paging" in answer:
        answer = hubspot.get(CONTACTS, **{**params, "after": answer["paging"]["next"]["after"]}).json()
        records = records + answer["results"]
    return records


def found(hubspot: Caller, body: dict[str, Any]) -> list[dict[str, Any]]:
    response = hubspot.post(SEARCH, body)
    assert response.status_code == 200, response.text
    results: list[dict[str, Any]] = response.json()["results"]
    return results


def test_the_list_holds_everybody_once(hubspot: Caller, sandbox: Running) -> None:
    records = listed(hubspot, limit=7)
    ids = [int(record["id"]) for record in records]
    assert ids == sorted(set(ids))
    truth = sandbox.truth("hubspot")
    assert len(records) == truth["contacts"]
    archived = listed(hubspot, limit=100, archived="true")
    assert len(archived) == truth["archived"]
    assert all(record["archived"] and record["archivedAt"] for record in archived)
    assert truth["contacts"] + truth["archived"] == 60


def test_the_default_page_has_ten(hubspot: Caller) -> None:
    assert len(hubspot.get(CONTACTS).json()["results"]) == 10


def test_properties_are_texts_or_null(hubspot: Caller) -> None:
    records = listed(hubspot, limit=100, properties=",".join(NAMES))
    assert len(NAMES) == 40
    values = [value for record in records for value in record["properties"].values()]
    assert {type(value) for value in values} == {str, type(None)}
    assert all(set(record["properties"]) == set(NAMES) for record in records)
    assert {r["properties"]["lifecyclestage"] for r in records} >= {"lead", "customer"}
    for record in records:
        assert record["properties"]["hs_object_id"] == record["id"]
        assert record["properties"]["lastmodifieddate"] == record["updatedAt"]
    assert any(record["properties"]["email"] is None for record in records)


def test_only_what_is_asked_for_comes(hubspot: Caller) -> None:
    always = {"createdate", "hs_object_id", "lastmodifieddate"}
    asked = hubspot.get(CONTACTS, properties="email,no_such_property").json()["results"][0]
    assert set(asked["properties"]) == always | {"email"}
    plain = hubspot.get(CONTACTS).json()["results"][0]
    assert set(plain["properties"]) == always | {"email", "firstname", "lastname"}


def test_keyset_search_reads_everything(hubspot: Caller) -> None:
    everybody = listed(hubspot, limit=100)
    last = "0"
    records: list[dict[str, Any]] = []
    while True:
        body = where(("lastmodifieddate", "GTE", "0"), ("hs_object_id", "GT", last), limit=7)
        page = hubspot.post(SEARCH, body).json()
        assert page["total"] == len(everybody) - len(records)
        if not page["results"]:
            break
        records += page["results"]
        last = records[-1]["id"]
    assert [record["id"] for record in records] == [record["id"] for record in everybody]


def test_offset_search_reads_everything(hubspot: Caller) -> None:
    everybody = {record["id"] for record in listed(hubspot, limit=100)}
    body: dict[str, Any] = {"limit": 13, "sorts": [{"propertyName": "lastmodifieddate", "direction": "DESCENDING"}]}
    records = []
    while True:
        page = hubspot.post(SEARCH, body).json()
        records += page["results"]
        if "paging" not in page:
            break
        body["after"] = page["paging"]["next"]["after"]
    assert {record["id"] for record in records} == everybody
    times = [record["updatedAt"] for record in records]
    assert times == sorted(times, reverse=True)


def test_search_never_gives_the_archived(hubspot: Caller) -> None:
    gone = {record["id"] for record in listed(hubspot, limit=100, archived="true")}
    assert not gone & {record["id"] for record in found(hubspot, {"limit": 200})}


@pytest.mark.parametrize("operator", ["EQ", "NEQ", "GT", "GTE", "LT", "LTE", "BETWEEN"])
@pytest.mark.parametrize("name", ["hs_object_id", "lastmodifieddate", "createdate", "hs_analytics_num_visits"])
def test_operators_on_numbers_and_times(hubspot: Caller, operator: str, name: str) -> None:
    everybody = found(hubspot, {"limit": 200, "properties": [name]})
    value = everybody[9]["properties"][name]
    high = max((record["properties"][name] for record in everybody), key=float if "num" in name else str)
    body = where((name, operator, value), properties=[name])
    body["filterGroups"][0]["filters"][0]["highValue"] = high

    def key(text: str) -> float:
        return moments.parse(text) or float(text)

    expected = {
        record["id"]
        for record in everybody
        if {
            "EQ": key(record["properties"][name]) == key(value),
            "NEQ": key(record["properties"][name]) != key(value),
            "GT": key(record["properties"][name]) > key(value),
            "GTE": key(record["properties"][name]) >= key(value),
            "LT": key(record["properties"][name]) < key(value),
            "LTE": key(record["properties"][name]) <= key(value),
            "BETWEEN": key(value) <= key(record["properties"][name]) <= key(high),
        }[operator]
    }
    assert {record["id"] for record in found(hubspot, body)} == expected


def test_operators_on_texts(hubspot: Caller) -> None:
    everybody = found(hubspot, {"limit": 200, "properties": ["email", "country"]})
    country = everybody[0]["properties"]["country"]
    with_email = {record["id"] for record in everybody if record["properties"]["email"]}

    def ids(*filters: tuple[str, str, Any]) -> set[str]:
        return {record["id"] for record in found(hubspot, where(*filters))}

    everybody_ids = {record["id"] for record in everybody}
    assert ids(("email", "HAS_PROPERTY", None)) == with_email
    assert ids(("email", "NOT_HAS_PROPERTY", None)) == everybody_ids - with_email
    there = ids(("country", "EQ", country.upper()))
    assert there == {record["id"] for record in everybody if record["properties"]["country"] == country}
    assert ids(("country", "IN", [country.lower(), "nowhere"])) == there
    assert ids(("country", "NOT_IN", [country])) == everybody_ids - there
    domain = everybody[0]["properties"]["email"].partition("@")[2]
    assert everybody[0]["id"] in ids(("email", "CONTAINS_TOKEN", f"*@{domain}"))
    assert everybody[0]["id"] not in ids(("email", "NOT_CONTAINS_TOKEN", f"*@{domain}"))


def test_groups_are_alternatives_and_query_looks_everywhere(hubspot: Caller) -> None:
    one, two = found(hubspot, {"limit": 2})
    groups = [{"filters": [{"propertyName": "hs_object_id", "operator": "EQ", "value": r["id"]}]} for r in (two, one)]
    assert found(hubspot, {"filterGroups": groups, "limit": 9}) == [one, two]
    named = found(hubspot, {"query": one["properties"]["email"] or one["properties"]["lastname"], "limit": 9})
    assert one["id"] in {record["id"] for record in named}


def test_sorting_by_any_property(hubspot: Caller) -> None:
    records = found(hubspot, {"limit": 200, "sorts": ["-jobtitle"], "properties": ["jobtitle"]})
    titles = [record["properties"]["jobtitle"] or "" for record in records]
    assert titles == sorted(titles, key=str.casefold, reverse=True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"limit": 201}, "limit must be between"),
        ({"limit": 200, "after": "9900"}, "limited to 10000"),
        ({"after": "next"}, "after must be a number"),
        ({"filterGroups": [{"filters": []}] * 6}, "too many filters"),
        (where(*[("email", "HAS_PROPERTY", None)] * 7), "too many filters"),
        ({"sorts": ["email", "zip"]}, "only one sort"),
        (where(("no_such", "EQ", "1")), 'Property "no_such" does not exist'),
        (where(("email", "EQ", None)), "requires a value"),
        (where(("email", "IN", [])), "requires values"),
        (where(("createdate", "BETWEEN", "1")), "requires a highValue"),
        (where(("createdate", "GT", "yesterday")), "not a valid value"),
        (where(("email", "LIKE", "a")), "Invalid input JSON"),
        ([], "Invalid input JSON"),
    ],
)
def test_wrong_searches_are_refused(hubspot: Caller, body: Any, message: str) -> None:  # noqa: ANN401 - any JSON
    response = hubspot.post(SEARCH, body)
    assert response.status_code == 400
    assert message in response.json()["message"]
    assert response.json()["category"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("params", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"after": "x"}])
def test_wrong_lists_are_refused(hubspot: Caller, params: dict[str, str]) -> None:
    assert hubspot.get(CONTACTS, **params).status_code == 400


def test_one_contact(hubspot: Caller) -> None:
    first = hubspot.get(CONTACTS, limit=1, properties="email,zip").json()["results"][0]
    assert hubspot.get(f"{CONTACTS}/{first['id']}", properties="email,zip").json() == first
    email = first["properties"]["email"]
    assert hubspot.get(f"{CONTACTS}/{email}", idProperty="email", properties="email,zip").json() == first
    assert hubspot.get(f"{CONTACTS}/52").status_code == 404
    assert hubspot.get(f"{CONTACTS}/{first['id']}", archived="true").status_code == 404


def test_owners_page_and_match_the_contacts(hubspot: Caller) -> None:
    first = hubspot.get("/crm/v3/owners", limit=3).json()
    second = hubspot.get("/crm/v3/owners", limit=3, after=first["paging"]["next"]["after"]).json()
    ids = [owner["id"] for owner in (*first["results"], *second["results"])]
    assert ids == sorted(set(ids))
    everybody = hubspot.get("/crm/v3/owners").json()["results"]
    owners = {record["properties"]["hubspot_owner_id"] for record in listed(hubspot, properties="hubspot_owner_id")}
    assert owners <= {owner["id"] for owner in everybody}
    assert hubspot.get("/crm/v3/owners", email=everybody[1]["email"]).json()["results"] == [everybody[1]]
    assert hubspot.get("/crm/v3/owners/1").status_code == 404


def test_the_same_people_as_at_calendly(sandbox: Running, hubspot: Caller) -> None:
    people = set(sandbox.truth("calendly")["by_person"])
    contacts = {record["properties"]["email"] for record in listed(hubspot, limit=100)}
    both = people & contacts
    assert len(both) > 20


def test_limits_of_search_and_of_the_rest(client: httpx.Client) -> None:
    with start(Options(customers=9, vendors=("hubspot",), max_seconds=30)) as running:
        hubspot = hubspot_of(running, client)
        searches = [hubspot.post(SEARCH, {"limit": 1}) for _ in range(7)]
        assert [answer.status_code for answer in searches[:5]] == [200] * 5
        refused = [answer for answer in searches if answer.status_code == 429]
        assert refused
        assert refused[0].json()["policyName"] == "SECONDLY"
        assert not any(name.startswith("x-hubspot-ratelimit") for answer in searches for name in answer.headers)
        rest = [hubspot.get(CONTACTS) for _ in range(101)]
        assert rest[0].headers["x-hubspot-ratelimit-max"] == "100"
        assert rest[0].headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
        assert int(rest[9].headers["x-hubspot-ratelimit-remaining"]) == 90
        assert rest[0].headers["x-hubspot-ratelimit-secondly"] == "10"
        assert rest[100].status_code == 429
        assert rest[100].json()["policyName"] == "TEN_SECONDLY_ROLLING"
        assert rest[100].json()["message"] == "You have reached your ten_secondly_rolling limit."


def test_a_day_has_an_end(client: httpx.Client) -> None:
    with start(Options(customers=9, speed=0, vendors=("hubspot",), daily_limit=2, max_seconds=30)) as running:
        hubspot = hubspot_of(running, client)
        assert hubspot.get(CONTACTS).headers["x-hubspot-ratelimit-daily-remaining"] == "1"
        assert hubspot.post(SEARCH, {"limit": 1}).status_code == 200
        for refused in (hubspot.get(CONTACTS), hubspot.post(SEARCH, {"limit": 1})):
            assert refused.status_code == 429
            assert refused.json()["policyName"] == "DAILY"
            assert "retry-after" not in refused.headers


def test_rendering_ahead_changes_nothing(hubspot: Caller, client: httpx.Client) -> None:
    options = Options(customers=60, speed=0, vendors=("hubspot",), render_ahead=(NAMES, ("email",)), max_seconds=30)
    with start(options) as running:
        ahead = hubspot_of(running, client)
        for properties in (",".join(NAMES), "email"):
            assert listed(ahead, limit=100, properties=properties) == listed(hubspot, limit=100, properties=properties)


def test_what_changes_is_found_and_nothing_else(own_sandbox: Running, client: httpx.Client) -> None:
    hubspot = hubspot_of(own_sandbox, client)
    before = {record["id"]: record for record in listed(hubspot, limit=100)}
    then = own_sandbox.truth("hubspot")["last_modified"]
    own_sandbox.advance(14)
    changed = found(hubspot, where(("lastmodifieddate", "GT", then)))
    after = {record["id"]: record for record in listed(hubspot, limit=100)}
    assert changed
    expected = {key for key, record in after.items() if before.get(key) != record}
    assert {record["id"] for record in changed} == expected
    assert any(record["id"] not in before for record in changed)


def test_changes_by_hand(own_sandbox: Running, client: httpx.Client) -> None:
    hubspot = hubspot_of(own_sandbox, client)
    records = listed(hubspot, limit=100)
    first, second, third = (record["id"] for record in records[:3])
    lost = records[2]["properties"]
    own_sandbox.advance(
        changes=[
            {
                "change": "contact",
                "id": first,
                "properties": {"jobtitle": "Chief Everything", "email": "NEW@x.example"},
            },
            {"change": "archive", "id": second},
            {"change": "merge", "id": third, "into": first},
        ]
    )
    asked = "jobtitle,email,hs_merged_object_ids,hs_additional_emails"
    winner = hubspot.get(f"{CONTACTS}/{first}", properties=asked).json()
    assert lost["email"] in winner["properties"]["hs_additional_emails"].split(";")
    assert winner["properties"]["jobtitle"] == "Chief Everything"
    assert winner["properties"]["email"] == "NEW@x.example"
    assert winner["properties"]["hs_merged_object_ids"] == third
    assert hubspot.get(f"{CONTACTS}/{third}").json()["id"] == first
    ids = {record["id"] for record in listed(hubspot, limit=100)}
    assert first in ids
    assert not {second, third} & ids
    archived = {record["id"] for record in listed(hubspot, limit=100, archived="true")}
    assert second in archived
    assert third not in archived


def test_a_bulk_update_gives_everybody_one_time(own_sandbox: Running, client: httpx.Client) -> None:
    hubspot = hubspot_of(own_sandbox, client)
    listed(hubspot, limit=100)
    own_sandbox.advance(changes=[{"change": "bulk_update"}])
    assert len({record["updatedAt"] for record in listed(hubspot, limit=100)}) == 1
    ties = found(hubspot, {"limit": 200, "sorts": ["lastmodifieddate"]})
    ids = [int(record["id"]) for record in ties]
    assert ids != sorted(ids), "among equals the order promises nothing"
    assert sorted(ids) == [int(record["id"]) for record in listed(hubspot, limit=100)]


def test_search_lags_behind(client: httpx.Client) -> None:
    options = Options(customers=30, speed=0, vendors=("hubspot",), search_lag_s=3600, max_seconds=30)
    with start(options) as running:
        hubspot = hubspot_of(running, client)
        one = listed(hubspot)[0]["id"]
        running.advance(changes=[{"change": "contact", "id": one, "properties": {"zip": "1"}}])
        assert one not in {record["id"] for record in found(hubspot, {"limit": 200})}
        running.advance(days=0.5)
        assert one in {record["id"] for record in found(hubspot, {"limit": 200})}
