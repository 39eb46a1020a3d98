"""Planning: who is told of which alerts through what, once; what waits, and that nothing is lost."""

import json
from datetime import datetime, timedelta

import pytest

from execution.directives import load
from execution.errors import DataError

from .bureau import FILES, NOON, ROUTING, TEAM, Office, office, trigger


def test_the_owner_is_told_through_the_channels_of_the_severity() -> None:
    it = office()
    alert = it.fire(severity="high", reason=json.dumps({"mrr": 9}), worth=50)
    assert it.plan().told == 1
    assert it.told() == ["inbox ada fired", "slack ada fired"]
    (row, _) = it.rows()
    assert (row["alert"], row["do"], row["state"], row["due_at"], row["attempts"]) == (alert, "notify", "due", NOON, 0)
    payload = row["payload"]
    assert payload["kind"] == "alert"
    assert payload["title"] == "Quiet: Xi"
    assert (payload["severity"], payload["account"], payload["why"]) == ("high", "x.com", "account owner")
    assert payload["to"] == {
        "name": "ada", "title": "Ada Okoye", "email": "ada@us.example", "slack": "U0ADA", "channel": None,
        "why": "account owner",
    }  # fmt: skip
    assert payload["items"] == [
        {
            "alert": alert, "trigger": "quiet", "title": "Quiet", "severity": "high", "entity": "customers",
            "key": "x@x.com", "name": "Xi", "account": "x.com", "message": "They are quiet", "reason": {"mrr": 9},
            "quote": None, "since": "2026-06-03T12:00:00", "worth": "50",
        }
    ]  # fmt: skip


def test_the_words_that_were_said_go_along() -> None:
    it = office()
    said = {"words": ["cancel"], "snippet": "we <b>cancel</b> & leave", "source": "intercom"}
    it.fire(reason=json.dumps({"keywords": said}))
    it.plan()
    assert it.rows()[0]["payload"]["items"][0]["quote"] == "we <b>cancel</b> & leave"


def test_a_route_stands_in_the_place_of_the_severitys_way() -> None:
    it = office()
    it.fire("sold", severity="high")
    it.plan()
    assert it.told() == ["slack dee fired"]
    assert it.rows()[0]["payload"]["slack_channel"] == "#sales"


def test_alerts_of_one_account_at_once_are_one_message_the_gravest_first() -> None:
    it = office(late=trigger("late"))
    small, grave = it.fire(severity="medium"), it.fire("late", severity="high")
    it.fire(key="y@y.com")
    it.plan()
    assert it.told() == ["inbox ada fired", "slack ada fired", "slack cy fired"]
    (message,) = it.rows("channel = 'slack' AND recipient = 'ada'")
    assert [item["alert"] for item in message["payload"]["items"]] == [grave, small]
    assert message["payload"]["title"] == "2 alerts: Xi"
    assert message["payload"]["severity"] == "high"
    assert message["alert"] == grave
    assert it.log(small, "queued")[0]["outbox"] == [message["id"]]
    (alone,) = it.rows("channel = 'inbox'")
    assert [item["alert"] for item in alone["payload"]["items"]] == [grave]


def test_what_several_actions_would_tell_one_person_is_told_once() -> None:
    it = office(
        quiet=trigger("quiet", actions=["notify_owner", {"notify_owner": {"to": ["owner", "ada", "director"]}}])
    )
    it.fire()
    it.plan()
    assert it.told() == ["slack ada fired", "slack dee fired"]


def test_an_actions_settings_stand_in_the_place_of_the_routings() -> None:
    it = office(quiet=trigger("quiet", actions=[{"notify_owner": {"channels": ["inbox"]}}]))
    it.fire()
    it.plan()
    assert it.told() == ["inbox ada fired"]


