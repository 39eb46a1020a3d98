"""Calendly's pages: opaque tokens that stand for a place in one listing, and the envelope around a page.

A token is good only for the listing it was given out in: the vendor refuses one that comes with other parameters.
"""

from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlencode

from msgspec import Raw

from execution.sandbox.calendly.ids import ORIGIN
from execution.sandbox.calendly.params import count_of, invalid
from execution.sandbox.exchange import Record

Key = tuple[Any, ...]
Row = tuple[Key, Record | Raw]
"""A record, rendered or still to be, and its place in the listing."""
Rows = Callable[[Key | None, bool], Iterator[Row]]
"""(after, backwards) → the rows that follow `after` in the listing's order, or, backwards, precede
it, nearest first."""


class Place(NamedTuple):
    """Between two rows: the rows after `key`, or before it. A None key is the listing's very beginning."""

    key: Key | None = None
    backwards: bool = False


class Listing(NamedTuple):
    """What is listed (a path and its filters), from where on, and how many to a page."""

    path: str
    filters: Mapping[str, str]
    size: int
    place: Place


class Tokens:
    """The tokens given out; the oldest are forgotten, as the vendor's go stale."""

    def __init__(self, most: int = 100_000) -> None:
        self._listings: OrderedDict[str, Listing] = OrderedDict()
        self._most = most

    def give(self, listing: Listing) -> str:
        """The token of a listing's place; the same place always has the same, 32 characters long."""
        token = urlsafe_b64encode(blake2b(repr(listing).encode(), digest_size=24).digest()).decode()
        self._listings[token] = listing
        if len(self._listings) > self._most:
            self._listings.popitem(last=False)
        return token

    def listing(self, path: str, params: Mapping[str, str]) -> Listing:
        """What is asked for. Raises Refusal (400) for a token that is unknown, or comes with parameters that are not
        its listing's own: those of the URL it was given out in, or at least none that contradicts them."""
        filters = {name: value for name, value in sorted(params.items()) if name not in {"count", "page_token"}}
        token = params.get("page_token")
        if token is None:
            return Listing(path, filters, count_of(params), Place())
        known = self._listings.get(token)
        if known is None or known.path != path or not filters.items() <= known.filters.items():
            raise invalid([{"parameter": "page_token", "message": "is invalid"}])
        return known._replace(size=count_of(params) if "count" in params else known.size)


def page(tokens: Tokens, listing: Listing, rows: Rows) -> Record:
    """One page, in the vendor's envelope."""
    key, backwards = listing.place
    found = list(islice(rows(key, backwards), listing.size + 1))
    has_more, found = len(found) > listing.size, found[: listing.size]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, has_more) if backwards else (has_more, key is not None)
    following = Place(found[-1][0]) if has_next and found else None
    previous = Place(found[0][0], backwards=True) if has_previous and found else None
    next_token, next_page = _turn(tokens, listing, following)
    previous_token, previous_page = _turn(tokens, listing, previous)
    return {
        "collection": [record for _, record in found],
        "pagination": {
            "count": len(found),
            "next_page": next_page,
            "previous_page": previous_page,
            "next_page_token": next_token,
            "previous_page_token": previous_token,
        },
    }


def _turn(tokens: Tokens, listing: Listing, place: Place | None) -> tuple[str | None, str | None]:
    """The token and the URL of another page, whose parameters the vendor writes in the alphabet's order."""
    if place is None:
        return None, None
    token = tokens.give(listing._replace(place=place))
    params = {**listing.filters, "count": str(listing.size), "page_token": token}
    return token, f"{ORIGIN}{listing.path}?{urlencode(sorted(params.items()))}"


def rows_of(records: list[Record]) -> Rows:
    """The rows of a listing that is short enough to be made whole."""

    def rows(after: Key | None, backwards: bool) -> Iterator[Row]:  # noqa: FBT001 - the shape of Rows
        keyed = [((place,), record) for place, record in enumerate(records)]
        if backwards:
            return iter(keyed[: after[0] if after else None][::-1])
        return iter(keyed[after[0] + 1 if after else 0 :])

    return rows
