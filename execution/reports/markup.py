"""A report's Markdown as HTML: only what Markdown knows, pictures in their places, figures in line.

Markup that somebody wrote by hand is shown as the text it is. Links lead to files beside the report or to an https
address; a figure's source (`gtm:…`) is no link but a note that a pointer shows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from execution.reports import columns

SOURCE = "gtm:"
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ABSENT = '<span class="absent">'
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>\s*")
_WIDTH = re.compile(r'^<span class="inset"><svg [^>]*\bwidth="(\d+)"')
_BROAD = 520
"""Pixels from which on a picture made narrower cannot be read on a phone any more."""
_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the page: its level, its words and where it is."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a page is made of."""

    html: str
    headings: tuple[Heading, ...]


def body(markdown: str, pictures: Mapping[str, str]) -> Body:
    """The HTML of a Markdown text; `pictures` are SVGs as `charts.draw` gives them, by file name."""
    reader = _Reader("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = reader.parse(markdown)
    headings = tuple(_anchored(tokens))
    columns.align(tokens)
    _name_sources(tokens)
    return Body(reader.renderer.render(list(_blocks(tokens, pictures)), reader.options, {}), headings)


class _Reader(MarkdownIt):
    """Markdown whose links lead to nowhere but beside the report and to https."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Whether a link stays one; another is shown as it was written."""
        address = "".join(unquote(url).split()).replace("\\", "/")
        if address.startswith("/"):
            return False
        scheme = _SCHEME.match(address)
        return scheme is None or scheme[0].lower() in {"https:", SOURCE}


def _blocks(tokens: Sequence[Token], pictures: Mapping[str, str]) -> Iterator[Token]:
    """The tokens as they are to be written: pictures in their places, tables in boxes, markup by hand as text."""
    skipped = 0
    for n, token in enumerate(tokens):
        inner = tokens[n + 1].children or [] if token.type == "paragraph_open" else []
        if skipped:
            skipped -= 1
        elif any(each.type == "image" for each in inner) and all(map(_is_picture, inner)):
            for each in inner:
                yield from _figure(each, pictures)
            skipped = 2
        elif token.type == "html_block":
            shown = _shown(token.content)
            yield _html("html_block", f"<p>{shown}</p>\n" if shown else "")
        else:
            yield from _boxed(token)
            if token.children:
                token.children = [_inline(child, pictures) for child in token.children]


def _figure(image: Token, pictures: Mapping[str, str]) -> Iterator[Token]:
    """A picture that stands alone; one that a phone is too narrow for moves in its box."""
    shown = _inset(image, pictures) if image.type == "image" else ""
    if shown.startswith(_ABSENT):
        yield _html("html_block", f"<p>{shown}</p>\n")
    elif shown:
        width = _WIDTH.search(shown)
        said = 'broad" tabindex="0' if width is not None and int(width[1]) > _BROAD else "narrow"
        yield _html("html_block", f'<figure class="picture {said}">{shown}</figure>\n')


def _boxed(token: Token) -> Iterator[Token]:
    """A wide table moves in a box of its own, by the keys too."""
    if token.type == "table_open":
        yield _html("html_block", '<div class="wide" tabindex="0">')
    yield token
    if token.type == "table_close":
        yield _html("html_block", "</div>\n")


def _inline(token: Token, pictures: Mapping[str, str]) -> Token:
    if token.type == "image":
        return _html("html_inline", _inset(token, pictures))
    return _html("html_inline", _shown(token.content)) if token.type == "html_inline" else token


def _inset(image: Token, pictures: Mapping[str, str]) -> str:
    """A picture of the report; of any other only its words."""
    svg = _picture(str(image.attrs.get("src", "")), pictures)
    if svg is None:
        return f"{_ABSENT}{escape(image.content)} (the picture is not here)</span>"
    return f'<span class="inset">{svg}</span>'


def _shown(content: str) -> str:
    """Markup by hand as the text it is; comments, and so the marks of generated blocks, are nothing."""
    return escape(_COMMENT.sub("", content).strip())


def _html(kind: str, content: str) -> Token:
    return Token(kind, "", 0, content=content)


def _picture(source: str, pictures: Mapping[str, str]) -> str | None:
    name = unquote(source)
    svg = pictures.get(name) or pictures.get(PurePosixPath(name).name)
    return None if svg is None else _DECLARATION.sub("", svg).strip()


def _is_picture(token: Token) -> bool:
    return token.type in {"image", "softbreak"} or (token.type == "text" and not token.content.strip())


def _anchored(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Give each heading a place that links can lead to, and tell of it."""
    taken: set[str] = set()
    for n, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        text = columns.text_of(tokens[n + 1])
        stem = "-".join(filter(None, _WORDS.split(text.lower())))[:60] or "section"
        anchor = next(name for name in _numbered(stem) if name not in taken)
        taken.add(anchor)
        token.attrs["id"] = anchor
        yield Heading(int(token.tag[1]), text, anchor)


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1


def _name_sources(tokens: Sequence[Token]) -> None:
    """Say of a figure where it is from; links elsewhere do not tell from where somebody comes."""
    for token in tokens:
        is_source = False
        for child in token.children or ():
            if child.type == "link_open":
                address = str(child.attrs.get("href", ""))
                is_source = address.startswith(SOURCE)
                if is_source:
                    child.tag = "span"
                    child.attrs = {"class": "sourced", "title": unquote(address.removeprefix(SOURCE))}
                elif _SCHEME.match(address):
                    child.attrs["rel"] = "noopener noreferrer"
            elif child.type == "link_close" and is_source:
                child.tag, is_source = "span", False
