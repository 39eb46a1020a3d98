"""Intercom's oddities: searches that know only days, and a list of companies that ends at 10,000.

A search for contacts compares dates by the calendar day of the workspace, so its directive asks from two days before
what it wants; what came along for no reason is dropped here, by the full time that every record carries. A record that
says no time stays.

Companies are listed by pages up to 10,000. Beyond that there is the scroll: one per app, gone after a minute without a
request. It goes on with every answer, arrived or not, and by one and the same token: asking again for a page that was
lost would leave it out. So where a page is lost the whole scroll is begun again, once the old one is gone. It is not to
be taken up in another run either, so every page of it says to begin at the start.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from execution.clients.base_client import BaseClient
from execution.clients.chain import keep
from execution.clients.heads import dig
from execution.clients.page import Head, NotAPageError, Page
from execution.clients.paginators import Paginator, Place, head_total
from execution.clients.request import Request
from execution.directives.model import CursorSync, Stream
from execution.directives.paths import parse_path
from execution.directives.placeholders import Values
from execution.errors import NetworkError, PageError, SourceError, VendorError

MOST_LISTED = 10_000
"""Companies that a list gives, however far one pages."""

_LIST, _SCROLL, _SEARCH = "/companies/list", "/companies/scroll", "/search"
_BEGIN: Mapping[str, str] = {"scroll": ""}
_SCROLLS = 3
_IDLE_S = 61.0
"""After so long without a request a scroll is gone, and there can be another one."""


@dataclass(frozen=True, slots=True)
class Companies:
    """A paginator: pages of the list, or the scroll, whose place is `{"scroll": token}`."""

    listed: Paginator
    wanted: Mapping[str, str]
    key: str | None = None

    def request(self, first: Request, place: Place) -> Request:
        if not _is_scroll(place):
            return self.listed.request(first, place)
        url = f"{first.url.removesuffix(_LIST)}{_SCROLL}"
        return Request("GET", url, {"scroll_param": place["scroll"]} if place["scroll"] else {})

    def after(self, place: Place, head: Head) -> Place:
        if not _is_scroll(place):
            return self.listed.after(place, head)
        token = head.found.get("scroll")
        return {"scroll": token} if head.count and isinstance(token, str) and token else None

    def knows(self, place: Place) -> bool:
        return self.listed.knows(place) or _is_scroll(place)


@dataclass(frozen=True, slots=True)
class Searched:
    """A paginator: pages of a search. One that says which page it is of how many must not be the last before that;
    where each calls itself the first, nothing is made of it."""

    pages: Paginator
    wanted: Mapping[str, str]
    key: str | None = None

    def request(self, first: Request, place: Place) -> Request:
        return self.pages.request(first, place)

    def after(self, place: Place, head: Head) -> Place:
        following = self.pages.after(place, head)
        number, of = head.found.get("page"), head.found.get("of")
        if not isinstance(number, int) or not isinstance(of, int) or (number == 1 and place is not None):
            return following
        if following is None and number < of:
            raise NotAPageError(f"page {number} of {of} says that none comes after it")
        return following

    def knows(self, place: Place) -> bool:
        return self.pages.knows(place)


def _is_scroll(place: Place) -> bool:
    return isinstance(place, dict) and place.keys() == {"scroll"} and isinstance(place["scroll"], str)


class IntercomClient(BaseClient):
    """Intercom; all but companies and searches goes the usual way."""

    def paginator_of(self, stream: Stream) -> Paginator:
        own = super().paginator_of(stream)
        if stream.path == _LIST:
            return Companies(own, {**own.wanted, "scroll": "scroll_param"})
        if stream.path.endswith(_SEARCH):
            return Searched(own, {**own.wanted, "page": "pages.page", "of": "pages.total_pages"})
        return own

    async def slices(self, stream: str, values: Values) -> tuple[str | None, ...]:
        """The scroll's beginning where there are more companies than a list gives."""
        reading = self._reading(stream)
        if not isinstance(reading.paginator, Companies):
            return await super().slices(stream, values)
        first = await self._first(reading, values)
        head = (await self._page(reading, reading.paginator.request(first, None), None)).head
        return (keep(_BEGIN),) if (head_total(head) or 0) > MOST_LISTED else (None,)

    async def pages(self, stream: str, values: Values, *, resume: str | None = None) -> AsyncIterator[Page]:
        if self._is_scrolled(stream, resume):
            async for page in self._scroll(stream, values):
                yield page
            return
        changed = _changed(self.source.streams[stream])
        since = values.get("since")
        async for page in super().pages(stream, values, resume=resume):
            yield self._since(stream, page, changed, since) if changed and isinstance(since, datetime) else page

    def is_once(self, place: Place) -> bool:
        return _is_scroll(place)

    def _is_scrolled(self, stream: str, resume: str | None) -> bool:
        paginator = self._reading(stream).paginator
        return isinstance(paginator, Companies) and resume is not None and '"scroll"' in resume

    async def _scroll(self, stream: str, values: Values) -> AsyncIterator[Page]:
        """The scroll to its end; where it breaks off, or another one is open, again from its start: what came twice is
        one record."""
        for left in reversed(range(_SCROLLS)):
            try:
                async for page in super().pages(stream, values, resume=keep(_BEGIN)):
                    yield page if page.resume is None else replace(page, resume=keep(_BEGIN))
            except SourceError as error:
                if not left or not _may_pass(error):
                    raise
            else:
                return
            await self._clock.sleep(_IDLE_S)

    def _since(self, stream: str, page: Page, changed: tuple[str | int, ...], since: datetime) -> Page:
        """The page without the records that did not change since; the bytes of the others stay as they were sent."""
        name = self.source.streams[stream].records
        whole = msgspec.json.decode(page.body, type=dict[str, msgspec.Raw])
        records = msgspec.json.decode(whole[name], type=list[msgspec.Raw])
        kept = [raw for raw in records if _is_since(msgspec.json.decode(raw), changed, since)]
        if len(kept) == len(records):
            return page
        whole[name] = msgspec.Raw(msgspec.json.encode(kept))
        return replace(page, body=msgspec.json.encode(whole), count=len(kept))


def _may_pass(error: SourceError) -> bool:
    """Whether another scroll may do better: a page was lost, or the vendor has an older scroll open."""
    return isinstance(error, NetworkError | PageError) or (isinstance(error, VendorError) and error.code == "E320")


def _changed(stream: Stream) -> tuple[str | int, ...] | None:
    """Where a record of a search says when it changed, in seconds since 1970; None for all other streams."""
    if not isinstance(stream.sync, CursorSync) or not stream.path.endswith(_SEARCH) or "." in stream.records:
        return None
    column = stream.columns.get(stream.sync.column)
    return parse_path(column.path) if column is not None and column.unit == "s" else None


def _is_since(record: Any, changed: tuple[str | int, ...], since: datetime) -> bool:  # noqa: ANN401 - a vendor's JSON
    at = dig(record, changed)
    return not isinstance(at, int) or datetime.fromtimestamp(at, UTC) >= since
