"""Tables of a page: figures stand under figures, to the right, and what is unknown is told apart from what is known."""

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

_FIGURE = re.compile(
    r"[+\u2212-]?\s?(?:[A-Z]{3}\s?|[$€£¥]\s?)?[+\u2212-]?\d[\d,.]*(?:\s?%|\s[a-z]{1,12}|[kKMB])?(?:\s?\([^()]{1,30}\))?"
)
"""`1,200`, `USD 1,200.50`, `+12%`, `31 days`; no date, no range."""
_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?( \d{2}:\d{2})?")
_UNKNOWN = {"", "-", "\N{EN DASH}", "\N{EM DASH}", "not captured", "not known", "none"}
_PROSE = 28
"""Characters from which on a column's texts are broken into lines rather than widen the table."""
_CLASSES = {"text-align:right": "number", "text-align:center": "centre"}


def align(tokens: Sequence[Token]) -> None:
    """Mark the cells of every table: those of columns that hold figures, and those that hold nothing known."""
    for table in _tables(tokens):
        width = max((len(row) for row in table), default=0)
        for column in range(width):
            cells = [row[column] for row in table if column < len(row)]
            told = [text_of(words).strip() for opening, words in cells if opening.tag == "td"]
            kind = _kind(told)
            for opening, words in cells:
                _mark(opening, words, kind)


def text_of(inline: Token) -> str:
    """The words of a token that holds a line, without markup."""
    if inline.children is None:
        return inline.content
    return "".join(child.content for child in inline.children if child.type in {"text", "code_inline"})


def _tables(tokens: Sequence[Token]) -> Iterator[list[list[tuple[Token, Token]]]]:
    """Each table as rows of cells: the token that opens one, and its words."""
    rows: list[list[tuple[Token, Token]]] = []
    for n, token in enumerate(tokens):
        if token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type in {"th_open", "td_open"}:
            rows[-1].append((token, tokens[n + 1]))
        elif token.type == "table_close":
            yield rows


def _kind(texts: Sequence[str]) -> str:
    """What a column holds, as the class that the stylesheet knows: `number`, `day`, `prose` or nothing of these."""
    known = [text for text in texts if text.lower() not in _UNKNOWN]
    if known and all(map(_FIGURE.fullmatch, known)):
        return "number"
    if known and all(map(_DAY.fullmatch, known)):
        return "day"
    return "prose" if max(map(len, known), default=0) > _PROSE else ""


def _mark(opening: Token, words: Token, kind: str) -> None:
    """`kind` is what the column holds; an alignment that the report says counts for more."""
    said = _CLASSES.get(str(opening.attrs.pop("style", "")), "")
    classes = [kind, said if said != kind else ""]
    if opening.tag == "td" and text_of(words).strip().lower() in _UNKNOWN:
        classes.append("unknown")
    if marked := " ".join(filter(None, classes)):
        opening.attrs["class"] = marked
    if opening.tag == "th":
        opening.attrs["scope"] = "col"
