"""Whether one contact or conversation meets one condition of a search."""

from collections.abc import Callable
from typing import Any

from execution.sandbox.exchange import Record
from execution.sandbox.intercom.asking import Many, One

Value = Callable[[str], Any]
"""What a record has in a field."""


def holds(query: One | Many, value: Value) -> bool:
    """Whether a record with these values meets a query."""
    if isinstance(query, Many):
        return (all if query.operator == "AND" else any)(holds(one, value) for one in query.value)
    found = value(query.field)
    values = found if isinstance(found, list) else [found]
    is_negated = query.operator in {"!=", "NIN", "!~"}
    return any(_compared(query, one) for one in values) != is_negated


def value_of(record: Record, field: str) -> Any:  # noqa: ANN401 - any JSON
    """What a search looks at under the name of a field."""
    match field:
        case "contact_ids":
            return [contact["id"] for contact in record["contacts"]["contacts"]]
        case "teammate_ids":
            return [admin["id"] for admin in record["teammates"]["teammates"]]
        case "tag_ids":
            return [tag["id"] for tag in record["tags"]["tags"]]
        case "conversation_rating.score":
            return (record["conversation_rating"] or {}).get("rating")
    value: Any = record
    for name in field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _compared(query: One, value: Any) -> bool:  # noqa: ANN401 - any JSON; one case per operator
    """Whether one value meets a condition; for negated operators, whether it meets what they negate."""
    wanted = query.value
    match query.operator:
        case "=" | "!=":
            return _plain(value) == _plain(wanted)
        case "IN" | "NIN":
            return _plain(value) in {_plain(one) for one in wanted}
        case "~" | "!~":
            return value is not None and str(wanted).casefold() in str(value).casefold()
        case "^":
            return value is not None and str(value).casefold().startswith(str(wanted).casefold())
        case "$":
            return value is not None and str(value).casefold().endswith(str(wanted).casefold())
    if value is None or wanted is None:
        return False
    match query.operator:
        case "<":
            return int(value) < int(wanted)
        case ">":
            return int(value) > int(wanted)
        case "<=":
            return int(value) <= int(wanted)
        case _:
            return int(value) >= int(wanted)


def _plain(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Numbers may come as texts, texts are compared without regard to case."""
    return None if value is None else str(value).casefold()
