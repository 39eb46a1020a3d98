"""Files that people and gtm write together: the generated part stands between two markers, the rest is people's.

    <!-- gtm:begin compact acme.com 3f2a9c0d1e4b5a67 from 9b1c22d07f3e8a45 -->
    … generated …
    <!-- gtm:end compact -->

The first hash is that of what gtm wrote: if the block no longer has it, somebody edited it. The second is that of the
facts it was made from: while they are the same, there is nothing to write and not even to render.
Line ends and blanks at the end of lines do not count, because editors and git change them by themselves.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote, unquote

_BEGIN = re.compile(
    r"^<!-- gtm:begin (?P<name>\S+) (?P<key>\S+) (?P<hash>[0-9a-f]{16}) from (?P<facts>[0-9a-f]{16}) -->\s*$"
)
_END = re.compile(r"^<!-- gtm:end (?P<name>\S+) -->\s*$")
_LIKE = re.compile(r"^<!--\s*gtm:(begin|end)\b")
AS_OF = "As of "
"""The one line of a block that may differ without the block being another."""


class Broken(Exception):  # noqa: N818 - a finding about a file, told to people; not an error of ours
    """Markers that do not fit together; `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Managed:
    """A file taken apart: the text before and after the block, the block, whose it is, the hash of the facts it was
    made from, and whether it still is as it was written."""

    before: str
    block: str
    after: str
    key: str
    facts: str
    is_untouched: bool


def hash_of(block: str) -> str:
    """The hash that a marker carries."""
    return sha256("\n".join(_lines(block)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _lines(block: str) -> list[str]:
    return [line.rstrip() for line in block.strip().splitlines()]


def is_same(one: str, other: str) -> bool:
    """Whether two blocks say the same, whenever they were written."""
    return timeless(one) == timeless(other)


def timeless(block: str) -> str:
    """A block without the line that says when it was written."""
    return "\n".join(line for line in _lines(block) if not line.startswith(AS_OF))


def wrap(name: str, key: str, facts: str, block: str) -> str:
    """The block between its markers. `key` says whose it is, whatever characters it has; `facts` is a hash."""
    written = quote(key, safe="@.+").replace("--", "-%2D")
    body = "\n".join(_lines(block))
    return f"<!-- gtm:begin {name} {written} {hash_of(block)} from {facts} -->\n{body}\n<!-- gtm:end {name} -->\n"


def parse(text: str, name: str) -> Managed | None:
    """The file's managed block of that name, or None where it has no markers at all.

    Raises Broken where a marker is misspelt, doubled, of another name or without its other half.
    """
    lines = text.splitlines(keepends=True)
    begin = end = None
    for number, line in enumerate(lines, start=1):
        if not _LIKE.match(line):
            continue
        opening, closing = _BEGIN.match(line), _END.match(line)
        found = opening or closing
        if found is None or found["name"] != name:
            raise Broken(number, "a marker that gtm did not write like this")
        if opening:
            if begin is not None:
                raise Broken(number, f"a second begin marker; the first is on line {begin[0]}")
            begin = (number, opening)
        elif begin is None or end is not None:
            raise Broken(number, "an end marker without a begin marker before it")
        else:
            end = number
    if begin is None:
        return None
    if end is None:
        raise Broken(begin[0], "a begin marker without an end marker")
    block = "".join(lines[begin[0] : end - 1])
    return Managed(
        before="".join(lines[: begin[0] - 1]),
        block=block,
        after="".join(lines[end:]),
        key=unquote(begin[1]["key"]),
        facts=begin[1]["facts"],
        is_untouched=hash_of(block) == begin[1]["hash"],
    )


def is_marker(line: str, half: str = "") -> bool:
    """Whether a line is a marker, well written or not; of the `begin` or `end` of a block, where that is asked."""
    match = _LIKE.match(line.strip())
    return match is not None and half in ("", match[1])


def owner(text: str) -> str | None:
    """Whose file it is, from the first begin marker; None where there is none."""
    for line in text.splitlines():
        if match := _BEGIN.match(line):
            return unquote(match["key"])
    return None


def name_in(text: str) -> str | None:
    """The name of the first block of a file; None where there is none."""
    for line in text.splitlines():
        if match := _BEGIN.match(line):
            return match["name"]
    return None
