"""The team, the routing and the playbooks that come with it: they fit each other and the demo world."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from execution import engine
from execution.actions import plan
from execution.actions.people import Directory
from execution.directives.model.routing import Inbox, Play, SetField, Task
from execution.sandbox.hubspot.ids import owner_id
from execution.sandbox.world.team import team
from tests.measures.stock import Stock, shipped

from .bureau import NOON, Office

ROUTING = shipped().routing
AT = NOON.replace(tzinfo=UTC)


def directory() -> Directory:
    return Directory(shipped().team, ROUTING, "UTC")


def demo_office() -> Office:
    """The shipped directives, a customer of the demo's first account manager, and two deals."""
    it = Office.__new__(Office)
    it.program, it.at, it.stock = shipped(), NOON, Stock()
    it.stock.put(
        "customers",
        {
            "email": "x@x.com",
            "name": "Xi",
            "company_domain": "x.com",
            "assigned_am_email": "uma.iqbal@northbeam.example",
        },
        {"email": "y@y.com", "name": "Yo", "company_domain": "y.com", "assigned_am": "Somebody Else"},
    )
    it.stock.put(
        "deals",
        {"source": "hubspot", "deal_id": "1", "company_domain": "x.com", "status": "open"},
        {"source": "hubspot", "deal_id": "2", "company_domain": "x.com", "status": "lost"},
    )
    return it


def test_the_account_managers_of_the_demo_are_of_the_team() -> None:
    for member in team(1, 60)[:7]:
        person = directory().known(member.email)
        assert person is not None
        assert person == directory().known(str(owner_id(member.number))) == directory().known(member.name)
        assert directory().told(person, "").zone == member.timezone


def test_everybody_who_is_named_is_there() -> None:
    words = {word for route in ROUTING.routes.values() for word in route.to} | {ROUTING.fallback}
    words |= {word for level in ROUTING.severities.values() for step in level.escalate for word in step.to}
    words |= {word for deed in ROUTING.actions.values() for word in getattr(deed, "to", ())}
    words |= {word for book in shipped().playbooks.values() for move in book.steps for word in move.to}
    row = {"assigned_am_email": "uma.iqbal@northbeam.example"}
    for word in sorted(filter(None, words)):
        assert directory().reach(word, "customers", row, NOON).name is not None, word


def test_nothing_but_the_inbox_is_switched_on() -> None:
    assert {name for name, channel in ROUTING.channels.items() if channel.enabled} == {"inbox"}
    assert {channel.type for channel in ROUTING.channels.values()} == {
        "inbox",
        "slack",
        "slack_webhook",
        "email",
        "webhook",
    }
    assert isinstance(ROUTING.channels["inbox"], Inbox)


def test_actions_name_what_there_is() -> None:
    for deed in ROUTING.actions.values():
        if isinstance(deed, Play):
            assert deed.playbook in shipped().playbooks
        if isinstance(deed, SetField):
            assert shipped().entities["deals"].columns[deed.field].sources == ("workspace",)
            assert deed.where is not None
            assert "open" in deed.where
            assert deed.write_back is None or deed.approval is not None


def test_tasks_have_as_long_as_their_severity_gives() -> None:
    task = ROUTING.actions["create_task"]
    assert isinstance(task, Task)
    hours = {"critical": 2, "high": 24, "medium": 48, "low": 7 * 24}
    assert task.due == {severity: timedelta(hours=each) for severity, each in hours.items()}


@pytest.mark.parametrize(
    ("playbook", "hours"),
    [("buying_signals", [2, 24, 72]), ("churn_rescue", [1, 24, 48]), ("competitive_response", [4, 24])],
)
def test_the_follow_ups_come_when_the_playbook_says(playbook: str, hours: list[int]) -> None:
    steps = shipped().playbooks[playbook].steps
    assert [step.after for step in steps] == [timedelta(hours=each) for each in hours]


def test_a_critical_alert_goes_to_the_owner_then_to_their_manager_then_to_the_director() -> None:
    it = demo_office()
    it.fire("unknown", severity="critical")
    readers: list[Any] = []
    for minutes in (0, 15, 45, 600):
        it.later(minutes=minutes)
        it.plan()
        readers.append([(row["recipient"], row["occasion"]) for row in it.rows("created_at = ?", [it.at])])
    assert readers == [
        [("uma_iqbal", "fired")],
        [("tomas_adeyemi", "escalated 15m")],
        [("mara_voss", "escalated 1h")],
        [],
    ]
    assert {row["channel"] for row in it.rows()} == {"inbox"}


def test_an_owner_whom_the_team_does_not_know_is_stood_in_for_by_customer_success() -> None:
    it = demo_office()
    it.fire("unknown", "y@y.com", "low")
    it.plan()
    (row,) = it.rows()
    assert (row["recipient"], row["occasion"]) == ("customer_success", "digest weekly 2026-06-08")
    assert row["due_at"] == datetime(2026, 6, 8, 9)  # noqa: DTZ001


def test_a_thousand_alerts_of_as_many_accounts_are_a_thousand_messages() -> None:
    it = demo_office()
    it.con.execute(
        """INSERT INTO ops.alerts BY NAME SELECT printf('%012d', n) AS alert, 'unknown' AS trigger,
            'customers' AS entity, 'x@x.com' AS key, n::VARCHAR AS item, 1 AS episode, 'a' || n AS account,
            'firing' AS state, 'medium' AS severity, false AS is_experimental, '' AS message, '{}' AS reason,
            '1' AS directive, $at AS pending_since, $at AS fired_at, $at AS last_true_at FROM range(1000) t(n)""",
        {"at": NOON},
    )
    with engine.transaction(it.con):
        planned = plan(it.con, it.program, AT)
    assert (planned.told, planned.written) == (1000, 1000)
