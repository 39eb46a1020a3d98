"""Placeholders in a source's requests: `{account.organization}`, `{events.uri}`, `{since:iso}`, `{now+365d:date}`.

    {account.KEY}          what the account answer says under KEY
    {PARENT.COLUMN}        a column of the parent record (`each`)
    {id}                   the id that a feed names, where its record is asked for again
    {since} {until} {now}  the window's ends and the moment of the run, with an optional distance and format:
                           iso (2026-01-01T00:00:00.000000Z, the default), s or ms since 1970, date

`{{` and `}}` stand for the braces themselves.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal, cast

from execution.directives.model.shape import parse_duration
from execution.errors import UsageError

Values = Mapping[str, object]
Format = Literal["iso", "s", "ms", "date"]

MOMENTS = ("since", "until", "now")
ID = "id"
FORMATS = ("iso", "s", "ms", "date")

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_MOMENT = re.compile(r"(since|until|now)(?:\s*([+-])\s*([0-9.]+[a-z]+))?(?::(\w+))?")
_COLUMN = re.compile(r"([A-Za-z_]\w*)\.([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One `{…}`: `root` is `account`, a stream, `id` or a moment; `key` is set for the first two.

    `at` is the index of its opening brace in the text.
    """

    root: str
    key: str | None
    at: int
    offset: timedelta = timedelta(0)
    format: Format = "iso"


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[str | Placeholder, ...]:
    parts: list[str | Placeholder] = []
    at = 0
    for match in _TOKEN.finditer(text):
        parts.append(text[at : match.start()])
        at = match.end()
        if match[0] in ("{{", "}}"):
            parts.append(match[0][0])
        elif match[1] is None:
            raise ValueError(
                f"{match[0]!r} at character {match.start() + 1} stands alone: write {match[0] * 2} for the brace itself"
            )
        else:
            parts.append(_placeholder(match[1].strip(), match.start()))
    parts.append(text[at:])
    return tuple(part for part in parts if part != "")


def _placeholder(inner: str, at: int) -> Placeholder:
    if moment := _MOMENT.fullmatch(inner):
        root, sign, distance, form = moment.groups()
        if form and form not in FORMATS:
            raise ValueError(f"{{{inner}}}: {form!r} is not a format: use iso, s, ms or date")
        offset = parse_duration(distance) if distance else timedelta(0)
        return Placeholder(root, None, at, -offset if sign == "-" else offset, cast("Format", form or "iso"))
    if inner == ID:
        return Placeholder(ID, None, at)
    if column := _COLUMN.fullmatch(inner):
        return Placeholder(column[1], column[2], at)
    raise ValueError(
        f"{{{inner}}} is not a placeholder: write {{account.KEY}}, {{PARENT.COLUMN}}, or {{since}}, {{until}}, {{now}} "
        "with an optional distance and format, as in {now-1h:iso}"
    )


def placeholders(text: str) -> tuple[Placeholder, ...]:
    """Every placeholder in `text`, in order. Raises ValueError, saying which one is not one."""
    return tuple(part for part in _parts(text) if isinstance(part, Placeholder))


def render(text: str, values: Values) -> str | None:
    """`text` with its placeholders filled in; None where any of them has no value (the parameter is then left out).

    `values` has "account" and the parent stream by name, each a mapping, and the moments "since" (or None), "until"
    and "now", each an aware datetime.
    Raises UsageError where `values` does not know a name at all.
    """
    filled = [part if isinstance(part, str) else _value(part, values) for part in _parts(text)]
    return None if any(part is None for part in filled) else "".join(cast("list[str]", filled))


def _value(placeholder: Placeholder, values: Values) -> str | None:
    try:
        value = values[placeholder.root]
        if placeholder.key is not None:
            value = cast("Mapping[str, object]", value)[placeholder.key]
    except KeyError:
        name = placeholder.root if placeholder.key is None else f"{placeholder.root}.{placeholder.key}"
        raise UsageError(f"{{{name}}} has no value in this request", hint="run `gtm check`") from None
    if placeholder.key is None and isinstance(value, datetime):
        return _moment(value + placeholder.offset, placeholder.format)
    return _plain(value)


def _moment(value: datetime, form: Format) -> str:
    utc = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    match form:
        case "s":
            return str(int(utc.timestamp()))
        case "ms":
            return str((utc - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
        case "date":
            return utc.date().isoformat()
        case _:
            return utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime():
            return _moment(value, "iso")
        case date():
            return value.isoformat()
        case _:
            return str(value)
