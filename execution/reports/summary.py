"""The first lines of a report in plain words, for where no Markdown is read: a mail, a message of Slack."""

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from execution.reports.columns import text_of

MOST_LINES = 24
_MOST_ROWS = 5
"""Of one table; where there are more, the line after them says how many."""


def lines(markdown: str, most: int = MOST_LINES) -> tuple[str, ...]:
    """The lines after the report's own title: headings, paragraphs, items, and the first rows of tables, each as one
    line. They are words of customers too; whoever sends them makes them harmless in its own way."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)
    return tuple(_told(tokens))[:most]


def _told(tokens: Sequence[Token]) -> Iterator[str]:
    is_item, is_titled = False, False
    number = 0
    while number < len(tokens):
        token = tokens[number]
        number += 1
        if token.type == "list_item_open":
            is_item = True
        elif token.type == "table_open":
            end = next(n for n in range(number, len(tokens)) if tokens[n].type == "table_close")
            yield from _rows(tokens[number:end])
            number = end + 1
        elif token.type == "inline" and (text := text_of(token).strip()):
            opened = tokens[number - 2]
            if opened.type == "heading_open" and opened.tag == "h1" and not is_titled:
                is_titled = True
                continue
            yield f"- {text}" if is_item else text.upper() if opened.type == "heading_open" else text
            is_item = False


def _rows(tokens: Sequence[Token]) -> Iterator[str]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(text_of(token).strip())
    head, *body = rows
    for row in body[:_MOST_ROWS]:
        told = [f"{name} {value}" if name else value for name, value in zip(head, row, strict=False) if value]
        yield "- " + ", ".join(told)
    if len(body) > _MOST_ROWS:
        yield f"- … {len(body) - _MOST_ROWS} more"
