"""Runs that come twice, too late, too early or to an end; rules that are edited; sources that cannot be relied on."""

from typing import Any

import pytest

from execution.triggers import acts

from .test_lifecycle import ANSWERS, QUIET, play
from .yard import Yard, at, on, program, rule

SLOW = {"when": "quiet > 30", "lasting": "2d"}
TABLES = ("ops.alerts", "ops.alert_log", "ops.trigger_runs", "ops.silences", "meta.changes", "derived.moments")


def kept(here: Yard) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the store has of alerts, and how often it was changed."""
    return {table: here.con.execute(f"FROM {table} ORDER BY ALL").fetchall() for table in TABLES}


def say(here: Yard, answer: str, email: str = "a@x.com") -> None:
    here.put("customers", email=email, name="Ann", domain="x.com", mrr=50, quiet=ANSWERS[answer])


# --- again, before and after ------------------------------------------------------------------------


@pytest.mark.parametrize("days", ["T", "TF", "TFT", "F", "?"])
@pytest.mark.parametrize("keys", [{}, {"lasting": "1d"}, {"cooldown": "9d"}, {"resolve_when": "quiet = 1"}])
def test_the_same_moment_again_changes_nothing(days: str, keys: dict[str, Any]) -> None:
    here = play(days, **keys)
    before = kept(here)
    assert not here.look(len(days) - 1).is_changed
    assert kept(here) == before


def test_what_fired_and_is_undone_at_the_same_moment_has_another_id_when_it_fires_again() -> None:
    here = play("T")
    for answer in "FTFT":
        say(here, answer)
        here.look(0)
    assert [each["state"] for each in here.alerts()] == ["resolved"], "a new episode begins at a later moment"
    here.look(1)
    assert [each["episode"] for each in here.alerts()] == [1, 2]
    assert len({each["alert"] for each in here.alerts()}) == 2


def test_an_earlier_moment_changes_nothing_and_is_said() -> None:
    here = play("..T")
    before = kept(here)
    say(here, "F")
    found = here.look(1, derive=False)
    assert found.of("quiet").verdict == "earlier"
    assert found.of("quiet").why == "it was looked at as of 2026-06-03 06:00:00 UTC already"
    assert (found.is_changed, kept(here)) == (False, before)


def test_a_new_rule_is_told_at_that_moment_even_so() -> None:
    here = play("..T")
    here.edit(rule("quiet", **QUIET), rule("late", when="quiet > 30"))
    found = here.look(1, derive=False)
    assert (found.of("late").verdict, found.of("late").fired) == ("known", 1)
    assert found.of("quiet").verdict == "earlier"


def test_a_clock_that_jumps_ahead_and_back_stands_still_until_it_is_past() -> None:
    here = play("T")
    here.look(3650)
    say(here, "F")
    for day in (1, 2):
        assert here.look(day).of("quiet").verdict == "earlier"
    assert here.alerts()[0]["state"] == "firing"
    assert here.look(3651).of("quiet").resolved == 1


def test_three_days_without_a_run_lose_nothing() -> None:
    here = play("TF...T...T", lasting="4d")
    assert here.log() == [(0, "pending"), (1, "ended"), (5, "pending"), (9, "fired")]


# --- all or nothing ---------------------------------------------------------------------------------


def test_what_follows_is_written_with_it_or_nothing_is() -> None:
    here = Yard(program(rule("quiet", **QUIET)))
    say(here, "T")
    here.stock.score(on(0))
    before = kept(here)

    def killed() -> None:
        assert here.alerts()[0]["state"] == "firing", "it is called when everything is written"
        here.con.execute("INSERT INTO meta.steps VALUES ('planned', '', TIMESTAMP '2026-01-01')")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        here.look(0, then=killed, derive=False)
    assert kept(here) == before
    assert here.stock.rows("FROM meta.steps WHERE step = 'planned'") == []
    assert here.stock.rows("SELECT 1 FROM duckdb_tables() WHERE temporary") == []
    called: list[int] = []
    assert here.look(0, then=lambda: called.append(1), derive=False).of("quiet").fired == 1
    here.look(0, then=lambda: called.append(2), derive=False)
    assert called == [1, 2], "also where there was nothing to write"
    assert here.log() == [(0, "fired")]


def test_a_rule_that_fails_on_the_data_stops_no_other() -> None:
    here = Yard(program(rule("quiet", **QUIET), rule("odd", when="cast(plan as integer) > 3", cooldown="1d")))
    here.put("customers", email="a@x.com", quiet=40, plan="7")
    assert here.look(0).of("odd").fired == 1
    here.put("customers", email="b@x.com", quiet=40, plan="gold")
    found = here.look(1)
    assert found.of("odd").verdict == "failed"
    assert found.of("odd").open == 1, "its alert stays as it is"
    assert found.of("quiet").fired == 1
    error = found.failures["odd"]
    assert (error.code, error.where) == ("E364", "directives/rule1.md")
    assert "Could not convert string 'gold'" in error.message
    (row,) = here.stock.rows(f"FROM ops.trigger_runs WHERE trigger = 'odd' AND as_of = TIMESTAMP '{at(1)}'")
    assert (row["verdict"], row["open"]) == ("failed", 1)
    here.drop("customers", "b@x.com")
    assert here.look(2).of("odd").verdict == "known"


# --- edited -----------------------------------------------------------------------------------------


def test_a_rule_that_is_gone_ends_what_it_opened() -> None:
    here = Yard(program(rule("quiet", **QUIET), rule("slow", when="quiet > 30", lasting="9d")))
    say(here, "T")
    here.look(0)
    here.edit(rule("other", when="quiet > 99"))
    here.look(1)
    assert here.log("event NOT IN ('fired', 'pending')") == [
        (1, "ended"), (1, "resolved"), (1, "rule removed"), (1, "rule removed"),
    ]  # fmt: skip
    (alert,) = here.alerts()
    assert (alert["state"], alert["resolution"], alert["resolved_by"]) == ("resolved", "rule removed", None)
    here.edit()
    assert not here.look(2).is_changed


def test_a_rule_about_another_entity_is_another_rule() -> None:
    here = play("T")
    here.put("companies", domain="x.com", seats=50)
    here.edit(rule("quiet", entity="companies", when="seats > 30"))
    here.look(1)
    assert [(each["entity"], each["state"]) for each in here.alerts()] == [
        ("customers", "resolved"), ("companies", "firing"),
    ]  # fmt: skip


def test_an_edited_rule_goes_on_with_what_is_open() -> None:
    here = play("T")
    before = here.alerts()[0]["directive"]
    here.edit(rule("quiet", **{**QUIET, "when": "quiet > 35"}))
    here.look(1)
    (alert,) = here.alerts()
    assert alert["state"] == "firing"
    assert alert["directive"] != before
    assert here.log() == [(0, "fired"), (1, "rule changed")]
    assert not here.look(1).is_changed
    here.edit(rule("quiet", **{**QUIET, "when": "quiet > 99"}))
    here.look(2)
    (alert,) = here.alerts()
    assert (alert["state"], alert["resolution"]) == ("resolved", "rule changed")
    assert here.log()[2:] == [(2, "resolved"), (2, "rule changed")]


def test_a_better_description_is_no_other_rule() -> None:
    here = play("T")
    here.edit(rule("quiet", description="Those who are silent", owner="ann", tags=["x"], **QUIET))
    here.look(1)
    assert here.log() == [(0, "fired")]


def test_an_experimental_rule_is_recorded_and_begins_anew_when_it_counts() -> None:
    here = play("T", status="experimental", cooldown="30d")
    assert here.alerts()[0]["is_experimental"] is True
    here.edit(rule("quiet", cooldown="30d", **QUIET))
    here.look(1)
    first, second = here.alerts()
    assert (first["state"], first["is_experimental"], first["resolution"]) == ("resolved", True, "rule changed")
    assert (second["state"], second["is_experimental"], second["episode"]) == ("firing", False, 2)
    say(here, "F")
    here.look(2)
    say(here, "T")
    here.look(3)
    assert len(here.alerts()) == 2, "that one counts for the cooldown"


def test_a_pending_one_goes_on_when_its_rule_comes_to_count() -> None:
    here = play("T", status="experimental", lasting="2d")
    here.edit(rule("quiet", lasting="2d", **QUIET))
    here.look(2)
    assert [(each["state"], each["is_experimental"]) for each in here.alerts()] == [("firing", False)]


def test_a_deprecated_rule_opens_nothing_and_ends_what_is_open_as_ever() -> None:
    here = Yard(program(rule("quiet", **QUIET), rule("slow", **SLOW)))
    say(here, "T")
    here.look(0)
    here.edit(*(rule(name, status="deprecated", **keys) for name, keys in (("quiet", QUIET), ("slow", SLOW))))
    say(here, "T", "b@x.com")
    here.look(1)
    assert [(each["trigger"], each["key"], each["state"]) for each in here.alerts()] == [("quiet", "a@x.com", "firing")]
    assert here.stock.one("SELECT detail FROM ops.alert_log WHERE event = 'ended'") == ('{"why":"deprecated"}',)
    say(here, "F")
    here.look(2)
    assert here.states() == ["resolved"]


# --- what it rests on -------------------------------------------------------------------------------


def test_a_rule_whose_source_cannot_be_relied_on_is_unknown_and_nothing_of_it_moves() -> None:
    here = Yard(program(rule("quiet", **QUIET), rule("slow", **SLOW), rule("rich", when="mrr > 10")))
    say(here, "T")
    here.look(0)
    before = here.alerts("trigger <> 'rich'")
    for answer, day in (("F", 3), ("x", 4)):
        if answer == "x":
            here.drop("customers", "a@x.com")
        else:
            say(here, answer)
        found = here.look(day, stale={"desk": "last read 2026-06-01"})
        assert (found.of("quiet").verdict, found.of("quiet").why) == ("unknown", "desk: last read 2026-06-01")
        assert (found.of("quiet").open, found.of("slow").open) == (1, 0)
        assert found.of("rich").verdict == "known", "it rests on the shop"
        assert here.alerts("trigger <> 'rich'") == before
    say(here, "T")
    assert here.look(5).of("slow").fired == 1, "the days in between count: it holds at both ends"


def test_a_source_that_feeds_none_of_it_silences_no_rule() -> None:
    here = Yard(program(rule("quiet", **QUIET)))
    say(here, "T")
    assert here.look(0, stale={"shop": "silent", "calendar": "silent"}).of("quiet").fired == 1


# --- by hand ----------------------------------------------------------------------------------------


def test_what_was_resolved_by_hand_stays_silent_until_its_rule_has_once_not_held() -> None:
    here = play("T")
    (alert,) = here.alerts()
    acts.resolve(here.con, [alert["alert"]], "ann", on(0.5), "they answered")
    play("T?T", start=1, here=here)
    (alert,) = here.alerts()
    assert (alert["state"], alert["resolved_by"], alert["outcome"]) == ("resolved", "ann", "they answered")
    assert (alert["resolution"], alert["resolved_at"]) == ("by hand", at(0.5))
    play("FT", start=4, here=here)
    assert [(each["state"], each["episode"]) for each in here.alerts()] == [("resolved", 1), ("firing", 2)]
    assert here.log() == [(0, "fired"), (0.5, "resolved"), (5, "fired")]
    assert here.stock.rows("FROM ops.silences") == []


@pytest.mark.parametrize("gone", ["row", "rule", "item"])
def test_a_silence_ends_with_what_it_is_about(gone: str) -> None:
    here = Yard(program(rule("quiet", key="plan", **QUIET)))
    here.put("customers", email="a@x.com", quiet=40, plan="gold")
    here.look(0)
    acts.resolve(here.con, [here.alerts()[0]["alert"]], "ann", on(0.5))
    here.look(1)
    assert here.stock.rows("FROM ops.silences") != []
    if gone == "row":
        here.drop("customers", "a@x.com")
    elif gone == "rule":
        here.edit(rule("other", when="quiet > 99"))
    else:
        here.put("customers", email="a@x.com", quiet=40, plan="iron")
    here.look(2)
    assert here.stock.rows("FROM ops.silences") == []
    assert here.states() == (["resolved", "firing"] if gone == "item" else ["resolved"])


def test_a_snooze_ends_by_itself() -> None:
    here = play("T")
    acts.snooze(here.con, [here.alerts()[0]["alert"]], on(2), "ann", on(0.5))
    play("T", start=1, here=here)
    assert here.alerts()[0]["snoozed_until"] == at(2)
    play("T", start=2, here=here)
    assert here.alerts()[0]["snoozed_until"] is None
    assert here.log() == [(0, "fired"), (0.5, "snoozed"), (2, "woken")]


def test_nothing_at_all_is_no_error() -> None:
    here = Yard(program())
    found = here.look(0)
    assert (found.verdicts, found.failures, found.is_changed) == ((), {}, False)
