"""What Markdown links to, whose a generated file is, and where its markers are broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.audit.pages import page_of
from execution.files import managed


def links(text: str, path: str = "customers/acme/notes.md") -> list[str | None]:
    return [link.leads_to for link in page_of(path, text).links]


@pytest.mark.parametrize(
    ("text", "leads_to"),
    [
        ("[a](account.md)", ["customers/acme/account.md"]),
        ("[a](../INDEX.md#top) and ![p](p%20q.png)", ["customers/INDEX.md", "customers/acme/p q.png"]),
        ('[a](<x.md>) [b](y.md "title")', ["customers/acme/x.md", "customers/acme/y.md"]),
        ("[a](/directives/team.md)", ["directives/team.md"]),
        ("[a](../../../etc/passwd)", [None]),
        ("[a][1]\n\n[1]: x.md", ["customers/acme/x.md"]),
        ("[a](https://x.y/z) [b](mailto:a@b.c) [c](#here) [d](//x.y) [e](gtm:companies/x/y)", []),
        ("`[a](x.md)`\n```\n[a](x.md)\n```\n<!-- [a](x.md) -->\n\\[a](x.md)", []),
    ],
)
def test_where_links_lead(text: str, leads_to: list[str | None]) -> None:
    assert links(text) == leads_to


def test_links_have_their_line_and_those_in_generated_text_are_not_anybodys() -> None:
    block = managed.wrap("compact", "acme.com", "0" * 16, "# A\n[x](gone.md)\n")
    page = page_of("customers/a/context/compact.md", f"one [a](b.md)\n{block}\n[c](d.md)\n")
    assert page.key == "acme.com"
    assert [(link.line, link.written) for link in page.links] == [(1, "b.md"), (7, "d.md")]


def test_a_file_with_nothing_but_its_block_is_whose_the_marker_says() -> None:
    block = managed.wrap("compact", "jane@acme.com", "0" * 16, "# A\n")
    assert page_of("x.md", block).key == "jane@acme.com"
    assert page_of("x.md", block.replace("\n", "\r\n")).key == "jane@acme.com"
    assert page_of("x.md", managed.wrap("compact", "a b/\u00e9", "0" * 16, "# A\n")).key == "a b/\u00e9"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<!-- gtm:begin compact -->\n<!-- gtm:end compact -->\n", 1),
        ("a\n<!-- gtm:end compact -->\n", 2),
        (managed.wrap("compact", "a", "0" * 16, "x").replace("end compact", "end other"), 3),
        (managed.wrap("compact", "a", "0" * 16, "x") * 2, 4),
        (managed.wrap("compact", "a", "0" * 16, "x").rpartition("<!--")[0], 1),
    ],
)
def test_broken_markers_have_their_line(text: str, line: int) -> None:
    page = page_of("x.md", text)
    assert page.broken is not None
    assert page.broken[0] == line


@given(st.text(alphabet=st.sampled_from("<!-- gtm:beginend compact a0\n()[]`~.md/\\"), max_size=200))
def test_no_text_breaks_it_and_the_quick_look_says_what_the_close_one_says(text: str) -> None:
    page_of("a/b.md", text)
    block = managed.wrap("compact", "k", "0" * 16, text)
    page = page_of("a/b.md", block)
    assert (page.key, page.broken) == closely(block)


def closely(text: str) -> tuple[str | None, tuple[int, str] | None]:
    """Whose block it is, or what is wrong with it, by `managed` alone."""
    try:
        found = managed.parse(text, "compact")
    except managed.Broken as broken:
        return None, (broken.line, broken.reason)
    return (found.key if found else None), None
