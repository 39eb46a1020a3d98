"""Whether a text is English, told by its words: enough of them must be words that hold English sentences together,
or words that the lexicon knows. The lexicon alone will not do: the German article `die` is a sad word in it."""

import re
from collections.abc import Container

SHARE = 0.35
"""Of an English text about half of the words are known so, of one in a related language at most a quarter."""

LOOKED_AT = 200
"""Words from the beginning on by which a text is judged."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")

_HOLDING = """
a about after again all also am an and any anybody anyone anything are as at back be because been before being both
but by can can't cannot could couldn't did didn't do does doesn't doing don't done down each else even ever every
everything few for from get gets getting give go going got had has hasn't have haven't having he hello her here hey hi
him his how however i i'd i'll i'm i've if in into is isn't it it's its just keep know let let's like lot made make
many may me more most much my need needs never new no nobody not now of off on once one only or other our out over own
please same see seem seems she should since so some somebody someone something still such take team than that that's
the their them then there there's these they they're thing things this those though through to today tomorrow too try
trying until up us use used using very want was wasn't we we'd we'll we're we've were what when where which while who
why will with without won't work working works would wouldn't yes yesterday yet you you're you've your
"""
HOLDING = frozenset(_HOLDING.split())


def is_english(text: str, lexicon: Container[str]) -> bool:
    """Whether enough of the words are known; a text without words is in no language."""
    words = [word.lower().replace("\u2019", "'") for word in _WORD.findall(text)[:LOOKED_AT]]
    known = sum(word in HOLDING or word in lexicon for word in words)
    return bool(words) and known >= SHARE * len(words)
