"""While an alert is open: escalation, reminders, answers that are overdue, new owners; and how it ends."""

from datetime import timedelta

from .bureau import NOON, ROUTING, TEAM, Office, office, trigger


def critical(it: Office) -> str:
    alert = it.fire("sold", severity="critical")
    it.plan()
    return alert


def test_each_step_is_taken_once_when_its_time_has_come() -> None:
    it = office()
    alert = critical(it)
    it.later(minutes=14)
    assert it.plan().escalated == 0
    it.later(minutes=1)
    assert it.plan().escalated == 1
    it.later(minutes=10)
    assert it.plan().escalated == 0
    it.later(hours=5)
    assert it.plan().escalated == 1
    assert it.told("occasion <> 'fired'") == ["slack bo escalated 15m", "slack dee escalated 1h"]
    assert [line["occasion"] for line in it.log(alert, "escalated")] == ["escalated 15m", "escalated 1h"]
    assert it.rows("occasion = 'escalated 15m'")[0]["payload"]["kind"] == "escalation"


def test_steps_that_were_missed_are_taken_together() -> None:
    it = office()
    critical(it)
    it.later(days=3)
    assert it.plan().escalated == 1
    assert it.told("occasion LIKE 'escalated%'") == ["slack bo escalated 15m", "slack dee escalated 1h"]


def test_an_acknowledged_alert_is_not_escalated_and_what_waits_is_taken_back() -> None:
    hours = ROUTING.replace("repeat: 24h", 'quiet_hours: {from: "12:10", until: "18:00", except: low}')
    it = office(routing=hours)
    alert = critical(it)
    it.send()
    it.later(minutes=15)
    it.plan()
    assert it.told("state = 'due'") == ["slack bo escalated 15m"]
    it.change(alert, acknowledged_at=it.at)
    it.later(hours=2)
    assert it.plan().dropped == 1
    assert it.told("state = 'due'") == []
    it.change(alert, acknowledged_at=None)
    it.plan()
    assert it.told("state = 'due'") == ["slack bo escalated 15m", "slack dee escalated 1h"]


def test_a_snoozed_alert_is_escalated_after_its_snooze() -> None:
    it = office()
    alert = critical(it)
    it.change(alert, snoozed_until=NOON + timedelta(hours=24))
    it.later(hours=3)
    assert it.plan().escalated == 0
    it.later(hours=21)
    assert it.plan().escalated == 1


def test_a_silenced_alert_is_not_escalated() -> None:
    rules = ROUTING.replace("severities: [medium, low]", "silences: sold")
    it = office(routing=rules)
    critical(it)
    it.fire("cancel", severity="low")
    it.later(hours=3)
    assert it.plan().escalated == 0


def test_a_step_at_once_tells_only_those_who_were_not_told() -> None:
    steps = "escalate: [{after: 0m, to: [owner, manager]}"
    it = office(routing=ROUTING.replace("escalate: [{after: 15m, to: manager}", steps))
    it.fire("cancel", severity="critical")
    it.plan()
    assert it.told() == [
        "inbox ada fired", "inbox bo escalated 0m", "slack ada fired", "slack bo escalated 0m",
    ]  # fmt: skip


def test_a_routes_own_steps_stand_in_the_place_of_the_severitys() -> None:
    it = office(routing=ROUTING.replace("sales: {", "sales: {escalate: [{after: 2h, to: cy, channels: inbox}], "))
    critical(it)
    it.later(hours=2)
    it.plan()
    assert it.told("occasion <> 'fired'") == ["inbox cy escalated 2h"]


def test_who_stands_in_for_the_manager_hears_of_the_escalation() -> None:
    it = office(
        team=TEAM.replace("manager: dee}", "manager: dee, away: [{from: 2026-06-01, until: 2026-06-09, cover: cy}]}")
    )
    critical(it)
    it.later(minutes=15)
    it.plan()
    (row,) = it.rows("occasion = 'escalated 15m'")
    assert (row["recipient"], row["payload"]["why"]) == ("cy", "stands in for Bo Diaz until 2026-06-09")


