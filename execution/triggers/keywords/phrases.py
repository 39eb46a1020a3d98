"""A phrase → the RE2 pattern that finds it as people type it: whole words, in any case, however the space between
them came about.

| written | is found in |
|---|---|
| `switch to` | SWITCH TO, switch  to, switch-to, and over the end of a line |
| `won't renew` | won't renew with any apostrophe, wont renew |
| `cancel*` | cancel, cancelled, cancellation |
| `kündigen` | KÜNDIGEN, kundigen, kuendigen: whoever types in haste leaves accents out |
| `straße` | STRASSE, Strasse |
| `resume` | resume, never résumé: an accent that is not written is none |
"""

import re
import unicodedata
from collections.abc import Iterable

from execution.triggers.keywords.signs import NO_LETTER, QUOTE, SIGN, UNSEEN

NEVER = r"[^\x{0}-\x{10FFFF}]"
BEFORE = rf"(?:(?:\A|[{SIGN}{QUOTE}])_*)[{UNSEEN}]*"
"""What stands before a word. An underscore is emphasis, unless it joins two words: `_cancel_`, never `on_cancel`."""

AFTER = (
    rf"[{UNSEEN}]*(?:\z|[{SIGN}]|_+(?:\z|[{SIGN}{QUOTE}])"
    rf"|[{QUOTE}](?:\z|[{NO_LETTER}]|s(?:\z|[{NO_LETTER}])))"
)
"""What stands after it. The competitor's offer is the competitor's; but can't is no can."""

_GAP = rf"[\s\p{{Zs}}\x{{0}}\x{{B}}\x{{85}}\x{{2028}}\p{{Pd}}{UNSEEN}]+"
_ENDING = rf"[^{NO_LETTER}]*"

_QUOTES = frozenset("'\u2018\u2019\u02bc\u00b4`\uff07")
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\0-\x08\x0e-\x1f]")
_SPACE = re.compile("[\\s\u2010-\u2015-]+")
_SPELT = {"ä": "ae?", "ö": "oe?", "ü": "ue?", "ø": "oe?", "å": "aa?", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d"}
"""How letters are typed on a keyboard that has none of them."""
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def fold(text: str) -> str:
    """A phrase as it is compared: compatible forms made one, no case, single spaces for any."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join("'" if sign in _QUOTES else sign for sign in folded.replace("i\u0307", "i").replace("\u0131", "i"))
    return _SPACE.sub(" ", _INVISIBLE.sub("", plain)).strip()


def spelt(phrase: str) -> str:
    """The pattern of a phrase, without what must stand around it; empty where nothing of it can be seen."""
    text = fold(phrase)
    found = []
    at = 0
    while at < len(text):
        sign, following = text[at], text[at + 1 : at + 2]
        at += 1
        if sign == " ":
            found.append(_GAP)
        elif sign == "*" and following in ("", " "):
            found.append(_ENDING)
        elif sign == "'":
            found.append(f"[{QUOTE}]?" if text[at - 2 : at - 1] == "n" and following == "t" else f"[{QUOTE}]")
        elif sign == "s" and following == "s":
            found.append("(?:ss|ß)")
            at += 1
        else:
            found.append(_letter(sign))
    return "".join(found)


def _letter(sign: str) -> str:
    if sign == "i":
        return r"[i\x{131}\x{130}]\x{307}?"  # the dotless and the dotted one of Turkish
    if sign in _SPELT:
        return f"(?:{sign}|{_SPELT[sign]})"
    base = unicodedata.normalize("NFD", sign)[0]
    if base != sign and unicodedata.name(base, "").startswith(("LATIN", "GREEK")):
        return f"(?:{sign}|{_letter(base)})"
    return f"[{sign}\u0435]" if sign == "\u0451" else re.escape(sign)  # nobody types the dots of that Cyrillic letter


def is_bounded(phrase: str) -> bool:
    """Whether a phrase begins and ends in letters that need other signs around them to be words."""
    first, last = _ends(phrase)
    return _is_letter(first) and _is_letter(last)


def loose(phrase: str) -> str:
    """The pattern of a phrase that is not bounded, with what must stand around it on either side."""
    first, last = _ends(phrase)
    return (BEFORE if _is_letter(first) else "") + spelt(phrase) + (AFTER if _is_letter(last) else "")


def begins(phrase: str) -> str:
    """A pattern that finds every text with the phrase, quickly: RE2 knows the edge of an ASCII word by itself."""
    first, _ = _ends(phrase)
    edge = r"(?:\b|_)" if first.isascii() and first.isalnum() else ""
    return edge + spelt(phrase).removesuffix(_ENDING)


def _ends(phrase: str) -> tuple[str, str]:
    """The first and the last sign; of an ending left open (`cancel*`) a letter."""
    text = fold(phrase)
    last = text[-2:-1] if text.endswith("*") else text[-1:]
    return text[:1], last


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN" and not _SPACELESS.match(sign) if sign else False


def either(patterns: Iterable[str]) -> str:
    """Any of several patterns, the longest first; one that never matches where there is none."""
    given = sorted({pattern for pattern in patterns if pattern}, key=lambda pattern: (-len(pattern), pattern))
    return f"(?:{'|'.join(given)})" if given else NEVER


def has_words_of(phrase: str, others: Iterable[str]) -> bool:
    """Whether one of the other phrases stands in a phrase as whole words."""
    text = f" {fold(phrase)} "
    return any(f" {fold(other)} " in text for other in others)
