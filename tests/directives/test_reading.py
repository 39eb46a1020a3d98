"""Texts of directives from a folder and from git, and everything a file can be that is no text."""

import os
import subprocess
from pathlib import Path

import pytest

from execution.directives import load, read_folder, read_git
from execution.directives.reading import MAX_BYTES
from execution.errors import DirectiveError, UsageError
from tests.directives.small import texts
from tests.directives.small_alerts import OWN


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The small program on disk."""
    for path, text in texts().items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def git(root: Path, *arguments: str) -> None:
    """Run git in `root`, untouched by the user's own configuration."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    named = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *named, *arguments], cwd=root, check=True, capture_output=True, env=environment)  # noqa: S607


@pytest.fixture
def repository(workspace: Path) -> Path:
    git(workspace, "init", "-q", "-b", "main")
    git(workspace, "add", ".")
    git(workspace, "commit", "-q", "-m", "small")
    return workspace


def test_a_folder_has_its_directives_and_nothing_else(workspace: Path) -> None:
    for other in ("README.md", "health/README.md", ".hidden.md", ".obsidian/x.md", "notes.txt"):
        (workspace / "directives" / other).parent.mkdir(exist_ok=True)
        (workspace / "directives" / other).write_text("not a directive")
    assert list(read_folder(workspace)) == sorted(texts())


def test_a_folder_and_its_commit_are_the_same_program(repository: Path) -> None:
    assert load(read_git(repository, "HEAD")) == load(read_folder(repository))


def test_personal_triggers_are_read_too_from_a_folder_and_from_git(repository: Path) -> None:
    for path in ("triggers/ada/mine.md", "triggers/README.md", "triggers/.draft.md", "ada/inbox/task.md"):
        file = repository / "personal" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(OWN)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "mine")
    assert set(read_folder(repository)) - set(texts()) == {"personal/triggers/ada/mine.md"}
    assert load(read_git(repository, "HEAD")) == load(read_folder(repository))
    assert load(read_folder(repository)).triggers["mine"].path == "personal/triggers/ada/mine.md"


def test_a_folder_of_personal_triggers_that_leads_out_is_refused(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (workspace / "personal" / "triggers").mkdir(parents=True)
    (workspace / "personal" / "triggers" / "ada").symlink_to(outside)
    with pytest.raises(DirectiveError) as caught:
        read_folder(workspace)
    assert [(each.path, each.code) for each in caught.value.problems] == [("personal/triggers/ada", "E104")]


def test_git_reads_the_ref_and_not_the_half_finished_edit(repository: Path) -> None:
    path = "directives/reports/pulse.md"
    (repository / path).write_text("half an ed")
    assert read_git(repository, "main")[path].decode() == texts()[path]


def test_a_workspace_below_the_repository_has_paths_of_its_own(workspace: Path, tmp_path: Path) -> None:
    inner = tmp_path / "clients" / "acme"
    inner.mkdir(parents=True)
    (workspace / "directives").rename(inner / "directives")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "inner")
    assert list(read_git(inner, "HEAD")) == sorted(texts())


@pytest.mark.parametrize("ref", ["nowhere", "--help", "-x", "HEAD:README", "a b", ""])
def test_a_ref_that_is_not_there_is_a_usage_error(repository: Path, ref: str) -> None:
    with pytest.raises(UsageError, match="no directives at git ref"):
        read_git(repository, ref)


def test_a_folder_that_is_no_repository_is_a_usage_error(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(workspace.parent))
    with pytest.raises(UsageError):
        read_git(workspace, "HEAD")


def test_without_git_the_error_says_so(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="git is not installed"):
        read_git(workspace, "HEAD")


def test_links_that_lead_nowhere_or_out_are_named_all_at_once(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.md"
    outside.write_text("---\n")
    folder = workspace / "directives"
    (folder / "circle.md").symlink_to("circle.md")
    (folder / "gone.md").symlink_to("nothing.md")
    (folder / "out.md").symlink_to(outside)
    (folder / "folder").symlink_to("health", target_is_directory=True)
    os.mkfifo(folder / "pipe.md")
    with pytest.raises(DirectiveError) as caught:
        read_folder(workspace)
    found = {Path(problem.path).name: problem.code for problem in caught.value.problems}
    assert found == dict.fromkeys(("circle.md", "gone.md", "out.md", "folder", "pipe.md"), "E104")


def test_a_link_within_the_workspace_is_followed(workspace: Path) -> None:
    (workspace / "directives" / "again.md").symlink_to("reports/pulse.md")
    assert read_folder(workspace)["directives/again.md"] == texts()["directives/reports/pulse.md"].encode()


def test_a_link_in_git_is_refused(repository: Path) -> None:
    (repository / "directives" / "again.md").symlink_to("reports/pulse.md")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "link")
    with pytest.raises(DirectiveError) as caught:
        read_git(repository, "HEAD")
    assert [problem.code for problem in caught.value.problems] == ["E104"]


def test_a_huge_file_is_named_and_not_read_whole(repository: Path) -> None:
    huge = repository / "directives" / "huge.md"
    huge.write_bytes(b"x" * 10_000_000)
    read = read_folder(repository)
    assert len(read["directives/huge.md"]) == MAX_BYTES + 1
    assert [(problem.path, problem.code) for problem in load(read).problems] == [("directives/huge.md", "E101")]
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "huge")
    with pytest.raises(DirectiveError) as caught:
        read_git(repository, "HEAD")
    assert [problem.code for problem in caught.value.problems] == ["E101"]


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        (b"---\nkind: report\nname: caf\xe9\n---\n", "3:10", "not UTF-8: 0xe9, byte 27 of the file"),
        (b"\xef\xbb\xbf---\nk\xff", "2:2", "0xff, byte 9 of"),
        (b"\xff\xfe-\x00", "1:1", "0xff, byte 1 of"),
        ("---\nname: \u00e9\x00\n---\n".encode(), "2:8", "a NUL, byte 13 of"),
    ],
)
def test_what_is_no_text_is_named_at_its_byte(content: bytes, place: str, words: str) -> None:
    (problem,) = load({"directives/a.md": content}).problems
    assert f"{problem.line}:{problem.column}" == place
    assert words in problem.message


@pytest.mark.parametrize("change", ["\ufeff{}", "{}\r\n"])
def test_marks_of_byte_order_and_carriage_returns_do_no_harm(change: str) -> None:
    plain = texts()
    changed = {
        path: change.format(text.replace("\n", "\r\n") if "\r" in change else text) for path, text in plain.items()
    }
    before, after = (load({path: text.encode() for path, text in files.items()}) for files in (plain, changed))
    assert after.problems == ()
    assert after.hash == before.hash
