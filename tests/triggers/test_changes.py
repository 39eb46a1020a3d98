"""What became of a row: `was`, `drop`, `rise`, `entered`, `left` against what the histories say."""

import pytest

from .yard import HEALTH, TIER, Yard, at, on, program, rule


def ask(condition: str, mrrs: dict[float, float | None], **more: object) -> list[float]:
    """On which days a rule about the one row holds, whose MRR on each day is given; `key` is what the rule sees."""
    here = Yard(program(rule("asked", when=condition, **more)))
    return days(here, mrrs)


def days(here: Yard, mrrs: dict[float, float | None]) -> list[float]:
    found = []
    for day, mrr in mrrs.items():
        here.put("customers", email="a@x.com", mrr=mrr)
        here.look(day)
        found += [day] if here.alerts("state = 'firing'") else []
    return found


@pytest.mark.parametrize(
    ("condition", "mrrs", "expected"),
    [
        ("drop(health_score, 1d) >= 20", {0: 90, 1: 70, 2: 60, 3: 40}, [1, 3]),
        ("drop(health_score, 2d) >= 30", {0: 90, 1: 70, 2: 60, 3: 40}, [2, 3]),
        ("drop(health_score, 7d) >= 20", {0: 90, 1: 10, 2: 10}, []),  # nothing is known of a week ago
        ("drop(health_score, 1d) < 0", {0: 10, 1: 30}, [1]),
        ("drop(health_score, 1d) = 0", {0: 10, 1: 10}, [1]),
        ("drop(health_score, 1d) is null", {0: 10, 1: 10, 2: None}, [0, 2]),
        ("rise(health_score, 1d) > 5.5", {0: 10, 1: 15.5, 2: 21.25}, [2]),
        ("drop(health_score, 1h) >= 20", {0: 90, 0.02: 60, 0.03: 60, 0.1: 60}, []),
        ("drop(health_score, 1h) >= 20", {0: 90, 0.05: 60, 0.06: 60, 0.1: 60}, [0.05, 0.06]),
        ("drop(health_coverage, 1d) >= 0", {0: 90, 1: 60}, [1]),
        ("was(health_score, 1d) > health_score", {0: 90, 1: 60, 2: 60}, [1]),
        ("was(health_status, 1d) = 'good' and health_status = 'bad'", {0: 90, 1: 10, 2: 10}, [1]),
        ("was(health_score, 1d) is null", {0: 90, 1: 60}, [0]),
        ("was(tier, 1d) = 'small' and tier = 'large'", {0: 90, 1: 160, 2: 170}, [1]),
        ("was(tier.small, 1d) and not tier = 'small'", {0: 90, 1: 160, 2: 170}, [1]),
        ("was(big, 1d) and not big", {0: 2000, 1: 10, 2: 10}, [1]),
        ("not was(big, 1d) and big", {0: 10, 1: 2000, 2: 2000}, [1]),
        ("was(big, 1d) is null", {0: 10, 1: 2000, 2: 2000}, [0]),
        ("entered(big)", {0: 10, 1: 2000, 2: 2000, 3: 10, 4: 2000}, [1, 4]),
        ("entered(big)", {0: 2000, 1: 2000}, []),  # who was there when the history began did not enter
        ("entered(big, 3d)", {0: 10, 1: 2000, 2: 2000, 3: 2000, 4: 2000, 5: 2000}, [1, 2, 3]),
        ("entered(big, 3d)", {0: 10, 1: 2000, 2: 10, 3: 10}, [1]),
        ("entered(tier.large)", {0: 10, 1: 200, 2: 200, 3: 10}, [1]),
        ("entered(tier.large)", {0: None, 1: 200}, [1]),
        ("left(big)", {0: 2000, 1: 10, 2: 10}, [1]),
        ("left(tier.small)", {0: 10, 1: 200, 2: 200, 3: 10, 4: None}, [1, 4]),
        ("left(tier.small, 2d)", {0: 10, 1: 200, 2: 200, 3: 200}, [1, 2]),
        ("left(big)", {0: 10, 1: 10}, []),
    ],
)
def test_when_a_rule_about_what_became_of_a_row_holds(
    condition: str, mrrs: dict[float, float | None], expected: list[float]
) -> None:
    assert ask(condition, mrrs) == expected


