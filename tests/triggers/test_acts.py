"""What people do with alerts, and how alerts are read."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from execution.errors import UsageError
from execution.triggers import acts, standing

from .yard import ROUTING, Yard, at, on, program, rule

TEAM = """\
---
kind: team
name: team
people:
  ann: {name: Ann Arbor, email: ann@us.com, crm_owner: "77"}
---
"""

RECIPIENTS = ROUTING.replace("worth:", "recipients: {owner: {columns: {customers: [plan, domain]}}}\nworth:")

RULES = (
    rule("quiet", when="quiet > 30", message="{name} is quiet", severity="high", title="Quiet"),
    rule("slow", when="quiet > 30", lasting="3d"),
    rule("dear", when="mrr > 100", severity="critical"),
    rule("tried", when="mrr > 100", status="experimental"),
)


@pytest.fixture
def here() -> Yard:
    found = Yard(program(*RULES, team=TEAM, routing=RECIPIENTS))
    found.put("customers", email="a@x.com", name="Ada", domain="x.com", mrr=50, quiet=40, plan="77")
    found.put("customers", email="b@y.com", name="Bob", domain="Ann Arbor", mrr=500, quiet=40)
    found.look(0)
    return found


def of(here: Yard, trigger: str, key: str = "a@x.com") -> str:
    (alert,) = here.alerts(f"trigger = '{trigger}' AND key = '{key}'")
    return str(alert["alert"])


def line(here: Yard, alert: str) -> dict[str, Any]:
    """The last line of an alert's log."""
    return here.stock.rows(f"FROM ops.alert_log WHERE alert = '{alert}' ORDER BY noted_at = as_of, as_of, rowid")[-1]


# --- acts ---------------------------------------------------------------------------------------


def test_acknowledged_once_by_the_first_who_does(here: Yard) -> None:
    alert = of(here, "quiet")
    assert acts.acknowledge(here.con, [alert], "ann", on(1), "I'll call") == (alert,)
    assert acts.acknowledge(here.con, [alert], "bob", on(2)) == ()
    (row,) = here.alerts(f"alert = '{alert}'")
    assert (row["acknowledged_by"], row["acknowledged_at"], row["state"]) == ("ann", at(1), "firing")
    said = line(here, alert)
    assert (said["event"], said["who"], said["as_of"], json.loads(said["detail"])) == (
        "acknowledged", "ann", at(1), {"note": "I'll call"},
    )  # fmt: skip
    assert acts.unacknowledge(here.con, [alert], "bob", on(3)) == (alert,)
    assert acts.unacknowledge(here.con, [alert], "bob", on(3)) == ()
    assert here.alerts(f"alert = '{alert}'")[0]["acknowledged_at"] is None


def test_snoozed_and_woken(here: Yard) -> None:
    alert = of(here, "quiet")
    assert acts.snooze(here.con, [alert], on(3), "ann", on(1), "on holiday") == (alert,)
    assert json.loads(line(here, alert)["detail"]) == {"until": "2026-06-04T06:00:00Z", "note": "on holiday"}
    assert acts.snooze(here.con, [alert], on(3), "ann", on(2)) == ()
    assert acts.wake(here.con, [alert], "ann", on(2)) == (alert,)
    assert acts.wake(here.con, [alert], "ann", on(2)) == ()
    assert here.alerts(f"alert = '{alert}'")[0]["snoozed_until"] is None


def test_a_false_alarm_is_resolved_and_counted(here: Yard) -> None:
    alert = of(here, "quiet")
    assert acts.mark_false(here.con, [alert], "ann", on(1), "a robot") == (alert,)
    (row,) = here.alerts(f"alert = '{alert}'")
    assert (row["state"], row["is_false_positive"], row["resolution"]) == ("resolved", True, "false positive")
    assert acts.mark_false(here.con, [alert], "ann", on(2)) == ()
    here.look(2)
    assert here.alerts("trigger = 'quiet' AND state = 'firing' AND key = 'a@x.com'") == []