def test_an_action_that_the_routing_has_not_is_an_error_with_its_place() -> None:
    it = office(quiet=trigger("quiet", actions=["notify_all"]))
    it.fire()
    with pytest.raises(DataError, match="notify_all") as raised:
        it.plan()
    assert (raised.value.code, raised.value.where) == ("E369", "directives/quiet.md")
    assert it.rows() == []


def test_a_channel_that_is_switched_off_is_passed_over_and_the_inbox_stands_in() -> None:
    it = office(routing=ROUTING.replace("medium: {channels: [slack]}", "medium: {channels: [off, nowhere]}"))
    it.fire()
    it.plan()
    assert it.told() == ["inbox ada fired"]


def test_the_inbox_is_found_by_what_the_routing_calls_it() -> None:
    renamed = ROUTING.replace("inbox: {type: inbox}", "pulse: {type: inbox}").replace(
        "[inbox, slack]", "[pulse, slack]"
    )
    it = office(routing=renamed.replace("medium: {channels: [slack]}", "medium: {channels: [off]}"))
    it.fire()
    it.plan()
    assert it.told() == ["pulse ada fired"]


def test_mail_goes_to_those_who_have_an_address_and_to_the_members_of_a_group() -> None:
    mailing = ROUTING.replace("medium: {channels: [slack]}", "medium: {channels: [mail]}")
    team = TEAM.replace("crm_owner", "away: [{from: 2026-06-03, until: 2026-06-04}], crm_owner")
    it = office(routing=mailing, team=team)
    it.fire(key="z@z.com")
    it.plan()
    assert it.told() == ["mail cy fired"]
    assert it.rows()[0]["payload"]["why"].startswith("in the place of the account owner")


def test_who_cannot_be_reached_leaves_the_alert_in_the_inbox_with_the_reason() -> None:
    it = office(team="", routing=ROUTING)
    it.fire(severity="critical")
    it.plan()
    assert it.told() == ["inbox None fired"]
    assert it.rows()[0]["payload"]["why"] == (
        "nobody could be reached: the team does not know ADA@us.example; the team has nobody called success"
    )


@pytest.mark.parametrize("said", [{"owner": "cy"}, {"owner": "Cy@us.example"}, {}])
def test_a_personal_trigger_goes_to_its_owner_only(said: dict[str, str]) -> None:
    mine = trigger("mine", severity="critical", route="sales", actions=["notify_owner", "call"], **said)
    texts = {f"directives/{name}.md": text.encode() for name, text in FILES.items()}
    it = Office(load(texts | {"personal/cy/triggers/mine.md": mine.encode()}))
    it.fire("mine", severity="critical")
    it.plan()
    it.later(hours=2)
    it.plan()
    assert {row["recipient"] for row in it.rows()} == {"cy"}
    assert it.told() == ["inbox cy fired"]
    assert it.rows()[0]["payload"].get("why", "your own trigger") == "your own trigger"


def test_a_personal_alert_stands_in_no_channel_that_others_read() -> None:
    mine = trigger("mine", severity="critical", actions=["notify_owner"])
    routing = ROUTING.replace("off: {", "off: {enabled: true, ").replace(
        "channels: [inbox, slack]", "channels: [slack, off, mail]"
    )
    texts = {f"directives/{name}.md": text.encode() for name, text in (FILES | {"routing": routing}).items()}
    it = Office(load(texts | {"personal/ada/triggers/mine.md": mine.encode()}))
    it.fire("mine", severity="critical")
    it.plan()
    assert it.told() == ["mail ada fired", "slack ada fired"]
    assert {row["payload"]["slack_channel"] for row in it.rows()} == {"U0ADA"}


def test_a_personal_trigger_of_nobody_we_know_stays_in_the_inbox() -> None:
    texts = {f"directives/{name}.md": text.encode() for name, text in FILES.items()}
    it = Office(load(texts | {"personal/eve/triggers/mine.md": trigger("mine").encode()}))
    it.fire("mine")
    it.plan()
    assert it.told() == ["inbox None fired"]
    assert it.rows()[0]["payload"]["why"] == "nobody could be reached: the team has nobody called eve"


