"""HubSpot's companies and deals over HTTP, and what belongs to what."""

from collections import Counter
from typing import Any

import httpx
import pytest

from execution.errors import GtmError
from execution.sandbox import Options, Running, start
from tests.sandbox.conftest import Caller, hubspot_of

MANY = "/crm/v4/associations/{}/{}/batch/read"


def listed(hubspot: Caller, kind: str, **params: str | int) -> list[dict[str, Any]]:
    path = f"/crm/v3/objects/{kind}"
    answer = hubspot.get(path, **{"limit": 9, **params}).json()
    records: list[dict[str, Any]] = answer["results"]
    while "paging" in answer:
        answer = hubspot.get(path, **{"limit": 9, **params, "after": answer["paging"]["next"]["after"]}).json()
        records = records + answer["results"]
    return records


@pytest.mark.parametrize("kind", ["companies", "deals"])
def test_lists_and_searches_hold_everything_once(hubspot: Caller, sandbox: Running, kind: str) -> None:
    truth, records = sandbox.truth("hubspot"), listed(hubspot, kind)
    ids = [int(one["id"]) for one in records]
    assert ids == sorted(set(ids))
    assert len(records) == truth[kind]
    assert len(listed(hubspot, kind, archived="true")) == truth[f"{kind}_archived"]
    last, found = "0", []
    while True:
        filters = [
            {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "0"},
            {"propertyName": "hs_object_id", "operator": "GT", "value": last},
        ]
        page = hubspot.post(f"/crm/v3/objects/{kind}/search", {"filterGroups": [{"filters": filters}], "limit": 7})
        results = page.json()["results"]
        if not results:
            break
        found += results
        last = results[-1]["id"]
    assert found == records


def test_deals_tell_the_accounts_story(hubspot: Caller, sandbox: Running) -> None:
    deals = listed(hubspot, "deals", properties="dealstage,amount,hs_is_closed_won,pipeline,closedate")
    stages = Counter(one["properties"]["dealstage"] for one in deals)
    assert stages == sandbox.truth("hubspot")["deal_stages"]
    assert {"closedwon", "closedlost"} <= set(stages)
    known = {
        (pipeline["id"], stage["id"])
        for pipeline in hubspot.get("/crm/v3/pipelines/deals").json()["results"]
        for stage in pipeline["stages"]
    }
    assert {(one["properties"]["pipeline"], one["properties"]["dealstage"]) for one in deals} <= known
    search = {"filterGroups": [{"filters": [{"propertyName": "amount", "operator": "NOT_HAS_PROPERTY"}]}], "limit": 9}
    without = hubspot.post("/crm/v3/objects/deals/search", search).json()
    assert without["total"] == sum(one["properties"]["amount"] is None for one in deals)


def test_contacts_and_companies_agree_who_belongs_where(hubspot: Caller) -> None:
    contacts = listed(hubspot, "contacts", properties="associatedcompanyid")
    asked = {"inputs": [{"id": one["id"]} for one in contacts]}
    answer = hubspot.post(MANY.format("contacts", "companies"), asked)
    assert answer.status_code == 207
    of = {one["from"]["id"]: [to["toObjectId"] for to in one["to"]] for one in answer.json()["results"]}
    companies = {one["id"] for one in listed(hubspot, "companies")}
    for contact in contacts:
        expected = contact["properties"]["associatedcompanyid"]
        assert of.get(contact["id"], []) == ([expected] if expected in companies else [])
    for error in answer.json()["errors"]:
        assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    lost = {id_ for error in answer.json()["errors"] for id_ in error["context"]["fromObjectId"]}
    assert lost == {one["id"] for one in contacts} - set(of)


def test_each_record_has_pages_of_its_own(client: httpx.Client) -> None:
    options = Options(customers=60, speed=0, vendors=("hubspot",), associations_page=2, max_seconds=30)
    with start(options) as running:
        hubspot = hubspot_of(running, client)
        inputs: list[dict[str, str]] = [{"id": one["id"]} for one in listed(hubspot, "companies")]
        found: dict[str, list[str]] = {}
        while inputs:
            answer = hubspot.post(MANY.format("companies", "contacts"), {"inputs": inputs}).json()
            for one in answer["results"]:
                found.setdefault(one["from"]["id"], []).extend(to["toObjectId"] for to in one["to"])
            inputs = [
                {"id": one["from"]["id"], "after": one["paging"]["next"]["after"]}
                for one in answer["results"]
                if "paging" in one
            ]
        assert max(len(ids) for ids in found.values()) > 4
        assert all(len(set(ids)) == len(ids) for ids in found.values())
        company, ids = max(found.items(), key=lambda one: len(one[1]))
        path = f"/crm/v4/objects/companies/{company}/associations/contacts"
        first = hubspot.get(path).json()
        second = hubspot.get(path, after=first["paging"]["next"]["after"]).json()
        assert [one["toObjectId"] for one in (*first["results"], *second["results"])] == ids[:4]


