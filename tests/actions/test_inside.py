"""What is done inside the workspace: tasks, fields that people then read, reports; and what goes back to HubSpot."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from execution import store
from execution.actions import reported
from execution.sandbox import Options, Running, start
from execution.sync.deriving import derive, take_fields
from execution.sync.sync_all import sync_all
from tests.actions.mailroom import NOW, Office, item
from tests.clients.vendor_spec import specs_of

TASK = {"title": "Call them", "note": "soon", "due_at": "2026-06-02T09:00:00", "to": {"name": "Ann"}, "items": [item()]}
LATER = NOW.replace(tzinfo=None) + timedelta(hours=1)


@pytest.mark.parametrize("do", ["task", "follow_up", "playbook"])
def test_a_task_is_on_somebodys_list_once(tmp_path: Path, do: str) -> None:
    office = Office.at(tmp_path)
    id_ = office.put(TASK, do=do)
    assert office.deliver().count("done") == 1
    assert office.deliver().handled == ()
    (task,) = office.rows("FROM ops.tasks")
    told_ = {name: task[name] for name in ("task", "alert", "title", "note", "assignee", "due_at", "done_at")}
    assert told_ == {
        "task": id_, "alert": "a1", "title": "Call them", "note": "soon", "assignee": "ann",
        "due_at": datetime(2026, 6, 2, 9, tzinfo=UTC).replace(tzinfo=None), "done_at": None,
    }  # fmt: skip
    assert [line["event"] for line in office.rows("FROM ops.alert_log")] == ["delivered"]


def test_a_follow_up_about_what_is_over_is_dropped(tmp_path: Path) -> None:
    office = Office.at(tmp_path)
    office.alert("a1", state="resolved")
    follow_up = office.put(TASK, do="follow_up")
    step = office.put(TASK, do="playbook")
    office.deliver()
    assert office.row(follow_up)["last_error"] == "the alert is resolved"
    assert [task["task"] for task in office.rows("FROM ops.tasks")] == [step]


def test_what_comes_up_later_waits_and_what_is_held_too(tmp_path: Path) -> None:
    office = Office.at(tmp_path)
    office.put(TASK, do="follow_up", due_at=LATER)
    office.put(TASK, do="task", state="held")
    assert office.deliver().handled == ()
    assert office.deliver(after=timedelta(hours=2)).count("done") == 1
    assert sorted(office.states()) == ["done", "held"]


def test_reports_read_what_was_added_to_them(tmp_path: Path) -> None:
    office = Office.at(tmp_path)
    for alert in ("r1", "r2"):
        office.alert(alert)
        office.put({"report": "daily"}, do="add_to_report", alert=alert)
    office.put({"report": "daily"}, do="add_to_report", alert="r1", occasion="again")
    office.put({"report": "weekly"}, do="add_to_report", alert="r1")
    office.deliver()
    with store.looking(office.workspace) as con:
        assert [row["alert"] for row in reported(con, "daily")] == ["r1", "r2"]
        assert reported(con, "monthly") == []


# --- fields -----------------------------------------------------------------------------------------

SHOP = """\
---
kind: source
name: {name}
{order}files: {{folder: imports}}
streams:
  rows: {{path: {name}.jsonl, key: id, columns: {{email: email, name: name, stage: stage, forecast: forecast}}}}
---
{blocks}
"""
PEOPLE = "```sql customers\nselect key as email, {columns} from rows\n```\n"
DEALS_OF = "```sql deals\nselect key as deal_id, stage, forecast from rows\n```\n"
ENTITY = """\
---
kind: entity
name: customers
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
  name: {type: text, from: [shop, workspace]}
  forecast: {type: text, from: [notes, workspace, shop]}
  worth: {type: decimal, from: [workspace]}
---
"""
DEALS = """\
---
kind: entity
name: deals
key: deal_id
rows: owned
columns:
  deal_id: {type: text}
  stage: {type: text, from: [shop, workspace]}
  forecast: {type: text, from: [workspace, shop]}
