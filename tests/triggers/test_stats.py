"""How well rules do."""

from decimal import Decimal

import pytest

from execution.triggers import acts, stats
from execution.triggers.stats import RuleStats

from .yard import ROUTING, Yard, at, on, program, rule

REVIEW = ROUTING.replace(
    "worth:",
    """severities: {high: {respond_within: 6h}}
review: {precision: 0.6, per_week: 3, dead_after: 20d}
worth:""",
)

RULES = (
    rule("quiet", when="quiet > 30", severity="high", title="Quiet", owner="ann"),
    rule("never", when="quiet > 999"),
    rule("tried", when="quiet > 999", status="experimental"),
)


@pytest.fixture
def here() -> Yard:
    """Four people fall silent: one is answered after three hours, one after nine, one is a robot, one comes back."""
    found = Yard(program(*RULES, routing=REVIEW))
    for key, mrr in (("a", 100), ("b", 200), ("c", None), ("d", 50)):
        found.put("customers", email=f"{key}@x.com", mrr=mrr, quiet=40)
    found.look(0)
    alert = {each["key"][0]: each["alert"] for each in found.alerts()}
    acts.acknowledge(found.con, [alert["a"]], "ann", on(0.125))
    acts.acknowledge(found.con, [alert["b"]], "ann", on(0.375))
    acts.mark_false(found.con, [alert["c"]], "ann", on(0.5))
    acts.resolve(found.con, [alert["b"]], "ann", on(1))
    found.put("customers", email="d@x.com", mrr=0, quiet=1)
    found.look(2)
    return found


def of(here: Yard, trigger: str = "quiet", begin: float = -1, end: float = 2) -> RuleStats:
    found = stats.stats(here.con, here.program, on(begin), on(end))
    return next(each for each in found if each.trigger == trigger)


def test_what_became_of_the_alerts_of_a_rule(here: Yard) -> None:
    found = of(here)
    assert (found.title, found.owner, found.severity, found.status) == ("Quiet", "ann", "high", "stable")
    assert (found.fired, found.acknowledged, found.firing) == (4, 2, 1)
    assert (found.resolved_itself, found.resolved_by_hand) == (1, 2)
    assert (found.false_positives, found.handled) == (1, 3)
    assert found.precision == pytest.approx(2 / 3)
    assert found.response_median_s == 6 * 3600
    assert found.response_p90_s == pytest.approx(8.4 * 3600)
    assert found.open_median_s == 24 * 3600
    assert found.late == 3, "b and c were answered too late, d ended after two days without an answer"
    assert (found.rows, found.touched) == (4, Decimal(350)), (
        "what they were worth when it fired; of one that is not known"
    )
    assert (found.executions, found.dead, found.succeeded) == (0, 0, None)
    assert found.last_fired == at(0)


def test_a_window_without_alerts(here: Yard) -> None:
    found = of(here, begin=1)
    assert (found.fired, found.precision, found.touched, found.late) == (0, None, None, None)
    assert found.last_fired == at(0)


def test_a_row_counts_once(here: Yard) -> None:
    here.put("customers", email="d@x.com", mrr=70, quiet=40)
    here.look(3)
    assert (of(here, end=3).fired, of(here, end=3).rows, of(here, end=3).touched) == (5, 4, Decimal(370))


def test_what_to_do_about_it(here: Yard) -> None:
    assert [each.kind for each in of(here).suggestions] == ["noisy"]
    assert of(here).suggestions[0].why == "it fired 4 times a week"
    acts.mark_false(here.con, [here.alerts("key = 'a@x.com'")[0]["alert"]], "ann", on(2))
    noisy = of(here).suggestions[0]
    assert (noisy.kind, noisy.why) == ("noisy", "2 of the 3 alerts that were handled were false positives")
    alert = here.alerts("key = 'b@x.com'")[0]["alert"]
    here.con.execute("UPDATE ops.alerts SET acknowledged_at = ? WHERE alert = ?", [at(1.5), alert])
    (slow,) = [each for each in of(here).suggestions if each.kind == "slow"]
    assert slow.why == "half of the answers took longer than 19.5h; 6h are allowed"


def test_a_rule_that_tells_nothing_for_long_is_dead(here: Yard) -> None:
    assert [each.kind for each in of(here, "never", end=19).suggestions] == []
    (dead,) = of(here, "never", end=20).suggestions
    assert dead.why == "it has told nothing since 2026-06-01"
    assert of(here, "tried", end=20).suggestions == (), "that is what experiments are for"
    assert [each.why for each in of(here, end=20).suggestions if each.kind == "dead"] == ["it last fired 2026-06-01"]


def test_without_a_word_on_it_nothing_is_noisy_or_dead(here: Yard) -> None:
    here.edit(*RULES)
    assert [each.suggestions for each in stats.stats(here.con, here.program, on(-1), on(99))] == [(), (), ()]


def test_what_was_done_for_them(here: Yard) -> None:
    table = "ops.outbox (id VARCHAR, alert VARCHAR, state VARCHAR, created_at TIMESTAMP)"
    here.con.execute(f"CREATE OR REPLACE TABLE {table}")
    alert = here.alerts()[0]["alert"]
    for state in ("done", "done", "done", "dead", "due", "held"):
        here.con.execute("INSERT INTO ops.outbox VALUES (?, ?, ?, ?)", [state, alert, state, at(1)])
    found = of(here)
    assert (found.executions, found.dead, found.succeeded) == (3, 1, 0.75)


def test_a_store_that_never_had_alerts_has_none() -> None:
    here = Yard(program(*RULES))
    here.con.execute("DROP TABLE ops.alerts")
    assert stats.stats(here.con, here.program, on(0), on(1)) == ()
