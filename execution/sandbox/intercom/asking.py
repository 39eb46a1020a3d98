"""What a search asks for, and what the vendor refuses before it looks."""

from typing import Any, Literal

import msgspec

from execution.sandbox.intercom.errors import invalid

MOST_PER_PAGE = 150
MOST_FILTERS, MOST_NESTED = 15, 2
_LATEST_S = 253_370_764_800
"""The year 9999."""

CONTACT_FIELDS: dict[str, str] = {
    **dict.fromkeys(
        ("created_at", "signed_up_at", "updated_at", "last_seen_at", "last_contacted_at", "last_replied_at",
         "last_email_opened_at", "last_email_clicked_at"),
        "date",
    ),
    **dict.fromkeys(("id", "role", "name", "email", "email_domain", "phone", "external_id"), "string"),
    "owner_id": "integer",
    **dict.fromkeys(("unsubscribed_from_emails", "has_hard_bounced", "marked_email_as_spam"), "boolean"),
}  # fmt: skip
TALK_FIELDS: dict[str, str] = {
    **dict.fromkeys(("created_at", "updated_at", "waiting_since", "snoozed_until"), "moment"),
    **dict.fromkeys(("id", "state", "title", "source.type", "source.id", "source.subject", "source.author.id",
                     "source.author.email", "contact_ids", "teammate_ids", "tag_ids", "priority"), "string"),
    **dict.fromkeys(("admin_assignee_id", "team_assignee_id", "conversation_rating.score"), "integer"),
    **dict.fromkeys(("open", "read"), "boolean"),
}  # fmt: skip
_OPERATORS = {
    "string": {"=", "!=", "IN", "NIN", "~", "!~", "^", "$"},
    "boolean": {"=", "!=", "IN", "NIN"},
    "integer": {"=", "!=", "IN", "NIN", "<", ">", "<=", ">="},
    "moment": {"=", "!=", "IN", "NIN", "<", ">", "<=", ">="},
    "date": {"=", "<", ">"},
}


class One(msgspec.Struct, frozen=True):
    """A condition on one field."""

    field: str
    operator: str
    value: Any = None


class Many(msgspec.Struct, frozen=True):
    """Conditions that must all, or one of which must, hold."""

    operator: Literal["AND", "OR"]
    value: tuple["Many | One", ...]


class Pagination(msgspec.Struct, frozen=True):
    """How many, and after what."""

    per_page: int | None = None
    starting_after: str | None = None


class Sort(msgspec.Struct, frozen=True):
    """In which order."""

    field: str
    order: Literal["ascending", "descending"] = "descending"


class Search(msgspec.Struct, frozen=True):
    """The body of a search."""

    query: One | Many
    pagination: Pagination
    sort: Sort | None


class _Body(msgspec.Struct, frozen=True):
    query: dict[str, Any]
    pagination: Pagination = Pagination()
    sort: Sort | None = None


def parse(body: bytes, fields: dict[str, str]) -> Search:
    """The search asked for. Raises Refusal (400)."""
    try:
        read = msgspec.json.decode(body, type=_Body)
        query = _query(read.query, fields, depth=0)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise invalid(f"Invalid search: {error}") from error
    if not 1 <= (read.pagination.per_page or 1) <= MOST_PER_PAGE:
        raise invalid(f"per_page must be between 1 and {MOST_PER_PAGE}", "parameter_invalid")
    return Search(query, read.pagination, read.sort)


def _query(node: Any, fields: dict[str, str], depth: int) -> One | Many:  # noqa: ANN401 - any JSON
    if isinstance(node, dict) and node.get("operator") in {"AND", "OR"}:
        if depth > MOST_NESTED:
            raise invalid(f"a query can be nested {MOST_NESTED} times")
        value = node.get("value")
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_FILTERS:
            raise invalid(f"{node['operator']} takes 1 to {MOST_FILTERS} filters")
        return Many(node["operator"], tuple(_query(one, fields, depth + 1) for one in value))
    one = msgspec.convert(node, One)
    _check(one, fields)
    return one


def _check(one: One, fields: dict[str, str]) -> None:
    kind = "string" if one.field.startswith("custom_attributes.") else fields.get(one.field)
    if kind is None:
        raise invalid(f"{one.field} is not a valid search field", "invalid_field")
    if one.operator not in _OPERATORS[kind]:
        raise invalid(f"{one.operator} is not a valid operator for {one.field}", "invalid_operator")
    values = one.value if one.operator in {"IN", "NIN"} else [one.value]
    if not isinstance(values, list):
        raise invalid(f"{one.operator} takes a list", "invalid_value")
    if kind in {"date", "moment", "integer"} and not all(_is_whole(value) for value in values):
        raise invalid(f"{one.field} takes whole numbers", "invalid_value")
    if kind == "date" and not all(value is None or 0 <= int(value) <= _LATEST_S for value in values):
        raise invalid(f"{one.field} takes unix seconds", "invalid_value")


def _is_whole(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, str) and value.lstrip("-").isdecimal()
    )  # fmt: skip
