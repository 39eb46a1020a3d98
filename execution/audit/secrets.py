"""What looks like a secret in a text: known shapes of tokens, and long random values of things so named."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fnmatch import fnmatchcase
from math import log2

from execution.audit.facts import Facts, Finding, Leak, Unknown
from execution.directives.model.audit import Secrets

_ASSIGNED = re.compile(
    r"""["']?[ \t]*(?::=|=>|[:=])[ \t]*["']?([\w+/.~=-]{8,500})["']?(?=$|[\s,;)}\]])""", re.MULTILINE
)
"""What is assigned to the name that ends where it begins."""
_NAME_ENDS = re.compile(r"[\w.-]{0,80}")
_WORDS = re.compile(r"[a-z]+(?:[._/-][a-z]+)*|env[:.].*|[A-Z][A-Z0-9_]+|\d+(?:\.\d+)*", re.ASCII)
_LONGEST_LINE = 20_000


class Detector:
    """Finds what a policy calls a secret. Patterns are compiled once."""

    def __init__(self, policy: Secrets) -> None:
        self._policy = policy
        self._shapes = {kind: re.compile(pattern) for kind, pattern in policy.shapes.items()}
        self._named = re.compile(policy.named)

    def is_passed_over(self, path: str) -> bool:
        return any(fnmatchcase(path, pattern) for pattern in self._policy.passed_over)

    def leaks(self, path: str, text: str) -> Iterator[Leak]:
        """Each place in a text once, the first thing that it looks like."""
        found: dict[int, str] = {}
        for kind, shape in self._shapes.items():
            for match in shape.finditer(text):
                found.setdefault(_line(text, match.start()), kind)
        for name in self._named.finditer(text):
            end = _NAME_ENDS.match(text, name.end())
            assigned = _ASSIGNED.match(text, end.end() if end else name.end())
            if assigned and self._is_random(assigned[1]):
                found.setdefault(_line(text, name.start()), "a long random value, so named")
        yield from (Leak(path, line, kind) for line, kind in sorted(found.items()))

    def _is_random(self, value: str) -> bool:
        if len(value) < self._policy.length or _WORDS.fullmatch(value):
            return False
        return _bits(value) >= self._policy.entropy and any(char.isdigit() for char in value)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _bits(value: str) -> Decimal:
    """How many bits each character has, by how often each occurs in the value."""
    counts = Counter(value).values()
    return Decimal(-sum(count / len(value) * log2(count / len(value)) for count in counts))


def without_long_lines(text: str) -> str:
    """The text with lines of data, which nobody wrote, left empty."""
    if len(text) <= _LONGEST_LINE:
        return text
    return "\n".join(line if len(line) <= _LONGEST_LINE else "" for line in text.split("\n"))


def secrets_in_files(facts: Facts) -> Iterator[Finding] | Unknown:
    if isinstance(facts.leaks, Unknown):
        return facts.leaks
    hint = "have it replaced where it was made, for what was committed is known; then keep the new one in .env"
    return (Finding(f"this looks like {leak.kind}", hint, leak.path, leak.line) for leak in facts.leaks)


def env_permissions(facts: Facts) -> Iterator[Finding]:
    if facts.env_mode is not None and facts.env_mode & 0o077:
        message = f"others on this machine may read .env (its permissions are {facts.env_mode:03o})"
        yield Finding(message, "`gtm doctor --fix` makes them 600", ".env")


def env_in_git(facts: Facts) -> Iterator[Finding] | Unknown:
    if isinstance(facts.git, Unknown):
        return facts.git
    hint = "`git rm --cached .env`, and have every credential in it replaced: it stays in the history"
    return iter([Finding("git has .env", hint, ".env")] if facts.git.has_env else [])


def git_ignores(facts: Facts) -> Iterator[Finding]:
    there = {line.strip().strip("/") for line in facts.ignored}
    for wanted in facts.policy.ignored:
        if wanted.strip("/") not in there:
            hint = "`gtm doctor --fix` adds the line"
            yield Finding(f".gitignore does not keep {wanted} out of git", hint, ".gitignore")
