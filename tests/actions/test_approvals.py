"""Approvals: what waits for a word, whose word counts, and that it does not wait for ever."""

from datetime import timedelta
from typing import Any

import pytest

from execution.actions import approvals
from execution.errors import GtmError

from .bureau import NOON, TEAM, Office, office, program, trigger


def waiting(*actions: object, **changed: str) -> tuple[Office, str]:
    """An alert one of whose actions waits for the manager."""
    it = office(quiet=trigger("quiet", actions=list(actions or ["push"])), **changed)
    alert = it.fire()
    it.plan()
    return it, alert


def decisions(it: Office) -> list[tuple[Any, ...]]:
    return it.con.execute("SELECT decision, who, note, decided_at FROM ops.approvals").fetchall()


def states(it: Office) -> list[str]:
    return [row["state"] for row in it.rows("\"do\" <> 'notify'")]


def test_what_waits_is_listed_with_whose_word_it_waits_for_and_how_long() -> None:
    it, alert = waiting()
    (each,) = approvals.listing(it.con)
    assert (each.action, each.do, each.alerts, each.approvers) == ("push", "set_field", (alert,), ("bo",))
    assert (each.asked_at, each.expires_at) == (NOON, NOON + timedelta(hours=4))
    assert states(it) == ["held"]
    assert it.send() == ["slack ada fired"]


def test_a_group_is_all_of_its_people() -> None:
    it, _ = waiting({"push": {"approval": {"by": ["everybody", "director"]}}})
    assert approvals.listing(it.con)[0].approvers == ("ada", "cy", "dee")


@pytest.mark.parametrize("who", ["bo", "BO@us.example", "Bo Diaz"])
def test_an_approved_action_is_due_at_once(who: str) -> None:
    it, alert = waiting()
    it.later(hours=1)
    (each,) = approvals.listing(it.con)
    approvals.approve(it.con, it.program, [each.outbox[:6]], who, it.at, "go on")
    assert [(row["state"], row["due_at"]) for row in it.rows("\"do\" <> 'notify'")] == [("due", it.at)]
    assert decisions(it) == [("approved", "bo", "go on", it.at)]
    assert it.log(alert, "approved") == [
        {"event": "approved", "who": "bo", "outbox": each.outbox, "action": "push", "note": "go on"}
    ]
    assert approvals.listing(it.con) == []
    it.later(hours=9)
    it.plan()
    assert states(it) == ["due"]


def test_a_denied_action_is_never_done() -> None:
    it, alert = waiting()
    (each,) = approvals.listing(it.con)
    approvals.deny(it.con, it.program, [each.outbox], "bo", it.at)
    it.later(days=1)
    it.plan()
    assert states(it) == ["dropped"]
    assert decisions(it) == [("denied", "bo", None, NOON)]
    assert it.log(alert, "denied")[0]["who"] == "bo"


def test_what_nobody_speaks_of_expires() -> None:
    it, alert = waiting()
    it.later(hours=4)
    assert it.plan().expired == 1
    assert states(it) == ["dropped"]
    assert [row["last_error"] for row in it.rows("state = 'dropped'")] == ["expired"]
    assert decisions(it) == [("expired", None, None, it.at)]
    assert len(it.log(alert, "expired")) == 1


def test_a_word_that_comes_too_late_does_not_count() -> None:
    it, _ = waiting()
    (each,) = approvals.listing(it.con)
    with pytest.raises(GtmError, match="nothing waits") as raised:
        approvals.approve(it.con, it.program, [each.outbox], "bo", NOON + timedelta(hours=4))
    assert raised.value.code == "E369"


def test_what_the_alert_of_is_resolved_waits_no_more() -> None:
    it, alert = waiting()
    it.resolve(alert)
    it.plan()
    assert states(it) == ["dropped"]
    assert decisions(it) == [("dropped", None, "resolved", NOON)]
    assert approvals.listing(it.con) == []


@pytest.mark.parametrize(
    ("who", "message"),
    [("cy", "does not wait for the word of Cy Young"), ("eve", "nobody called 'eve'"), ("", "nobody called ''")],
)
def test_only_those_who_are_asked_decide(who: str, message: str) -> None:
    it, _ = waiting()
    (each,) = approvals.listing(it.con)
    for decide in (approvals.approve, approvals.deny):
        with pytest.raises(GtmError, match=message) as raised:
            decide(it.con, it.program, [each.outbox], who, it.at)
        assert (raised.value.code, bool(raised.value.hint)) == ("E368", True)
    assert states(it) == ["held"]


def test_who_has_left_decides_nothing() -> None:
    it, _ = waiting()
    (each,) = approvals.listing(it.con)
    gone = program(team=TEAM.replace("email: bo@us.example,", "email: bo@us.example, left: 2026-06-03,"))
    with pytest.raises(GtmError, match="Bo Diaz has left") as raised:
        approvals.approve(it.con, gone, [each.outbox], "bo", it.at)
    assert raised.value.code == "E368"


def test_of_several_all_are_decided_or_none() -> None:
    it, _ = waiting("push", {"forecast": {"approval": {"by": "cy"}}})
    ids = [each.outbox for each in approvals.listing(it.con)]
    assert len(ids) == 3
    with pytest.raises(GtmError):
        approvals.approve(it.con, it.program, ids, "bo", it.at)
    assert states(it) == ["held"] * 3
    with pytest.raises(GtmError, match="nothing waits for approval under ''") as raised:
        approvals.approve(it.con, it.program, [""], "bo", it.at)
    assert raised.value.code == "E369"


def test_where_anybody_may_say_so_somebody_of_the_team_does() -> None:
    it, _ = waiting({"push": {"approval": None}})
    (each,) = approvals.listing(it.con)
    with pytest.raises(GtmError):
        approvals.approve(it.con, it.program, [each.outbox], "eve", it.at)
    approvals.approve(it.con, it.program, [each.outbox], "cy", it.at)
    assert states(it) == ["due"]


def test_a_message_can_wait_for_a_word_and_goes_beside_those_that_do_not() -> None:
    it, _ = waiting({"notify_owner": {"approval": {"by": "manager"}}}, {"notify_owner": {"to": "director"}})
    assert sorted((row["recipient"], row["state"]) for row in it.rows()) == [("ada", "held"), ("dee", "due")]
    (each,) = approvals.listing(it.con)
    approvals.approve(it.con, it.program, [each.outbox], "bo", it.at)
    assert sorted(it.send()) == ["slack ada fired", "slack dee fired"]


def test_a_message_that_waits_is_asked_for_anew_after_a_snooze() -> None:
    it, alert = waiting({"notify_owner": {"approval": {"by": "manager"}}})
    it.change(alert, snoozed_until=NOON + timedelta(hours=1))
    it.plan()
    assert approvals.listing(it.con) == []
    it.later(hours=1)
    it.plan()
    (each,) = approvals.listing(it.con)
    assert each.asked_at == it.at
