"""What can be wrong with a segment: each mistake with its place, its words and its hint."""

import pytest

from execution import engine
from execution.directives import load

from .shop import AGE, CUSTOMERS, NEWCOMERS, TIER, WORTH, texts

OPERATOR = "7:22" if engine.VERSION.startswith("1.") else "7:17"
"""Where DuckDB points at a comparison: at its sign, from 2.0 on at its beginning."""


def test_the_shop_has_no_mistake() -> None:
    assert load(texts()).problems == ()


@pytest.mark.parametrize(
    ("old", "new", "at", "code", "message", "hint"),
    [
        ("mrr < 100", "mmr < 100", "7:17", "E147", "no column 'mmr'", "did you mean 'mrr'?"),
        ("mrr < 100", "plan < 100", OPERATOR, "E147", "VARCHAR and INTEGER cannot be compared", "cast"),
        ("mrr < 100", "mrr", "7:17", "E148", "not true or false", "comparison"),
        ("mrr < 100", "mrr <", "7:21", "E140", "syntax error", ""),
        ("mrr < 100", "now() > joined", "7:17", "E144", "depends on the clock", "$as_of"),
        ("mrr < 100", "''", "7:17", "E113", "says nothing", "as in mrr"),
        ("mrr < 100", "MRR  >= 100", "8:17", "E165", "nobody can be in 'large'", "'small' stands before"),
        ("mrr < 100", "true", "8:17", "E165", "nobody can be in 'large'", "be the last"),
        ("when: mrr < 100, ", "", "7:3", "E112", "'when' is missing", "add when:"),
        ("meaning: How much they pay\n", "", "2:1", "E112", "'meaning' is missing", ""),
        ("small:", "Small:", "7:3", "E113", "'Small' is not a name", "lower-case"),
        ("  large:", "  small:", "8:3", "E115", "stands twice", "line 7"),
        ("groups:\n", "when: mrr > 1\ngroups:\n", "2:1", "E113", "either when: or groups:", "one of the two"),
        ("name: tier", "name: newcomers", "3:7", "E130", "named 'newcomers'", "extends"),
        ("entity: customers", "entity: customer", "4:9", "E131", "no entity 'customer'", "'customers'"),
        ("name: tier", "name: plan", "3:7", "E161", "'plan' would mean two things", "a column"),
        ("name: tier", "name: age_days", "3:7", "E161", "'age_days' would mean two things", "a measure"),
    ],
)
def test_a_mistake_is_told_with_its_place(old: str, new: str, at: str, code: str, message: str, hint: str) -> None:
    assert old in TIER
    found = load(texts(tier=TIER.replace(old, new))).problems
    told = [problem for problem in found if f"{problem.line}:{problem.column}" == at and problem.code == code]
    assert told, found
    assert message in told[0].message
    assert hint in told[0].hint


def test_the_last_group_may_take_all_who_are_left() -> None:
    program = load(texts(tier=TIER.replace("mrr >= 100", "true")))
    assert program.problems == ()
    assert program.segments["tier"].groups["large"].when == "true"


@pytest.mark.parametrize(
    ("column", "code", "message", "hint"),
    [
        ("teer: {type: text, from: [segments]}", "E131", "no segment is named 'teer'", "did you mean 'tier'?"),
        ("newcomers: {type: text, from: [segments]}", "E136", "'newcomers' has two types", "gives BOOLEAN"),
        ("tier: {type: text, from: [segments, shop]}", "E113", "both read and derived", "segments"),
    ],
)
def test_a_column_that_a_segment_fills_is_a_segment(column: str, code: str, message: str, hint: str) -> None:
    entity = CUSTOMERS.replace("tier: {type: text, from: [segments]}", column)
    (found,) = (each for each in load(texts(customers=entity)).problems if each.path == "directives/customers.md")
    assert found.code == code
    assert message in found.message
    assert hint in found.hint


def test_a_segment_that_a_score_uses_may_not_depend_on_that_score() -> None:
    (found,) = load(texts(tier=TIER.replace("mrr < 100", "mrr < 100 and worth > 20"))).problems
    assert (found.code, found.path) == ("E133", "directives/worth.md")
    assert "health:worth → segment:tier → health:worth" in found.message
    assert "segment:tier names 'worth'" in found.hint


def test_not_even_through_another_segment_and_its_status() -> None:
    newcomers = NEWCOMERS.replace("age_days < 30", "worth_status = 'good'")
    worth = WORTH.replace("tier = 'large'", "newcomers")
    (found,) = load(texts(newcomers=newcomers, worth=worth)).problems
    assert found.code == "E133"
    assert "health:worth → segment:newcomers → health:worth" in found.message


def test_segments_may_not_wait_for_each_other() -> None:
    (found,) = load(texts(tier=TIER.replace("mrr < 100", "mrr < 100 and not newcomers"))).problems
    assert found.code == "E133"
    assert "segment:newcomers → segment:tier → segment:newcomers" in found.message


def test_a_score_may_use_a_segment_and_a_segment_another_score() -> None:
    again = WORTH.replace("name: worth", "name: again").replace("tier = 'large'", "newcomers")
    first = WORTH.replace("name: worth", "name: worth\nprimary: true")
    newcomers = NEWCOMERS.replace("age_days < 30", "worth_status = 'good'")
    assert load(texts(worth=first, again=again, newcomers=newcomers)).problems == ()


def test_a_segment_that_nobody_uses_is_fine() -> None:
    assert load(texts(newcomers=NEWCOMERS.replace("name: newcomers", "name: unused"))).problems == ()


def test_a_broken_measure_does_not_also_break_what_names_it() -> None:
    problems = load(texts(age=AGE.replace("type: integer", "type: whole"))).problems
    assert {problem.path for problem in problems} == {"directives/age.md"}
