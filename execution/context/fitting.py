"""Keeping a text within its budget of tokens: what is least important goes first, and what went is said.

A template is rendered once, piece by piece. `cut` notes at which piece each item of a list begins, so that afterwards
items can be taken out without rendering again; `more` notes where the sentence belongs that says how many were.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from execution.context.facts import Listed
from execution.files.quoting import Markdown

CLOSING = "… the rest does not fit the budget of this file"

_LADDER = (1, 2, 4, 6, 10, 15, 25, 40, 60, 100, 200, 500, 1000, 10_000)
"""A list gets no item more than this as long as another has not got as many; the first lists come first."""

_WHOLE = 100
"""Budgets are counted in hundredths of a token, so that the parts of a text add up exactly."""

_LETTER, _DIGIT, _SIGN = 30, 70, 80
_TWO_BYTES, _IDEOGRAM, _OTHER = 130, 150, 340
"""What a character costs at most, near enough: a date is six tokens, a word one for about three letters, an ideogram
one and a half, and what vocabularies hardly know (Ethiopic, Thai, emoji) one for every byte. See
`tests/context/test_tokens.py` for how near that is."""

_DIGITS = "0123456789"
_SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_ASCII = re.compile(r"[\x00-\x7f]+")


def tokens(text: str) -> int:
    """How many tokens a text has at most, near enough."""
    return -(-_cost(text) // _WHOLE)


def _cost(text: str) -> int:
    rest = "" if text.isascii() else _ASCII.sub("", text)
    digits, signs = sum(map(text.count, _DIGITS)), sum(map(text.count, _SIGNS))
    ascii_only = _LETTER * (len(text) - len(rest) - digits - signs) + _DIGIT * digits + _SIGN * signs
    return ascii_only + sum(map(_of_other, rest))


def _of_other(char: str) -> int:
    if char < "\u0800":
        return _TWO_BYTES
    return (
        _IDEOGRAM
        if "\u3000" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" or "\uff00" <= char <= "\uffef"
        else _OTHER
    )


@dataclass(slots=True)
class _Cut:
    """A list in the text: at which pieces its items begin and the last one ends, how many there really are, and where
    it is said how many are left out."""

    total: int
    starts: list[int] = field(default_factory=list)
    end: int = 0
    more_at: int | None = None
    see: str = ""

    def said(self, kept: int) -> str:
        """What is said of those that are left out."""
        where = f", see {self.see}" if self.see else ""
        return f"\n… {self.total - kept:,} more{where}\n" if self.total > kept else ""


class Sheet:
    """One rendering of a template."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._cuts: list[_Cut] = []
        self._open = 0
        self._last: _Cut | None = None

    def cut(self, items: Iterable[Any]) -> Iterator[Any]:
        """The items, one after the other, for a `for` loop of the template; of a list in a list only the outer one's
        can be taken out."""
        rows = items if isinstance(items, Listed) else list(items)
        shown = _Cut(rows.total if isinstance(rows, Listed) else len(rows))
        is_outermost = self._open == 0
        self._open += 1
        for item in rows:
            shown.starts.append(len(self._pieces))
            yield item
        self._open -= 1
        shown.end = len(self._pieces)
        self._last = None
        if is_outermost:
            shown.starts.append(shown.end)
            self._cuts.append(shown)
            self._last = shown

    def more(self, see: str = "") -> Markdown:
        """Says, where it stands, how many items of the list before are left out, and where they are to be seen."""
        if self._last is not None:
            self._last.more_at, self._last.see = len(self._pieces), see
        return Markdown("")

    def written(self, pieces: Iterable[str], budget: int) -> str:
        """The text within the budget."""
        add = self._pieces.append
        for piece in pieces:
            add(piece)
        whole = [len(cut.starts) - 1 for cut in self._cuts]
        text = self._assembled(whole)
        if tokens(text) <= budget:
            return text
        text = self._assembled(self._kept(budget * _WHOLE))
        return text if tokens(text) <= budget else _torn(text, budget)

    def _kept(self, budget: int) -> list[int]:
        """How many items of each list fit."""
        sums = [0]
        for piece in self._pieces:
            sums.append(sums[-1] + _cost(piece))

        def cost(cut: _Cut, kept: int) -> int:
            return sums[cut.starts[kept]] - sums[cut.starts[0]] + _cost(cut.said(kept))

        kept = [0] * len(self._cuts)
        in_lists = sum(sums[cut.end] - sums[cut.starts[0]] for cut in self._cuts)
        room = budget - (sums[-1] - in_lists) - sum(cost(cut, 0) for cut in self._cuts)
        for most in _LADDER:
            for n, cut in enumerate(self._cuts):
                while kept[n] < min(most, len(cut.starts) - 1):
                    needed = cost(cut, kept[n] + 1) - cost(cut, kept[n])
                    if needed > room:
                        break
                    room -= needed
                    kept[n] += 1
        return kept

    def _assembled(self, kept: list[int]) -> str:
        pieces = list(self._pieces)
        said: dict[int, str] = {}
        for cut, items in zip(self._cuts, kept, strict=True):
            begin = cut.starts[items]
            pieces[begin : cut.end] = [""] * (cut.end - begin)
            if notice := cut.said(items):
                at = cut.end if cut.more_at is None else cut.more_at
                said[at] = said.get(at, "") + notice
        for at in sorted(said, reverse=True):
            pieces.insert(at, said[at])
        return tidy("".join(pieces))


def tidy(text: str) -> str:
    """A text with no more than one empty line in a row, and no blanks at the end of lines."""
    lines: list[str] = []
    for line in text.splitlines():
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return "\n".join(lines).strip("\n") + "\n"


def _torn(text: str, budget: int) -> str:
    """A text that is too long even without its lists, up to where the budget ends."""
    lines = text.splitlines()
    size, kept = _cost(f"\n```\n\n{CLOSING}\n"), 0
    while kept < len(lines) and size + _cost(lines[kept] + "\n") <= budget * _WHOLE:
        size += _cost(lines[kept] + "\n")
        kept += 1
    lines = lines[:kept]
    is_open = sum(line.startswith("```") for line in lines) % 2
    return "\n".join([*lines, *(["```"] if is_open else []), "", CLOSING]) + "\n"
