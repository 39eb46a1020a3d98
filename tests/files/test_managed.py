"""Markers: what is between them is ours, what is outside is people's, and nobody's words are lost."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.errors import Problem
from execution.files import managed
from execution.files.writing import BROKEN, EDITED, OUTSIDE, UNREADABLE, Block, write_block

FACTS = "0" * 16


def block(text: str) -> Block:
    return Block("compact", "acme.com", managed.hash_of(text), lambda: text)


BLOCK = block("# Acme\n\nAs of 2026-06-30.\n\nMRR: 12\n")


def put(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "customers" / "acme" / "context" / "compact.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "customers" / "acme" / "context" / "compact.md"
    assert write_block(tmp_path, path, BLOCK) is True
    return path


@given(
    st.text(alphabet=st.characters(exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")), st.text(min_size=1)
)
def test_what_is_wrapped_is_parsed(text: str, key: str) -> None:
    if any(line.startswith("<!--") for line in text.splitlines()):
        return
    found = managed.parse(f"before\n{managed.wrap('compact', key, FACTS, text)}after\n", "compact")
    assert found is not None
    assert (found.before, found.after, found.key, found.is_untouched) == ("before\n", "after\n", key, True)


@pytest.mark.parametrize("key", ["a--b@x.com", "a-->b", "a b", "é", "x.com", "%2D"])
def test_any_key_comes_back(key: str) -> None:
    text = managed.wrap("compact", key, FACTS, "x")
    assert managed.owner(text) == key
    assert text.splitlines()[0].count("--") == 2


def test_the_same_block_is_not_written_again(tmp_path: Path, path: Path) -> None:
    os.utime(path, (1, 1))
    assert write_block(tmp_path, path, BLOCK) is False
    later = block(BLOCK.render().replace("2026-06-30", "2026-07-01"))
    assert write_block(tmp_path, path, later) is False
    assert path.stat().st_mtime == 1


def test_while_the_facts_are_the_same_nothing_is_even_rendered(tmp_path: Path, path: Path) -> None:
    def fail() -> str:
        raise AssertionError("rendered")

    assert write_block(tmp_path, path, Block("compact", "acme.com", BLOCK.facts, fail)) is False


def test_words_outside_survive(tmp_path: Path, path: Path) -> None:
    path.write_text("My notes\n\n" + path.read_text() + "\nCall Ada.\n")
    assert write_block(tmp_path, path, block("# Acme\n\nMRR: 13\n")) is True
    text = path.read_text()
    assert text.startswith("My notes\n\n<!-- gtm:begin compact acme.com ")
    assert text.endswith("<!-- gtm:end compact -->\n\nCall Ada.\n")
    assert "MRR: 13" in text
    assert "MRR: 12" not in text


def test_a_file_without_markers_keeps_its_words_below_the_block(tmp_path: Path) -> None:
    path = put(tmp_path, "Only mine.\n")
    assert write_block(tmp_path, path, BLOCK) is True
    assert path.read_text().endswith("<!-- gtm:end compact -->\n\nOnly mine.\n")


def test_an_edited_block_is_kept_reported_and_the_new_text_stands_beside(tmp_path: Path, path: Path) -> None:
    edited = "note\n" + path.read_text().replace("MRR: 12", "MRR: 99, says Bob")
    path.write_text(edited)
    result = write_block(tmp_path, path, block("# Acme\n\nMRR: 13\n"))
    assert isinstance(result, Problem)
    assert (result.path, result.line, result.code) == ("customers/acme/context/compact.md", 2, EDITED)
    assert path.read_text() == edited
    beside = path.with_name("compact.generated.md")
    assert "MRR: 13" in beside.read_text()
    path.write_text("note\n")
    assert write_block(tmp_path, path, BLOCK) is True
    assert not beside.exists()


def test_line_ends_and_trailing_blanks_are_no_edit(tmp_path: Path, path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n").replace(b"12", b"12  "))
    assert write_block(tmp_path, path, BLOCK) is False


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("x\n{begin}\nx\n", 2, "without an end marker"),
        ("x\n{end}\n", 2, "without a begin marker"),
        ("{begin}\nx\n{end}\n{begin}\nx\n{end}\n", 4, "a second begin marker; the first is on line 1"),
        ("{begin}\n{begin}\n{end}\n", 2, "a second begin marker"),
        ("{begin}\n{end}\n{end}\n", 3, "without a begin marker"),
        ("{begin}\n<!-- gtm:end compakt -->\n", 2, "did not write"),
        ("<!-- gtm:begin compact -->\n{end}\n", 1, "did not write"),
        ("<!-- gtm:begin standard acme.com 0123456789abcdef from 0123456789abcdef -->\n{end}\n", 1, "did not write"),
    ],
)
def test_broken_markers_are_refused_with_their_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    begin, end = (
        "<!-- gtm:begin compact acme.com 0123456789abcdef from 0123456789abcdef -->",
        "<!-- gtm:end compact -->",
    )
    written = text.format(begin=begin, end=end)
    path = put(tmp_path, written)
    result = write_block(tmp_path, path, BLOCK)
    assert isinstance(result, Problem)
    assert (result.line, result.code) == (line, BROKEN)
    assert says in result.message
    assert path.read_text() == written


def test_a_file_that_is_no_text_is_left_alone(tmp_path: Path) -> None:
    path = put(tmp_path, b"\xff\xfe\x00")
    result = write_block(tmp_path, path, BLOCK)
    assert isinstance(result, Problem)
    assert (result.code, result.message) == (UNREADABLE, "the file cannot be read: byte 0 is not UTF-8")
    assert path.read_bytes() == b"\xff\xfe\x00"


def test_a_link_leads_nothing_out_of_the_workspace(tmp_path: Path) -> None:
    root, outside = tmp_path / "ws", tmp_path / "outside"
    (root / "customers").mkdir(parents=True)
    outside.mkdir()
    (root / "customers" / "acme").symlink_to(outside)
    result = write_block(root, root / "customers" / "acme" / "context" / "compact.md", BLOCK)
    assert isinstance(result, Problem)
    assert result.code == OUTSIDE
    assert list(outside.iterdir()) == []


def test_a_failed_write_leaves_the_old_file_and_no_rest(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_text()

    def fail(_self: Path, _target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_block(tmp_path, path, block("# other\n"))
    assert path.read_text() == before
    assert [file.name for file in path.parent.iterdir()] == ["compact.md"]
