"""What a template prints: facts that know where they come from, gaps where nothing is known, and what was used."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from execution.files.quoting import Markdown, inline, plain

STORE = "gtm:"
TEAM = "team:"
"""The reference of what the team directive says of somebody."""


@dataclass(frozen=True, slots=True)
class Used:
    """A fact or a gap that a draft printed: what it is, how it is shown (None: it is not known), its reference.
    `is_part`: it is an item of the list that stands there."""

    label: str
    shown: str | None
    reference: str | None
    is_part: bool = False

    @property
    def is_stored(self) -> bool:
        """Whether it is a column of the store, so that its reference leads to a value."""
        return self.reference is not None and self.reference.startswith(STORE)


@dataclass(slots=True)
class Page:
    """One draft in the making: how its values are shown, and what it has used so far. `is_mail`: its text has no
    markup, because it is pasted into a mail."""

    zone: ZoneInfo
    currency: str
    is_mail: bool
    used: list[Used] = field(default_factory=list)

    def say(self, text: str) -> str:
        """Text from outside as it is harmless in this draft."""
        return Markdown(plain(text)) if self.is_mail else inline(text)

    def note(self, used: Used) -> None:
        """Remember what was printed, once."""
        if used not in self.used:
            self.used.append(used)


@dataclass(frozen=True, slots=True)
class Column:
    """What is known of a column beside its values: its meaning, and its unit."""

    label: str
    unit: str = ""


class Field:
    """One fact as a template sees it: printed it is its value or a gap, asked (`if`) whether it is there and true."""

    __slots__ = ("_page", "_said", "_used", "shown", "value")

    def __init__(self, page: Page, used: Used, value: object, said: str | None = None) -> None:
        self._page, self._used, self.value = page, used, value
        self.shown = used.shown
        self._said = used.shown if said is None else said

    def printed(self) -> str:
        """The value, made harmless, or a gap that cannot be overlooked. Either is remembered."""
        self._page.note(self._used)
        if self._said is None:
            what = "not captured" if self._used.reference is not None else "to fill in"
            return Markdown(f"[[ {what}: {self._page.say(self._used.label)} ]]")
        if self._used.reference == TEAM and self._page.is_mail:
            return Markdown(self._said)  # our own people's addresses are meant to be written to
        return self._page.say(self._said)

    def __str__(self) -> str:
        return self.printed()

    def beginning(self) -> "Field":
        """The first word of a text: of a name, what somebody is called. What it rests on is the whole."""
        words = (self.shown or "").split()
        return Field(self._page, self._used, self.value, words[0] if words else None)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return bool(self.value == _plain(other))

    def __hash__(self) -> int:
        return hash(self._used)

    def __lt__(self, other: object) -> bool:
        return _compared(self.value, other) < 0

    def __gt__(self, other: object) -> bool:
        return _compared(self.value, other) > 0

    def __le__(self, other: object) -> bool:
        return self.value is not None and _compared(self.value, other) <= 0

    def __ge__(self, other: object) -> bool:
        return self.value is not None and _compared(self.value, other) >= 0

    def __iter__(self) -> Iterator["Row | Field"]:
        """The items of a list that stands in a column, as stakeholders do."""
        for item in _items(self.value):
            if isinstance(item, dict):
                yield Row(self._page, {str(k): v for k, v in item.items()}, {}, self._used.reference)
            else:
                text = shown(item, Column(""), self._page, None)
                yield Field(self._page, Used(self._used.label, text, self._used.reference, is_part=True), item)


class Row:
    """One row as a template sees it: `account.mrr` is the field of that column. Of a row that is not there every
    field is a gap. `within` is the one reference that all its fields have, where it has no columns of its own."""

    __slots__ = ("_columns", "_page", "_reference", "_values", "_within")

    def __init__(
        self,
        page: Page,
        values: Mapping[str, object],
        columns: Mapping[str, Column],
        within: str | None = None,
        reference: str | None = None,
    ) -> None:
        self._page, self._values, self._columns, self._within, self._reference = (
            page,
            values,
            columns,
            within,
            reference,
        )

    def __getitem__(self, name: str) -> Field:
        if name not in self._columns and self._within is None:
            raise KeyError(name)
        column = self._columns.get(name, Column(name.replace("_", " ")))
        reference = self._within or f"{self._reference}/{name}"
        value = self._values.get(name)
        currency = self._values.get("currency")
        text = shown(value, column, self._page, currency if isinstance(currency, str) else None)
        is_part = self._within not in (None, TEAM)
        return Field(self._page, Used(column.label, text, reference, is_part), value)

    def __bool__(self) -> bool:
        return bool(self._values)


def reference(entity: str, key: str) -> str:
    """Where a row stands: `gtm:companies/acme.com`; of a row that is not there, its entity."""
    return f"{STORE}{entity}/{quote(key, safe='@.:+-_')}" if key else f"{STORE}{entity}"


def shown(value: object, column: Column, page: Page, currency: str | None) -> str | None:
    """A value as people read it; None where there is none."""
    match value:
        case None | "":
            return None
        case bool():
            return "yes" if value else "no"
        case Decimal() | float():
            figure = f"{value:,.2f}".rstrip("0").rstrip(".")
            if "currency" not in column.unit:
                return figure
            unit = page.currency if column.unit.startswith("base currency") else currency
            return f"{unit} {figure}" if unit else figure
        case datetime():
            local = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(page.zone)
            return f"{local:%Y-%m-%d %H:%M} {page.zone.key}"
        case date():
            return f"{value:%Y-%m-%d}"
        case _:
            return _listed(value)


def _listed(value: object) -> str:
    items = [item for item in _items(value) if isinstance(item, str | int | float)]
    return ", ".join(map(str, items)) if items else str(value)


def _items(value: object) -> list[object]:
    """A list that is one, or stands in JSON."""
    if isinstance(value, str) and re.match(r"\s*\[", value):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return list(value) if isinstance(value, list | tuple) else []


def _plain(other: object) -> object:
    return other.value if isinstance(other, Field) else other


def _compared(value: object, other: object) -> int:
    """-1, 0 or 1; what is not known, or of another kind, is neither more nor less."""
    other = _plain(other)
    numbers = (int, float, Decimal)
    if isinstance(value, numbers) and isinstance(other, numbers):
        one, two = Decimal(str(value)), Decimal(str(other))
        return (one > two) - (one < two)
    if isinstance(value, str) and isinstance(other, str):
        return (value > other) - (value < other)
    return 0
