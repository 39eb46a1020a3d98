"""Results as JSON: the same shape every time, whatever Python types a result is made of."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath


def to_json(value: object) -> str:
    """One line of JSON. Times without a zone are UTC and say so; durations are seconds; paths use forward slashes."""
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False)


def plain(value: object) -> object:
    """`value` made of nothing but what JSON has."""
    match value:
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=str)
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            return _scalar(value)


def _scalar(value: object) -> object:
    """One value; what JSON has no number for (NaN, infinity) becomes null."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() | Decimal():
            return float(value) if math.isfinite(value) else None
        case datetime():
            return value.isoformat() + ("" if value.tzinfo else "Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case PurePath():
            return value.as_posix()
        case bytes() | bytearray():
            return value.hex()
        case _:
            return str(value)
