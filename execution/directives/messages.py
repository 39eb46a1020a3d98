"""The message of an alert: text with facts of the row in it, as `{name} has been silent[ for {days_quiet} days]`.

What stands in square brackets falls away where something that it names is not known. `{{` and `[[` stand for the signs
themselves, as do `}}` and `]]`. What a name stands for is not decided here: the one who puts the message together makes
an expression of each part.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

OF_KEYWORDS = ("words", "snippet")
"""What a message may name beside facts where its rule has keywords: the words found, and where they stand."""

_TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{([^{}]*)\}|[{}\[\]]")
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Named:
    """The place of a fact: its name, and the index of its opening brace in the text."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Stray:
    """What cannot be read: what is wrong at the index, and what to write instead."""

    message: str
    hint: str
    at: int


@dataclass(frozen=True, slots=True)
class IfKnown:
    """What is only said where everything that it names is known."""

    parts: tuple[str | Named, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """Text and names in their order, and what of it cannot be read."""

    parts: tuple[str | Named | IfKnown, ...] = ()
    stray: tuple[Stray, ...] = ()

    @property
    def names(self) -> tuple[Named, ...]:
        """Every fact that is named, in order."""
        flat = (each for part in self.parts for each in (part.parts if isinstance(part, IfKnown) else (part,)))
        return tuple(part for part in flat if isinstance(part, Named))


@lru_cache(maxsize=1024)
def parse(text: str) -> Message:
    """The parts of a message. What cannot be read stays as it stands, and is told too."""
    whole: list[str | Named | IfKnown] = []
    inner: list[str | Named] | None = None
    stray: list[Stray] = []
    at = opened = 0
    for found in _TOKEN.finditer(text):
        _add(whole if inner is None else inner, text[at : found.start()])
        at = found.end()
        if found[0] == "[" and inner is None:
            inner, opened = [], found.start()
        elif found[0] == "]" and inner is not None:
            if not any(isinstance(each, Named) for each in inner):
                hint = "name in them what may be unknown, or write [[ and ]] for the signs themselves"
                stray.append(Stray("nothing is named in these brackets", hint, opened))
            whole.append(IfKnown(tuple(inner)))
            inner = None
        else:
            _add(whole if inner is None else inner, _part(found, stray))
    if inner is not None:
        stray.append(Stray("'[' is never closed", "write ] where what may fall away ends, or [[ for the sign", opened))
        for each in ("[", *inner):
            _add(whole, each)
    _add(whole, text[at:])
    return Message(tuple(whole), tuple(stray))


def _part(found: re.Match[str], stray: list[Stray]) -> str | Named:
    """What a token stands for that opens and closes nothing."""
    if found[0] in ("{{", "}}", "[[", "]]"):
        return found[0][0]
    if found[1] is None:
        hint = f"write {found[0] * 2} for the sign itself"
        wrong = "brackets do not stand in brackets" if found[0] == "[" else f"{found[0]!r} stands alone"
        stray.append(Stray(wrong, hint, found.start()))
        return found[0]
    if _NAME.fullmatch(name := found[1].strip()):
        return Named(name, found.start())
    hint = "write the name of one fact of the row, as in {name}; work anything else out in a measure"
    stray.append(Stray(f"{found[0]} is no name", hint, found.start()))
    return found[0]


def _add(parts: list[str | Named] | list[str | Named | IfKnown], part: str | Named) -> None:
    """Add a part: neighbouring text is one, and what is empty is none."""
    before = parts[-1] if parts else None
    if isinstance(part, str) and isinstance(before, str):
        parts[-1] = before + part
    elif part != "":
        parts.append(part)


def render(text: str, values: Mapping[str, object]) -> str:
    """The message with a value for each name; what is not known is nothing."""
    said: list[str] = []
    for part in parse(text).parts:
        inner = part.parts if isinstance(part, IfKnown) else (part,)
        each = [one if isinstance(one, str) else values.get(one.name) for one in inner]
        if not (isinstance(part, IfKnown) and None in each):
            said += ["" if one is None else str(one) for one in each]
    return "".join(said)
