"""Built files beside those on disk: stale, edited, in the way, defined by nothing. Nobody's words are lost."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.agents import build, definitions, standing, write
from execution.agents.files import read_files
from execution.agents.standing import State
from execution.errors import UsageError
from tests.agents.small import NAMES, SALES, TEXTS

AT = ".claude/agents/sales/deal-watcher.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    laid(tmp_path)
    return tmp_path


def laid(root: Path) -> None:
    for path, text in {**TEXTS, **dict.fromkeys(NAMES, "")}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def looked(root: Path) -> tuple[standing.Standing, ...]:
    files = read_files(root)
    found, _ = definitions.read(files)
    return standing.compare(build.build(found), files)


def applied(root: Path) -> write.Done:
    return write.apply(root, looked(root))


def states(root: Path) -> dict[str, State]:
    return {each.path: each.state for each in looked(root)}


def snapshot(root: Path) -> dict[str, bytes]:
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def test_a_first_build_writes_and_a_second_changes_nothing(root: Path) -> None:
    assert states(root) == {AT: State.missing}
    assert applied(root).written == (AT,)
    before = snapshot(root)
    assert states(root) == {AT: State.current}
    assert applied(root) == write.Done((), (), (AT,), ())
    assert snapshot(root) == before


def test_what_people_write_below_survives(root: Path) -> None:
    applied(root)
    file = root / AT
    file.write_text(file.read_text(encoding="utf-8") + "\nAlways say hello.\n", encoding="utf-8")
    assert states(root) == {AT: State.current}
    definition = root / "workspace-setup/agents/sales.yaml"
    definition.write_text(SALES.replace("Watch deals", "Watch every deal"), encoding="utf-8")
    assert states(root) == {AT: State.stale}
    assert applied(root).written == (AT,)
    text = file.read_text(encoding="utf-8")
    assert text.endswith("<!-- gtm:end agent -->\n\nAlways say hello.\n")
    assert "Watch every deal" in text
    assert states(root) == {AT: State.current}


@settings(deadline=None, max_examples=30)
@given(own=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200))
def test_any_words_below_survive(own: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        laid(root)
        applied(root)
        file = root / AT
        with file.open("a", encoding="utf-8", newline="") as stream:
            stream.write("\n" + own)
        (root / "workspace-setup/agents/sales.yaml").write_text(SALES.replace("Watch", "See"), encoding="utf-8")
        assert applied(root).written == (AT,)
        assert file.read_bytes().decode("utf-8").endswith("\n" + own)


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("- Look at each deal.", "- Look at each deal twice.", 7, "the generated block was edited"),
        ("tools: Read", "tools: Write, Read", 1, "the frontmatter was edited"),
        ("---\n<!-- gtm:begin", "---\nMine.\n<!-- gtm:begin", 1, "the frontmatter was edited"),
    ],
)
def test_an_edit_by_hand_is_kept_and_the_new_text_laid_beside(
    root: Path, old: str, new: str, line: int, what: str
) -> None:
    applied(root)
    file = root / AT
    edited = file.read_text(encoding="utf-8").replace(old, new, 1)
    file.write_text(edited, encoding="utf-8")
    assert states(root) == {AT: State.edited}
    (conflict,) = applied(root).conflicts
    assert (conflict.path, conflict.line, conflict.code) == (AT, line, "E446")
    assert what in conflict.message
    assert file.read_text(encoding="utf-8") == edited
    beside = root / f"{AT}.new"
    assert old.splitlines()[0] in beside.read_text(encoding="utf-8")
    file.unlink()
    assert applied(root).written == (AT,)
    assert not beside.exists()


def test_broken_markers_are_told_with_their_line(root: Path) -> None:
    applied(root)
    file = root / AT
    file.write_text(file.read_text(encoding="utf-8").replace("<!-- gtm:end agent -->", ""), encoding="utf-8")
    (conflict,) = applied(root).conflicts
    assert (conflict.line, conflict.code, conflict.message) == (7, "E446", "a begin marker without an end marker")


def test_an_agent_of_somebodys_own_is_not_written_over(root: Path) -> None:
    file = root / AT
    file.parent.mkdir(parents=True)
    file.write_text("---\nname: deal-watcher\ndescription: mine\n---\nMine.\n", encoding="utf-8")
    assert states(root) == {AT: State.taken}
    (conflict,) = applied(root).conflicts
    assert "an agent of your own stands where" in conflict.message
    assert file.read_text(encoding="utf-8").endswith("Mine.\n")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\0b"])
def test_a_file_that_cannot_be_read_is_kept(root: Path, content: bytes) -> None:
    file = root / AT
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    (conflict,) = applied(root).conflicts
    assert conflict.message == "the file cannot be read; it was kept"
    assert file.read_bytes() == content


def test_an_agent_of_ones_own_beside_is_let_be(root: Path) -> None:
    file = root / ".claude/agents/mine.md"
    file.parent.mkdir(parents=True)
    file.write_text("---\nname: mine\ndescription: mine\n---\n", encoding="utf-8")
    applied(root)
    assert states(root) == {AT: State.current}
    assert file.exists()


def test_an_agent_that_nothing_defines_any_more_goes(root: Path) -> None:
    applied(root)
    (root / "workspace-setup/agents/sales.yaml").write_text("# none\n", encoding="utf-8")
    assert states(root) == {AT: State.orphaned}
    assert applied(root).removed == (AT,)
    assert not (root / AT).exists()


def test_an_orphan_with_somebodys_words_stays(root: Path) -> None:
    applied(root)
    file = root / AT
    file.write_text(file.read_text(encoding="utf-8") + "Mine.\n", encoding="utf-8")
    (root / "workspace-setup/agents/sales.yaml").unlink()
    (conflict,) = applied(root).conflicts
    assert "nothing defines 'deal-watcher' any more" in conflict.message
    assert file.exists()


def test_an_agent_that_moves_takes_along_what_people_wrote(root: Path) -> None:
    applied(root)
    file = root / AT
    file.write_text(file.read_text(encoding="utf-8") + "Mine.\n", encoding="utf-8")
    areas = root / "workspace-setup/agents/areas.yaml"
    areas.write_text(areas.read_text(encoding="utf-8") + "care:\n  category: Care\n", encoding="utf-8")
    definition = root / "workspace-setup/agents/sales.yaml"
    definition.write_text(SALES.replace("  when", "  area: care\n  when"), encoding="utf-8")
    done = applied(root)
    assert (done.written, done.removed) == ((".claude/agents/care/deal-watcher.md",), (AT,))
    assert (root / ".claude/agents/care/deal-watcher.md").read_text(encoding="utf-8").endswith("Mine.\n")
    assert not file.exists()


def test_a_file_that_changes_meanwhile_is_kept(root: Path) -> None:
    applied(root)
    (root / "workspace-setup/agents/sales.yaml").write_text(SALES.replace("Watch", "See"), encoding="utf-8")
    seen = looked(root)
    file = root / AT
    file.write_text(file.read_text(encoding="utf-8") + "Just now.\n", encoding="utf-8")
    (conflict,) = write.apply(root, seen).conflicts
    assert conflict.message == "the file was changed meanwhile; it was kept"
    assert file.read_text(encoding="utf-8").endswith("Just now.\n")


def test_a_link_leads_no_file_out_of_the_workspace(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (root / ".claude/agents").mkdir(parents=True)
    (root / ".claude/agents/sales").symlink_to(outside)
    with pytest.raises(UsageError, match="outside the workspace"):
        applied(root)
    assert list(outside.iterdir()) == []


def test_windows_line_ends_are_no_edit(root: Path) -> None:
    applied(root)
    file = root / AT
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert states(root) == {AT: State.current}
