"""One HTTP exchange as the vendors' code sees it: a request, a reply, and what a vendor is."""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

import msgspec

Header = tuple[bytes, bytes]
Record = dict[str, Any]

JSON: Header = (b"content-type", b"application/json; charset=utf-8")

encode = msgspec.json.Encoder().encode


class Request(NamedTuple):
    """`path` is within the vendor (`/users/me`); `query` is as sent, without the question mark."""

    method: str
    path: str
    query: str
    headers: Mapping[bytes, bytes]
    body: bytes

    def params(self) -> list[tuple[str, str]]:
        """The query's names and values in order, blank ones kept."""
        return parse_qsl(self.query, keep_blank_values=True)

    def bearer(self) -> str | None:
        """The token, if one was sent."""
        scheme, _, token = self.headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None


class Reply(NamedTuple):
    """What is sent back; `body` may be of any size."""

    status: int
    headers: list[Header]
    body: bytes


def json_reply(status: int, value: object, headers: Iterable[Header] = ()) -> Reply:
    """A reply with `value` as its JSON body."""
    return Reply(status, [JSON, *headers], encode(value))


class PageShape(Protocol):
    """Where a vendor's page keeps what faults tamper with."""

    def records(self, page: Record) -> list[Record] | None:
        """The page's list of records, in place; None where the body is no page of a list."""

    def own_cursor(self, request: Request) -> str:
        """The cursor by which this very page is asked for."""

    def next_cursor(self, page: Record) -> str | None:
        """The cursor of the page after it."""

    def point(self, page: Record, cursor: str, origin: str | None = None) -> None:
        """Make the page name `cursor` as the next one; an `origin` replaces the vendor's in any URL it names."""

    def texts(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:
        """(holder, key) of each free text of a record."""

    def emails(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:
        """(holder, key) of each e-mail address of a record."""

    def touch(self, record: Record) -> None:
        """Change the record as an edit in the vendor's own application would, a second later."""


class Vendor(Protocol):
    """One vendor's API over the world."""

    name: str

    @property
    def shape(self) -> PageShape:
        """Where its pages keep what faults tamper with."""

    def answer(self, request: Request) -> Reply:
        """What the vendor answers; never raises for anything a client may send."""

    def failure(self, status: int) -> Reply:
        """The vendor's own words for a failure of this status."""

    def render_ahead(self) -> None:
        """Render what pages have and is not rendered yet, so that none costs more the first time."""

    def moved_on(self) -> None:
        """Take notice that the world's moment or its edits changed."""

    def truth(self) -> Record:
        """The totals that a complete and correct sync of this vendor ends up with."""
