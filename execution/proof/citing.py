"""The figures in a Markdown file, and what each of them cites. Nothing is asked of the store here.

[USD 1,200](gtm:companies/acme.com/mrr)                     a row's column, as `unified_companies` has it
[12,000](gtm:deals/hubspot:123/amount)                      of a row that belongs to a source
[61](gtm:customers/jane@acme.com/health_score?as_of=2026-11-01)
[14](gtm:#churned)                                          what the block ```sql churned in the same file gives
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from execution.proof.prose import Prose, Query, blank, prose_of

SCHEME = "gtm:"


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a row of an entity; `as_of` is the moment as it is written."""

    entity: str
    key: str
    column: str
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """The one value that a query in the same file gives."""

    name: str


@dataclass(frozen=True, slots=True)
class Misread:
    """A reference that names nothing: why, and how it is written."""

    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A figure with its source: where it stands, how it is written, and what it cites."""

    line: int
    column: int
    written: str
    href: str
    target: Cell | Named | Misread


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, an amount of money or a percentage that cites nothing."""

    line: int
    column: int
    text: str


@dataclass(frozen=True)
class Cited:
    """What a file says: figures with a source, those without, and the queries that may be cited."""

    references: tuple[Reference, ...]
    figures: tuple[Figure, ...]
    queries: Mapping[str, Query]


def cited(content: str) -> Cited:
    """Every figure of a file's prose, in the order of the text."""
    prose = prose_of(content)
    references = sorted(_references(prose), key=lambda each: (each.line, each.column))
    return Cited(tuple(references), tuple(_figures(prose)), prose.queries)


# --- figures with a source ------------------------------------------------------------------------

_LINK = re.compile(
    r"(?<!\\)\[(?P<written>(?:\\.|[^\[\]\\]){0,500})\]\(\s*(?:<(?P<angled>gtm:[^<>\n]*)>|(?P<bare>gtm:[^\s()<>]*))"
    r"(?:\s+\"[^\"\n]*\")?\s*\)",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"(?<![\w`])gtm:(?=[\w.#%/])[^\s)>\]]*", re.IGNORECASE)
_HOW = "write it as [USD 1,200](gtm:companies/acme.com/mrr)"
_HOW_NAMED = "write it as [14](gtm:#name), with a block ```sql name"


def _references(prose: Prose) -> Iterator[Reference]:
    for link in _LINK.finditer(prose.text):
        href = link["angled"] if link["angled"] is not None else link["bare"]
        yield Reference(*prose.place(link.start()), link["written"].strip(), href, target_of(href))
    for loose in _LOOSE.finditer(_LINK.sub(_blanked, prose.text)):
        yield Reference(
            *prose.place(loose.start()), "", loose[0], Misread("this is no link with a figure as its text", _HOW)
        )


def target_of(href: str) -> Cell | Named | Misread:
    """What a reference names. Percent-encoding counts, and a key may have unencoded slashes."""
    body = href[len(SCHEME) :]
    if body.startswith("#"):
        name = _plain(body[1:])
        return Named(name) if name else Misread("it does not say which query", _HOW_NAMED)
    path, _, asked = body.partition("?")
    parts = [_plain(part) for part in path.partition("#")[0].split("/")]
    if len(parts) < 3 or not all(parts) or None in parts:
        return Misread("a reference is entity, key and column", _HOW)
    entity, *keys, column = [part or "" for part in parts]
    wanted = dict(parse_qsl(asked, keep_blank_values=True))
    if unknown := next((name for name in wanted if name != "as_of"), None):
        return Misread(f"a reference has no '{unknown}'", "only ?as_of=2026-11-01 may follow")
    return Cell(entity, "/".join(keys), column, wanted.get("as_of"))


def _plain(part: str) -> str | None:
    """A part without percent-encoding; None where that is no text."""
    try:
        found = unquote(part, errors="strict").strip()
    except UnicodeDecodeError:
        return None
    return found if found.isprintable() else None


# --- figures without one --------------------------------------------------------------------------

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_NO_FIGURES = re.compile(
    r"""
      ^[ \t]*(?:[-*+][ \t]+)?\d{1,9}[.)](?=\s)                     # numbers of lists
    | ^[ \t]*\#{1,6}[ \t]+\d+(?:(?:\.\d+)*[.)]|(?:\.\d+)+)(?=\s)   # and of headings
    | ^[ \t]*\[[^\]\n]{1,200}\]:[^\n]*                             # where links lead
    | ^[ \t]*>[^\n]*                                               # somebody else's words
    | \]\([^()\s]{0,999}(?:\([^()\s]{0,99}\)[^()\s]{0,99}){0,3}(?:\s"[^"\n]{0,200}")?\)
    | \[\^[^\]\n]{1,99}\]
    | <[^<>\n]{1,500}>
    | \b[a-z][a-z0-9+.-]{1,15}://\S+ | \bwww\.\S+ | [\w.+%-]{1,64}@[\w.-]{1,255}
    | \b\d{4}-\d{2}(?:-\d{2})?(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?)?\b
    | \b\d{1,2}(?P<mark>[./])\d{1,2}(?P=mark)\d{2,4}\b
    | \b\d{1,2}(?:st|nd|rd|th)?[ ]{1,3}MONTH(?:[ ]{1,3}\d{4})?\b
    | \bMONTH[ ]{1,3}\d{1,2}(?:st|nd|rd|th)?(?:,?[ ]{1,3}\d{4}(?!-\d))?\b
    | \b\d{1,2}:\d{2}(?::\d{2})?\b
    | (?<![\w.,-])(?:19|20)\d{2}(?:/\d{2,4})?\b(?![.,]?\d|[ ]?[%kKM]|-\d)  # years
    | (?<!\d)\+\d[\d ()/-]{6,20}\d                                # telephone numbers
    | \b(?:step|phase|section|chapter|page|part|table|version|iso|rfc|soc|no\.?|nr\.?|§)[ ]{0,2}\#?\d+(?:\.\d+)*\b
    """.replace("MONTH", _MONTH),
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
"""What has digits and claims nothing. Every part is bounded, so that no text takes long."""

_FIGURE = re.compile(
    r"""
    (?<![\w\#@&/\\:+.,-])
    (?:(?:[A-Z]{3}[ \u00a0\u202f]|[$€£¥₹][ \u00a0\u202f]?))?
    (?:(?<![\w-])[-\u2212])?
    (?:\d{1,3}(?:[,'\u2019\u202f\u00a0]\d{3})+|\d{1,8})(?:[.,]\d+)?
    (?:[-\u2013]\d+(?:[.,]\d+)?)?
    (?:[ \u00a0\u202f]?(?:%|(?:k|K|M|bn|B|x|\u00d7)\b))?
    (?:/\d+)?
    (?![\w@\\-]|[.,:/]\d)
    """,
    re.VERBOSE,
)


def _figures(prose: Prose) -> Iterator[Figure]:
    text = prose.text
    for passed_over in (_LINK, _LOOSE, _NO_FIGURES):
        text = passed_over.sub(_blanked, text)
    for found in _FIGURE.finditer(text):
        yield Figure(*prose.place(found.start()), found[0].strip())


def _blanked(match: re.Match[str]) -> str:
    return blank(match[0])
