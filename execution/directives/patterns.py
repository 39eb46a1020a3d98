"""Regular expressions of keywords, looked through before they are used.

They are RE2's: it never goes back in a text, so no pattern takes longer than the text times what the pattern unfolds
to. What is refused is what RE2 does not have, what unfolds to more than a rule should cost, and what is found in every
text. Whether the rest of it holds the engine says.
"""

from dataclasses import dataclass

MOST = 1_000
"""To how many steps a pattern may unfold: `(a{10}){10}` has a hundred."""

_ANY, _CLASS, _UNICODE = 2, 3, 60
"""What a dot, a class, and a class of Unicode count as."""

_NOT_RE2 = {
    "(?=": ("a look-ahead", "what must not stand beside it belongs into unless:; what must, into the pattern itself"),
    "(?!": ("a look-ahead", "write what must not stand beside it in unless:"),
    "(?<=": ("a look-behind", "write what stands before it in the pattern itself"),
    "(?<!": ("a look-behind", "write what must not stand before it in unless:, or trust negation:"),
    "(?>": ("an atomic group", "write (?:…): RE2 never goes back in any case"),
    "(?(": ("a condition", "write both cases, as in (?:a|b)"),
    "(?P=": ("a back-reference", "write out what should stand there again"),
    "(?R": ("a recursion", "write out how deep it should go"),
}


@dataclass(frozen=True, slots=True)
class Amiss:
    """What is wrong at an index of a pattern, and what to write instead."""

    message: str
    hint: str
    at: int


@dataclass(slots=True)
class _Piece:
    """A part of a pattern: to how many steps it unfolds, and whether nothing at all fits it."""

    size: int = 0
    may_be_empty: bool = True


def flaws(pattern: str) -> tuple[Amiss, ...]:
    """Everything that can be told of a pattern by its text; nothing of one that is not whole, for the engine tells."""
    reading = _Reading(pattern)
    try:
        whole = reading.alternatives()
    except _BrokenError:
        return tuple(reading.found)
    if not reading.found and whole.may_be_empty:
        hint = "let at least one character have to stand there: + for *, {1,3} for {0,3}"
        reading.found.append(Amiss("this is found in every text, for nothing has to stand there", hint, 0))
    return tuple(reading.found)


class _BrokenError(Exception):
    """The pattern cannot be followed any further."""


class _Reading:
    """One pass through a pattern."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._depth = 0
        self.found: list[Amiss] = []

    def alternatives(self) -> _Piece:
        """What stands up to the end, or to the parenthesis that closes."""
        whole = self._sequence()
        while self._takes("|"):
            branch = self._sequence()
            whole = _Piece(whole.size + branch.size, whole.may_be_empty or branch.may_be_empty)
        if self._depth == 0 and self._at < len(self._text):
            raise _BrokenError
        return whole

    def _sequence(self) -> _Piece:
        sequence = _Piece()
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            start = self._at
            piece = self._repeated(self._atom(), start)
            sequence.size += piece.size
            sequence.may_be_empty = sequence.may_be_empty and piece.may_be_empty
            self._bound(sequence.size, start)
        return sequence

    def _atom(self) -> _Piece:
        character = self._text[self._at]
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escaped()
        self._at += 1
        if character in "^$":
            return _Piece(1)
        if character in "*+?":
            raise _BrokenError
        return _Piece(_ANY if character == "." else 1, may_be_empty=False)

    def _group(self) -> _Piece:
        for opening, (what, hint) in _NOT_RE2.items():
            if self._text.startswith(opening, self._at):
                self.found.append(Amiss(f"{what} ({opening}…) is not in RE2", hint, self._at))
                raise _BrokenError
        self._at += 1
        if self._takes("?"):
            while self._at < len(self._text) and self._text[self._at] not in ":>)":
                self._at += 1
            if self._takes(")"):  # only flags, as (?i)
                return _Piece()
            self._at += 1
        self._depth += 1
        if self._depth > 50:
            self.found.append(Amiss("this is nested too deep", "write it in plainer parts", self._at - 1))
            raise _BrokenError
        inner = self.alternatives()
        self._depth -= 1
        if not self._takes(")"):
            raise _BrokenError
        return inner

    def _class(self) -> _Piece:
        end = self._at + 1
        end += self._text[end : end + 1] == "^"
        end += self._text[end : end + 1] == "]"
        while end < len(self._text) and self._text[end] != "]":
            if self._text.startswith("[:", end):
                end = self._text.find(":]", end) + 1 or len(self._text)
            end += 2 if self._text[end : end + 1] == "\\" else 1
        if end >= len(self._text):
            raise _BrokenError
        inside, self._at = self._text[self._at : end], end + 1
        return _Piece(_UNICODE if "\\p" in inside.lower() else _CLASS, may_be_empty=False)

    def _escaped(self) -> _Piece:
        start, letter = self._at, self._text[self._at + 1 : self._at + 2]
        if not letter:
            raise _BrokenError
        self._at += 2
        if letter in "123456789" or self._text.startswith(("k<", "k{", "g{"), start + 1):
            hint = "write out what should stand there again"
            self.found.append(Amiss("a back-reference is not in RE2", hint, start))
            raise _BrokenError
        if letter in "bBAz":
            return _Piece(1)
        if letter == "Q":
            end = self._text.find("\\E", self._at)
            quoted = self._text[self._at : end if end >= 0 else len(self._text)]
            self._at = end + 2 if end >= 0 else len(self._text)
            return _Piece(len(quoted), may_be_empty=not quoted)
        if letter in "pP":
            self._braced()
            return _Piece(_UNICODE, may_be_empty=False)
        if letter == "x":
            self._braced()
        return _Piece(_CLASS if letter in "dDwWsS" else 1, may_be_empty=False)

    def _braced(self) -> None:
        if self._text[self._at : self._at + 1] == "{":
            self._at = self._text.find("}", self._at) + 1 or len(self._text)
        else:
            self._at += 1

    def _repeated(self, piece: _Piece, start: int) -> _Piece:
        """The piece as often as it says, which may be said more than once."""
        while (counts := self._counts()) is not None:
            least, most = counts
            if self._takes("+"):
                hint = "leave the + out: RE2 never goes back in any case"
                self.found.append(Amiss("a possessive repeat is not in RE2", hint, self._at - 1))
                raise _BrokenError
            self._takes("?")
            piece = _Piece(piece.size * max(least + 1 if most is None else most, 1), piece.may_be_empty or least == 0)
            self._bound(piece.size, start)
        return piece

    def _bound(self, size: int, at: int) -> None:
        if size > MOST:
            message = f"this unfolds to {size:,} steps, and a pattern may have {MOST:,}"
            self.found.append(Amiss(message, "write smaller counts, and no count around another", at))
            raise _BrokenError

    def _counts(self) -> tuple[int, int | None] | None:
        """How often, at least and at most, where that is said here."""
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._takes(sign):
                return counts
        end = self._text.find("}", self._at)
        if self._text[self._at : self._at + 1] != "{" or end < 0:
            return None
        least, comma, most = self._text[self._at + 1 : end].partition(",")
        if not least.isdecimal() or (most and not most.isdecimal()) or len(least) > 9 or len(most) > 9:
            return None  # a brace that is meant as it stands
        self._at = end + 1
        return int(least), (int(most) if most else None) if comma else int(least)

    def _takes(self, sign: str) -> bool:
        is_there = self._text.startswith(sign, self._at)
        self._at += len(sign) if is_there else 0
        return is_there
