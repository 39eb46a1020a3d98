"""A made-up account of which everything is known, and one of which nothing is: what templates are tried on."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, SimpleNamespace, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from execution.context.facts import Account, Listed

_AT = datetime(2026, 1, 31, 12)  # noqa: DTZ001 - as the store keeps times
_VALUES: Mapping[type, Any] = {
    str: "made up", int: 3, float: 3.5, bool: True, Decimal: Decimal("3.5"), datetime: _AT, date: _AT.date(),
}  # fmt: skip
_GIVEN: Mapping[str, Any] = {
    "severity": "critical", "kind": "conversation", "status": "open", "author": "customer", "domain": "made.up",
    "account": "made.up", "email": "made@made.up", "id": "1", "conversation": "1", "done_at": None, "resolved_at": None,
    "milli": 40_000,
}  # fmt: skip
_COLUMNS = {"DATE": date, "TIMESTAMP": datetime, "BOOLEAN": bool, "INTEGER": int, "DOUBLE": float, "VARCHAR": str}

_SAID = "*said"
"""Under which name goes what texts say; no field is called so."""

Kind = TypeVar("Kind")


def full(columns: Mapping[str, Mapping[str, str]], said: str = "made up") -> Account:
    """An account with one row of every kind, and more that are not shown. `columns` are those of customers and
    companies, with their DuckDB types; `said` is what every text is."""
    rows = {name: row(columns[name], said) for name in ("customers", "companies")}
    account = _made(Account, {"row": rows["customers"], _SAID: said}, is_full=True)
    listed = ({"name": said, "email": "made@made.up", "role": said, "title": said}, {"role": f"champion {said}"})
    given = {"row": rows["companies"], _SAID: said, "stakeholders": listed}
    head = _made(get_type_hints(Account)["head"], given, is_full=True)
    return _with(account, head=head)


def empty() -> Account:
    """An account of which nothing is known but its key and its name."""
    account = _made(Account, {}, is_full=False)
    head = _made(get_type_hints(Account)["head"], {"row": None, "domain": None}, is_full=False)
    return _with(account, head=head)


def row(columns: Mapping[str, str], said: str) -> SimpleNamespace:
    """A value of every column, by its type."""
    values = {**_VALUES, str: said}
    return SimpleNamespace(**{name: values[_COLUMNS.get(kind, Decimal)] for name, kind in columns.items()})


def _with(account: Account, **values: Any) -> Account:  # noqa: ANN401 - whatever the fields are
    return Account(**{field.name: getattr(account, field.name) for field in fields(account)} | values)


def _made(kind: type[Kind], given: Mapping[str, Any], *, is_full: bool) -> Kind:
    """A value of a class of `facts`, each field by its type."""
    known = {**_GIVEN, **given} if is_full else given
    hints: Iterable[tuple[str, Any]] = get_type_hints(kind).items()
    return kind(**{n: known[n] if n in known else _value(hint, given, is_full=is_full) for n, hint in hints})


def _value(hint: Any, given: Mapping[str, Any], *, is_full: bool) -> Any:  # noqa: ANN401 - of any type
    origin, inner = get_origin(hint), get_args(hint)
    if origin is UnionType or NoneType in inner:
        wanted = next(each for each in inner if each is not NoneType)
        return _value(wanted, given, is_full=True) if is_full else None
    if origin is Listed:
        return Listed((_made(inner[0], given, is_full=True),), 5) if is_full else Listed()
    if origin is tuple:
        return tuple(_value(each, given, is_full=is_full) for each in inner if each is not ...) if is_full else ()
    if is_dataclass(hint) and isinstance(hint, type):
        return _made(hint, given, is_full=is_full)
    if hint is SimpleNamespace:
        return given.get("row")
    if origin is not None:
        return {}
    if hint is str:
        return given.get(_SAID, _VALUES[str])
    return _VALUES[hint] if is_full else type(_VALUES[hint])()
