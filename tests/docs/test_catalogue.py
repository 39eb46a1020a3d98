"""The pages made from directives: everything is in them, nothing else is, and people's text around them stays."""

from pathlib import Path

import pytest

from execution import docs
from execution.directives import load, read_folder
from execution.docs.catalogue import CATALOGUE, INDEX
from execution.docs.markdown import cell, code, link, table
from execution.docs.run import BEGIN, END
from execution.errors import UsageError
from tests.conftest import Golden
from tests.measures.stock import ROOT, shipped
from tests.segments.shop import program, texts


def test_the_catalogue_says_what_the_directives_define(golden: Golden) -> None:
    golden("docs/catalogue.md", docs.pages(program())[CATALOGUE])


def test_the_index_has_a_line_for_every_directive(golden: Golden) -> None:
    golden("docs/index.md", docs.pages(program())[INDEX])


def test_every_shipped_directive_is_in_both() -> None:
    pages = docs.pages(shipped())
    for directive in shipped().directives():
        assert f"({directive.path.removeprefix('directives/')})" in pages[INDEX], directive.path
        assert f"({directive.path.removeprefix('directives/')})" in pages[CATALOGUE], directive.path


def test_every_name_that_is_defined_is_in_the_catalogue() -> None:
    page = docs.pages(shipped())[CATALOGUE]
    named = {name for each in shipped().entities.values() for name in each.columns}
    named |= {name for each in shipped().measures.values() for name in each.measures}
    named |= {name for each in shipped().segments.values() for name in (each.name, *each.groups)}
    named |= {name for each in shipped().health.values() for name in (*each.components, *each.penalties)}
    assert [name for name in sorted(named) if f"`{name}`" not in page] == []


def test_the_order_of_files_does_not_matter() -> None:
    backwards = load(dict(reversed(texts().items())))
    assert docs.pages(backwards) == docs.pages(program())


def test_the_pages_of_this_repository_hold() -> None:
    stale = [page for page in docs.compared(ROOT, docs.pages(shipped())) if page.is_stale]
    assert not stale, "run `gtm docs`:\n" + "\n".join(page.diff for page in stale)


def test_a_page_is_made_and_then_stays(tmp_path: Path) -> None:
    (page,) = docs.compared(tmp_path, {"directives/X.md": "one\n"})
    assert (page.before, page.is_stale) == (None, True)
    assert docs.write(tmp_path, (page,)) == ("directives/X.md",)
    (again,) = docs.compared(tmp_path, {"directives/X.md": "one\n"})
    assert not again.is_stale
    assert docs.write(tmp_path, (again,)) == ()


def test_what_people_wrote_around_it_stays(tmp_path: Path) -> None:
    file = tmp_path / "X.md"
    file.write_text(f"# Mine\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")
    (page,) = docs.compared(tmp_path, {"X.md": "new"})
    assert page.after == f"# Mine\n\n{BEGIN}\nnew\n{END}\n\nAfter.\n"
    assert "-old\n+new\n" in page.diff


def test_a_page_without_markers_gets_them_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "X.md").write_text("# Mine", encoding="utf-8")
    (page,) = docs.compared(tmp_path, {"X.md": "new"})
    assert page.after == f"# Mine\n\n{BEGIN}\nnew\n{END}\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [(f"{BEGIN}\n", 1), (f"a\n{END}\n", 2), (f"{END}\n{BEGIN}\n", 2), (f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n", 3)],
)
def test_broken_markers_are_refused_with_their_line(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "X.md").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="do not fit together") as caught:
        docs.compared(tmp_path, {"X.md": "new"})
    assert (caught.value.code, caught.value.where) == ("E232", f"X.md:{line}")


def test_cells_hold_anything() -> None:
    assert cell("a | b\n c\\") == "a \\| b c\\\\"
    assert (cell(None), cell(True), cell(2.50)) == ("", "yes", "2.5")
    assert code("a `b`") == "``a `b```"
    assert link("directives/a b.md") == "[a b.md](<a b.md>)"
    assert table(("a", "b"), [("x", None), ("y", "")]) == ["| a |", "| --- |", "| x |", "| y |"]
    assert table(("a",), []) == []


def test_the_catalogue_is_no_directive(tmp_path: Path) -> None:
    folder = tmp_path / "directives"
    folder.mkdir()
    for name in ("CATALOGUE.md", "README.md", "a.md"):
        (folder / name).write_text("x", encoding="utf-8")
    assert list(read_folder(tmp_path)) == ["directives/a.md"]
