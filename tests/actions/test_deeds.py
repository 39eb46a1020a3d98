"""What actions do beside telling: tasks, follow-ups, fields, playbooks, reports, agents, webhooks."""

from datetime import timedelta
from typing import Any

import pytest

from execution.errors import DataError

from .bureau import NOON, ROUTING, Office, office, trigger


def acting(*actions: object, **changed: str) -> Office:
    return office(quiet=trigger("quiet", actions=list(actions)), **changed)


def deeds(it: Office, *columns: str) -> list[tuple[Any, ...]]:
    rows = it.rows("\"do\" <> 'notify'")
    return [tuple(row[name] for name in columns) for row in rows]


@pytest.mark.parametrize(
    ("severity", "settings", "hours"),
    [("critical", {}, 2), ("low", {}, 7 * 24), ("high", {}, 7 * 24), ("critical", {"due": "30m"}, 0.5)],
)
def test_a_task_is_due_by_how_grave_it_is(severity: str, settings: dict[str, Any], hours: float) -> None:
    it = acting({"call": settings})
    alert = it.fire(severity=severity)
    it.plan()
    assert deeds(it, "do", "action", "occasion", "recipient", "state") == [("task", "call", "fired", "ada", "due")]
    (row,) = it.rows("\"do\" = 'task'")
    assert (row["alert"], row["due_at"], row["channel"]) == (alert, NOON, None)
    assert row["payload"]["title"] == "Call them: Xi"
    assert row["payload"]["due_at"] == (NOON + timedelta(hours=hours)).isoformat()
    assert row["payload"]["to"]["name"] == "ada"


def test_a_trigger_that_only_asks_for_a_task_is_told_even_so() -> None:
    it = acting("call")
    it.fire()
    it.plan()
    assert it.told() == ["slack ada fired"]


def test_a_follow_up_comes_up_after_a_while_unless_it_is_resolved() -> None:
    it = acting("nudge")
    alert = it.fire()
    it.plan()
    assert deeds(it, "do", "due_at") == [("follow_up", NOON + timedelta(hours=24))]
    it.send()
    it.later(hours=1)
    it.resolve(alert)
    assert it.plan().dropped == 1
    assert deeds(it, "state", "last_error") == [("dropped", "resolved")]
    assert {"event": "dropped", "who": None, "occasion": "fired", "action": "nudge", "why": "resolved"} in it.log(
        alert, "dropped"
    )


def test_the_steps_of_a_playbook_are_tasks_and_follow_ups() -> None:
    it = acting("rescue")
    it.fire()
    it.plan()
    assert deeds(it, "do", "action", "occasion", "due_at") == [
        ("task", "rescue", "step 1", NOON),
        ("follow_up", "rescue", "step 2", NOON + timedelta(hours=24)),
    ]
    first, second = it.rows("\"do\" <> 'notify'")
    assert first["payload"]["due_at"] == (NOON + timedelta(hours=1)).isoformat()
    assert second["payload"]["due_at"] == (NOON + timedelta(hours=48)).isoformat()


@pytest.mark.parametrize(("playbook", "left"), [("rescue", []), ("finish", ["due", "due"])])
def test_steps_to_come_are_dropped_unless_the_playbook_is_done_to_its_end(playbook: str, left: list[str]) -> None:
    it = acting(playbook)
    alert = it.fire()
    it.plan()
    it.resolve(alert)
    it.plan()
    assert [row["state"] for row in it.rows("\"do\" <> 'notify' AND state <> 'dropped'")] == left


def test_a_field_of_the_accounts_open_deals_is_set_row_by_row() -> None:
    it = acting("forecast")
    it.fire()
    it.plan()
    rows = it.rows("\"do\" = 'set_field'")
    assert sorted((row["payload"]["entity"], row["payload"]["key"]) for row in rows) == [
        ("deals", "shop/1"), ("deals", "shop/3"),
    ]  # fmt: skip
    assert {(row["payload"]["field"], row["payload"]["value"], row["state"]) for row in rows} == {
        ("forecast", "at_risk", "due")
    }
    assert len({row["id"] for row in rows}) == 2


