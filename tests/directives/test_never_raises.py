"""Whatever stands in the files, loading answers with problems, never with an exception."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.directives import Program, load, read_folder
from execution.directives.sql.memory import Holding, Memory
from tests.directives.small import FILES, texts

ROOT = Path(__file__).parents[2]
REAL = dict(read_folder(ROOT))
PIECES = (
    "---", "```", "```sql people\n", "~~~", "<!--", ": ", "{", "}", "[", "'", '"', "\t", "&a", "*a", "!x", "|\n",
    ">-\n", "\n", "  ", "- ", "null", "$as_of", ";", "(", ")", "é", "\u2028", "😀", "\x00", "\x07", "1e999", "0x",
    "9" * 50, "over ()", "select", "order by", "/", "least(", "name:", "kind: health", "extends: desk",
)  # fmt: skip


quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def is_sound(program: Program) -> None:
    """Problems stand in files that were given, at places that exist, with a code and words."""
    for problem in program.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.code.startswith("E1")
        assert problem.message
        assert "\n" not in problem.message + problem.hint


@quick
@given(st.dictionaries(st.sampled_from(["directives/a.md", "directives/local/b.md"]), st.binary(max_size=300)))
def test_arbitrary_bytes(files: dict[str, bytes]) -> None:
    is_sound(load(files))


@quick
@given(st.text(max_size=200), st.text(max_size=200))
def test_arbitrary_frontmatter_and_body(head: str, body: str) -> None:
    is_sound(load({"directives/a.md": f"---\n{head}\n---\n{body}".encode(errors="ignore")}))


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """A text with a few cuts, repetitions and insertions."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(st.sampled_from(["", text[start:end] * 2, *PIECES])) + text[end:]
    return text


@quick
@given(st.data())
def test_a_damaged_small_program(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FILES)))
    files = texts(**{name: data.draw(damaged(FILES[name][1]))})
    is_sound(load({path: text.encode() for path, text in files.items()}))


@settings(quick, max_examples=8)
@given(st.data())
def test_a_damaged_real_program(data: st.DataObject) -> None:
    if not REAL:
        pytest.skip("no directives beside the tests")
    path = data.draw(st.sampled_from(sorted(REAL)))
    is_sound(load({**REAL, path: data.draw(damaged(REAL[path].decode())).encode()}, Memory(known())))


@cache
def known() -> dict[str, Holding]:
    """The SQL of the real program that holds, looked at once."""
    memory = Memory()
    load(REAL, memory)
    return memory.holding()
