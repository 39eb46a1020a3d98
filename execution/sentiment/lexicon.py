"""How an English text sounds, from -1 to 1: VADER, a lexicon of 7,500 words with rules for negation and emphasis.

C. J. Hutto and E. Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text", 2014.
"""

import re
from collections.abc import Callable
from decimal import Decimal

from execution.sentiment.english import is_english

VERSION = "3.3.2"
METHOD = f"vaderSentiment {VERSION}, English 1"
"""What made a score. Another one, and every text is read again."""

READ = 2000
"""Characters of a text that are read. The rest of a long one (a log, a forwarded thread) seldom says how they feel."""

_PICTURES = 20
_REPEATED = re.compile(r"(\S)\1{3,}")
_PICTURE = re.compile("[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")

Score = Callable[[str], Decimal | None]


def scorer() -> Score:
    """What gives a text its score: None where it is empty or not English. Loading the lexicon takes 20 ms."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    lexicon = analyzer.lexicon

    def score(text: str) -> Decimal | None:
        read = readable(text)
        if not is_english(read, lexicon):
            return None
        return Decimal(str(analyzer.polarity_scores(read)["compound"]))

    return score


def readable(text: str) -> str:
    """As much of a text as is read. VADER's time grows with the square of the pictures and of what is said twice, so
    a few of each stand for all: three thousand smiling faces took it seconds."""
    short = _REPEATED.sub(r"\1\1\1", text[:READ])
    seen = 0

    def first(found: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        return found[0] if seen <= _PICTURES else ""

    return _PICTURE.sub(first, short)
