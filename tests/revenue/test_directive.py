"""The revenue directive: every mistake is told where it is, and its tests are tests."""

from pathlib import Path

import pytest

from execution.directives import Program, load, read_folder
from execution.directives.sql.memory import Memory
from execution.errors import Problem
from execution.proof import run_cases, stage

ROOT = Path(__file__).parents[2]
PATH = "directives/revenue/recurring-revenue.md"
TEXTS = read_folder(ROOT)
TEXT = TEXTS[PATH].decode()
KNOWN = Memory()
"""SQL that was checked for the test before."""


def program(text: str, **more: bytes) -> Program:
    """The shipped directives with another text for revenue."""
    return load({**TEXTS, PATH: text.encode(), **more}, KNOWN)


def mistakes(old: str, new: str) -> list[Problem]:
    assert TEXT.count(old) >= 1
    return [problem for problem in program(TEXT.replace(old, new, 1)).problems if problem.path == PATH]


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("counts: [active, past_due]", "counts: [active, overdue]", "E113", "'overdue' is none of"),
        ("counts: [active, past_due]", "counts: []", "E113", ""),
        ("counts: [active, past_due]", "counts: [active, active]", "E113", "'active' stands twice"),
        ("sources: [stripe,", "sources: [stripo,", "E131", "there is no source 'stripo'"),
        ("gap: 1d", "gap: a day", "E113", "'a day' is not a duration"),
        ("gap: 1d", "gapp: 1d", "E111", "unknown key 'gapp'"),
        ("margin: 0.80", "margin: 0", "E113", "0 should be greater than 0"),
        ("margin: 0.80", "margin: 80", "E113", "80 should be less than or equal to 1"),
        ("when detail is not null", "when detial is not null", "E147", "there is no column 'detial' here"),
        ("and reason is distinct from 'payment_disputed', false)", ", 0) + 1", "E148", "not true or false"),
        ("value: 100 * retained / nullif(opening, 0)", "value: 100 * retained / opening", "E146", "a division by zero"),
        ("value: 100 * kept / nullif(opening, 0)", "value: kept > 3", "E148", "this gives BOOLEAN, not a number"),
        ("value: 100 * kept / nullif(opening, 0)", "value: sum(kept)", "E148", "an expression is about one row"),
        ("mrr_movements:\n      - {day:", "mrr_moves:\n      - {day:", "E151", "there is no 'mrr_moves' to expect"),
        ("- {subscription_id: s1, email: a@x.com, status: canceled, currency: USD, yearly_amount: 1200,",
         "- {subscription_id: s1, mail: a@x.com, status: canceled, currency: USD, yearly_amount: 1200,",
         "E151", "'subscriptions' has no column 'mail'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_is(old: str, new: str, code: str, said: str) -> None:
    found = mistakes(old, new)
    assert [problem for problem in found if problem.code == code and said in problem.message], found


def test_there_is_one_revenue_directive() -> None:
    other = TEXT.replace("name: recurring_revenue", "name: another")
    found = program(TEXT, **{"directives/revenue/z-another.md": other.encode()}).problems
    assert [(problem.code, problem.message) for problem in found] == [("E130", "there are two revenue directives")]


def test_what_counts_is_what_projections_are_told() -> None:
    assert program(TEXT).settings.paying_statuses == ("active", "past_due")
    overlay = b"---\nextends: recurring_revenue\ncounts: [active, past_due, trialing]\n---\n"
    changed = program(TEXT, **{"directives/local/revenue.md": overlay}).require_valid()
    assert changed.settings.paying_statuses == ("active", "past_due", "trialing")
    stripe = changed.sources["stripe"]
    (case,) = [case for case in stripe.cases if case.name.startswith("trials, paused, unpaid")]
    with stage.empty() as store, stage.empty_for(store, stripe) as for_stripe:
        rows = stage.projected(for_stripe, changed, stripe, case.given, "customers")
    assert {row["email"]: row["mrr"] for row in rows} == {"a@x.com": 100, "b@x.com": 0, "c@x.com": 0}


def odd(given: str, expect: str) -> str:
    """What is said of one case, all others taken out."""
    case = f"```yaml tests\n- {{name: odd, as_of: '2026-06-30', given: {{{given}}}, expect: {{{expect}}}}}\n```\n"
    text = TEXT[: TEXT.index("```yaml tests")] + case
    (result,) = run_cases(program(text).require_valid(), [PATH])
    return "; ".join(result.differences)


SUB = (
    "{subscription_id: s1, email: a@x.com, status: active, currency: USD, yearly_amount: 120, started_at: '2026-01-01'}"
)


@pytest.mark.parametrize(
    ("given", "expect", "said"),
    [
        (f"subscriptions: [{SUB}]", "mrr_movements: [{day: '2026-01-01', kind: new, change: 10}]", ""),
        (f"subscriptions: [{SUB}]", "mrr_movements: [{day: '2026-01-01', change: 11}]", "change is 10, expected 11"),
        (f"subscriptions: [{SUB}]", "mrr_movements: []", "mrr_movements: unexpected row"),
        (f"subscriptions: [{SUB}]", "periods: []", "periods: unexpected row {first: 2026-01-01"),
        ("rates: [{currency: eur, rate: 1.1}]", "mrr_movements: []", "these rates cannot be"),
        ("rates: [{currency: EUR, rate: 0}]", "mrr_movements: []", "these rates cannot be"),
        ("subscriptions: [{subscription_id: s1, yearly_amount: much}]", "mrr_movements: []", "does not fit"),
    ],
)
def test_a_case_says_what_came_out(given: str, expect: str, said: str) -> None:
    found = odd(given, expect)
    assert said in found
    assert bool(said) == bool(found)