def test_deals_belong_to_companies_and_contacts(hubspot: Caller) -> None:
    deals = [{"id": one["id"]} for one in listed(hubspot, "deals")]
    for other in ("companies", "contacts"):
        answer = hubspot.post(MANY.format("deals", other), {"inputs": deals}).json()
        assert len(answer["results"]) > len(deals) // 2
    assert hubspot.post(MANY.format("deals", "contacts"), {"inputs": []}).status_code == 400
    assert hubspot.post(MANY.format("deals", "contacts"), []).status_code == 400


def test_many_are_read_at_once(hubspot: Caller) -> None:
    records = listed(hubspot, "companies", properties="name")[:3]
    asked = {"inputs": [{"id": one["id"]} for one in records], "properties": ["name"]}
    assert hubspot.post("/crm/v3/objects/companies/batch/read", asked).json()["results"] == records
    too_many = {"inputs": [{"id": "1"}] * 101}
    assert hubspot.post("/crm/v3/objects/companies/batch/read", too_many).status_code == 400


def test_companies_and_deals_change_by_hand(own_sandbox: Running, client: httpx.Client) -> None:
    hubspot = hubspot_of(own_sandbox, client)
    company, deal = (listed(hubspot, kind)[0]["id"] for kind in ("companies", "deals"))
    edit = {"change": "contact", "object": "companies", "id": company, "properties": {"name": "New Name"}}
    own_sandbox.advance(changes=[edit, {"change": "archive", "object": "deals", "id": deal}])
    found = hubspot.get(f"/crm/v3/objects/companies/{company}").json()
    assert found["properties"]["name"] == "New Name"
    assert found["updatedAt"] == "2026-11-02T12:00:01.000Z"
    assert deal not in {one["id"] for one in listed(hubspot, "deals")}
    assert deal in {one["id"] for one in listed(hubspot, "deals", archived="true")}
    with pytest.raises(GtmError, match="no record 5"):
        own_sandbox.advance(changes=[{"change": "archive", "object": "deals", "id": "5"}])


def test_associations_come_and_go_without_a_modification(own_sandbox: Running, client: httpx.Client) -> None:
    hubspot = hubspot_of(own_sandbox, client)
    deal, contact = listed(hubspot, "deals")[0], listed(hubspot, "contacts", limit=100)[-1]
    change = {"change": "associate", "object": "deals", "id": deal["id"], "to_object": "contacts"}

    def of(one: str, other: str, record: str) -> set[str]:
        answer = hubspot.get(f"/crm/v4/objects/{one}/{record}/associations/{other}").json()
        return {to["toObjectId"] for to in answer["results"]}

    before = of("deals", "contacts", deal["id"])
    assert contact["id"] not in before
    gone = {**change, "to_id": min(before), "undo": True}
    own_sandbox.advance(changes=[{**change, "to_id": contact["id"]}, gone])
    assert of("deals", "contacts", deal["id"]) == before - {min(before)} | {contact["id"]}
    assert deal["id"] in of("contacts", "deals", contact["id"])
    assert deal["id"] not in of("contacts", "deals", min(before))
    assert deal in listed(hubspot, "deals")
    assert contact in listed(hubspot, "contacts")
    with pytest.raises(GtmError, match="not associated with each other"):
        own_sandbox.advance(changes=[{**change, "to_object": "deals", "to_id": deal["id"]}])


def test_only_what_changed_is_newer(own_sandbox: Running, client: httpx.Client) -> None:
    hubspot = hubspot_of(own_sandbox, client)
    for kind, names in (("companies", "lifecyclestage,current_plan"), ("deals", "dealstage,hs_is_closed")):
        before = {one["id"]: one for one in listed(hubspot, kind, properties=names)}
        own_sandbox.advance(25)
        changed = [one for one in listed(hubspot, kind, properties=names) if one != before.get(one["id"])]
        assert changed
        assert all(one["updatedAt"] > "2026-11-02T12:00:00" for one in changed)


def test_who_churned_is_no_customer_any_more(own_sandbox: Running, client: httpx.Client) -> None:
    hubspot = hubspot_of(own_sandbox, client)
    paying = next(
        one
        for one in listed(hubspot, "companies", properties="lifecyclestage,stripe_customer_id")
        if one["properties"]["lifecyclestage"] == "customer"
    )
    own_sandbox.advance(changes=[{"change": "churn", "customer": paying["properties"]["stripe_customer_id"]}])
    found = hubspot.get(f"/crm/v3/objects/companies/{paying['id']}", properties="lifecyclestage").json()
    assert found["properties"]["lifecyclestage"] == "other"
    asked = {"inputs": [{"id": paying["id"]}]}
    people = hubspot.post(MANY.format("companies", "contacts"), asked).json()["results"][0]["to"]
    contact = hubspot.get(f"/crm/v3/objects/contacts/{people[0]['toObjectId']}", properties="lifecyclestage").json()
    assert contact["properties"]["lifecyclestage"] == "other"
    assert contact["updatedAt"] > "2026-11-02T12:00:00"
