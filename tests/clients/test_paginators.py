"""Every way of paging, driven over the wire format it is for: which requests it makes, and where it ends."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from execution.errors import LoopError, PageError, UsageError, VendorError

from .fakes import BASE, Vendor, answer, read, source


def page(count: int, start: int = 0, **head: Any) -> httpx.Response:  # noqa: ANN401 - a vendor's own keys
    return answer({"data": [{"id": str(start + number)} for number in range(count)], **head})


def run(paginate: Mapping[str, Any], *script: httpx.Response, **stream: Any) -> tuple[list[int], Vendor]:  # noqa: ANN401
    vendor = Vendor(script=script)
    result = read(source({"paginate": paginate, **stream}), vendor)
    assert result.error is None, result.error
    return result.counts, vendor


def test_single() -> None:
    counts, vendor = run({"single": True}, page(3))

    assert counts == [3]
    assert [str(request.url) for request in vendor.asked] == [f"{BASE}/things"]


def test_a_next_url_is_followed_verbatim() -> None:
    link = f"{BASE}/things?page_token=a%2Bb+c&count=100"
    counts, vendor = run({"next_url": "next"}, page(2, next=link), page(1, 2, next=None), params={"sort": "id:asc"})

    assert counts == [2, 1]
    assert [str(request.url) for request in vendor.asked] == [f"{BASE}/things?sort=id%3Aasc", link]


@pytest.mark.parametrize("link", ["?page=2", "/v1/things?page=2", "things?page=2"])
def test_a_relative_link_leads_on_from_the_stream(link: str) -> None:
    _, vendor = run({"next_url": "next"}, page(1, next=link), page(1, 1))

    assert str(vendor.asked[1].url) == f"{BASE}/things?page=2"


@pytest.mark.parametrize("end", [None, "", False])
def test_cursor_ends_where_there_is_none(end: object) -> None:
    counts, vendor = run(
        {"cursor": "next.after", "param": "after"}, page(2, next={"after": "c 1"}), page(1, 2, next={"after": end})
    )

    assert counts == [2, 1]
    assert vendor.queries == [{}, {"after": "c 1"}]


def test_cursor_ends_where_its_object_is_missing() -> None:
    assert run({"cursor": "paging.next.after", "param": "after"}, page(1))[0] == [1]
    assert run({"cursor": "paging.next.after", "param": "after"}, page(1, paging={"next": None}))[0] == [1]


def test_an_empty_page_in_the_middle_does_not_end_a_cursor() -> None:
    counts, _ = run({"cursor": "next", "param": "after"}, page(2, next="a"), page(0, next="b"), page(1, 2))

    assert counts == [2, 0, 1]


def test_body_cursor_goes_into_the_body() -> None:
    counts, vendor = run(
        {"body_cursor": "next", "into": "pagination.starting_after"},
        page(2, next="x"),
        page(1, 2),
        method="POST",
        body={"query": {"field": "a"}, "pagination": {"per_page": 2}},
    )

    assert counts == [2, 1]
    assert vendor.bodies == [
        {"query": {"field": "a"}, "pagination": {"per_page": 2}},
        {"query": {"field": "a"}, "pagination": {"per_page": 2, "starting_after": "x"}},
    ]


def test_page_numbers_end_at_a_short_page() -> None:
    counts, vendor = run({"page": "page", "size": 2, "size_param": "per_page"}, page(2), page(2, 2), page(1, 4))

    assert counts == [2, 2, 1]
    assert [query["page"] for query in vendor.queries] == ["1", "2", "3"]
    assert vendor.queries[0]["per_page"] == "2"


def test_page_numbers_end_where_the_vendor_says() -> None:
    assert run({"page": "p", "first": 0, "size": 2, "more": "more"}, page(1, more=True), page(2, 1, more=False))[0] == [
        1,
        2,
    ]
    assert run({"page": "p", "size": 2, "pages": "pages"}, page(1, pages=2), page(1, 1, pages=2))[0] == [1, 1]


def test_page_numbers_from_zero() -> None:
    _, vendor = run({"page": "p", "first": 0, "size": 1, "pages": "pages"}, page(1, pages=2), page(1, 1, pages=2))

    assert [query["p"] for query in vendor.queries] == ["0", "1"]


def test_a_vendor_that_gives_fewer_than_asked_loses_nothing_where_it_tells_its_total() -> None:
    short = (page(2, total=5), page(2, 2, total=5), page(1, 4, total=5))

    assert run({"offset": "offset", "limit": 3}, *short, total="total")[0] == [2, 2, 1]


def test_offset_grows_by_what_was_received() -> None:
    counts, vendor = run({"offset": "skip", "limit": 2, "limit_param": "take"}, page(2), page(2, 2), page(0))

    assert counts == [2, 2, 0]
    assert vendor.queries == [{"skip": "0", "take": "2"}, {"skip": "2", "take": "2"}, {"skip": "4", "take": "2"}]


def test_keyset_goes_on_behind_the_last_record_while_there_is_more() -> None:
    counts, vendor = run(
        {"keyset": "id", "param": "starting_after", "more": "has_more"},
        page(2, has_more=True),
        page(1, 2, has_more=False),
    )

    assert counts == [2, 1]
    assert vendor.queries == [{}, {"starting_after": "1"}]


def test_keyset_without_more_ends_at_an_empty_page() -> None:
    assert run({"keyset": "id", "param": "after"}, page(2), page(1, 2), page(0))[0] == [2, 1, 0]


def test_keyset_needs_the_key() -> None:
    result = read(source({"paginate": {"keyset": "uid", "param": "after"}}, attempts=1), Vendor(script=[page(1)]))

    assert isinstance(result.error, PageError)
    assert "no value at uid" in str(result.error)


def test_a_cursor_that_is_no_text_is_a_bad_page() -> None:
    result = read(
        source({"paginate": {"cursor": "next", "param": "after"}}, attempts=1), Vendor(script=[page(1, next={"a": 1})])
    )

    assert isinstance(result.error, PageError)
    assert "is dict, not text" in str(result.error)


# --- chains that never end --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "links",
    [
        ["things", "things"],
        ["?p=2", "?p=2"],
        ["?p=2", "?p=3", "?p=2"],
        ["?a=1&b=2", "?b=2&a=1"],
        ["?p=a%20b", "?p=a+b"],
    ],
    ids=["to itself", "the same again", "a circle of two", "another order", "another escape"],
)
def test_a_circle_is_an_error(links: list[str]) -> None:
    script = [page(1, number, next=link) for number, link in enumerate(links)]
    result = read(source({"paginate": {"next_url": "next"}}), Vendor(script=script))

    assert isinstance(result.error, LoopError)
    assert str(result.error).startswith("vendor/things: E350 the pages of GET /v1/things go round in a circle: page ")
    assert len(result.pages) <= len(links)


def test_a_cursor_that_repeats_is_an_error() -> None:
    result = read(
        source({"paginate": {"cursor": "next", "param": "after"}}),
        Vendor(script=[page(1, next="x"), page(1, 1, next="x")]),
    )

    assert isinstance(result.error, LoopError)
    assert result.counts == [1, 1]


def test_a_vendor_that_ignores_the_page_number_is_an_error() -> None:
    result = read(source({"paginate": {"page": "page", "size": 2}}), Vendor(handler=lambda _: page(2)))

    assert isinstance(result.error, LoopError)
    assert "the vendor ignores where to go on" in str(result.error)
    assert result.counts == [2]


def test_empty_pages_without_end_are_an_error() -> None:
    vendor = Vendor(handler=lambda request: page(0, next=request.url.params.get("after", "") + "x"))
    result = read(source({"paginate": {"cursor": "next", "param": "after"}}), vendor)

    assert isinstance(result.error, LoopError)
    assert "pages in a row were empty" in str(result.error)


# --- going on in another run ------------------------------------------------------------------------

CHAINS = {
    "next_url": ({"next_url": "next"}, [page(2, next="?p=2"), page(2, 2, next="?p=3"), page(1, 4)]),
    "cursor": ({"cursor": "next", "param": "c"}, [page(2, next="a"), page(2, 2, next="b"), page(1, 4)]),
    "number token": ({"cursor": "next", "param": "c"}, [page(2, next=17), page(2, 2, next=18), page(1, 4)]),
    "page": ({"page": "page", "size": 2}, [page(2), page(2, 2), page(1, 4)]),
    "offset": ({"offset": "offset", "limit": 2}, [page(2), page(2, 2), page(1, 4)]),
    "keyset": ({"keyset": "id", "param": "after"}, [page(2), page(2, 2), page(0)]),
}


@pytest.mark.parametrize("name", CHAINS)
def test_every_page_tells_how_to_go_on_after_it(name: str) -> None:
    paginate, script = CHAINS[name]
    directive = source({"paginate": paginate})
    whole = Vendor(script=script)
    pages = read(directive, whole).pages
    assert [page.number for page in pages] == [0, 1, 2]
    assert pages[-1].resume is None

    for at, first in enumerate(pages[:-1]):
        rest = Vendor(script=script[at + 1 :])
        result = read(directive, rest, resume=first.resume)
        assert [page.body for page in result.pages] == [page.body for page in pages[at + 1 :]]
        assert rest.queries == whole.queries[at + 1 :]


@pytest.mark.parametrize("resume", ["nonsense", "[1", '{"a":1}', "1.5", "true"])
def test_a_place_of_another_kind_is_refused(resume: str) -> None:
    result = read(source({"paginate": {"next_url": "next"}}), Vendor(), resume=resume)

    assert isinstance(result.error, UsageError)
    assert result.error.code == "E251"


def test_a_kept_link_to_a_foreign_host_is_refused() -> None:
    vendor = Vendor()
    result = read(source({"paginate": {"next_url": "next"}}), vendor, resume='"https://evil.test/v1/things"')

    assert isinstance(result.error, VendorError)
    assert vendor.asked == []
