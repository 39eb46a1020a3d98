"""The message of an alert: names become facts, and what is not known falls away with the words about it."""

import pytest

from execution.directives import messages

KNOWN = {"name": "Ada", "company": "Acme", "mrr": 300}


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("{name} wrote.", KNOWN, "Ada wrote."),
        ("{name}[ of {company}] wrote[; {mrr} a month].", KNOWN, "Ada of Acme wrote; 300 a month."),
        ("{name}[ of {company}] wrote[; {mrr} a month].", {"name": "Ada", "mrr": 0}, "Ada wrote; 0 a month."),
        ("[{company}: {name} ]wrote", {"name": "Ada"}, "wrote"),
        ("{company}: {name}", {"name": "Ada"}, ": Ada"),
        ("{{name}} [[sic]] { name }", KNOWN, "{name} [sic] Ada"),
        ("[{{{name}}} [[x]]]", KNOWN, "{Ada} [x]"),
        ("", KNOWN, ""),
    ],
)
def test_what_is_not_known_falls_away_with_its_brackets(text: str, values: dict[str, object], said: str) -> None:
    assert messages.render(text, values) == said
    assert messages.parse(text).stray == ()


def test_every_name_is_told_with_its_place_also_in_brackets() -> None:
    text = "{name}[ of {company}], {mrr}"
    assert [(named.name, named.at) for named in messages.parse(text).names] == [
        (name, text.index("{" + name)) for name in ("name", "company", "mrr")
    ]


@pytest.mark.parametrize(
    ("text", "wrong", "at"),
    [
        ("{name", "'{' stands alone", 0),
        ("a ] b", "']' stands alone", 2),
        ("{name} [{company}", "'[' is never closed", 7),
        ("a [b] c", "nothing is named in these brackets", 2),
        ("[{name} [ {company}]", "brackets do not stand in brackets", 8),
        ("{first name}", "{first name} is no name", 0),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, wrong: str, at: int) -> None:
    (stray,) = messages.parse(text).stray
    assert (stray.message, stray.at) == (wrong, at)
    assert stray.hint
