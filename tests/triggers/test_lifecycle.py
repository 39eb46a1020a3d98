"""What becomes of an alert from day to day."""

from typing import Any

import pytest

from execution.triggers import acts

from .yard import Yard, at, on, program, rule

QUIET = {"when": "quiet > 30", "message": "{name} quiet for {quiet} days"}
ANSWERS: dict[str, int | None] = {"T": 40, "F": 1, "?": None, "e": 10}
"""What the row says on a day: the rule holds, does not, is not known, or what ends it holds."""


def play(days: str, *, start: int = 0, here: Yard | None = None, **keys: object) -> Yard:
    """A letter a day of whether the rule holds; `.` is a day without a run, `x` one on which the row is gone."""
    here = here or Yard(program(rule("quiet", **{**QUIET, **keys})))
    for day, answer in enumerate(days, start=start):
        if answer == "x":
            here.drop("customers", "a@x.com")
        elif answer != ".":
            here.put("customers", email="a@x.com", name="Ann", domain="x.com", mrr=50, quiet=ANSWERS[answer])
        if answer != ".":
            here.look(day)
    return here


P, F, R, E, C = "pending", "fired", "resolved", "ended", "rule changed"


@pytest.mark.parametrize(
    ("days", "keys", "log"),
    [
        ("F", {}, []),
        ("?", {}, []),
        ("T", {}, [(0, F)]),
        ("TTT", {}, [(0, F)]),
        ("TF", {}, [(0, F), (1, R)]),
        ("T?T", {}, [(0, F)]),
        ("T?F", {}, [(0, F), (2, R)]),
        ("TFT", {}, [(0, F), (1, R), (2, F)]),
        ("Tx", {}, [(0, F), (1, R)]),
        ("TxT", {}, [(0, F), (1, R), (2, F)]),
        # it has to hold for a while
        ("TTT", {"lasting": "2d"}, [(0, P), (2, F)]),
        ("TF", {"lasting": "2d"}, [(0, P), (1, E)]),
        ("TFTTT", {"lasting": "2d"}, [(0, P), (1, E), (2, P), (4, F)]),
        ("T?T", {"lasting": "2d"}, [(0, P), (2, F)]),
        ("T??", {"lasting": "2d"}, [(0, P)]),
        ("T..T", {"lasting": "2d"}, [(0, P), (3, F)]),
        ("Tx", {"lasting": "2d"}, [(0, P), (1, E)]),
        # what ends it is not what begins it: between the two it stays
        ("TFF", {"resolve_when": "quiet = 10"}, [(0, F)]),
        ("TFe", {"resolve_when": "quiet = 10"}, [(0, F), (2, R)]),
        ("TF?e", {"resolve_when": "quiet = 10"}, [(0, F), (3, R)]),
        ("Tx", {"resolve_when": "quiet = 10"}, [(0, F), (1, R)]),
        ("TTT", {"resolve_when": "quiet > 35"}, []),
        ("TF", {"resolve_when": "quiet = 10", "lasting": "2d"}, [(0, P), (1, E)]),
        # a cooldown, from when it last fired: what still holds afterwards fires, and nothing is lost
        ("TFTTT", {"cooldown": "4d"}, [(0, F), (1, R), (4, F)]),
        ("TFTFT", {"cooldown": "4d"}, [(0, F), (1, R), (4, F)]),
        ("TTTTTFT", {"cooldown": "2d"}, [(0, F), (5, R), (6, F)]),
        ("TFTTT", {"cooldown": "2d", "lasting": "2d"}, [(0, P), (1, E), (2, P), (4, F)]),
    ],
)
def test_what_follows_from_what(days: str, keys: dict[str, Any], log: list[tuple[int, str]]) -> None:
    assert play(days, **keys).log("event <> 'updated'") == log


def test_an_open_alert_is_updated_and_never_repeated() -> None:
    here = Yard(program(rule("quiet", severity="low", **QUIET)))
    for day, quiet in enumerate((31, 32, 32)):
        here.put("customers", email="a@x.com", name="Ann", domain="x.com", mrr=50 + day, quiet=quiet)
        here.look(day)
    (alert,) = here.alerts()
    assert (alert["state"], alert["episode"], alert["item"], alert["account"]) == ("firing", 1, "", "x.com")
    assert (alert["message"], alert["reason"]) == ("Ann quiet for 32 days", '{"quiet":32}')
    assert (alert["pending_since"], alert["fired_at"], alert["last_true_at"]) == (at(0), at(0), at(2))
    assert alert["worth"] == 50, "what it was worth when it fired"
    assert here.log() == [(0, F), (1, "updated")], "a day on which only the clock went on is no line"
    here.edit(rule("quiet", severity="high", **QUIET))
    here.look(3)
    assert here.alerts()[0]["severity"] == "high"
    assert here.log()[-1] == (3, "updated")


