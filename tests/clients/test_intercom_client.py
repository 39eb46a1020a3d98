"""Intercom's searches by day, and its companies by scroll, against a stand-in that keeps the rules."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from execution.clients import Page, client_for, intercom_client
from execution.directives.model import Source
from execution.errors import LoopError, PageError
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


def read(
    handler: Handler,
    stream: str,
    time: FakeTime | None = None,
    **values: Any,  # noqa: ANN401
) -> tuple[list[Page], Vendor]:
    """All pages of a stream, of all its slices, and what was asked for them."""
    time = time or FakeTime()
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


def test_a_search_that_ends_before_its_last_page_is_asked_again() -> None:
    whole = {"page": 1, "total_pages": 2, "next": {"starting_after": "x"}}
    script = iter([{**whole, "next": None}, whole, {"page": 2, "total_pages": 2}])
    pages, vendor = read(lambda _: answer({"data": [{"id": "a"}], "pages": next(script)}), "contacts", since=None)
    assert len(vendor.asked) == 3
    assert len(pages) == 2


def test_a_search_whose_pages_are_all_the_first_ends_where_it_says() -> None:
    script = iter([{"starting_after": "x"}, None])

    def handler(request: httpx.Request) -> httpx.Response:
        pages = {"page": 1, "total_pages": 2, "next": next(script)}
        return answer({"data": [{"id": str(len(request.content))}], "pages": pages})

    assert len(read(handler, "contacts", since=None)[0]) == 2


class Companies:
    """Five companies, two a page; `count` is what the list says there are. Whoever scrolls gets the next page with each
    answer, by one and the same token; the answers whose numbers are in `lost` do not arrive whole."""

    def __init__(self, count: int, lost: tuple[int, ...] = (), open_until: float = 0.0) -> None:
        self.count, self.lost, self.scrolled, self.time = count, lost, 0, FakeTime()
        self._at, self._used = 0, open_until - 60

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/companies/list":
            page = int(request.url.params["page"])
            return answer({"data": self._some(page), "total_count": self.count, "pages": {"total_pages": 3}})
        assert request.method == "GET"
        assert "per_page" not in request.url.params
        self.scrolled += 1
        if "scroll_param" not in request.url.params:
            if self.time.now < self._used + 60:
                return answer({"type": "error.list", "errors": [{"code": "scroll_exists"}]}, 400)
            self._at = 0
        self._at, self._used = self._at + 1, self.time.now
        given = answer({"data": self._some(self._at), "scroll_param": "s"})
        if not given.json()["data"]:
            self._used = -60
        return httpx.Response(200, content=given.content[:-5]) if self.scrolled in self.lost else given

    def _some(self, page: int) -> list[dict[str, str]]:
        return [{"id": f"k{n}"} for n in range(2 * page - 1, min(2 * page, 5) + 1)]


ALL = ["k1", "k2", "k3", "k4", "k5"]


def scrolled(vendor: Companies) -> list[Page]:
    return read(vendor, "companies", vendor.time)[0]


def test_few_companies_are_listed() -> None:
    vendor = Companies(5)
    assert ids(scrolled(vendor)) == ALL
    assert vendor.scrolled == 0


def test_more_companies_than_a_list_gives_are_scrolled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intercom_client, "MOST_LISTED", 4)
    vendor = Companies(5)
    pages, wire = read(vendor, "companies", vendor.time)
    assert ids(pages) == ALL
    assert [str(request.url).rpartition("/")[2] for request in wire.asked[1:]] == [
        "scroll", "scroll?scroll_param=s", "scroll?scroll_param=s", "scroll?scroll_param=s",
    ]  # fmt: skip
    assert {page.resume for page in pages[:-1]} == {'{"scroll":""}'}, "a scroll is never taken up in its middle"
    assert pages[-1].resume is None


@pytest.mark.parametrize(("lost", "before"), [(1, []), (2, ALL[:2]), (3, ALL[:4])])
def test_a_scroll_of_which_a_page_was_lost_begins_again(lost: int, before: list[str]) -> None:
    """Asking for that page once more would give the one after it."""
    vendor = Companies(20_000, lost=(lost,))
    assert ids(scrolled(vendor)) == [*before, *ALL]


def test_a_scroll_that_somebody_else_has_open_is_waited_for() -> None:
    vendor = Companies(20_000, open_until=50)
    assert ids(scrolled(vendor)) == ALL
    assert vendor.time.slept == [61.0]


def test_a_scroll_that_never_holds_is_given_up() -> None:
    with pytest.raises(PageError, match="breaks off"):
        scrolled(Companies(20_000, lost=(2, 4, 6)))


def test_a_scroll_that_stands_still_is_no_endless_one() -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        return answer({"data": [{"id": "k1"}], "scroll_param": "s", "total_count": 20_000, "pages": {}})

    with pytest.raises(LoopError, match="page 2 has the records of an earlier one"):
        read(handler, "companies")
