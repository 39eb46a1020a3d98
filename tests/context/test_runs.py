"""What a run opens and writes: files that nobody touched are left alone, those that somebody did are noticed."""

import json
import os
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from execution.context import Wanted, check, remembered, render, run, write
from execution.context.places import look, taken
from execution.errors import UsageError
from execution.files import managed
from execution.workspace import Workspace
from tests.context.test_briefs import BRIEF, STANDARD, saying
from tests.measures.stock import AS_OF, Stock

ANN, BOB = BRIEF.format("ann"), BRIEF.format("bob")
ALL = tuple(file.format(name) for name in ("ann", "bob") for file in (BRIEF, STANDARD))


def two() -> Stock:
    """Two people who are an account each."""
    stock = Stock()
    stock.put(
        "customers",
        {"email": "ann@gmail.com", "name": "Ann", "mrr": 10},
        {"email": "bob@gmail.com", "name": "Bob"},
    )
    stock.table("companies")
    return stock


@cache
def same() -> Stock:
    """What `two` gives, for tests that only read."""
    return two()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """One in which all files are written."""
    made = Workspace(tmp_path)
    assert write(same().con, saying(), made, AS_OF).changed == ALL
    return made


def test_nothing_is_opened_that_looks_as_it_was_written(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(managed, "parse", refuse)
    monkeypatch.setattr(managed, "owner", refuse)
    monkeypatch.setattr(run._Shapes, "text", refuse)
    again = write(same().con, saying(), workspace, AS_OF + timedelta(hours=1))
    assert (again.changed, again.unchanged) == ((), ALL)


def test_without_what_is_remembered_the_markers_tell(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (workspace.cache / "context.json").write_text('[1, {"x": 3}]', encoding="utf-8")
    monkeypatch.setattr(run._Shapes, "text", lambda *_: pytest.fail("rendered"))
    again = write(same().con, saying(), workspace, AS_OF)
    assert (again.changed, again.unchanged) == ((), ALL)
    assert len(remembered.read(workspace)) == len(ALL)


def test_a_file_that_somebody_deleted_is_written_again(workspace: Workspace) -> None:
    (workspace.root / ANN).unlink()
    assert write(same().con, saying(), workspace, AS_OF).changed == (ANN,)


def test_an_edited_block_is_noticed_and_kept(workspace: Workspace) -> None:
    file = workspace.root / ANN
    edited = file.read_text(encoding="utf-8").replace("Ann", "Anna", 1)
    file.write_text(edited, encoding="utf-8")
    written = write(same().con, saying(), workspace, AS_OF)
    assert [problem.code for problem in written.conflicts] == ["E440"]
    assert file.read_text(encoding="utf-8") == edited
    assert file.with_name("compact.generated.md").is_file()


def test_words_beside_the_block_are_no_reason_to_write(workspace: Workspace) -> None:
    file = workspace.root / ANN
    with file.open("a", encoding="utf-8") as opened:
        opened.write("\nMy own words.\n")
    assert write(same().con, saying(), workspace, AS_OF).changed == ()
    assert file.read_text(encoding="utf-8").endswith("My own words.\n")


def test_only_whose_facts_changed_is_written(tmp_path: Path) -> None:
    stock, workspace = two(), Workspace(tmp_path)
    write(stock.con, saying(), workspace, AS_OF)
    stock.con.execute("UPDATE core.customers SET mrr = 20 WHERE email = 'ann@gmail.com'")
    before = (tmp_path / BOB).stat()
    assert write(stock.con, saying(), workspace, AS_OF).changed == (ANN, STANDARD.format("ann"))
    assert (tmp_path / BOB).stat() == before


def test_two_runs_give_the_same_trees(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Workspace(tmp_path_factory.mktemp("other"))
    write(same().con, saying(), other, AS_OF)
    for file in ALL:
        assert (other.root / file).read_bytes() == (workspace.root / file).read_bytes()


def test_a_check_writes_nothing_and_names_what_is_stale_missing_and_edited(tmp_path: Path) -> None:
    stock, workspace = two(), Workspace(tmp_path)
    write(stock.con, saying(), workspace, AS_OF)
    assert check(stock.con, saying(), workspace, AS_OF).unchanged == ALL
    stock.con.execute("UPDATE core.customers SET mrr = 20 WHERE email = 'ann@gmail.com'")
    (tmp_path / BOB).unlink()
    file = tmp_path / STANDARD.format("bob")
    size, stamp = file.stat().st_size, file.stat().st_mtime_ns
    file.write_text(file.read_text(encoding="utf-8").replace("Bob", "Rob", 1), encoding="utf-8")
    os.utime(file, ns=(stamp, stamp))
    assert file.stat().st_size == size, "looks as it did, and is found by its content"
    told = check(stock.con, saying(), workspace, AS_OF)
    assert (told.changed, told.missing) == ((ANN, STANDARD.format("ann")), (BOB,))
    assert [(problem.path, problem.code) for problem in told.conflicts] == [(STANDARD.format("bob"), "E440")]
    assert not (tmp_path / BOB).exists()


def test_an_account_that_is_asked_for_gets_what_is_asked_and_keeps_it(workspace: Workspace) -> None:
    extended = ANN.replace("compact", "extended")
    wanted = Wanted(("ann@gmail.com",), ("extended",))
    written = write(same().con, saying(), workspace, AS_OF, wanted)
    assert (written.changed, written.unchanged, written.left) == ((extended,), (), ())
    again = write(same().con, saying(), workspace, AS_OF)
    assert (again.changed, extended in again.unchanged) == ((), True)


def test_what_is_rendered_is_what_is_written(workspace: Workspace) -> None:
    text = render(same().con, saying(), workspace, AS_OF, "ann@gmail.com", "standard")
    found = managed.parse((workspace.root / STANDARD.format("ann")).read_text(encoding="utf-8"), "standard")
    assert found is not None
    assert found.block == text


def test_an_account_that_nobody_knows_cannot_be_rendered(workspace: Workspace) -> None:
    with pytest.raises(UsageError) as raised:
        render(same().con, saying(), workspace, AS_OF, "nobody.example", "compact")
    assert raised.value.code == "E236"


def test_a_folder_that_people_made_for_an_account_is_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "customers" / "our-ann"
    folder.mkdir(parents=True)
    (folder / "account.md").write_text(
        "---\nowner: Jo\naccount: ann@gmail.com # hers\n---\naccount: x\n", encoding="utf-8"
    )
    assert taken(Workspace(tmp_path), {"ann@gmail.com"}) == {"our-ann": "ann@gmail.com"}
    assert BRIEF.format("our-ann") in write(same().con, saying(), Workspace(tmp_path), AS_OF).changed


def test_folders_that_changed_places_are_told_apart(workspace: Workspace) -> None:
    customers = workspace.customers
    (customers / "ann").rename(customers / "x")
    (customers / "bob").rename(customers / "ann")
    (customers / "x").rename(customers / "bob")
    owners = look(workspace, remembered.read(workspace)).owners({"ann@gmail.com", "bob@gmail.com"})
    assert owners == {"ann": "bob@gmail.com", "bob": "ann@gmail.com"}


def test_what_is_remembered_is_of_this_form_or_not_at_all(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for text in ("", "{}", "[2, {}]", "[1, []]", json.dumps([1, {"a": [1]}])):
        (workspace.cache).mkdir(parents=True, exist_ok=True)
        (workspace.cache / "context.json").write_text(text, encoding="utf-8")
        assert remembered.read(workspace) == {}
