"""Messages with facts in them, and regular expressions as they are looked through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.directives.messages import Named, parse, render
from execution.directives.patterns import MOST, flaws


def test_a_message_is_text_and_names() -> None:
    found = parse("{name}: {{a}} { days_quiet } days")
    assert found.parts == (Named("name", 0), ": {a} ", Named("days_quiet", 14), " days")
    assert found.stray == ()
    assert render("{name}: {x}{none}!", {"name": "Ada", "x": 3}) == "Ada: 3!"


@pytest.mark.parametrize(("text", "at"), [("a } b", 2), ("{", 0), ("{a b}", 0), ("{}", 0), ("x{1}", 1)])
def test_what_cannot_be_read_is_told_and_stays(text: str, at: int) -> None:
    found = parse(text)
    assert [each.at for each in found.stray] == [at]
    assert "".join(part for part in found.parts if isinstance(part, str)) == text


@given(st.text(alphabet="{}[] ab_1\n", max_size=40))
def test_no_text_is_too_odd_for_a_message(text: str) -> None:
    found = parse(text)
    assert all(text[each.at] == "{" for each in found.names)
    render(text, {})


@given(st.text(alphabet="()[]{}|*+?\\^$.,0159abpLQEdwk:<=!P-", max_size=30))
def test_no_text_is_too_odd_for_a_pattern(text: str) -> None:
    for flaw in flaws(text):
        assert 0 <= flaw.at <= len(text)


@pytest.mark.parametrize(
    "pattern",
    [
        r"kündig\w*", "a{2,5}", r"(?i)cancel(?:led|ling)?", r"[]a]+", r"[^]]x", r"[[:alpha:]]+", r"\Qa+b\E", r"a{,3}b",
        r"\x{1F600}", r"(?P<who>we|they) leave", r"^.{1,80}$", r"x{", r"a|b", r"\bquit\b", r"(a{30}){30}", r"[\]a]b",
    ],
)  # fmt: skip
def test_what_can_be_looked_for_has_no_flaw(pattern: str) -> None:
    assert flaws(pattern) == ()


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("a*", "every text"),
        ("", "every text"),
        (r"\b", "every text"),
        ("(a|)", "every text"),
        ("x{0,3}", "every text"),
        ("a{1001}", f"{MOST:,}"),
        ("(a{40}){40}", f"{MOST:,}"),
        ("(((a{11}){11}){11})", f"{MOST:,}"),
        (r"(\pL{5}){5}", f"{MOST:,}"),
        ("(?=a)b", "look-ahead"),
        ("a(?<=a)", "look-behind"),
        (r"(a)\1", "back-reference"),
        (r"(?P<x>a)(?P=x)", "back-reference"),
        (r"(?>a)b", "atomic"),
        ("a++", "possessive"),
        ("(" * 60 + "a" + ")" * 60, "deep"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(pattern: str, said: str) -> None:
    assert any(said in flaw.message for flaw in flaws(pattern)), flaws(pattern)