def test_an_answer_that_is_overdue_is_noted_once() -> None:
    it = office()
    alert = critical(it)
    answered = it.fire("cancel", key="y@y.com", severity="critical", acknowledged_at=it.at)
    it.later(minutes=59)
    assert it.plan().overdue == 0
    it.later(minutes=1)
    assert it.plan().overdue == 1
    it.later(hours=1)
    assert it.plan().overdue == 0
    assert it.log(alert, "noted") == [{"event": "noted", "who": None, "overdue": "1h"}]
    assert it.log(answered, "noted") == []


def test_what_nobody_acknowledged_is_told_once_more_to_the_same() -> None:
    it = office()
    alert = it.fire()
    it.plan()
    it.send()
    it.later(hours=23)
    assert it.plan().reminded == 0
    it.later(hours=1)
    assert it.plan().reminded == 1
    assert it.told("state = 'due'") == ["slack ada repeated 2026-06-04T12:00:00"]
    assert it.rows("state = 'due'")[0]["payload"]["kind"] == "reminder"
    it.send()
    it.later(hours=24)
    it.plan()
    it.send()
    it.later(hours=24)
    it.change(alert, acknowledged_at=it.at)
    assert it.plan().reminded == 0
    assert len(it.rows()) == 3


def test_nothing_is_repeated_while_it_waits_to_be_told_at_all_nor_what_a_digest_tells() -> None:
    it = office()
    it.fire()
    it.fire(key="y@y.com", severity="low")
    it.plan()
    it.later(days=3)
    assert it.plan().reminded == 0
    it.send()
    it.later(days=3)
    assert it.plan().reminded == 1


# --- owners -------------------------------------------------------------------------------------


def hand_over(it: Office, key: str, to: str | None) -> None:
    it.con.execute("UPDATE core.customers SET am_email = ? WHERE email = ?", [to, key])


def test_a_new_owner_is_told_of_what_is_open() -> None:
    it = office()
    alert, done = it.fire(), it.fire("sold", key="y@y.com")
    it.plan()
    it.send()
    it.later(hours=1)
    hand_over(it, "x@x.com", "cy@us.example")
    hand_over(it, "y@y.com", "ada@us.example")  # its route tells the director, whoever the owner is
    assert it.plan().handed_over == 1
    assert it.told("state = 'due'") == ["slack cy owner changed 2026-06-03T13:00:00"]
    (line,) = it.log(alert, "owner changed")
    assert (line["from"], line["to"]) == ("ada", ["cy"])
    it.send()
    it.later(hours=1)
    hand_over(it, "x@x.com", "ada@us.example")
    assert it.plan().handed_over == 1
    assert it.told("state = 'due'") == ["slack ada owner changed 2026-06-03T14:00:00"]
    assert done


def test_another_spelling_of_the_owner_is_no_new_owner() -> None:
    it = office()
    it.fire()
    it.plan()
    hand_over(it, "x@x.com", "Ada Okoye")
    assert it.plan().handed_over == 0
    hand_over(it, "x@x.com", None)
    it.later(hours=1)
    assert it.plan().handed_over == 1
    assert (
        it.rows("recipient = 'success'")[0]["payload"]["why"]
        == "in the place of the account owner: no account owner is known"
    )


def test_a_new_owner_is_told_after_the_snooze_and_in_the_digest_where_it_is_told_there() -> None:
    it = office()
    alert = it.fire()
    it.fire(key="y@y.com", severity="low")
    it.plan()
    it.send()
    it.change(alert, snoozed_until=NOON + timedelta(hours=5))
    hand_over(it, "x@x.com", "cy@us.example")
    hand_over(it, "y@y.com", "ada@us.example")
    it.later(hours=1)
    assert it.plan().handed_over == 1
    assert "slack ada digest weekly 2026-06-08" in it.told()
    it.later(hours=4)
    assert it.plan().handed_over == 1
    assert "slack cy owner changed 2026-06-03T17:00:00" in it.told()


# --- how it ends --------------------------------------------------------------------------------


def test_those_who_were_told_are_told_that_it_is_resolved() -> None:
    it = office()
    alert = critical(it)
    it.send()
    it.later(minutes=15)
    it.plan()
    it.send()
    it.later(minutes=5)
    it.resolve(alert)
    assert it.plan().resolved == 1
    assert it.told("state = 'due'") == ["slack bo resolved", "slack dee resolved"]
    row = it.rows("state = 'due'")[0]
    assert (row["payload"]["kind"], row["payload"]["why"]) == ("resolved", "told of it before")
    it.send()
    it.later(hours=1)
    assert it.plan().resolved == 0


