"""Paths into a JSON record, as directives write them: `event_memberships[0].user_email`.

A name with other characters than letters, digits, `_`, `-`, `$`, `@` or `:` stands in double quotes, as in
`custom_attributes."Stripe Subscriptions"`; inside them `\\"` and `\\\\` stand for `"` and `\\`. An empty text is the
record itself.
"""

import re
from functools import lru_cache

_STEP = re.compile(r'"((?:[^"\\]|\\["\\])+)"|([\w$@:-]+)|\[(\d{1,9})\]')
_ESCAPED = re.compile(r'\\(["\\])')


@lru_cache(maxsize=4096)
def parse_path(text: str) -> tuple[str | int, ...]:
    """The steps of a path: names as text, positions in a list as numbers.

    Raises ValueError saying what is wrong and at which character.
    """
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        if steps and text[at] == ".":
            at += 1
            if text[at : at + 1] == "[":
                raise ValueError(_complaint(text, at))
        elif steps and text[at] != "[":
            raise ValueError(_complaint(text, at))
        match = _STEP.match(text, at)
        if not match:
            raise ValueError(_complaint(text, at))
        quoted, bare, position = match.groups()
        if quoted in ("*", "**"):  # DuckDB takes these for "any name", in quotes too
            raise ValueError(f"{text!r} is not a path: {quoted} would be every name, and a path leads to one place")
        steps.append(int(position) if position else bare or _ESCAPED.sub(r"\1", quoted))
        at = match.end()
    return tuple(steps)


def _complaint(text: str, at: int) -> str:
    found = f"{text[at]!r} at character {at + 1}" if at < len(text) else "its end"
    return f'{text!r} is not a path: it breaks off at {found}; write names joined by dots, as in a.b[0]."c d"'


def json_path(text: str) -> str:
    """The path as DuckDB's JSON functions take it: `$."event_memberships"[0]."user_email"`.

    The text is not a SQL literal yet. Raises ValueError as `parse_path` does.
    """
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{_quoted(step)}" for step in parse_path(text))


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
