"""Pages in a real browser: nothing sticks out, nothing is missing, everything can be read, nothing is asked for.

Skipped where the machine has no Chromium, Chrome or Edge. One browser serves all tests here.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from execution.reports import pdf
from execution.reports.page import page
from tests.reports.browser import Browser, Seen, running
from tests.reports.shown import TITLE, markdown, pictures

PROGRAM = pdf.found()
pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no browser: Chromium, Chrome or Edge (apt-get install chromium)"),
    pytest.mark.skipif(sys.platform == "win32", reason="the browser is driven over a pipe that Windows does not have"),
]

PHONE, TABLET, DESK, WIDE = 360, 768, 1280, 1920
VIEWS = [(width, dark) for width in (PHONE, TABLET, DESK, WIDE) for dark in (False, True)]
NAMES = [f"{width} {'dark' if dark else 'light'}" for width, dark in VIEWS]

CONTRAST = """
(() => {
  const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const parsed = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ratio = (...two) => {
    const [x, y] = two.map(light).sort((m, n) => n - m);
    return (x + 0.05) / (y + 0.05);
  };
  const opaque = colour => colour.length === 3 || colour[3] === 1;
  const fillBehind = text => {
    const box = text.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
    let found = null;
    for (const shape of text.ownerSVGElement.querySelectorAll('rect, path')) {
      if (!(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
      const b = shape.getBoundingClientRect(), fill = parsed(getComputedStyle(shape).fill);
      if (fill.length > 2 && opaque(fill) && b.left <= x && x <= b.right && b.top <= y && y <= b.bottom) found = fill;
    }
    return found;
  };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parsed(getComputedStyle(e).backgroundColor);
      if (colour.length > 2 && opaque(colour)) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.body.querySelectorAll('*')) {
    const words = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join('');
    if (!words || element.closest('title, desc, style')) continue;
    const inside = element instanceof SVGElement, style = getComputedStyle(element);
    const colour = parsed(inside ? style.fill : style.color);
    const ground = (inside && fillBehind(element)) || behind(inside ? element.ownerSVGElement : element);
    const found = ratio(colour, ground);
    if (found < 4.5) poor.push(`${words.slice(0, 30)} ${colour} on ${ground}: ${found.toFixed(2)}`);
  }
  return poor;
})()
"""

STICKING_OUT = """
(edge => {
  const out = [];
  const isHeld = e => e.closest('.wide, .picture, svg');
  for (const e of document.body.querySelectorAll('*')) {
    const box = e.getBoundingClientRect();
    const isOut = box.width && (box.right > edge + 1 || box.left < -1);
    if (isOut && !isHeld(e.parentElement)) out.push(e.outerHTML.slice(0, 80));
  }
  return out;
})
"""

CUT = """
[...document.querySelectorAll('svg.gtm-picture')].flatMap(svg => {
  const whole = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return box.left < whole.left - 1 || box.right > whole.right + 1 || box.bottom > whole.bottom + 1;
  }).map(text => text.textContent);
})
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The one browser."""
    with running(str(PROGRAM)) as found:
        yield found


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with everything in it, as a page."""
    file = tmp_path_factory.mktemp("pages") / "report.html"
    file.write_text(page(markdown(), pictures(), title=TITLE), encoding="utf-8")
    return file


@pytest.mark.parametrize(("width", "dark"), VIEWS, ids=NAMES)
def test_a_page_fits_is_quiet_and_can_be_read(browser: Browser, report: Path, width: int, dark: bool) -> None:
    seen = browser.look(report, width=width, dark=dark)
    assert seen == Seen(), "no request and no message"
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.evaluate(f"{STICKING_OUT}({width})") == []
    assert browser.evaluate(CONTRAST) == []
    shown = browser.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert shown is dark


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_picture_is_there_and_whole(browser: Browser, report: Path, width: int) -> None:
    browser.look(report, width=width)
    sizes: list[list[float]] = browser.evaluate(
        "[...document.querySelectorAll('.inset > svg')].map(s => [s.clientWidth, s.clientHeight])"
    )
    assert len(sizes) == len(pictures()) - 1 + 12
    assert all(wide > 90 and high > 20 for wide, high in sizes), "none is flat or empty"
    assert browser.evaluate(CUT) == [], "no word of a picture is cut off"
    assert browser.evaluate("document.querySelectorAll('.absent').length") == 0


