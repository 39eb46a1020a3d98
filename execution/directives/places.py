"""Places in a file: indexes into its text, the lines and columns that a person counts, and what is wrong there."""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from execution.errors import Problem


@dataclass(frozen=True)
class Text:
    """A file's decoded content. Indexes count characters from 0, lines and columns from 1."""

    path: str
    content: str = field(repr=False)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.content.split("\n"))]

    def position(self, index: int) -> tuple[int, int]:
        """Line and column of the character at `index`; past the end, the end."""
        index = max(0, min(index, len(self.content)))
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def start_of(self, line: int) -> int:
        """The index at which a line begins."""
        return self._starts[min(line, len(self._starts)) - 1]

    def problem(self, index: int, code: str, message: str, hint: str = "") -> Problem:
        """A problem with what stands at `index`."""
        return Problem(self.path, *self.position(index), code, one_line(message), one_line(hint))


def one_line(text: str, longest: int = 300) -> str:
    """Text from a file as it may be shown: on one line, without characters that move a terminal's cursor."""
    shown = "".join(character if character.isprintable() else " " for character in text[:longest])
    return f"{shown}…" if len(text) > longest else shown


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a key and its value stand: indexes into `text`. `style` is YAML's: None plain, `'`, `"`, `|` or `>`."""

    text: Text
    key: int
    start: int
    end: int
    style: str | None = None

    def inside(self, value: str, at: int) -> int:
        """The index in the file of the character at `at` of a scalar's value.

        YAML's folding changes white space only, so the two are laid side by side by the characters that are none.
        """
        source = self.text.content
        here = self._first()
        for character in value[:at]:
            if character.isspace():
                continue
            here = self._next_ink(source, here)
            escaped = (self.style == '"' and source[here : here + 1] == "\\") or (
                self.style == "'" and source[here : here + 2] == "''"
            )
            here += 2 if escaped else 1
        return min(self._next_ink(source, here), self.end) if value[at : at + 1].strip() else min(here, self.end)

    def _first(self) -> int:
        if self.style in ("|", ">"):
            break_at = self.text.content.find("\n", self.start)
            return break_at + 1 if break_at >= 0 else self.end
        return self.start + (1 if self.style else 0)

    def _next_ink(self, source: str, here: int) -> int:
        while here < self.end and source[here].isspace():
            here += 1
        return here