---
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A store with two customers and two deals, as two sources tell them."""
    shop = SHOP.format(name="shop", order="", blocks=PEOPLE.format(columns="name, forecast") + "\n" + DEALS_OF)
    made = Office.at(tmp_path, customers=ENTITY, deals=DEALS, shop=shop)
    (tmp_path / "imports").mkdir()
    rows: list[dict[str, str | None]] = [
        {"id": "a@x.com", "email": "a@x.com", "name": "Ann", "stage": "open", "forecast": "likely"},
        {"id": "b@x.com", "email": "b@x.com", "name": None, "stage": None, "forecast": None},
    ]
    text = "\n".join(json.dumps(row) for row in rows)
    (tmp_path / "imports" / "shop.jsonl").write_text(text, encoding="utf-8")
    assert sync_all(made.workspace, made.program, made.environment, clock=lambda: NOW).exit_code == 0
    return made


def set_(office: Office, entity: str, key: str, field: str, value: object, **more: object) -> str:
    return office.put({"entity": entity, "key": key, "field": field, "value": value, **more}, do="set_field")


def customers(office: Office) -> dict[str, tuple[Any, ...]]:
    rows = office.rows("FROM core.customers ORDER BY email")
    return {row["email"]: (row["name"], row["forecast"], row["worth"]) for row in rows}


def test_a_field_that_an_action_sets_is_what_people_read(office: Office) -> None:
    set_(office, "customers", "a@x.com", "forecast", "at risk")
    set_(office, "customers", "b@x.com", "worth", 12.5)
    set_(office, "customers", "b@x.com", "name", "Bo")
    set_(office, "customers", "a@x.com", "name", "Not Ann")
    set_(office, "customers", "nobody@x.com", "forecast", "at risk")
    assert office.deliver().count("done") == 5

    assert {key: tuple(map(str, row)) for key, row in customers(office).items()} == {
        "a@x.com": ("Ann", "at risk", "None"),
        "b@x.com": ("Bo", "None", "12.5000"),
    }
    with store.writer(office.workspace) as con:
        before = store.changes(con)
        derive(con, office.program, NOW)
        assert store.changes(con) == before, "there is nothing left to derive"
    assert customers(office)["a@x.com"][1] == "at risk"


def test_the_latest_counts_and_null_takes_it_back(office: Office) -> None:
    for hours, value in enumerate(("at risk", "lost", None)):
        set_(office, "customers", "a@x.com", "forecast", value)
        office.deliver(after=timedelta(hours=hours))
        assert customers(office)["a@x.com"][1] == (value or "likely")


def test_a_deal_has_its_field_by_source_and_key(office: Office) -> None:
    set_(office, "deals", "shop/a@x.com", "forecast", "commit")
    set_(office, "deals", "shop/a@x.com", "stage", "closed")
    set_(office, "deals", "shop/b@x.com", "stage", "won")
    office.deliver()
    rows = office.rows("FROM core.deals ORDER BY deal_id")
    assert [(row["stage"], row["forecast"]) for row in rows] == [("open", "commit"), ("won", None)]


def test_a_column_that_is_not_the_workspaces_stays_as_it_is(office: Office) -> None:
    set_(office, "customers", "a@x.com", "email", "evil@x.com")
    office.deliver()
    assert sorted(customers(office)) == ["a@x.com", "b@x.com"]


def test_fields_set_elsewhere_are_taken_over_by_the_next_sync(office: Office) -> None:
    with store.writer(office.workspace) as con:
        with store.change(con):
            con.execute(
                "INSERT INTO ops.fields VALUES ('customers', 'b@x.com', 'forecast', '\"lost\"', NULL, ?, 'x')", [LATER]
            )
        derive(con, office.program, NOW)
        with store.change(con):
            take_fields(con, office.program, NOW)
    assert customers(office)["b@x.com"][1] == "lost"


# --- back to HubSpot --------------------------------------------------------------------------------

HUBSPOT = """\
---
kind: source
name: hubspot
api:
  base_url: https://api.hubapi.com
  auth: {type: bearer, token: env:HUBSPOT_TOKEN}
streams:
  contacts: {path: /crm/v3/objects/contacts, records: results, key: id, columns: {email: properties.email}}
