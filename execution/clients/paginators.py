"""How to go on from a page. A paginator is two verbs: `request` writes a place into the stream's request (None: the
first), `after` reads the next place from the head of a page (None: that was the last).

A place is a JSON value, so it can be kept and gone on from in another run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import urljoin

from execution.clients.page import Head, NotAPageError
from execution.clients.request import Request
from execution.directives.model import source as model
from execution.directives.paths import parse_path

_LONGEST = 19

Place = Any
"""A URL, a token, a number or a record's key; None is the beginning, or the end."""


class Paginator(Protocol):
    """`wanted` names the paths of a page's head that `after` reads, `key` that in its last record; `knows` tells
    whether a place that was kept is one of its own."""

    @property
    def wanted(self) -> Mapping[str, str]: ...
    @property
    def key(self) -> str | None: ...

    def request(self, first: Request, place: Place) -> Request: ...
    def after(self, place: Place, head: Head) -> Place: ...
    def knows(self, place: Place) -> bool: ...


@dataclass(frozen=True, slots=True)
class Single:
    """Everything in one answer."""

    wanted: Mapping[str, str]
    key: str | None = None

    def request(self, first: Request, place: Place) -> Request:  # noqa: ARG002 - there is only one
        return first

    def after(self, place: Place, head: Head) -> Place:  # noqa: ARG002
        return None

    def knows(self, place: Place) -> bool:  # noqa: ARG002
        return False


@dataclass(frozen=True, slots=True)
class Links:
    """Follows the link that a page names, as it is: what was asked first is in it already."""

    wanted: Mapping[str, str]
    key: str | None = None

    def request(self, first: Request, place: Place) -> Request:
        return first if place is None else replace(first, url=urljoin(first.url, place), params={})

    def after(self, place: Place, head: Head) -> Place:  # noqa: ARG002
        return _token(head.found.get("next"), text_only=True)

    def knows(self, place: Place) -> bool:
        return isinstance(place, str)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Puts the token that a page names into a query parameter, or into the body at `into`."""

    wanted: Mapping[str, str]
    param: str | None = None
    into: tuple[str | int, ...] = ()
    key: str | None = None

    def request(self, first: Request, place: Place) -> Request:
        if place is None:
            return first
        return first.with_param(self.param, place) if self.param else first.with_body(self.into, place)

    def after(self, place: Place, head: Head) -> Place:  # noqa: ARG002
        return _token(head.found.get("next"))

    def knows(self, place: Place) -> bool:
        return isinstance(place, str | int)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Pages by number. A full page, or a count of all records not reached yet, means there is another."""

    wanted: Mapping[str, str]
    rule: model.PageNumber
    key: str | None = None

    def request(self, first: Request, place: Place) -> Request:
        numbered = first.with_param(self.rule.page, self.rule.first if place is None else place)
        return numbered.with_param(self.rule.size_param, self.rule.size) if self.rule.size_param else numbered

    def after(self, place: Place, head: Head) -> Place:
        number: int = self.rule.first if place is None else place
        done = number - self.rule.first + 1
        more, pages, total = _flag(head.found.get("more")), _whole(head.found.get("pages")), head_total(head)
        if more is not None:
            goes_on = more
        elif pages is not None:
            goes_on = done < pages
        else:
            goes_on = head.count >= self.rule.size or (head.count > 0 and done * self.rule.size < (total or 0))
        return number + 1 if goes_on else None

    def knows(self, place: Place) -> bool:
        return isinstance(place, int)


@dataclass(frozen=True, slots=True)
class Offsets:
    """Skips what was received. A page shorter than the limit ends it, unless the vendor's own count says there is
    more: some vendors give fewer than they are asked for."""

    wanted: Mapping[str, str]
    rule: model.Offset
    key: str | None = None

    def request(self, first: Request, place: Place) -> Request:
        limited = first.with_param(self.rule.limit_param, self.rule.limit) if self.rule.limit_param else first
        return limited.with_param(self.rule.offset, place or 0)

    def after(self, place: Place, head: Head) -> Place:
        offset: int = (place or 0) + head.count
        goes_on = head.count >= self.rule.limit or (head.count > 0 and offset < (head_total(head) or 0))
        return offset if goes_on else None

    def knows(self, place: Place) -> bool:
        return isinstance(place, int)


@dataclass(frozen=True, slots=True)
class Keys:
    """Goes on behind the last record's key, while `more` is true; where the page says nothing, until one is empty."""

    wanted: Mapping[str, str]
    param: str
    key: str | None

    def request(self, first: Request, place: Place) -> Request:
        return first if place is None else first.with_param(self.param, place)

    def after(self, place: Place, head: Head) -> Place:  # noqa: ARG002
        if not head.count or _flag(head.found.get("more")) is False:
            return None
        token = _token(head.last)
        if token is None:
            raise NotAPageError(f"the last record has no value at {self.key}, by which the next page is asked for")
        return token

    def knows(self, place: Place) -> bool:
        return isinstance(place, str | int)


def paginator(rule: model.Paginate, total: str | None) -> Paginator:
    """The paginator that a directive asks for. `total` is the path of the vendor's own count, where it tells one."""
    wanted = {} if total is None else {"total": total}
    match rule:
        case model.NextUrl():
            return Links({**wanted, "next": rule.next_url})
        case model.Cursor():
            return Tokens({**wanted, "next": rule.cursor}, param=rule.param)
        case model.BodyCursor():
            return Tokens({**wanted, "next": rule.body_cursor}, into=parse_path(rule.into))
        case model.PageNumber():
            return Numbers(wanted | _named(more=rule.more, pages=rule.pages), rule)
        case model.Offset():
            return Offsets(wanted, rule)
        case model.Keyset():
            return Keys(wanted | _named(more=rule.more), rule.param, rule.keyset)
        case model.OnePage():
            return Single(wanted)


def head_total(head: Head) -> int | None:
    """How many records there are by the vendor's own count."""
    return _whole(head.found.get("total"))


def _named(**paths: str | None) -> dict[str, str]:
    return {name: path for name, path in paths.items() if path is not None}


def _token(value: object, *, text_only: bool = False) -> str | int | None:
    """A token to go on with; None where there is none. Raises NotAPageError for what cannot be one."""
    if value in (None, "", False):
        return None
    if isinstance(value, str) or (isinstance(value, int) and value is not True and not text_only):
        return value
    raise NotAPageError(f"what should lead to the next page is {type(value).__name__}, not text")


def _flag(value: object) -> bool | None:
    match value:
        case bool():
            return value
        case "true" | "false":
            return value == "true"
        case _:
            return None


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < _LONGEST:
        return int(value)
    return value if isinstance(value, int) else None