def test_what_fires_again_is_a_new_episode_and_nobody_has_it_in_hand() -> None:
    here = play("T")
    (first,) = here.alerts()
    acts.acknowledge(here.con, [first["alert"]], "ann", on(0.5))
    acts.snooze(here.con, [first["alert"]], on(9), "ann", on(0.5))
    play("FT", start=1, here=here)
    one, two = here.alerts()
    assert (one["state"], one["acknowledged_by"], one["resolution"]) == ("resolved", "ann", "no longer holds")
    assert (two["state"], two["episode"], two["acknowledged_at"], two["snoozed_until"]) == ("firing", 2, None, None)
    assert one["alert"] != two["alert"]


def test_why_it_ended_is_said() -> None:
    ended: dict[str, Any] = {"resolve_when": "quiet = 10"}
    for days, keys, why in (("TF", {}, "no longer holds"), ("Tx", {}, "gone"), ("Te", ended, "resolve_when holds")):
        (alert,) = play(days, **keys).alerts()
        assert (alert["resolution"], alert["resolved_by"], alert["resolved_at"]) == (why, None, at(1))


def test_all_or_any_of_several_conditions() -> None:
    both = rule("both", conditions=["quiet > 30", "mrr > 100"])
    either = rule("either", conditions=["quiet > 30", "mrr > 100"], match="any")
    here = Yard(program(both, either))
    here.put("customers", email="a@x.com", quiet=40, mrr=10)
    here.put("customers", email="b@x.com", quiet=40, mrr=200)
    here.put("customers", email="c@x.com", quiet=40)
    here.put("customers", email="d@x.com", mrr=10)
    here.look(0)
    assert [(each["trigger"], each["key"]) for each in here.alerts()] == [
        ("both", "b@x.com"), ("either", "a@x.com"), ("either", "b@x.com"), ("either", "c@x.com"),
    ]  # fmt: skip


def test_a_key_tells_several_things_of_a_row_apart() -> None:
    here = Yard(program(rule("plan", when="quiet > 30", key="plan", cooldown="90d")))
    for day, plan in enumerate(("gold", "iron", None, "gold")):
        here.put("customers", email="a@x.com", quiet=40, plan=plan)
        here.look(day)
    gold, iron = here.alerts()
    assert (gold["item"], gold["state"], gold["resolution"], gold["resolved_at"]) == (
        "gold", "resolved", "item changed", at(1),
    )  # fmt: skip
    assert (iron["item"], iron["state"], iron["resolved_at"]) == ("iron", "resolved", at(3))
    assert here.log() == [(0, F), (1, F), (1, R), (3, R)], "unknown changes nothing; gold has its cooldown"


def test_companies_and_deals() -> None:
    seats = rule("seats", entity="companies", when="seats > 10", message="{domain} has {seats}")
    stuck = rule("stuck", entity="deals", when="stage = 'stuck'", message="{amount} is stuck")
    here = Yard(program(seats, stuck))
    here.put("companies", domain="x.com", seats=11)
    here.put("deals", source="shop", deal_id="d1", domain="x.com", amount="1200.5", stage="stuck")
    here.put("deals", source="crm", deal_id="d2", domain="x.com", amount=5, stage="open")
    here.look(0)
    company, deal = here.alerts()
    assert (company["key"], company["account"], company["message"]) == ("x.com", "x.com", "x.com has 11")
    assert (company["worth"], company["entity"]) == (None, "companies")
    assert (deal["key"], deal["account"], deal["message"]) == ("shop/d1", "shop/d1", "1200.5 is stuck")
    assert deal["worth"] == 1200.5
    here.drop("deals", "d1")
    here.look(1)
    assert [each["state"] for each in here.alerts()] == ["firing", "resolved"]


def test_a_condition_may_ask_for_the_moment() -> None:
    here = Yard(program(rule("due", when="$as_of >= timestamp '2026-06-03'", key="strftime($as_of, '%m')")))
    here.put("customers", email="a@x.com")
    for day in range(3):
        here.look(day)
    (alert,) = here.alerts()
    assert (alert["fired_at"], alert["item"]) == (at(2), "06")


def test_without_a_message_it_says_what_the_rule_is_called() -> None:
    here = Yard(program(rule("one", when="quiet > 30", title="Silent"), rule("two", when="quiet > 30")))
    here.put("customers", email="a@x.com", quiet=40)
    here.look(0)
    assert [each["message"] for each in here.alerts()] == ["Silent", "two"]


def test_values_in_a_message_are_written_as_people_write_them() -> None:
    text = "{{{mrr}}} {quiet} {plan} {created_at} {health_score}"
    here = Yard(program(rule("one", when="mrr > 0", message=text)))
    here.put("customers", email="a@x.com", mrr="12.5", quiet=300, created_at="2026-05-01 10:20:30")
    here.put("customers", email="b@x.com", mrr=100, plan="it's {quiet}")
    here.look(0)
    one, two = here.alerts()
    assert one["message"] == "{12.5} 300  2026-05-01 10:20 12.5"
    assert two["message"] == "{100}  it's {quiet}  100"
