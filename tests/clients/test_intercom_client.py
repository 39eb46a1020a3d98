"""Intercom's searches by day, and its companies by scroll, against a stand-in that keeps the rules."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from execution.clients import Page, client_for, intercom_client
from execution.directives.model import Source
from execution.errors import NetworkError
from execution.settings import Environment

from .fakes import FakeTime, Handler, Vendor, answer

SINCE = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOON = int(SINCE.timestamp())
SOURCE = Source.model_validate(
    {
        "kind": "source",
        "name": "intercom",
        "api": {"base_url": "https://api.intercom.io", "auth": {"type": "bearer", "token": "env:T"}, "attempts": 2},
        "streams": {
            "contacts": {
                "method": "POST",
                "path": "/contacts/search",
                "body": {"query": {"field": "updated_at", "operator": ">", "value": "{since-2d:s}"}},
                "records": "data",
                "key": "id",
                "paginate": {"body_cursor": "pages.next.starting_after", "into": "pagination.starting_after"},
                "sync": {"by": "cursor", "column": "updated", "lookback": "1h"},
                "columns": {"updated": {"path": "updated_at", "type": "timestamp", "unit": "s"}},
            },
            "companies": {
                "method": "POST",
                "path": "/companies/list",
                "params": {"per_page": 2},
                "records": "data",
                "key": "id",
                "total": "total_count",
                "paginate": {"page": "page", "size": 2, "pages": "pages.total_pages"},
                "columns": {},
            },
        },
    }
)


def read(handler: Handler, stream: str, **values: Any) -> tuple[list[Page], Vendor]:  # noqa: ANN401
    """All pages of a stream, of all its slices, and what was asked for them."""
    time = FakeTime()
    vendor = Vendor(handler, time=time)

    async def run() -> list[Page]:
        async with client_for(SOURCE, Environment({"T": "t"}), transport=vendor, clock=time.clock()) as client:
            starts = await client.slices(stream, values)
            return [page for start in starts async for page in client.pages(stream, values, resume=start)]

    return asyncio.run(run()), vendor


def ids(pages: list[Page]) -> list[str]:
    return [record["id"] for page in pages for record in json.loads(page.body)["data"]]


def test_what_a_search_by_day_brings_along_is_dropped_by_its_full_time() -> None:
    records = [{"id": name, "updated_at": at} for name, at in (("old", NOON - 1), ("now", NOON), ("new", NOON + 1))]
    pages, vendor = read(lambda _: answer({"data": [*records, {"id": "odd"}]}), "contacts", since=SINCE)
    assert ids(pages) == ["now", "new", "odd"]
    assert pages[0].count == 3
    assert vendor.bodies[0]["query"]["value"] == str(NOON - 2 * 86400)


def test_a_page_of_which_nothing_is_dropped_stays_as_it_was_sent() -> None:
    body = b'{ "data" : [{"id": "a", "updated_at": 1e99}, {"id":"b","updated_at": %d}] }' % NOON
    pages, _ = read(lambda _: httpx.Response(200, content=body), "contacts", since=SINCE)
    assert pages[0].body == body


def test_a_first_read_drops_nothing() -> None:
    pages, _ = read(lambda _: answer({"data": [{"id": "old", "updated_at": 1}]}), "contacts", since=None)
    assert ids(pages) == ["old"]


def test_a_chain_goes_on_though_a_whole_page_was_dropped() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if b"starting_after" in request.content:
            return answer({"data": [{"id": "new", "updated_at": NOON}]})
        following = {"next": {"starting_after": "x"}}
        return answer({"data": [{"id": "old", "updated_at": 1}], "pages": following})

    assert ids(read(handler, "contacts", since=SINCE)[0]) == ["new"]


class Companies:
    """Five companies, two a page; `count` is what the list says there are. A scroll breaks at `breaks`."""

    def __init__(self, count: int, breaks: tuple[int, ...] = ()) -> None:
        self.count, self.breaks, self.scrolled = count, list(breaks), 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/companies/list":
            page = int(request.url.params["page"])
            return answer({"data": self._some(page), "total_count": self.count, "pages": {"total_pages": 3}})
        assert request.method == "GET"
        assert "per_page" not in request.url.params
        self.scrolled += 1
        if self.breaks and self.scrolled >= self.breaks[0]:
            if "scroll_param" in request.url.params:
                return answer({"type": "error.list", "errors": [{"code": "server_error"}]}, 500)
            del self.breaks[0]
        page = int(request.url.params.get("scroll_param", "s1")[1:])
        return answer({"data": self._some(page), "scroll_param": f"s{page + 1}"})

    def _some(self, page: int) -> list[dict[str, str]]:
        return [{"id": f"k{n}"} for n in range(2 * page - 1, min(2 * page, 5) + 1)]


def test_few_companies_are_listed() -> None:
    vendor = Companies(5)
    pages, _ = read(vendor, "companies")
    assert ids(pages) == ["k1", "k2", "k3", "k4", "k5"]
    assert vendor.scrolled == 0


def test_more_companies_than_a_list_gives_are_scrolled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intercom_client, "MOST_LISTED", 4)
    pages, vendor = read(Companies(5), "companies")
    assert ids(pages) == ["k1", "k2", "k3", "k4", "k5"]
    assert [str(request.url).rpartition("/")[2] for request in vendor.asked[1:]] == [
        "scroll", "scroll?scroll_param=s2", "scroll?scroll_param=s3", "scroll?scroll_param=s4",
    ]  # fmt: skip
    assert {page.resume for page in pages[:-1]} == {'{"scroll":""}'}, "a scroll is never taken up in its middle"
    assert pages[-1].resume is None


def test_a_scroll_that_breaks_off_begins_again() -> None:
    vendor = Companies(20_000, breaks=(3,))
    assert ids(read(vendor, "companies")[0]) == ["k1", "k2", "k3", "k4", "k1", "k2", "k3", "k4", "k5"]


def test_a_scroll_that_never_holds_is_given_up() -> None:
    with pytest.raises(NetworkError, match="500"):
        read(Companies(20_000, breaks=(2, 2, 2, 2)), "companies")
