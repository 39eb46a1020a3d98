"""What of a Markdown file's body is a person's own words, and which day they belong to."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.files import managed
from execution.sync.body_notes import Note, of_account, of_file

BLOCK = managed.wrap("note", "acme.com", "f" * 16, "# Review\n\n2026-01-01 generated")


def _said(body: str) -> list[tuple[str | None, str | None, str]]:
    return [(str(note.on) if note.on else None, note.title, note.text) for note in of_account(body)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", []),
        ("They hate mail.", [(None, None, "They hate mail.")]),
        ("## 2026-10-01 Call with Bob\nWants SSO.", [("2026-10-01", "Call with Bob", "Wants SSO.")]),
        ("## Call, 2026-10-01: Bob\nWants SSO.", [("2026-10-01", "Call, Bob", "Wants SSO.")]),
        (
            "# 2026-10-01\nA\n## Details\nB\n# Other\nC",
            [("2026-10-01", None, "A\n## Details\nB"), (None, None, "# Other\nC")],
        ),
        (
            "- 2026-10-01: Eve left\n  for good\n- more",
            [("2026-10-01", None, "Eve left\n  for good"), (None, None, "- more")],
        ),
        ("**2026-10-01** met\n\nrest", [("2026-10-01", None, "met"), (None, None, "rest")]),
        ("2026-10-01 a\n2026-10-02 b", [("2026-10-01", None, "a"), ("2026-10-02", None, "b")]),
        ("2026-13-01 is no day", [(None, None, "2026-13-01 is no day")]),
        ("see 2026-10-01", [(None, None, "see 2026-10-01")]),
        ("## Goals\n\n## Notes\n", []),
        ("## Setup\n- [ ] who decides\n- [x] kick-off", [(None, None, "## Setup\n- [x] kick-off")]),
        ("<!-- a comment\n2026-10-01 in it -->\nsaid", [(None, None, "said")]),
        (f"mine\n{BLOCK}\nmine too", [(None, None, "mine\n\nmine too")]),
        (f"mine\n{BLOCK.splitlines()[0]}\nnobody's\n2026-10-01 neither", [(None, None, "mine")]),
        ("## 2026-10-01 Nothing said", [("2026-10-01", "Nothing said", "")]),
        ("2026-10-01 dos\r\nline\r\n", [("2026-10-01", None, "dos\nline")]),
    ],
)
def test_notes_of_an_account(body: str, said: list[tuple[str | None, str | None, str]]) -> None:
    assert _said(body) == said


def test_a_note_knows_its_line() -> None:
    assert [note.line for note in of_account("\n\nfirst\n\n## 2026-10-01 x\ny")] == [5, 1]


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("meetings/2026-06-26_quarterly-review_1a2b3c4d5e.md", f"{BLOCK}\n## Notes\n\n", ()),
        (
            "meetings/2026-06-26_quarterly-review_1a2b3c4d5e.md",
            f"{BLOCK}\n## Notes\n\nBob was angry.\n",
            (Note(date(2026, 6, 26), "quarterly review", "Bob was angry.", 9),),
        ),
        ("calls/2026-06-26.md", "Called.", (Note(date(2026, 6, 26), None, "Called.", 1),)),
        ("calls/lunch.md", "Ate.", (Note(None, "lunch", "Ate.", 1),)),
        ("calls/2026-06-26_x.md", "# Only a heading\n", ()),
    ],
)
def test_the_note_of_a_dated_file(path: str, text: str, said: tuple[Note, ...]) -> None:
    assert of_file(path, text) == said


LINES = st.lists(st.sampled_from(["a", "", "## x", "2026-10-01 d", "- [ ] t", "<!-- c -->", "SECRET"]), max_size=8)


@given(LINES, LINES)
def test_what_gtm_wrote_is_never_read_as_said(before: list[str], after: list[str]) -> None:
    block = managed.wrap("timeline", "a.com", "f" * 16, "2026-01-01 generated\n- generated\n## generated")
    mine = [line.replace("SECRET", "mine") for line in before]
    text = "\n".join([*mine, block, *after])
    assert not any("generated" in f"{note.title}{note.text}" for note in of_account(text))
    assert not any("generated" in note.text for note in of_file("calls/2026-01-01_x.md", text))