def test_experimental_alerts_tell_nobody_and_do_nothing() -> None:
    it = office(quiet=trigger("quiet", actions=["notify_owner", "call"]))
    alert = it.fire(is_experimental=True)
    it.plan()
    it.later(days=2)
    it.resolve(alert)
    it.plan()
    assert it.rows() == []
    assert it.everything()[1] == []


def test_pending_alerts_tell_nobody() -> None:
    it = office()
    it.fire(state="pending", fired_at=None)
    assert it.plan().told == 0
    assert it.rows() == []


def test_an_alert_of_a_run_that_died_before_planning_is_found_later() -> None:
    it = office()
    it.fire()
    it.later(days=3)
    assert it.plan().told == 1
    it.later(minutes=5)
    assert it.plan().told == 0


def test_the_alert_of_a_trigger_that_is_no_more_goes_the_way_of_its_severity() -> None:
    it = office()
    it.fire("forgotten", severity="high")
    it.plan()
    assert it.told() == ["inbox ada fired", "slack ada fired"]
    assert it.rows()[0]["payload"]["title"] == "forgotten: Xi"


def test_a_row_that_is_gone_is_called_by_its_key() -> None:
    it = office()
    it.fire(key="gone@gone.com")
    it.plan()
    assert it.told() == ["slack success fired"]
    assert it.rows()[0]["payload"]["title"] == "Quiet: gone@gone.com"


# --- what waits ---------------------------------------------------------------------------------


def test_a_silenced_alert_is_recorded_and_told_once_the_greater_one_is_over() -> None:
    it = office()
    small, great = it.fire("quiet", "y@y.com"), it.fire("cancel", "y@y.com", "critical")
    elsewhere = it.fire("quiet", "x@x.com")
    assert (it.plan().waiting, it.told()) == (1, ["inbox cy fired", "slack ada fired", "slack cy fired"])
    assert it.log(small, "queued") == [
        {"event": "queued", "who": None, "occasion": "fired", "waits": "inhibited by cancel", "inhibited by": "cancel"}
    ]
    it.send()
    it.later(hours=1)
    it.plan()
    assert len(it.log(small, "queued")) == 1
    it.resolve(great)
    assert it.plan().told == 1
    assert it.told("occasion = 'fired' AND state = 'due'") == ["slack cy fired"]
    assert [line.get("waits") for line in it.log(small, "queued")] == ["inhibited by cancel", None]
    assert elsewhere


def test_a_silenced_alert_that_ends_meanwhile_is_never_told() -> None:
    it = office()
    small, great = it.fire("quiet", "y@y.com"), it.fire("cancel", "y@y.com", "critical")
    it.plan()
    it.send()
    it.later(hours=1)
    it.resolve(small)
    it.plan()
    it.resolve(great)
    it.plan()
    assert [row["payload"]["items"][0]["alert"] for row in it.rows("recipient = 'cy'")] == [great] * 4


def test_a_message_that_waits_for_the_morning_is_taken_back_when_a_greater_alert_opens() -> None:
    it = office(routing=ROUTING.replace("repeat: 24h", 'quiet_hours: {from: "20:00", until: "07:00"}'))
    it.later(hours=10)
    small = it.fire("quiet", "y@y.com")
    it.plan()
    assert [row["due_at"] for row in it.rows()] == [datetime(2026, 6, 4, 7)]  # noqa: DTZ001
    it.later(hours=1)
    great = it.fire("cancel", "y@y.com", "critical")
    it.plan()
    assert it.told("state = 'due'") == ["inbox cy fired", "slack cy fired"]
    it.send()
    it.later(hours=12)
    it.resolve(great)
    it.plan()
    again = it.rows("state = 'due' AND occasion = 'fired'")
    assert [item["alert"] for row in again for item in row["payload"]["items"]] == [small]


