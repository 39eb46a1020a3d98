"""The keywords of a trigger → RE2 patterns: what makes a text worth a look, and where it says so.

RE2 has no way to look back, so a denial is found as one match that reaches over the words it denies: reading on from
there, they are no hit. Every pattern takes time in proportion to the text, whatever stands in either.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from execution.directives.model import Keywords, Negation
from execution.triggers.keywords.phrases import (
    AFTER,
    BEFORE,
    NEVER,
    begins,
    either,
    fold,
    has_words_of,
    is_bounded,
    loose,
    spelt,
)
from execution.triggers.keywords.signs import BETWEEN, NO_LETTER, QUOTE, UNSEEN

METHOD = "1"
"""How texts are read. Another one, and every text is read again."""

TOGETHER = 100
"""Phrases in one pattern. RE2 turns it into a table as it reads; one that outgrows its memory makes it a hundred times
slower: 150 phrases run at 150 MB/s, 400 at 4."""

_FLAGS = "(?is)"
_SPACE = rf"[{BETWEEN}]+"
_WORD = rf"[^{NO_LETTER}](?:[^{NO_LETTER}]|[{QUOTE}-])*"
_LINK = r"(?:https?://|www\.)\S+|[\w.%+-]+@[\w-]+(?:\.[\w-]+)+"
"""Addresses: what stands in them nobody said."""

ODD = (
    r"[\x{130}\x{131}\x{17F}\x{212A}\x{300}-\x{36F}\x{1100}-\x{11FF}\x{FF10}-\x{FF19}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{FB00}-\x{FB06}"
    rf"\x{{24B6}}-\x{{24E9}}\x{{1D400}}-\x{{1D7FF}}]|[\p{{Latin}}\p{{Greek}}\p{{Cyrillic}}][{UNSEEN}]"
)
"""What is written otherwise than it reads: letters in pieces, of full width, of other styles, with joiners inside, and
the few that are another letter's capital."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One trigger's keywords. Each of `contains` finds texts with its words, each of `unless` those that do not count.
    `told` matches what is passed over (groups 4 and 7), the words of a hit (2, 5, 8), and what stands around them (1,
    3, 6). `looks` are for `worth_a_look`.

    `hash` is the same while the same texts give the same hits.
    """

    trigger: str
    hash: str
    contains: tuple[str, ...]
    unless: tuple[str, ...]
    told: str
    looks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clauses:
    """Where denials end, for all languages: the words before which one does, the phrases after which one does, and the
    ends of lines and the dashes that are the end of a sentence."""

    before: str
    after: str
    line: str = r"[ \t]*(\n\s*(?:\n|(?-i:\p{Lu})|[-*•])|[ \t]-+[ \t])"


def rule(trigger: str, keywords: Keywords, negations: Mapping[str, Negation]) -> Rule:
    """The patterns of one trigger's keywords."""
    denials = tuple(negations.values()) if keywords.negation else ()
    deniers = [word for each in denials for word in (*each.before, *each.after)]
    outright = [phrase for phrase in keywords.phrases if has_words_of(phrase, deniers)]
    deniable = [phrase for phrase in keywords.phrases if phrase not in outright]
    own = [without_groups(pattern) for pattern in keywords.patterns]
    link = NEVER if own or any(_is_address(phrase) for phrase in keywords.phrases) else _LINK
    free = either([*(loose(phrase) for phrase in keywords.phrases if not is_bounded(phrase)), *own])
    bounded = either(spelt(phrase) for phrase in deniable if is_bounded(phrase))
    whole = either(spelt(phrase) for phrase in outright if is_bounded(phrase))
    told = (
        rf"({BEFORE})(?:({whole})({AFTER})|({link}|{_denied(bounded, denials)})|({bounded})({AFTER}))"
        rf"|({BEFORE}{_denied(free, denials)})|({free})"
    )
    return Rule(
        trigger,
        _hash(keywords, denials),
        _found(keywords.phrases, own),
        _found(keywords.unless, ()),
        _FLAGS + told,
        (*(begins(phrase) for phrase in keywords.phrases if spelt(phrase)), *own),
    )


def worth_a_look(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Patterns of which one finds every text that a rule may have words in, and some more: what follows a phrase is not
    minded, and what must be written out plainly before it can be told is found too."""
    looks = list(dict.fromkeys(look for each in rules for look in each.looks))
    return (f"(?s){ODD}", *(_FLAGS + "|".join(some) for some in _batches(looks)))


def _batches(given: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (given[start : start + TOGETHER] for start in range(0, len(given), TOGETHER))


def clauses(negations: Mapping[str, Negation]) -> Clauses:
    """Where denials end."""
    affirms = [phrase for each in negations.values() for phrase in each.affirms]
    ends = [phrase for each in negations.values() for phrase in each.ends]
    return Clauses(
        before=rf"{_FLAGS}[\s\p{{Z}}]((?:{either(map(spelt, [*ends, *affirms]))}){AFTER})",
        after=rf"{_FLAGS}({BEFORE}{either(map(spelt, affirms))})[\s\p{{Z}}]",
    )


def _found(phrases: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    """Patterns of which one finds every text with one of the phrases as whole words, or what a pattern finds."""
    bounded = [spelt(phrase) for phrase in phrases if is_bounded(phrase)]
    free = [*(loose(phrase) for phrase in phrases if not is_bounded(phrase)), *own]
    found = [rf"{BEFORE}{either(some)}{AFTER}" for some in _batches(bounded)]
    return tuple(_FLAGS + pattern for pattern in (*found, *map(either, _batches(free))))


def _denied(words: str, denials: Sequence[Negation]) -> str:
    """The pattern of words with what denies them, before or after."""
    found = []
    for reach in sorted({each.reach for each in denials}):
        before = [phrase for each in denials if each.reach == reach for phrase in each.before]
        joined = [spelt(phrase) for phrase in before if fold(phrase).endswith("'")]
        apart = [spelt(phrase) for phrase in before if not fold(phrase).endswith("'")]
        found += [rf"{either(apart)}(?:{_SPACE}{_WORD}){{0,{reach}}}{_SPACE}{words}"] if apart else []
        found += [rf"{either(joined)}(?:{_WORD}{_SPACE}){{0,{reach}}}{words}"] if joined else []
    for reach in sorted({each.reach_after for each in denials}):
        after = [spelt(phrase) for each in denials if each.reach_after == reach for phrase in each.after]
        found += [rf"{words}(?:{_SPACE}{_WORD}){{0,{reach}}}{_SPACE}{either(after)}{AFTER}"] if after else []
    return "|".join(found) if words != NEVER and found else NEVER


_GROUP = re.compile(r"\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]?|\(\?P?<\w+>|\((?!\?)| ", re.DOTALL)


def without_groups(pattern: str) -> str:
    """A pattern of the directive's author, whose groups are none of ours, with any white space for a space."""

    def plain(found: re.Match[str]) -> str:
        text = found[0]
        if text.startswith("("):
            return "(?:"
        if text == " ":
            return r"[\s\p{Z}]"
        return text.replace(" ", r"\f ") if text.startswith("[") else text

    return f"(?:{_GROUP.sub(plain, pattern)})"


def _is_address(phrase: str) -> bool:
    return any(sign in phrase.strip(". ") for sign in "@/.")


def _hash(keywords: Keywords, denials: Sequence[Negation]) -> str:
    said = keywords.model_dump(mode="json", include={"phrases", "patterns", "unless", "negation"})
    written = json.dumps([METHOD, said, [each.model_dump(mode="json") for each in denials]], sort_keys=True)
    return sha256(written.encode()).hexdigest()[:16]
