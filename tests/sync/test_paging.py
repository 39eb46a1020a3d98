"""How many pages so many records make: as many as the client's own paginators ask for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.clients.page import Head
from execution.clients.paginators import paginator
from execution.directives.model import Source
from execution.sync.paging import is_one_page, page_size, pages_for, paginate_of

SIZE = 4
API = {"base_url": "https://x.example", "auth": {"type": "none"}}
RULES: dict[str, dict[str, Any]] = {
    "number": {"page": "page", "size": SIZE},
    "number, told the pages": {"page": "page", "size": SIZE, "pages": "pages"},
    "number, told of more": {"page": "page", "size": SIZE, "more": "more"},
    "offset": {"offset": "skip", "limit": SIZE},
    "keyset": {"keyset": "id", "param": "after"},
    "keyset, told of more": {"keyset": "id", "param": "after", "more": "more"},
    "token": {"cursor": "next", "param": "after"},
    "link": {"next_url": "next"},
    "single": {"single": True},
}


def source_with(rule: dict[str, Any], **stream: object) -> Source:
    things = {"path": "/things", "key": "id", "params": {"limit": SIZE}, "columns": {"name": "name"}, **stream}
    return Source.model_validate(
        {"kind": "source", "name": "x", "api": {**API, "paginate": rule}, "streams": {"things": things}}
    )


def asked(source: Source, records: int) -> int:
    """The requests that the client's paginator makes of a vendor with so many records."""
    stream = source.streams["things"]
    pages = paginator(paginate_of(source, stream), None)
    place, requests = None, 0
    while True:
        first = requests * SIZE
        count = records if is_one_page(source, stream) else max(0, min(SIZE, records - first))
        requests += 1
        left = records - first - count
        said = {"next": "more" if left else None, "more": left > 0, "pages": max(1, -(-records // SIZE))}
        found = {name: said[name] for name in pages.wanted}
        place = pages.after(place, Head(count, found, last=str(first + count)))
        if place is None:
            return requests


@pytest.mark.parametrize("rule", RULES)
@given(records=st.integers(0, 40))
def test_as_many_as_the_paginator_asks(rule: str, records: int) -> None:
    source = source_with(RULES[rule])
    assert pages_for(source, source.streams["things"], records) == asked(source, records)


def test_without_a_page_size_nothing_is_made_up() -> None:
    source = source_with(RULES["token"], params={"limit": "many", "count": True})
    assert page_size(source, source.streams["things"]) is None
    assert pages_for(source, source.streams["things"], 100) is None


@pytest.mark.parametrize(
    ("stream", "size"),
    [
        ({"params": {"per_page": "25"}}, 25),
        ({"params": {}, "method": "POST", "body": {"limit": 200}}, 200),
        ({"params": {}, "method": "POST", "body": {"pagination": {"per_page": 150}}}, 150),
        ({"params": {"limit": 100}, "paginate": {"page": "page", "size": 60}}, 60),
        ({"params": {"limit": 100}, "paginate": {"offset": "skip", "limit": 30}}, 30),
        ({"params": {"since": 5}}, None),
    ],
)
def test_the_page_size_is_what_is_asked_for(stream: dict[str, Any], size: int | None) -> None:
    source = source_with(RULES["token"], **stream)
    assert page_size(source, source.streams["things"]) == size
