"""Text from outside renders as itself and does nothing else."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.files.quoting import LONGEST, Markdown, code, fenced, inline, plain

HOSTILE = st.text(
    st.sampled_from("ab1 .:/@`<>[]()|*_~$#!-+=&\\\n\r\t\x00\x1b\u200b\u202e\ud800é東😀") | st.characters()
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("first_name stays", "first_name stays"),
        ("_emphasis_", r"\_emphasis\_"),
        ("a\nb\tc\x00d\x1b[2J", r"a b cd\[2J"),
        ("[click](https://evil.com)", r"\[click\](hxxps\[:\]//evil.com)"),
        ("![x](http://evil.com/p.png)", r"!\[x\](hxxp\[:\]//evil.com/p.png)"),
        ("www.evil.com or me@evil.com", r"www\[.\]evil.com or me(at)evil.com"),
        ("javascript:alert(1)", r"javascript\[:\]alert(1)"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<!-- gtm:end compact -->", "&lt;!-- gtm:end compact --&gt;"),
        ("a | b `c` *d* ~e~ $f$", r"a \| b \`c\` \*d\* \~e\~ \$f\$"),
        ("# heading", r"\# heading"),
        ("> quote", "&gt; quote"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("2026-06-30", "2026-06-30"),
        ("3.5 %", "3.5 %"),
        ("\u202egnp.exe", "gnp.exe"),
        ("", ""),
        (None, "not captured"),
        (12, "12"),
    ],
)
def test_inline(text: object, shown: str) -> None:
    assert inline(text) == shown


def test_markdown_of_ours_passes_unchanged() -> None:
    assert inline(Markdown("**[x](y)**")) == "**[x](y)**"


def test_long_text_ends_in_an_ellipsis() -> None:
    assert plain("x" * 1_000_000) == "x" * (LONGEST - 1) + "…"


@given(HOSTILE)
def test_nothing_invisible_or_live_is_left(text: str) -> None:
    line = inline(text)
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for character in line)
    assert "<" not in line
    assert ">" not in line
    assert "://" not in line
    assert "www." not in line.lower()
    line.encode("utf-8")


@given(HOSTILE)
def test_markup_stands_behind_a_backslash(text: str) -> None:
    rest = inline(text).replace("\\\\", "")
    for sign in "`*[]|~$":
        assert rest.count(sign) == rest.count(f"\\{sign}")


@given(HOSTILE)
def test_a_code_span_cannot_be_left(text: str) -> None:
    span = code(text)
    assert span == "not captured" or (span.startswith("`") and span.endswith("`") and "`" not in span[1:-1])
    assert "|" not in span
    assert "\n" not in span


@given(st.lists(HOSTILE, max_size=5))
def test_a_fence_cannot_be_closed_from_inside(lines: list[str]) -> None:
    block = fenced(lines).split("\n")
    assert (block[0], block[-1]) == ("```text", "```")
    assert len(block) == len(lines) + 2
    for line in block[1:-1]:
        assert "```" not in line
        assert "~~~" not in line
        assert "<!--" not in line
        assert "://" not in line