def test_a_snoozed_alert_is_told_after_its_snooze() -> None:
    it = office()
    it.fire(snoozed_until=NOON + timedelta(hours=2))
    assert it.plan().waiting == 1
    assert it.told() == []
    it.later(hours=2)
    assert it.plan().told == 1
    assert it.told() == ["slack ada fired"]


def test_whoever_was_told_before_a_snooze_is_not_told_again_after_it() -> None:
    it = office(routing=ROUTING.replace("repeat: 24h", 'quiet_hours: {from: "20:00", until: "07:00"}'))
    it.later(hours=10)
    alert = it.fire(severity="high")
    it.plan()
    assert it.send() == ["inbox ada fired"]
    it.change(alert, snoozed_until=it.at + timedelta(hours=24))
    it.later(hours=10)
    it.plan()
    assert it.send() == []
    it.later(hours=16)
    it.plan()
    assert it.told("state = 'due'") == ["slack ada fired"]
    assert it.told("channel = 'inbox'") == ["inbox ada fired"]


def test_of_alerts_that_silence_each_other_the_gravest_is_told() -> None:
    rules = "inhibit:\n  - {triggers: cancel, silences: quiet}\n  - {triggers: quiet, silences: cancel}\n"
    it = office(routing=ROUTING.replace("inhibit:\n  - {triggers: cancel, severities: [medium, low]}\n", rules))
    it.fire("quiet", "y@y.com", "medium")
    it.fire("cancel", "y@y.com", "high")
    assert it.plan().waiting == 1
    assert {row["payload"]["items"][0]["trigger"] for row in it.rows()} == {"cancel"}


# --- digests ------------------------------------------------------------------------------------


def test_what_belongs_in_a_digest_is_told_there_and_nowhere_else() -> None:
    it = office(late=trigger("late"))
    one = it.fire(severity="low")
    it.plan()
    it.later(days=1)
    two = it.fire("late", severity="low")
    other = it.fire("late", "y@y.com", severity="low")
    it.plan()
    rows = it.rows()
    assert [(row["recipient"], row["occasion"], row["alert"]) for row in rows] == [
        ("ada", "digest weekly 2026-06-08", None),
        ("cy", "digest weekly 2026-06-08", None),
    ]
    assert rows[0]["due_at"] == datetime(2026, 6, 8, 7)  # noqa: DTZ001 - nine in Berlin
    assert [item["alert"] for item in rows[0]["payload"]["items"]] == [one, two]
    assert (rows[0]["payload"]["kind"], rows[0]["payload"]["title"]) == ("digest", "The week")
    assert other


def test_what_is_resolved_before_the_digest_is_left_out_of_it() -> None:
    it = office(late=trigger("late"))
    one, two = it.fire(severity="low"), it.fire("late", severity="low")
    it.plan()
    it.later(days=1)
    it.resolve(one)
    it.plan()
    (row,) = it.rows()
    assert [item["alert"] for item in row["payload"]["items"]] == [two]
    assert it.log(one, "dropped")[0]["why"] == "resolved"
    it.resolve(two)
    assert it.plan().dropped == 1
    assert [row["state"] for row in it.rows()] == ["dropped"]
    it.fire(severity="low")
    it.plan()
    assert it.told() == ["slack ada digest weekly 2026-06-08"]


def test_after_a_digest_is_gone_out_the_next_one_is_waited_for() -> None:
    it = office()
    it.at = datetime(2026, 6, 8, 7)  # noqa: DTZ001
    it.fire(severity="low")
    it.plan()
    assert it.send() == ["slack ada digest weekly 2026-06-08"]
    it.fire(severity="low", alert="late00000000")
    it.plan()
    (row,) = it.rows("state = 'due'")
    assert row["occasion"] == "digest weekly 2026-06-15"
    assert [item["alert"] for item in row["payload"]["items"]] == ["late00000000"]


