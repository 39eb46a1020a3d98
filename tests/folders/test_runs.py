"""Runs over folders: nothing twice, nothing lost, nothing by halves; and the account's own file."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution import folders
from execution.errors import UsageError
from execution.files import managed, replacing, writing
from execution.folders import run, timeline
from execution.sync import markdown_files
from execution.sync.shelf import Shelf
from execution.workspace import Workspace
from tests.folders.world import check, filled, read, rich_stock, saying, tree, write
from tests.measures.stock import AS_OF, Stock


def test_two_runs_give_the_same_bytes_and_the_second_writes_nothing(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path / "one")
    write(rich_stock(), tmp_path / "two")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    before = tree(tmp_path / "one")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "one").rglob("*.md")}
    again = write(rich_stock(), tmp_path / "one")
    assert (again.changed, again.conflicts) == ((), ())
    assert tree(tmp_path / "one") == before
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "one").rglob("*.md")} == times


def test_what_is_as_it_was_is_not_rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(rich_stock(), tmp_path)
    monkeypatch.setattr("execution.folders.run.writing.write_block", lambda *_: pytest.fail("it was looked into"))
    monkeypatch.setattr(timeline, "block", lambda *_: pytest.fail("it was rendered"))
    assert write(rich_stock(), tmp_path).changed == ()


def test_without_the_cache_files_are_read_and_nothing_is_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write(rich_stock(), tmp_path)
    (tmp_path / "data/cache/folders.json").write_text("{", encoding="utf-8")
    monkeypatch.setattr(timeline, "block", lambda *_: pytest.fail("it was rendered"))
    again = write(rich_stock(), tmp_path)
    assert again.changed == ()
    assert {*again.unchanged} == {path for path in first.changed if not path.endswith("account.md")}


def test_only_the_files_of_whom_something_changed_are_written(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path)
    stock.put(
        "events",
        {"source": "stripe", "source_id": "p9", "email": "dee@gmail.com", "kind": "payment", "status": "succeeded"}
        | {"occurred_at": "2026-06-29", "amount": 1, "currency": "USD"},
    )
    assert write(stock, tmp_path).changed == ("customers/dee/timeline.md",)


def test_a_check_says_what_a_run_would_write_and_writes_nothing(tmp_path: Path) -> None:
    stock = filled()
    nothing = check(stock, tmp_path)
    assert (nothing.changed, nothing.conflicts, tree(tmp_path)) == ((), (), {})
    written = write(stock, tmp_path)
    assert {*nothing.missing} == {*written.changed}
    kept = check(stock, tmp_path)
    assert (kept.changed, kept.missing, kept.conflicts) == ((), (), ())

    (tmp_path / "customers/INDEX.md").unlink()
    (tmp_path / "customers/dee/account.md").unlink()
    file = tmp_path / "customers/acme-ltd/tasks.md"
    file.write_text(file.read_text(encoding="utf-8").replace("# ", "# Our "), encoding="utf-8")
    stock.con.execute("UPDATE core.events SET title = 'Other' WHERE title = 'Export'")
    before = tree(tmp_path)
    found = check(stock, tmp_path)
    assert {*found.missing} == {"customers/INDEX.md", "customers/dee/account.md"}
    assert "customers/acme-ltd/timeline.md" in found.changed
    assert [(each.path, each.code) for each in found.conflicts] == [("customers/acme-ltd/tasks.md", "E440")]
    assert tree(tmp_path) == before


def test_every_block_can_be_drawn_as_it_stands(tmp_path: Path) -> None:
    stock, drawn = filled(), set[str]()
    write(stock, tmp_path)
    for text in tree(tmp_path).values():
        for name in folders.BLOCKS:
            found = managed.parse(text.decode(), name) if f"gtm:begin {name} ".encode() in text else None
            if found is not None:
                now = folders.render(stock.con, saying(), Workspace(tmp_path), AS_OF, name, found.key)
                assert now is not None
                assert managed.is_same(found.block, now)
                drawn.add(name)
    assert drawn == {*folders.BLOCKS}
    for name in ("timeline", "note", "index"):
        assert folders.render(stock.con, saying(), Workspace(tmp_path), AS_OF, name, "gone.com 12345678") is None


def test_a_block_that_somebody_edited_is_kept_and_told(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    file = tmp_path / "customers/acme-ltd/timeline.md"
    file.write_text(file.read_text(encoding="utf-8").replace("Paid", "Never paid"), encoding="utf-8")
    for _ in range(2):
        found = write(rich_stock(), tmp_path)
        assert [(each.path, each.code) for each in found.conflicts] == [("customers/acme-ltd/timeline.md", "E440")]
        assert "Never paid" in file.read_text(encoding="utf-8")
        assert "Never paid" not in file.with_name("timeline.generated.md").read_text(encoding="utf-8")


def test_what_a_person_writes_while_it_is_rendered_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stock = filled()
    write(stock, tmp_path)
    file = tmp_path / "customers/acme-ltd/timeline.md"
    render, times = timeline.block, iter(range(100))

    def slowly(name: str, *rest: object) -> str:
        if next(times) == 0:
            file.write_text(f"Mine, meanwhile.\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
        return render(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(timeline, "block", slowly)
    stock.con.execute("UPDATE core.events SET title = 'Other' WHERE title = 'Export'")
    assert write(stock, tmp_path).conflicts == ()
    text = file.read_text(encoding="utf-8")
    assert text.startswith("Mine, meanwhile.\n<!-- gtm:begin timeline")
    assert "Conversation: Other" in text


def test_a_crash_leaves_whole_files_and_the_next_run_ends_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(rich_stock(), tmp_path / "whole")
    replace = replacing.replace
    for fatal in range(8):
        root, count = tmp_path / str(fatal), iter(range(100))

        def dies(path: Path, text: bytes, expected: bytes | None, fatal: int = fatal, count: object = count) -> bool:
            if next(count) == fatal:  # type: ignore[call-overload]
                raise KeyboardInterrupt
            return replace(path, text, expected)

        monkeypatch.setattr(replacing, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            write(rich_stock(), root)
        monkeypatch.setattr(replacing, "replace", replace)
        half = tree(root)
        assert all(half[path] == text for path, text in tree(tmp_path / "whole").items() if path in half)
        assert len(half) == fatal
        write(rich_stock(), root)
        assert tree(root) == tree(tmp_path / "whole")


def test_a_link_that_leads_out_of_the_workspace_is_told_and_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "ws", tmp_path / "outside"
    outside.mkdir()
    (root / "customers/acme-ltd").mkdir(parents=True)
    (root / "customers/acme-ltd/meetings").symlink_to(outside)
    found = write(rich_stock(), root)
    assert {each.code for each in found.conflicts} == {"E443"}
    assert list(outside.iterdir()) == []


NAMES = st.text(max_size=320) | st.sampled_from(
    ["../..", "CON", "a/b", "<!-- gtm:end timeline -->", "x\n# y", "\u202e"]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NAMES, min_size=1, max_size=3))
def test_no_name_breaks_a_file_or_leaves_its_folder(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    root = tmp_path_factory.mktemp("names")
    stock = Stock()
    for n, drawn in enumerate(names):
        name = drawn.replace("\0", "").encode("utf-8", "ignore").decode()
        stock.put(
            "customers", {"email": f"p{n}@gmail.com", "name": name, "job_title": name, "signup_date": "2026-01-01"}
        )
        stock.meeting(f"p{n}@gmail.com", "2026-06-26 10:00", title=name, detail=name, host=name)
    assert write(stock, root).conflicts == ()
    again = write(stock, root)
    assert (again.changed, again.conflicts) == ((), ())
    files = [path for path in root.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(root / "customers") or path.is_relative_to(root / "data") for path in files)
    assert len({path.parts[len(root.parts) + 1] for path in files if "customers" in path.parts}) == len(names) + 1


# --- the account's own file ---------------------------------------------------------------------


def test_an_account_without_a_file_of_its_own_gets_a_form_that_holds_and_says_nothing(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    assert read(tmp_path, "dee/account.md").splitlines()[3] == "account: dee@gmail.com"
    files = tuple(sorted((tmp_path / "customers").glob("*/account.md")))
    source = saying().sources["workspace"]
    found = markdown_files.read(Shelf(tmp_path, files), source.streams["accounts"], "account")
    assert found.problems == ()
    assert [record["data"] for record in found.records] == [{"account": "acme.com"}, {"account": "dee@gmail.com"}]
    assert markdown_files.read(Shelf(tmp_path, files), source.streams["notes"], "account").records == ()


def test_every_key_that_the_form_offers_holds(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    file = tmp_path / "customers/dee/account.md"
    offered = re.sub(r"(?m)^# (?=\w+: |\w+:$|  - )", "", file.read_text(encoding="utf-8"))
    assert offered.count("# ") < 20
    file.write_text(offered, encoding="utf-8")
    source = saying().sources["workspace"]
    found = markdown_files.read(Shelf(tmp_path, (file,)), source.streams["accounts"], "account")
    assert found.problems == ()
    assert {"owner", "stage", "renewal_date", "stakeholders", "health_override", "sentiment", "tags"} <= found.records[
        0
    ]["data"].keys()


def test_it_is_peoples_from_then_on(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    file = tmp_path / "customers/dee/account.md"
    file.write_text("mine", encoding="utf-8")
    write(rich_stock(), tmp_path)
    assert file.read_text(encoding="utf-8") == "mine"


def test_the_workspaces_own_form_is_taken_and_a_broken_one_is_told(tmp_path: Path) -> None:
    form = tmp_path / "customers/templates/account.md.j2"
    form.parent.mkdir(parents=True)
    form.write_text("---\naccount: {{ key }}\n---\nHello {{ name }}\n", encoding="utf-8")
    write(rich_stock(), tmp_path)
    assert read(tmp_path, "dee/account.md") == "---\naccount: dee@gmail.com\n---\nHello Dee\n"
    form.write_text("{{ nme }}", encoding="utf-8")
    os.unlink(tmp_path / "customers/dee/account.md")  # noqa: PTH108
    with pytest.raises(UsageError) as raised:
        write(rich_stock(), tmp_path)
    assert raised.value.code == "E227"


def test_a_change_of_our_code_makes_every_file_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(rich_stock(), tmp_path)
    monkeypatch.setattr(run, "_code", lambda: "other")
    rendered: list[str] = []
    block = timeline.block
    monkeypatch.setattr(timeline, "block", lambda *args: rendered.append("x") or block(*args))  # type: ignore[func-returns-value]
    assert write(rich_stock(), tmp_path).changed == ()
    assert len(rendered) == 2


def test_a_file_that_is_written_to_all_the_time_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.md"
    file.write_text("0", encoding="utf-8")
    block = writing.Block("x", "a.com", "f" * 16, lambda: "text")
    original = replacing.replace
    count = iter(range(1, 1000))

    def restless(path: Path, text: bytes, expected: bytes | None) -> bool:
        path.write_text(str(next(count)), encoding="utf-8")
        return original(path, text, expected)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replacing, "replace", restless)
        found = writing.write_block(tmp_path, file, block)
    assert not isinstance(found, bool)
    assert found.code == "E444"
