"""`gtm doctor` on a real folder: what it reads there, and the fixes that it does."""

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from execution.audit.fixing import Fix, apply
from execution.audit.reading import account_folders, leftovers, pages, walk
from execution.bootstrap import auditing
from execution.workspace import Workspace

NOW = datetime.now(UTC)


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Workspace:
    """A copy of a workspace as `gtm init` makes it."""
    import shutil

    shutil.copytree(made, tmp_path / "ws")
    return Workspace(tmp_path / "ws")


def messy(workspace: Workspace) -> None:
    """What a careless month leaves."""
    shutil.rmtree(workspace.root / "sales-toolkit")
    workspace.env_file.write_text("CALENDLY_TOKEN=x\n", encoding="utf-8")
    workspace.env_file.chmod(0o644)
    (workspace.root / ".gitignore").write_text("# ours\n/customers/*/", encoding="utf-8")
    half = workspace.published / "gtm-9.partial"
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"")
    look = workspace.data / "tmp" / "look-abc"
    (look / "inside").mkdir(parents=True)
    (workspace.customers / ".compact.md.99.partial").write_text("half", encoding="utf-8")
    (workspace.customers / "notes.partial").write_text("a person's own", encoding="utf-8")
    for file in (half, look, workspace.customers / ".compact.md.99.partial"):
        os.utime(file, times=((NOW - timedelta(days=1)).timestamp(), (NOW - timedelta(days=1)).timestamp()))


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every path with its permissions and content."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in sorted(root.rglob("*"))
        if "data/cache" not in path.as_posix()
    }


def test_what_is_safe_is_done_and_doing_it_again_does_nothing(workspace: Workspace) -> None:
    messy(workspace)
    first = auditing.doctor(workspace, fix=True, now=NOW)
    kinds = {each.fix.kind for each in first.done}
    assert kinds == {"make folder", "keep private", "remove leftover", "ignore"}
    assert [each.error for each in first.done] == [""] * len(first.done)
    assert first.planned == ()
    assert workspace.env_file.stat().st_mode & 0o777 == 0o600
    assert (workspace.root / ".gitignore").read_text(encoding="utf-8") == "# ours\n/customers/*/\n.env\ndata/\n"
    assert (workspace.root / "sales-toolkit").is_dir()
    assert not (workspace.published / "gtm-9.partial").exists()
    assert not (workspace.data / "tmp" / "look-abc").exists()
    assert (workspace.customers / "notes.partial").exists()
    before = tree(workspace.root)
    again = auditing.doctor(workspace, fix=True, now=NOW)
    assert again.done == ()
    assert tree(workspace.root) == before


def test_a_dry_run_and_no_fix_change_nothing(workspace: Workspace) -> None:
    messy(workspace)
    before = tree(workspace.root)
    shown = auditing.doctor(workspace, fix=True, dry_run=True, now=NOW)
    asked = auditing.doctor(workspace, now=NOW)
    assert shown.planned == asked.planned != ()
    assert shown.done == ()
    assert tree(workspace.root) == before


def test_a_fix_never_reaches_out_of_the_workspace(workspace: Workspace, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x", encoding="utf-8")
    (workspace.data / "tmp").mkdir(parents=True)
    (workspace.data / "tmp" / "look-1").symlink_to(outside)
    (workspace.root / "away").symlink_to(outside)
    fixes = (Fix("remove leftover", "data/tmp/look-1"), Fix("make folder", "away/new"), Fix("make folder", "fine"))
    done = apply(workspace, fixes)
    assert [bool(each.error) for each in done] == [True, True, False]
    assert sorted(path.name for path in outside.iterdir()) == ["kept"]


def test_what_cannot_be_fixed_is_told_and_stops_no_other(workspace: Workspace) -> None:
    (workspace.root / "fine").write_text("a file", encoding="utf-8")
    done = apply(workspace, (Fix("make folder", "fine/below"), Fix("make folder", "other")))
    assert [bool(each.error) for each in done] == [True, False]


# --- what is read ---------------------------------------------------------------------------------


def test_a_walk_leaves_out_the_store_hidden_folders_and_other_workspaces(tmp_path: Path) -> None:
    for path in (
        "data/x",
        ".git/x",
        ".claude/agents/a.md",
        "env/pyvenv.cfg",
        "demo/directives/a.md",
        "customers/a/b.md",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x", encoding="utf-8")
    (tmp_path / "customers" / "loop").symlink_to(tmp_path)
    assert walk(tmp_path).files == {".claude/agents/a.md", "customers/a/b.md"}


def test_whose_a_folder_is(tmp_path: Path) -> None:
    def write(path: str, text: str) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    write("customers/templates/compact.md.j2", "")
    write("customers/said/account.md", "---\naccount: 'Acme.com'\nnew: true\n---\naccount: other.com\n")
    begin = "<!-- gtm:begin compact beta.com 0000000000000000 from 0000000000000000 -->\n"
    write("customers/marked/context/compact.md", f"{begin}x\n<!-- gtm:end compact -->\n")
    write("customers/bare/context/compact.md", "only words\n")
    write("customers/empty/notes/a.txt", "")
    tree_ = walk(tmp_path)
    found = {page.path: page for page in pages(tmp_path, tree_.files)}
    folders = {each.name: each for each in account_folders(tmp_path, tree_, found)}
    assert set(folders) == {"said", "marked", "bare", "empty"}
    assert (folders["said"].key, folders["said"].is_new) == ("acme.com", True)
    assert (folders["marked"].key, folders["marked"].has_briefs) == ("beta.com", True)
    assert (folders["bare"].key, folders["bare"].has_briefs) == (None, True)


def test_the_ends_of_a_large_brief_are_enough(tmp_path: Path) -> None:
    begin = "<!-- gtm:begin extended beta.com 0000000000000000 from 0000000000000000 -->\n"
    file = tmp_path / "customers" / "b" / "context" / "extended.md"
    file.parent.mkdir(parents=True)
    file.write_text(begin + "line of text\n" * 20_000 + "<!-- gtm:end extended -->\n", encoding="utf-8")
    (page,) = pages(tmp_path, ["customers/b/context/extended.md"])
    assert (page.key, page.broken) == ("beta.com", None)
    file.write_text(begin + "line of text\n" * 20_000, encoding="utf-8")
    (page,) = pages(tmp_path, ["customers/b/context/extended.md"])
    assert page.broken is not None


def test_what_is_half_made_has_its_age(workspace: Workspace) -> None:
    messy(workspace)
    found = leftovers(workspace, walk(workspace.root))
    assert [each.path for each in found] == [
        "customers/.compact.md.99.partial",
        "data/published/gtm-9.partial",
        "data/tmp/look-abc",
    ]
    assert all(NOW - each.at >= timedelta(hours=23) for each in found)


def test_git_says_what_is_committed_and_since_when(workspace: Workspace) -> None:
    def git(*args: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(workspace.root), *who, *args], check=True, capture_output=True)  # noqa: S607

    secret = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
    workspace.env_file.write_text("A=1\n", encoding="utf-8")
    (workspace.root / "note.md").write_text(f"key {secret}\n", encoding="utf-8")
    (workspace.customers / "acme").mkdir()
    (workspace.customers / "acme" / "note.md").write_text(f"key {secret}\n", encoding="utf-8")
    git("init", "-q")
    git("add", "-f", ".env")
    git("commit", "-qm", "oops")
    facts = auditing.gather(workspace, NOW)
    assert getattr(facts.git, "has_env", None) is True
    assert [leak.path for leak in facts.leaks] == ["note.md"]  # type: ignore[union-attr]
    assert secret not in repr(facts.leaks)
