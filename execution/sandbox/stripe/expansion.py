"""Putting objects in place of their ids, where `expand[]` asks for that."""

from collections.abc import Callable
from typing import Any

from execution.sandbox.exchange import Record
from execution.sandbox.stripe.errors import invalid

_EXPANDABLE = {"charge", "customer", "default_price", "invoice", "latest_invoice", "product", "subscription"}
_DEEPEST = 4


def expand(record: Record, paths: tuple[str, ...], by_id: Callable[[str], Record]) -> Record:
    """The record with what `paths` name in place of the ids; those of a list begin with `data`.

    Raises Refusal (400).
    """
    for path in paths:
        parts = path.split(".")
        if len(parts) > _DEEPEST:
            message = "You cannot expand more than 4 levels of a property"
            raise invalid(message, "expand", "property_expansion_max_depth")
        record = _expanded(record, parts, path, by_id)
    return record


def _expanded(holder: Any, parts: list[str], path: str, by_id: Callable[[str], Record]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(holder, list):
        return [_expanded(item, parts, path, by_id) for item in holder]
    if not parts or not isinstance(holder, dict):
        return holder
    name, rest = parts[0], parts[1:]
    if name not in holder or not (rest or name in _EXPANDABLE):
        raise invalid(f"This property cannot be expanded ({path}).", "expand", "property_not_expandable")
    value = holder[name]
    if isinstance(value, str) and name in _EXPANDABLE:
        value = by_id(value)
    return {**holder, name: _expanded(value, rest, path, by_id)}
