"""The figures of a backtest, against cases worked out by hand and against counting every pair."""

import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.proof import statistics
from execution.proof.statistics import Count

LOOKS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=60)


def counts(looks: list[tuple[int, bool]]) -> list[Count]:
    events = Counter(score for score, happened in looks if happened)
    others = Counter(score for score, happened in looks if not happened)
    return [Count(score, events[score], others[score]) for score in sorted(events | others)]


def test_auc_by_hand() -> None:
    """Events at 10 and 30, others at 20, 30 and 40: of six pairs four are right and one is a tie."""
    found = counts([(10, True), (30, True), (20, False), (30, False), (40, False)])
    assert statistics.auc(found) == pytest.approx(4.5 / 6)


@given(LOOKS)
def test_auc_is_the_share_of_pairs_in_order(looks: list[tuple[int, bool]]) -> None:
    events = [score for score, happened in looks if happened]
    others = [score for score, happened in looks if not happened]
    found = statistics.auc(counts(looks))
    if not events or not others:
        assert found is None
        return
    pairs = [Fraction(2 if a < b else 1 if a == b else 0, 2) for a in events for b in others]
    assert found == pytest.approx(float(sum(pairs) / len(pairs)))


@given(LOOKS)
def test_auc_does_not_depend_on_the_order_of_rows_and_turns_about(looks: list[tuple[int, bool]]) -> None:
    found = statistics.auc(counts(looks))
    mixed = counts(looks)
    random.Random(1).shuffle(mixed)
    assert statistics.auc(mixed) == found
    if found is not None:
        turned = statistics.auc(counts([(-score, happened) for score, happened in looks]))
        assert turned == pytest.approx(1 - found)


def test_average_precision_by_hand() -> None:
    """Ranked event, other, event: precision 1 at recall 1/2, then 2/3 at recall 1."""
    found = counts([(1, True), (2, False), (3, True)])
    assert statistics.average_precision(found) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_average_precision_of_one_tie_is_the_rate() -> None:
    assert statistics.average_precision(counts([(5, True), (5, False), (5, False), (5, False)])) == pytest.approx(0.25)


def test_figures_that_scikit_learn_gives() -> None:
    """roc_auc_score and average_precision_score of scikit-learn 1.9 for these forty looks."""
    chance = random.Random(11)
    looks = [(chance.randrange(20), chance.random() < 0.3) for _ in range(40)]
    found = counts(looks)
    assert statistics.totals(found) == statistics.Totals(SKLEARN_EVENTS, 40 - SKLEARN_EVENTS)
    assert statistics.auc(found) == pytest.approx(SKLEARN_AUC)
    assert statistics.average_precision(found) == pytest.approx(SKLEARN_PRECISION)


SKLEARN_EVENTS, SKLEARN_AUC, SKLEARN_PRECISION = 10, 0.4866666666666667, 0.3171798021798022


def test_lift_takes_as_much_of_a_tie_as_belongs_into_the_tenth() -> None:
    """Twenty looks, so the tenth is two: one event at the bottom, then a tie of four with one event."""
    looks = [(0, True), (1, True), (1, False), (1, False), (1, False)] + [(9, False)] * 15
    assert statistics.rate_in_lowest(counts(looks), Fraction(1, 10)) == pytest.approx((1 + 0.25) / 2)
    assert statistics.lift(counts(looks)) == pytest.approx((1 + 0.25) / 2 / 0.1)


def test_nothing_to_judge_gives_no_figure() -> None:
    assert statistics.auc([]) is None
    assert statistics.average_precision(counts([(1, False)])) is None
    assert statistics.lift([]) is None
    assert statistics.lift(counts([(1, False)])) is None


def test_percentiles_lie_between_neighbours() -> None:
    assert statistics.percentile([0.0, 1.0, 2.0, 3.0], 0.5) == pytest.approx(1.5)
    assert statistics.percentile([4.0], 0.975) == 4.0
