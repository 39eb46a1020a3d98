"""What Stripe accepts in a query: nested names like `created[gte]`, and its answer to anything else."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from execution.sandbox.stripe.errors import invalid, unknown

MOST_PER_PAGE, DEFAULT = 100, 10
MOST_TYPES = 20

_NAME = re.compile(r"([a-z_]+)(?:\[([a-z_]*|\d+)\])?")
_PAGED = frozenset({"limit", "starting_after", "ending_before", "expand"})

ACCEPTED: Mapping[str, frozenset[str]] = {
    "customers": _PAGED | {"created", "email", "test_clock"},
    "subscriptions": _PAGED | {
        "automatic_tax", "collection_method", "created", "current_period_end", "current_period_start", "customer",
        "price", "status", "test_clock",
    },
    "invoices": _PAGED | {"collection_method", "created", "customer", "due_date", "status", "subscription"},
    "charges": _PAGED | {"created", "customer", "payment_intent", "transfer_group"},
    "events": _PAGED | {"created", "delivery_success", "type", "types"},
    "prices": _PAGED | {"active", "created", "currency", "lookup_keys", "product", "recurring", "type"},
    "products": _PAGED | {"active", "created", "ids", "shippable", "url"},
}  # fmt: skip
"""Each list's parameters."""

TIMES = ("created", "current_period_end", "current_period_start", "due_date")
_UNSUPPORTED = ("automatic_tax", "due_date", "lookup_keys", "recurring", "test_clock", "url", "payment_intent",
                "transfer_group")  # fmt: skip


class Span(NamedTuple):
    """Seconds from `low` to `high`, both included."""

    low: int = 0
    high: int = (1 << 31) - 1

    def __contains__(self, second: object) -> bool:
        return isinstance(second, int) and self.low <= second <= self.high


class Asked(NamedTuple):
    """A list asked for. `filters` are texts by name, lists joined in `lists`, times in `spans`."""

    limit: int
    starting_after: str | None
    ending_before: str | None
    expand: tuple[str, ...]
    filters: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    spans: Mapping[str, Span]


def asked(resource: str, given: list[tuple[str, str]]) -> Asked:
    """What a list is asked for. Raises Refusal (400)."""
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    spans: dict[str, Span] = {}
    strange = []
    for full, value in given:
        match = _NAME.fullmatch(full)
        name, inner = (match[1], match[2]) if match else (full, None)
        if name not in ACCEPTED[resource]:
            strange.append(full)
        elif name in TIMES:
            spans[name] = _narrowed(spans.get(name, Span()), full, inner, value)
        elif inner is not None:
            lists[name] = (*lists.get(name, ()), value)
        else:
            texts[name] = value
    if strange:
        raise unknown(strange)
    _check(texts, lists, spans)
    expand = lists.pop("expand", ())
    limit = _limit(texts.pop("limit", str(DEFAULT)))
    after, before = texts.pop("starting_after", None), texts.pop("ending_before", None)
    return Asked(limit, after, before, expand, texts, lists, spans)


def _check(texts: Mapping[str, str], lists: Mapping[str, tuple[str, ...]], spans: Mapping[str, Span]) -> None:
    for name in _UNSUPPORTED:
        if name in {*texts, *lists, *spans}:
            raise invalid(f"The sandbox does not filter by {name}", name, "parameter_unknown")
    if "type" in texts and "types" in lists:
        raise invalid("You may only specify one of these parameters: type, types.", "types", "parameters_exclusive")
    if len(lists.get("types", ())) > MOST_TYPES:
        raise invalid(f"You may pass at most {MOST_TYPES} types", "types", "array_max_items")
    if "starting_after" in texts and "ending_before" in texts:
        message = "You may only specify one of these parameters: starting_after, ending_before."
        raise invalid(message, "ending_before", "parameters_exclusive")


def expanded(given: list[tuple[str, str]]) -> tuple[str, ...]:
    """What a single object is to be expanded by. Raises Refusal (400) for any other parameter."""
    strange = [name for name, _ in given if not re.fullmatch(r"expand\[\d*\]", name)]
    if strange:
        raise unknown(strange)
    return tuple(value for _, value in given)


def _narrowed(span: Span, full: str, inner: str | None, value: str) -> Span:
    if not value.isdecimal():
        raise invalid(f"Invalid integer: {value}", full)
    second = int(value)
    match inner:
        case None:
            return Span(second, second)
        case "gt":
            return span._replace(low=second + 1)
        case "gte":
            return span._replace(low=second)
        case "lt":
            return span._replace(high=second - 1)
        case "lte":
            return span._replace(high=second)
        case _:
            raise unknown([full])


def _limit(text: str) -> int:
    if not text.isdecimal():
        raise invalid(f"Invalid integer: {text}", "limit")
    if int(text) < 1:
        raise invalid("This value must be greater than or equal to 1.", "limit")
    if int(text) > MOST_PER_PAGE:
        raise invalid(f"This value must be less than or equal to {MOST_PER_PAGE} (it currently is '{text}').", "limit")
    return int(text)