def test_one_that_is_resolved_may_still_have_been_false(here: Yard) -> None:
    alert = of(here, "quiet")
    acts.resolve(here.con, [alert], "ann", on(1), "called", "all is well")
    assert acts.mark_false(here.con, [alert], "ann", on(2)) == (alert,)
    (row,) = here.alerts(f"alert = '{alert}'")
    assert (row["resolution"], row["resolved_at"], row["outcome"]) == ("by hand", at(1), "called")


def test_notes_and_outcomes_come_at_any_time(here: Yard) -> None:
    alert = of(here, "quiet")
    acts.note(here.con, [alert], "ann", on(1), "left a message")
    acts.resolve(here.con, [alert], "ann", on(2))
    acts.note(here.con, [alert], "ann", on(3), outcome="renewed")
    assert here.alerts(f"alert = '{alert}'")[0]["outcome"] == "renewed"
    assert json.loads(line(here, alert)["detail"]) == {"outcome": "renewed"}


def test_several_at_once(here: Yard) -> None:
    both = (of(here, "quiet"), of(here, "dear", "b@y.com"))
    assert acts.acknowledge(here.con, both, "ann", on(1)) == both
    assert acts.resolve(here.con, [both[0][:6], both[1], both[0]], "ann", on(1)) == both


Act = Callable[[Yard, list[str]], object]
ACTS: dict[str, Act] = {
    "acknowledge": lambda here, alerts: acts.acknowledge(here.con, alerts, "ann", on(1)),
    "unacknowledge": lambda here, alerts: acts.unacknowledge(here.con, alerts, "ann", on(1)),
    "snooze": lambda here, alerts: acts.snooze(here.con, alerts, on(2), "ann", on(1)),
    "wake": lambda here, alerts: acts.wake(here.con, alerts, "ann", on(1)),
    "resolve": lambda here, alerts: acts.resolve(here.con, alerts, "ann", on(1)),
    "mark_false": lambda here, alerts: acts.mark_false(here.con, alerts, "ann", on(1)),
    "note": lambda here, alerts: acts.note(here.con, alerts, "ann", on(1), "x"),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_unknown_alert_is_refused_and_nothing_is_changed(here: Yard, name: str) -> None:
    before = here.alerts(), here.log()
    with pytest.raises(UsageError) as caught:
        ACTS[name](here, [of(here, "quiet"), "zzz"])
    assert (caught.value.code, caught.value.message) == ("E365", "there is no alert 'zzz'")
    assert (here.alerts(), here.log()) == before


@pytest.mark.parametrize("name", [name for name in ACTS if name != "note"])
def test_one_that_has_not_fired_is_refused(here: Yard, name: str) -> None:
    with pytest.raises(UsageError, match="has not fired") as caught:
        ACTS[name](here, [of(here, "slow")])
    assert caught.value.hint


@pytest.mark.parametrize("name", [name for name in ACTS if name not in ("note", "mark_false")])
def test_one_that_is_resolved_is_refused(here: Yard, name: str) -> None:
    alert = of(here, "quiet")
    acts.resolve(here.con, [alert], "ann", on(1))
    with pytest.raises(UsageError, match="is resolved already"):
        ACTS[name](here, [alert])


def test_the_beginning_of_an_id_must_say_which(here: Yard) -> None:
    for beginning in ("", of(here, "quiet")[:2]):
        with pytest.raises(UsageError, match="too short"):
            acts.acknowledge(here.con, [beginning], "ann", on(1))
    here.con.execute("UPDATE ops.alerts SET alert = 'abc' || alert")
    with pytest.raises(UsageError, match="the beginning of several alerts"):
        acts.acknowledge(here.con, ["ABC"], "ann", on(1))


def test_a_snooze_ends_in_the_future(here: Yard) -> None:
    with pytest.raises(UsageError, match="2026-06-02 06:00 UTC is past"):
        acts.snooze(here.con, [of(here, "quiet")], on(1), "ann", on(1))


# --- reading ------------------------------------------------------------------------------------


def read(here: Yard, days: float = 1, **more: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 - it is handed on
    found = standing.listing(here.con, here.program, on(days), **more)
    return [(each.trigger, each.key, each.state) for each in found]


def test_the_gravest_first_and_what_tells_nobody_is_left_out(here: Yard) -> None:
    assert read(here) == [("dear", "b@y.com", "firing"), ("quiet", "b@y.com", "firing"), ("quiet", "a@x.com", "firing")]
    assert read(here, experimental=True)[-1] == ("tried", "b@y.com", "firing")
    assert read(here, limit=1) == [("dear", "b@y.com", "firing")]
    assert read(here, states=["pending"]) == [("slow", "b@y.com", "pending"), ("slow", "a@x.com", "pending")]
    assert len(read(here, states=())) == 5


def test_chosen_by_rule_account_severity_and_owner(here: Yard) -> None:
    assert read(here, trigger="dear") == [("dear", "b@y.com", "firing")]
    assert read(here, account="x.com") == read(here, account="a@x.com") == [("quiet", "a@x.com", "firing")]
    assert read(here, severity=["critical"]) == [("dear", "b@y.com", "firing")]
    for owner in ("ann", "ANN@us.com", "Ann Arbor"):
        assert len(read(here, owner=owner)) == 3, "by the CRM's number, and by name"
    assert read(here, owner="77") == [("quiet", "a@x.com", "firing")]
    assert read(here, owner="nobody") == []


def test_how_an_alert_stands_depends_on_the_moment(here: Yard) -> None:
    alert = of(here, "dear", "b@y.com")
    acts.acknowledge(here.con, [alert], "ann", on(0.1))
    acts.snooze(here.con, [alert], on(2), "ann", on(0.2))
    assert read(here, 1, trigger="dear") == [("dear", "b@y.com", "snoozed")]
    assert read(here, 2, trigger="dear") == [("dear", "b@y.com", "acknowledged")]
    assert read(here, 2, trigger="dear", states=["snoozed"]) == []
    acts.resolve(here.con, [alert], "ann", on(0.3))
    assert read(here, trigger="dear") == []
    assert read(here, trigger="dear", states=["resolved"]) == [("dear", "b@y.com", "resolved")]


def test_one_with_its_log(here: Yard) -> None:
    alert = of(here, "quiet")
    acts.acknowledge(here.con, [alert], "ann", on(1))
    found, log = standing.one(here.con, here.program, on(1), alert[:7])
    assert (found.name, found.owner, found.title, found.message) == ("Ada", "77", "Quiet", "Ada is quiet")
    assert (dict(found.reason), found.worth, found.account) == ({"quiet": 40}, Decimal(50), "x.com")
    assert [(each.event, each.who, each.detail) for each in log] == [
        ("fired", None, {"severity": "high", "message": "Ada is quiet"}), ("acknowledged", "ann", None),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="there is no alert"):
        standing.one(here.con, here.program, on(1), "nope")


def test_alerts_of_rules_and_rows_that_are_gone_are_still_read(here: Yard) -> None:
    here.drop("customers", "a@x.com")
    here.edit(rule("other", when="quiet > 99"))
    here.look(1)
    found = standing.listing(here.con, here.program, on(1), states=["resolved"], trigger="quiet")
    assert [(each.title, each.name) for each in found] == [("quiet", "Bob"), ("quiet", None)]
    assert {each.resolution for each in found} == {"rule removed"}


def test_a_store_that_never_had_alerts_has_none() -> None:
    here = Yard(program(*RULES))
    assert read(here) == []
    here.con.execute("DROP TABLE ops.alerts")
    assert read(here) == []
    with pytest.raises(UsageError, match="there is no alert"):
        standing.one(here.con, here.program, on(1) + timedelta(hours=1), "abc")
