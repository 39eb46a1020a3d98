"""Pages: what Markdown says, pictures in their places, figures under figures, and nothing that runs or leads away."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.errors import UsageError
from execution.files.quoting import inline
from execution.reports.page import Look, page
from tests.charts.figures_of_a_team import HOSTILE
from tests.reports.shown import TITLE, markdown, pictures

PICTURE = '<?xml version="1.0"?>\n<svg width="300"><title>A</title></svg>\n'
ALONE, BROAD = 'class="picture narrow"', 'class="picture broad"'


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        self.found.append((tag, dict(attrs)))


def body(text: str, **found: str) -> str:
    """What of a page its Markdown makes."""
    made = page(text, {f"{name}.svg": svg for name, svg in found.items()}, title="T")
    return made.partition("<main>")[2].partition("</main>")[0].replace("<h1>T</h1>\n", "").strip()


def cells(html: str, tag: str = "td") -> list[tuple[str, str]]:
    return [(kind, text) for kind, text in re.findall(rf'<{tag}(?: class="([^"]*)")?[^>]*>(.*?)</{tag}>', html)]


def test_a_page_is_whole_in_itself_and_says_that_nothing_may_be_fetched_or_run() -> None:
    made = page(markdown(), pictures(), title=TITLE)
    elements = Elements(made).found
    assert made.startswith('<!doctype html>\n<html lang="en">')
    policy = [attrs["content"] for tag, attrs in elements if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]
    assert not {"script", "img", "iframe", "object", "embed", "link", "base", "form", "a:href"} & {
        tag for tag, _ in elements
    }
    assert not [name for _, attrs in elements for name in attrs if name.startswith("on") or name == "src"]
    assert "url(" not in made
    assert "@import" not in made


def test_the_same_report_gives_the_same_page() -> None:
    assert page(markdown(), pictures(), title=TITLE) == page(markdown(), dict(pictures()), title=TITLE)


def test_the_marks_of_generated_blocks_and_comments_do_not_show() -> None:
    assert "gtm:begin" not in page(markdown(), pictures(), title=TITLE)
    assert (
        body("<!-- gtm:begin a b c from d -->\nOne <!-- two --> three.\n\n<!-- four\nfive -->") == "<p>One  three.</p>"
    )


def test_a_comment_that_never_ends_hides_nothing() -> None:
    assert body("<!-- never closed\n\nwords") == "<p>&lt;!-- never closed\n\nwords</p>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>bold</b> word", "<p>&lt;b&gt;bold&lt;/b&gt; word</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
    ],
)
def test_markup_by_hand_is_shown_as_the_text_it_is(text: str, shown: str) -> None:
    assert body(text) == shown


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScript:alert(1)", "&#106;avascript:alert(1)", "java&#10;script:alert(1)",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd", "http://evil.example", "//evil.example",
        "\\\\\\\\evil.example", "mailto:a@b.example", "&#32;//evil.example", "/&#92;evil.example", "/etc/passwd",
    ],
)  # fmt: skip
def test_a_link_to_elsewhere_is_no_link(address: str) -> None:
    assert "<a" not in body(f"[click]({address})")
    assert "<a" not in body(f"<{address}>")
    assert "<a" not in body(f"[click][1]\n\n[1]: {address}")


def test_links_that_stay() -> None:
    assert body("[list](../customers/INDEX.md#top)") == '<p><a href="../customers/INDEX.md#top">list</a></p>'
    there = '<p><a href="https://gtm.example/a" rel="noopener noreferrer">docs</a></p>'
    assert body("[docs](https://gtm.example/a)") == there


def test_a_figure_says_where_it_is_from_and_leads_nowhere() -> None:
    told = '<p><span class="sourced" title="companies/acme.com/mrr">USD <strong>1,200</strong></span> and <a'
    assert body("[USD **1,200**](gtm:companies/acme.com/mrr) and [x](y.md)").startswith(told)


def test_a_picture_that_stands_alone_is_a_figure_and_one_in_a_line_stays_in_it() -> None:
    assert body("![A](a.svg)", a=PICTURE) == f'<figure {ALONE}><span class="inset">{PICTURE[22:-1]}</span></figure>'
    assert body("![A](a.svg)\n![A](a.svg)", a=PICTURE).count("<figure") == 2
    assert body("see ![A](a.svg)", a=PICTURE) == f'<p>see <span class="inset">{PICTURE[22:-1]}</span></p>'
    assert body("![A](pictures/a.svg)", a=PICTURE).startswith("<figure")


def test_a_broad_picture_moves_in_its_box() -> None:
    assert BROAD in body("![A](a.svg)", a=PICTURE.replace("300", "900"))


@pytest.mark.parametrize("source", ["b.svg", "https://evil.example/x.svg", "data:image/svg+xml,x"])
def test_of_a_picture_that_is_not_here_the_words_are(source: str) -> None:
    shown = body(f"![The *bridge* <b>]({source})", a=PICTURE)
    assert "<img" not in shown
    assert "<figure" not in shown
    assert "bridge" in shown


def test_columns_of_figures_stand_to_the_right_and_the_unknown_is_told_apart() -> None:
    table = body(
        "| who | MRR | change | closes | why |\n|---|---|---|---|---|\n"
        f"| Acme | USD 1,200.50 | +3% | 2026-10-01 | {'because ' * 5} |\n"
        "| Beta | not captured | \u22122 | 2026-11-30 | |\n"
    )
    assert [kind for kind, _ in cells(table)] == [
        "", "number", "number", "day", "prose", "", "number unknown", "number", "day", "prose unknown",
    ]  # fmt: skip
    assert [kind for kind, _ in cells(table, "th")] == ["", "number", "number", "day", "prose"]
    assert table.startswith('<div class="wide" tabindex="0"><table>')


def test_what_a_report_says_about_a_column_counts() -> None:
    table = body("| a | b |\n|--:|:-:|\n| x | 1 |\n")
    assert cells(table) == [("number", "x"), ("number centre", "1")]


def test_sections_are_listed_once_there_are_many_and_can_be_led_to() -> None:
    many = page("\n\n".join(f"## Part *{n}*" for n in (1, 2, 2, 3)), {}, title="T")
    assert re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>', many) == [
        ("part-1", "Part 1"), ("part-2", "Part 2"), ("part-2-2", "Part 2"), ("part-3", "Part 3"),
    ]  # fmt: skip
    assert '<h2 id="part-2-2">' in many
    assert "<nav" not in page("## One\n\n## Two", {}, title="T")


def test_a_page_has_its_title_once() -> None:
    assert page("# A & B\n", {}, title="Title").count("<h1") == 1
    without = page("words", {}, title="A <b> & B")
    assert "<h1>A &lt;b&gt; &amp; B</h1>" in without
    assert "<title>A &lt;b&gt; &amp; B</title>" in without


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_whatever_a_customer_is_called_the_page_has_no_element_by_them(name: str) -> None:
    for text in (name, HOSTILE + name):
        made = body(f"{inline(text)}\n\n| a |\n|---|\n| {inline(text)} |\n")
        assert {tag for tag, _ in Elements(made).found} <= {"p", "div", "table", "thead", "tbody", "tr", "th", "td"}


def test_a_team_may_have_its_own_look(tmp_path: Path) -> None:
    own = tmp_path / "reporting"
    own.mkdir()
    assert Look.of(tmp_path) == Look.of()
    (own / "page.css").write_text("h1 { color: #123456 }", encoding="utf-8")
    (own / "page.html.j2").write_text("<main>{{ body }}{{ title }}</main><style>{{ style }}</style>", encoding="utf-8")
    made = page("*a*", {}, title="<T>", look=Look.of(tmp_path))
    assert made == "<main><p><em>a</em></p>\n&lt;T&gt;</main><style>h1 { color: #123456 }</style>"


@pytest.mark.parametrize("skeleton", ["{{ nothing }}", "{% if %}", "{{ body.__class__.__mro__ }}"])
def test_a_skeleton_that_does_not_hold_is_told(skeleton: str) -> None:
    with pytest.raises(UsageError, match="skeleton does not hold") as caught:
        page("a", {}, title="T", look=Look(skeleton, ""))
    assert (caught.value.code, "reporting/page.html.j2" in caught.value.hint) == ("E298", True)


def test_a_language_is_one() -> None:
    assert '<html lang="de-CH">' in page("a", {}, title="T", language="de-CH")
    with pytest.raises(UsageError, match="is no language"):
        page("a", {}, title="T", language='en" onload="x')