def test_who_was_not_told_yet_hears_nothing_and_what_waited_is_dropped() -> None:
    it = office()
    alert = it.fire(severity="high")
    it.plan()
    it.con.execute("UPDATE ops.outbox SET state = 'done', attempts = 1 WHERE channel = 'inbox'")
    it.resolve(alert)
    planned = it.plan()
    assert (planned.dropped, planned.resolved) == (1, 1)
    assert it.told() == ["inbox ada fired", "inbox ada resolved"]
    assert it.log(alert, "dropped") == [
        {
            "event": "dropped",
            "who": None,
            "occasion": "fired",
            "action": "notify",
            "channel": "slack",
            "why": "resolved",
        }
    ]


def test_of_an_alert_that_nobody_was_told_of_nobody_hears_the_end() -> None:
    it = office()
    alert = it.fire()
    it.plan()
    it.resolve(alert)
    assert it.plan().resolved == 0
    assert it.told() == []
    assert it.log(alert, "dropped")[-1]["why"] == "nobody had been told"


def test_what_was_tried_and_may_have_arrived_counts_as_told() -> None:
    it = office()
    alert = it.fire()
    it.plan()
    it.con.execute("UPDATE ops.outbox SET attempts = 1")
    it.resolve(alert)
    it.plan()
    assert it.told() == ["slack ada resolved"]


def test_a_message_of_several_loses_the_one_that_is_resolved() -> None:
    it = office(late=trigger("late"))
    one, two = it.fire(), it.fire("late")
    it.plan()
    it.resolve(one)
    it.plan()
    (row,) = it.rows()
    assert [item["alert"] for item in row["payload"]["items"]] == [two]
    assert row["payload"]["title"] == "Late: Xi"


def test_what_a_channel_gave_up_stands_in_the_inbox() -> None:
    it = office()
    alert, both = it.fire(), it.fire(key="y@y.com", severity="high")
    it.plan()
    it.con.execute("UPDATE ops.outbox SET state = 'done', attempts = 1 WHERE channel = 'inbox'")
    it.con.execute("UPDATE ops.outbox SET state = 'dead', attempts = 8 WHERE channel = 'slack'")
    it.plan()
    (row,) = it.rows("state = 'due'")
    assert (row["channel"], row["recipient"], row["alert"]) == ("inbox", "ada", alert)
    assert row["payload"]["why"] == "account owner; slack did not take it"
    assert it.send() == ["inbox ada fired"]
    it.later(hours=1)
    it.plan()
    assert it.rows("state = 'due'") == []
    assert both


def test_a_digest_that_a_channel_gave_up_stands_in_the_inbox_once() -> None:
    for channels, expected in (("[slack]", 1), ("[inbox, slack]", 0)):
        it = office(routing=ROUTING.replace("low: {channels: [slack]", f"low: {{channels: {channels}"))
        it.fire(severity="low")
        it.plan()
        it.con.execute("UPDATE ops.outbox SET state = 'dead', attempts = 8 WHERE channel = 'slack'")
        it.con.execute("UPDATE ops.outbox SET state = 'done', attempts = 1 WHERE channel = 'inbox'")
        it.plan()
        assert len(it.rows("state = 'due' AND channel = 'inbox'")) == expected


def test_of_a_resolved_alert_nothing_is_kept_for_the_inbox() -> None:
    it = office()
    alert = it.fire()
    it.plan()
    it.con.execute("UPDATE ops.outbox SET state = 'dead', attempts = 8")
    it.resolve(alert)
    it.plan()
    assert it.told("channel = 'inbox'") == []


def test_who_left_the_team_is_told_no_more() -> None:
    it = office()
    alert = it.fire()
    it.plan()
    it.send()
    it.resolve(alert)
    from .bureau import program

    changed = program(team=TEAM.replace("ada:", "eve:").replace("[ada, cy]", "[cy]"))
    it.plan(changed)
    assert it.told() == ["slack ada fired"]