def test_a_phone_shows_words_of_pictures_large_enough(browser: Browser, report: Path) -> None:
    browser.look(report, width=PHONE)
    smallest: float = browser.evaluate(
        "Math.min(...[...document.querySelectorAll('.narrow svg text')].map(t => { const s = t.ownerSVGElement;"
        " return parseFloat(getComputedStyle(t).fontSize) * s.clientWidth / s.viewBox.baseVal.width }))"
    )
    assert smallest > 8


def test_wide_tables_move_in_their_box_and_figures_stand_to_the_right(browser: Browser, report: Path) -> None:
    browser.look(report, width=PHONE)
    box: dict[str, Any] = browser.evaluate(
        "(() => { const b = document.querySelector('.wide');"
        " return {wide: b.scrollWidth > b.clientWidth, how: getComputedStyle(b).overflowX,"
        " align: getComputedStyle(b.querySelector('td.number')).textAlign} })()"
    )
    assert box == {"wide": True, "how": "auto", "align": "right"}


def test_nothing_that_customers_wrote_became_an_element(browser: Browser, report: Path) -> None:
    browser.look(report)
    there = browser.evaluate("[...new Set([...document.querySelectorAll('*')].map(e => e.localName))].sort()")
    assert not {"script", "img", "iframe", "object", "embed", "form", "input", "link", "base"} & set(there)
    links: list[str] = browser.evaluate("[...document.links].map(a => a.getAttribute('href'))")
    assert [link for link in links if not link.startswith("#")] == ["../../customers/INDEX.md"]


@pytest.mark.parametrize("dark", [False, True])
def test_paper_is_white_whatever_the_screen_is(browser: Browser, report: Path, dark: bool) -> None:
    browser.look(report, dark=dark, media="print")
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert browser.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    assert browser.evaluate(CONTRAST) == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["bridge", "trend", "cohorts", "hostile", "sparkline"])
def test_a_picture_by_itself_is_read_on_any_ground(browser: Browser, tmp_path: Path, name: str, dark: bool) -> None:
    file = tmp_path / f"{name}.svg"
    file.write_text(pictures()[f"{name}.svg"], encoding="utf-8")
    assert browser.look(file, dark=dark) == Seen()
    assert browser.evaluate("document.documentElement.localName") == "svg"
    if name != "sparkline":
        ground = browser.evaluate("getComputedStyle(document.querySelector('rect')).fill")
        assert ground == ("rgb(21, 26, 33)" if dark else "rgb(255, 255, 255)")


def test_the_tests_here_would_see_what_is_wrong(browser: Browser, tmp_path: Path) -> None:
    """A page with every fault that is looked for."""
    file = tmp_path / "bad.html"
    file.write_text(
        "<meta name='viewport' content='width=device-width'>"
        "<body style='background:#fff'><p style='width:900px;color:#ccc'>pale and broad</p>"
        "<svg class='gtm-picture' width='50' height='20'><text x='30' y='12' fill='#eee'>cut off</text></svg>"
        "<img src='nowhere.png'><script>console.log('hello'); undefinedFunction()</script></body>",
        encoding="utf-8",
    )
    seen = browser.look(file, width=PHONE)
    assert [request.rsplit("/", 1)[1] for request in seen.requests] == ["nowhere.png"]
    assert any("hello" in message for message in seen.messages)
    assert any("undefinedFunction" in message for message in seen.messages)
    assert browser.evaluate("document.documentElement.scrollWidth") > PHONE
    assert len(browser.evaluate(f"{STICKING_OUT}({PHONE})")) == 1
    assert len(browser.evaluate(CONTRAST)) == 2
    assert browser.evaluate(CUT) == ["cut off"]