def test_a_digest_that_names_its_readers_goes_to_them() -> None:
    it = office(
        quiet=trigger("quiet", route="daily"), routing=ROUTING.replace("routes:", "routes:\n  daily: {digest: daily}")
    )
    it.fire()
    it.plan()
    assert it.told() == ["slack success digest daily 2026-06-04"]


# --- the cap ------------------------------------------------------------------------------------

CAPPED = ROUTING.replace("repeat: 24h", "cap: {alerts: 2, per: 1h}")


def test_beyond_the_cap_the_gravest_are_told_first_and_the_rest_in_turn() -> None:
    it = office(routing=CAPPED, sure=trigger("sure"))
    names = {it.fire(key=f"k{n}@k{n}.com", severity="medium"): n for n in range(4)}
    it.plan()
    assert [row["due_at"] - NOON for row in it.rows()] == [
        timedelta(0),
        timedelta(0),
        timedelta(hours=1),
        timedelta(hours=1),
    ]
    grave = it.fire("sold", key="g@g.com", severity="high")
    it.plan()
    first = it.rows("due_at = ?", [NOON])
    assert grave in {row["alert"] for row in first}
    assert len(first) == 2
    assert sum(len(it.rows("due_at = ?", [NOON + timedelta(hours=hours)])) for hours in range(4)) == 5
    assert names


def test_what_was_sent_takes_its_turn_and_the_rest_goes_on_from_there() -> None:
    it = office(routing=CAPPED)
    for n in range(5):
        it.fire(key=f"k{n}@k{n}.com")
    it.plan()
    assert len(it.send()) == 2
    it.later(minutes=30)
    it.plan()
    assert it.send() == []
    it.later(minutes=30)
    it.plan()
    assert len(it.send()) == 2
    it.later(days=2)
    it.plan()
    assert len(it.send()) == 1
    assert it.rows("state = 'due'") == []


def test_one_account_at_once_counts_as_one_however_many_hear_of_it_and_the_inbox_as_none() -> None:
    everybody = trigger(
        "quiet", actions=[{"notify_owner": {"to": ["ada", "bo", "cy"], "channels": ["slack", "inbox"]}}]
    )
    it = office(routing=CAPPED, quiet=everybody)
    for n in range(3):
        it.fire(key=f"k{n}@k{n}.com")
    it.plan()
    assert len(it.rows("due_at = ?", [NOON])) == 2 * 3 + 9
    assert len(it.rows("due_at > ?", [NOON])) == 3


def test_quiet_hours_are_the_readers_and_not_the_inboxs() -> None:
    hours = ROUTING.replace("repeat: 24h", 'quiet_hours: {from: "20:00", until: "07:00"}')
    it = office(routing=hours)
    it.at = datetime(2026, 6, 3, 19)  # noqa: DTZ001 - 21:00 in Berlin
    it.fire(severity="high")
    it.fire(key="y@y.com", severity="high")
    it.plan()
    due = {(row["channel"], row["recipient"]): row["due_at"] for row in it.rows()}
    assert due == {
        ("inbox", "ada"): it.at, ("inbox", "cy"): it.at, ("slack", "cy"): it.at,
        ("slack", "ada"): datetime(2026, 6, 4, 5),  # noqa: DTZ001
    }  # fmt: skip


def test_a_message_that_was_not_sent_in_time_does_not_go_out_at_night() -> None:
    it = office(routing=ROUTING.replace("repeat: 24h", 'quiet_hours: {from: "20:00", until: "07:00"}'))
    it.fire(key="y@y.com", severity="high")
    it.plan()
    it.at = datetime(2026, 6, 3, 23)  # noqa: DTZ001
    it.plan()
    assert [row["due_at"] for row in it.rows("channel = 'slack'")] == [datetime(2026, 6, 4, 7)]  # noqa: DTZ001