def test_an_account_without_deals_sets_nothing() -> None:
    it = acting("forecast")
    it.fire(key="y@y.com")
    it.plan()
    assert deeds(it, "do") == []


def test_what_is_written_to_another_system_waits_for_a_word_also_where_nobody_says_whose() -> None:
    it = acting({"push": {"approval": None}})
    it.fire()
    it.plan()
    assert deeds(it, "do", "state") == [("set_field", "held")]
    payload = it.rows("\"do\" = 'set_field'")[0]["payload"]
    assert (payload["key"], payload["write_back"], payload["property"]) == ("x@x.com", "shop", "fc")
    assert it.con.execute("SELECT approvers FROM ops.approvals").fetchall() == [([],)]


def test_reports_agents_and_webhooks_get_the_alert() -> None:
    it = acting("report", "brief", "hook")
    alert = it.fire()
    it.plan()
    assert sorted(deeds(it, "do", "channel", "recipient"), key=str) == [
        ("add_to_report", None, None), ("agent_task", None, "ada"), ("post", "hook", None),
    ]  # fmt: skip
    by_verb = {row["do"]: row["payload"] for row in it.rows()}
    assert by_verb["add_to_report"]["report"] == "daily"
    assert by_verb["agent_task"]["prompt"] == "Read their last calls"
    assert all(payload["items"][0]["alert"] == alert for payload in by_verb.values())


def test_an_action_is_done_where_its_condition_holds() -> None:
    when = (
        {"call": {"when": "mrr >= 50"}},
        {"brief": {"when": "mrr < 50"}},
        {"nudge": {"when": "mrr > 0 or am is null"}},
    )
    it = acting(*when)
    it.fire()
    it.fire(key="z@z.com")  # nobody knows their mrr
    it.plan()
    assert sorted(deeds(it, "do", "recipient")) == [
        ("follow_up", "ada"), ("follow_up", "success"), ("task", "ada"),
    ]  # fmt: skip


def test_where_no_notice_holds_the_owner_is_told_even_so() -> None:
    it = acting({"notify_owner": {"to": "director", "when": "mrr > 1000"}})
    it.fire()
    it.plan()
    assert it.told() == ["slack ada fired"]


def test_a_condition_that_fails_on_the_data_is_an_error_and_nothing_is_planned() -> None:
    it = acting({"call": {"when": "name::integer > 1"}})
    it.fire()
    with pytest.raises(DataError) as raised:
        it.plan()
    assert raised.value.code == "E369"
    assert it.rows() == []


def test_the_actions_of_a_silenced_alert_wait_with_it() -> None:
    it = acting("call", "forecast")
    it.fire()
    great = it.fire("cancel", severity="critical")
    it.plan()
    assert deeds(it, "do") == []
    it.later(hours=3)
    it.resolve(great)
    it.plan()
    assert sorted({do for (do,) in deeds(it, "do")}) == ["set_field", "task"]


def test_nothing_is_done_twice_when_an_alert_is_planned_anew_after_a_snooze() -> None:
    hours = ROUTING.replace("repeat: 24h", 'quiet_hours: {from: "11:00", until: "18:00"}')
    it = acting("call", "rescue", routing=hours)
    alert = it.fire()
    it.plan()
    it.send()
    it.change(alert, snoozed_until=NOON + timedelta(hours=2))
    it.plan()
    it.later(hours=3)
    it.plan()
    assert sorted(deeds(it, "do", "occasion", "state")) == [
        ("follow_up", "step 2", "due"), ("task", "fired", "done"), ("task", "step 1", "done"),
    ]  # fmt: skip
    assert it.told() == ["slack ada fired"]
