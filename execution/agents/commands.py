"""Commands that are written down: in tools, skills and instructions. Whether `gtm` can be called so is asked of the
command line itself, which stands above this layer."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from execution.directives.places import Text
from execution.errors import Problem

UNKNOWN = "E249"
IN_SINGLE_QUOTES = "put the SQL in single quotes, and text that it compares with into --param"

_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`(gtm [^`\n]+)`")
_LINE = re.compile(r"^[ \t]*(?:\$ )?(gtm [^\n#]*?)[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_OPEN_ENDED = re.compile(r"…|\.\.\.|<[^>]*>|\[[^\]]*\]|\$\w+|\{[^}]*\}")
_CAPITALS = re.compile(r"\b[A-Z][A-Z_]+\b")
_NAME = re.compile(r"\w+")
_OPERATORS = "|&;<>"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why `gtm` cannot be called so, and what to write instead."""

    message: str
    hint: str = ""


class Commands(Protocol):
    """The command line, as far as what is written down is held against it."""

    def flaw(self, words: Sequence[str], *, is_whole: bool) -> Flaw | None:
        """What is wrong with `gtm` and these words. Of a call that `is_whole`, missing arguments are wrong too."""


@dataclass(frozen=True, slots=True)
class Written:
    """A command as it stands in a text, at an index; `is_whole` where it is to be typed as it is."""

    text: str
    at: int
    is_whole: bool


def written_in(text: Text) -> Iterator[Written]:
    """Every `gtm …` of a Markdown file: in code spans, and line by line in fenced blocks."""
    spans = [found.span(2) for found in _FENCED.finditer(text.content)]
    for start, end in spans:
        for line in _LINE.finditer(text.content, start, end):
            yield Written(line[1], line.start(1), is_whole=True)
    for span in _SPAN.finditer(text.content):
        if not any(start <= span.start() < end for start, end in spans):
            yield Written(span[1], span.start(1), is_whole=False)


def problems_of(text: Text, commands: Commands) -> Iterator[Problem]:
    """Commands of a Markdown file that `gtm` does not have."""
    for written in written_in(text):
        if taken := taken_by_the_shell(written.text):
            yield text.problem(written.at, UNKNOWN, f"the shell takes {taken} out of double quotes", IN_SINGLE_QUOTES)
        for words in calls(written.text):
            is_whole = written.is_whole and not _OPEN_ENDED.search(written.text)
            flaw = commands.flaw([word for word in words if not _OPEN_ENDED.fullmatch(word)], is_whole=is_whole)
            if flaw is not None:
                yield text.problem(written.at, UNKNOWN, f"{written.text}: {flaw.message}", flaw.hint)


def taken_by_the_shell(text: str) -> str | None:
    """A name that stands as `$name` in double quotes: the shell would put something else, or nothing, in its place."""
    quote = ""
    for at, character in enumerate(text):
        if character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        elif quote == '"' and character == "$" and text[at - 1] != "\\" and (name := _NAME.match(text, at + 1)):
            return f"${name[0]}"
    return None


def calls(text: str) -> Iterator[list[str]]:
    """The words of every call of `gtm` in a line of shell, without `gtm` itself. Nothing where it cannot be read."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=_OPERATORS)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:  # a quote that is never closed
        return
    begins = True
    call: list[str] | None = None
    for word in [*words, "|"]:
        is_operator = bool(word) and set(word) <= set(_OPERATORS)
        if is_operator and call is not None:
            yield call
        if is_operator:
            begins, call = True, None
        elif call is not None:
            call.append(word)
        else:
            call = [] if begins and word == "gtm" else None
            begins = False


def placeholders_in(words: Sequence[str]) -> Iterator[str]:
    """Words in capitals that stand for values. SQL has blanks in it, and none of them."""
    for word in words:
        if not any(character.isspace() for character in word):
            yield from _CAPITALS.findall(word)


def filled(words: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """The words with a value for each placeholder that has one."""
    return [
        word
        if any(character.isspace() for character in word)
        else _CAPITALS.sub(lambda found: values.get(found[0], found[0]), word)
        for word in words
    ]
