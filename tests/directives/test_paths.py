"""Paths into records."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution import engine
from execution.directives.paths import json_path, parse_path

CON = engine.memory()


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", ()),
        ("uri", ("uri",)),
        ("event_memberships[0].user_email", ("event_memberships", 0, "user_email")),
        ('custom_attributes."Stripe Subscriptions"', ("custom_attributes", "Stripe Subscriptions")),
        ('"a.b"[1][2]', ("a.b", 1, 2)),
        (r'"say \"hi\" \\ "', ('say "hi" \\ ',)),
        ("[0].id", (0, "id")),
        ("hs-id:x@y.$z", ("hs-id:x@y", "$z")),
        ("größe", ("größe",)),
    ],
)
def test_a_path_is_names_and_positions(text: str, steps: tuple[str | int, ...]) -> None:
    assert parse_path(text) == steps


@pytest.mark.parametrize(
    "text",
    [".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "a.[0]", '"a', 'a"b"', "a b", "a[0]b", '"a"b', '""', 'a.""'],
)
def test_what_is_no_path_is_refused_at_its_character(text: str) -> None:
    with pytest.raises(ValueError, match="is not a path: it breaks off at"):
        parse_path(text)


@given(
    st.lists(
        st.one_of(
            st.integers(0, 3),
            st.text(min_size=1, max_size=6).filter(lambda t: t.isprintable() and t not in ("*", "**")),
        ),
        max_size=4,
    )
)
def test_the_engine_follows_the_path_to_the_same_place(steps: list[str | int]) -> None:
    record: object = 42
    for step in reversed(steps):
        record = {step: record} if isinstance(step, str) else [None] * step + [record]
    text = ""
    for step in steps:
        quoted = '"' + str(step).replace("\\", "\\\\").replace('"', '\\"') + '"'
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{quoted}"
    assert parse_path(text) == tuple(steps)
    found = CON.execute("SELECT json_extract(?::JSON, ?)", [json.dumps(record), json_path(text)]).fetchone()
    assert found == ("42",)