---
```sql customers
select email, key as forecast from contacts where email is not null
```
"""


@pytest.fixture(scope="module")
def crm() -> Iterator[Running]:
    with start(Options(customers=9, vendors=("hubspot",), speed=0, max_seconds=120)) as running:
        yield running


def contact(crm: Running) -> tuple[str, str]:
    headers = {"authorization": f"Bearer {crm.environment['HUBSPOT_TOKEN']}"}
    answer = httpx.get(f"{crm.url}/hubspot/crm/v3/objects/contacts", headers=headers, trust_env=False).json()
    return next((one["id"], one["properties"]["email"]) for one in answer["results"] if one["properties"]["email"])


def stage_of(crm: Running, kind: str, id_: str, name: str) -> object:
    headers = {"authorization": f"Bearer {crm.environment['HUBSPOT_TOKEN']}"}
    url = f"{crm.url}/hubspot/crm/v3/objects/{kind}/{id_}?properties={name}"
    found: object = httpx.get(url, headers=headers, trust_env=False).json()["properties"][name]
    return found


def test_a_field_goes_back_to_the_crm_once_somebody_approved(tmp_path: Path, crm: Running) -> None:
    office = Office.at(tmp_path, environment=crm.environment, hubspot=HUBSPOT)
    id_, email = contact(crm)
    more = {"write_back": "hubspot", "property": "jobtitle"}
    row = set_(office, "customers", email, "forecast", "Champion", **more)
    office.approve(row)
    refused = set_(office, "customers", email, "forecast", "Somebody else", **more)

    done = office.deliver()

    assert {one.id: one.ending for one in done.handled} == {row: "done", refused: "dropped"}
    assert office.row(refused)["last_error"] == "nobody approved that it is written back"
    assert stage_of(crm, "contacts", id_, "jobtitle") == "Champion"
    assert json.loads(office.row(row)["receipt"])["property"] == "jobtitle"
    assert len(office.rows("FROM ops.fields")) == 2


def test_a_deal_by_its_own_id_and_only_of_that_source(tmp_path: Path, crm: Running) -> None:
    office = Office.at(tmp_path, environment=crm.environment, hubspot=HUBSPOT)
    headers = {"authorization": f"Bearer {crm.environment['HUBSPOT_TOKEN']}"}
    url = f"{crm.url}/hubspot/crm/v3/objects/deals"
    deal = httpx.get(url, headers=headers, trust_env=False).json()["results"][0]["id"]
    more = {"write_back": "hubspot", "property": "description"}
    own = set_(office, "deals", f"hubspot/{deal}", "forecast", "commit", **more)
    foreign = set_(office, "deals", f"other/{deal}", "forecast", "lost", **more)
    for row in (own, foreign):
        office.approve(row)
    office.deliver()
    assert stage_of(crm, "deals", deal, "description") == "commit"
    assert office.row(foreign)["last_error"] == "HubSpot has no record of this row of deals"


def test_a_source_that_is_not_there_gets_nothing(tmp_path: Path) -> None:
    office = Office.at(tmp_path)
    row = set_(office, "customers", "a@x.com", "forecast", "x", write_back="nowhere")
    office.approve(row)
    assert office.deliver().count("dropped") == 1
    assert office.row(row)["last_error"] == "there is no such source to write back to"


@pytest.mark.parametrize(("property_", "error"), [("no_such", "answered 400"), ("hs_object_id", "answered 400")])
def test_what_hubspot_refuses_is_told(tmp_path: Path, crm: Running, property_: str, error: str) -> None:
    office = Office.at(tmp_path, environment=crm.environment, hubspot=HUBSPOT)
    row = set_(office, "customers", contact(crm)[1], "forecast", "x", write_back="hubspot", property=property_)
    office.approve(row)
    office.deliver()
    assert office.row(row)["last_error"] == error


def test_nothing_is_written_back_as_a_test_or_to_who_cannot_take_it(tmp_path: Path, crm: Running) -> None:
    office = Office.at(tmp_path, environment=crm.environment, hubspot=HUBSPOT.replace("name: hubspot", "name: other"))
    row = set_(office, "customers", contact(crm)[1], "forecast", "x", write_back="other", property="jobtitle")
    office.approve(row)
    assert office.deliver(test=True).waiting == 1
    office.deliver()
    assert office.row(row)["last_error"] == "E385 nothing can be written back to other"


def test_what_is_asked_of_hubspot_is_what_it_describes() -> None:
    body = json.dumps({"properties": {"jobtitle": "x"}}).encode()
    headers = {"authorization": "Bearer x", "content-type": "application/json"}
    base = "https://api.hubapi.com/crm/v3/objects"
    for path in ("contacts/a%40x.com?idProperty=email", "companies/1", "deals/1"):
        request = httpx.Request("PATCH", f"{base}/{path}", content=body, headers=headers)
        described = [spec for spec in specs_of("hubspot") if spec.template(request)]
        assert [spec.problems(request) for spec in described[:1]] == [[]], path