def test_a_day_ago_is_the_end_of_that_day_whatever_the_hour_of_the_run() -> None:
    asked = "drop(health_score, 1d) >= 20"
    assert ask(asked, {0: 90, 0.99: 60}) == [0.99], "06:00, and 05:45 of the next day"
    assert ask(asked, {0: 90, 0.5: 60, 0.99: 60}) == [], "18:00 of the same day was a day ago then"


def test_who_came_while_no_run_was_or_the_rule_could_not_be_told_has_still_come() -> None:
    here = Yard(program(rule("asked", when="entered(big)")))
    here.put("customers", email="a@x.com", mrr=10)
    here.look(0)
    here.put("customers", email="a@x.com", mrr=2000)
    here.stock.score(on(1))
    here.stock.score(on(3))
    assert here.look(4).of("asked").fired == 1
    here = Yard(program(rule("asked", when="entered(big)")))
    here.put("customers", email="a@x.com", mrr=10)
    here.look(0)
    here.put("customers", email="a@x.com", mrr=2000)
    for day in (1, 2, 3):
        assert here.look(day, stale={"shop": "silent"}).of("asked").verdict == "unknown"
    assert here.look(4).of("asked").fired == 1
    assert here.look(5).of("asked").resolved == 1


def test_every_rule_looks_back_as_far_as_its_own_last_run() -> None:
    here = Yard(program(rule("one", when="entered(big)")))
    here.put("customers", email="a@x.com", mrr=10)
    here.look(0)
    here.put("customers", email="a@x.com", mrr=2000)
    here.stock.score(on(1))
    here.edit(rule("one", when="entered(big)"), rule("two", when="entered(big)"))
    found = here.look(4)
    assert (found.of("one").fired, found.of("two").fired) == (1, 0), "a new rule looks back a day"


def test_who_moved_by_other_rules_has_neither_come_nor_gone() -> None:
    came, went = rule("came", when="entered(tier.large, 3d)"), rule("went", when="left(tier.small, 3d)")
    here = Yard(program(came, went))
    here.put("customers", email="a@x.com", mrr=50)
    here.put("customers", email="b@x.com", mrr=5)
    here.look(0)
    here.edit(came, went, tier=TIER.replace("100", "40"))
    here.put("customers", email="c@x.com", mrr=500)
    found = here.look(1)
    assert (found.of("came").open, found.of("went").open) == (0, 0), "at the moment of the change nobody can be told"
    here.put("customers", email="b@x.com", mrr=500)
    found = here.look(2)
    assert (found.of("came").open, found.of("went").open) == (1, 1)
    assert {each["key"] for each in here.alerts()} == {"b@x.com"}


def test_what_a_changed_formula_did_is_no_drop() -> None:
    drop = rule("drop", when="drop(health_score, 1d) >= 20")
    lost = rule("coverage", when="drop(health_coverage, 1d) is null")
    here = Yard(program(drop, lost))
    here.put("customers", email="a@x.com", mrr=90)
    here.put("customers", email="b@x.com", mrr=90)
    here.look(0)
    here.edit(drop, lost, vigour=HEALTH.replace("least(mrr, 100)", "least(mrr, 100) / 2"))
    here.put("customers", email="b@x.com", mrr=40)
    here.look(1)
    (alert,) = here.alerts("trigger = 'drop'")
    assert alert["key"] == "b@x.com"
    assert alert["reason"] == '{"health_score":20.0000,"drop(health_score, 1d)":50.0000}'
    assert alert["message"] == "drop", "from 90 to 40 by the formula of then; 20 is the new one's doing"
    assert {each["key"] for each in here.alerts("trigger = 'coverage'")} == {"a@x.com", "b@x.com"}


def test_a_row_is_told_apart_from_others_that_did_not_move() -> None:
    here = Yard(program(rule("drop", when="drop(health_score, 1d) >= 20 or was(big, 1d)")))
    for email, mrr in (("a@x.com", 90), ("b@x.com", 90), ("c@x.com", 1500), ("d@x.com", None)):
        here.put("customers", email=email, mrr=mrr)
    here.look(0)
    here.put("customers", email="b@x.com", mrr=60)
    here.look(1)
    assert {each["key"] for each in here.alerts("fired_at = " + f"TIMESTAMP '{at(1)}'")} == {"b@x.com", "c@x.com"}
