"""Keeping a text within its budget: the first lists keep most, and what is left out is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from execution.context.facts import Listed
from execution.context.fitting import CLOSING, Sheet, tokens

ENVIRONMENT = Environment(trim_blocks=True, autoescape=False)  # noqa: S701 - Markdown


def written(template: str, budget: int, **values: object) -> str:
    sheet = Sheet()
    pieces = ENVIRONMENT.from_string(template).generate(values | {"cut": sheet.cut, "more": sheet.more})
    return sheet.written(pieces, budget)


TWO = """# Title
{% for item in cut(first) %}
- {{ item }}
{% endfor %}
{{ more("there") }}
## Second
{% for item in cut(second) %}
- {{ item }}
{% else %}
Nothing.
{% endfor %}
{{ more() }}
"""


def test_what_fits_is_whole() -> None:
    text = written(TWO, 1000, first=["a", "b"], second=[])
    assert text == "# Title\n- a\n- b\n\n## Second\nNothing.\n"


def test_the_first_list_keeps_more_and_both_keep_something() -> None:
    items = [f"item number {n} of a list" for n in range(40)]
    text = written(TWO, 200, first=items, second=items)
    first, second = text.split("## Second")
    kept = first.count("\n- "), second.count("\n- ")
    assert kept[0] >= kept[1] > 0
    assert f"… {40 - kept[0]} more, see there\n" in first
    assert f"… {40 - kept[1]} more\n" in second
    assert tokens(text) <= 200


def test_rows_that_were_not_read_are_counted_too() -> None:
    assert "… 98 more, see there" in written(TWO, 1000, first=Listed(("a", "b"), 100), second=[])


def test_without_a_sentence_of_its_own_a_cut_is_said_behind_the_list() -> None:
    text = written("{% for item in cut(items) %}\n- {{ item }}\n{% endfor %}\nEnd\n", 40, items=["x" * 30] * 9)
    assert "more\nEnd" in text


def test_a_list_in_a_list_goes_with_the_item_that_it_is_in() -> None:
    template = (
        "{% for one in cut(items) %}\n- {{ one }}{% for two in cut(items) %} {{ two }}{% endfor %}{{ more() }}\n\n"
        "{% endfor %}\n{{ more() }}"
    )
    text = written(template, 60, items=["abcdefgh"] * 6)
    assert tokens(text) <= 60
    assert text.count("more") == 1


def test_a_text_that_is_too_long_without_its_lists_ends_where_the_budget_does() -> None:
    text = written("```text\n" + "words and words\n" * 90 + "```\n", 50)
    assert text.endswith(f"```\n\n{CLOSING}\n")
    assert tokens(text) <= 50


@given(
    st.lists(st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), max_size=90), max_size=60),
    st.lists(st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), max_size=90), max_size=60),
    st.integers(40, 900),
)
def test_the_budget_holds_whatever_the_lists(first: list[str], second: list[str], budget: int) -> None:
    text = written(TWO, budget, first=first, second=second)
    assert tokens(text) <= budget


@pytest.mark.parametrize("text", ["", "abc", "東京", "🎉" * 9, "é" * 7])
def test_tokens_of_parts_are_never_fewer_than_those_of_the_whole(text: str) -> None:
    assert tokens(text + text) <= 2 * tokens(text)
