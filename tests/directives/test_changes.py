"""Calls about what became of a row, in the text of an expression."""

from datetime import timedelta

import pytest

from execution.directives.changes import parse


def test_a_call_becomes_a_column_as_long_as_itself() -> None:
    text = "health_score < 40 and drop(health_score, 7d) >= 20 or entered( tiers.gold )"
    parsed = parse(text)
    assert len(parsed.text) == len(text)
    assert [(each.function, each.of, each.window) for each in parsed.changes] == [
        ("drop", "health_score", timedelta(days=7)),
        ("entered", "tiers.gold", None),
    ]
    for change in parsed.changes:
        assert parsed.text[change.at :].startswith(f'"{change.column}"')


@pytest.mark.parametrize(
    "text",
    [
        "left(name, 3) = 'abc'",
        "note = 'drop(x, 7d)'",
        "drop -- (x, 7d)\n > 2",
        '"was(x, 7d)" > 2',
        "t.rise(2)",
        "dropped(x)",
    ],
)
def test_what_is_no_call_stays_as_it_is(text: str) -> None:
    assert parse(text).text == text
    assert not parse(text).changes


def test_left_is_ours_where_a_segment_or_a_time_is_named_and_sqls_where_a_number_is() -> None:
    parsed = parse("left(paying) and left(paying, 30d) and left(plan, 2) = 'ab'")
    assert [each.window for each in parsed.changes] == [None, timedelta(days=30)]


@pytest.mark.parametrize(
    "text", ["drop(health_score)", "rise(a + b, 7d)", "was(x, 7 days)", "entered('paying')", "drop("]
)
def test_a_call_that_cannot_be_read_is_told_with_its_place(text: str) -> None:
    parsed = parse(f"true and {text}")
    assert [each.at for each in parsed.misused] == [len("true and ")]
