"""What we ask is what the vendors' own API descriptions allow: every stream of every shipped source, two pages each."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from execution.clients import client_for
from execution.directives.loading import load
from execution.directives.model import FeedSync, Source, Stream
from execution.directives.model.source import BodyCursor, Keyset, NextUrl, OnePage, PageNumber
from execution.directives.paths import parse_path
from execution.directives.reading import read_folder
from execution.settings import Environment

from .fakes import FakeTime, Vendor, answer
from .vendor_spec import FILES, VendorSpec, specs_of

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TEXTS = {path: text for path, text in read_folder(ROOT).items() if not path.startswith("directives/local/")}
SOURCES = load(TEXTS).sources
STREAMS = [(source, stream) for source in SOURCES.values() for stream in source.streams if source.name in FILES]


UNDESCRIBED = {"/v1/charges/id_123"}
"""What the vendor has and the saved copy of its description was trimmed by."""


@lru_cache
def specs(source: str) -> tuple[VendorSpec, ...]:
    return tuple(specs_of(source))


def asked(source: Source, stream: str) -> list[httpx.Request]:
    """The requests of two pages, and of one record where a feed names such, as they leave us for the vendor's own
    address."""
    vendor = Vendor(handler=lambda _: answer(two_pages(source, source.streams[stream], len(vendor.asked))))

    async def run() -> None:
        environment = Environment(dict.fromkeys(credentials(source), "secret"))
        async with client_for(source, environment, transport=vendor, clock=FakeTime().clock()) as client:
            given = values(source, source.streams[stream])
            async for _ in client.pages(stream, given):
                pass
            if isinstance(source.streams[stream].sync, FeedSync):
                await client.record(stream, "id_123", given)

    asyncio.run(run())
    return vendor.asked


def credentials(source: Source) -> list[str]:
    auth = source.api.auth.model_dump().values()
    return [text.removeprefix("env:") for text in auth if isinstance(text, str) and text.startswith("env:")]


def values(source: Source, stream: Stream) -> dict[str, object]:
    """A window, an account whose values are addresses of the API, and a parent record likewise, or by its number."""
    url = f"{source.api.base_url}/scheduled_events/AAAAAAAAAAAAAAAA"
    parent = {"uri": url, "id": "123"}
    account = {name: f"{source.api.base_url}/{name}s/AAAAAAAAAAAAAAAA" for name in source.api.account}
    parents = {} if stream.each is None else {stream.each: [parent, parent] if stream.batch else parent}
    return {"since": NOW - timedelta(days=30), "until": NOW, "now": NOW, "account": account} | parents


def two_pages(source: Source, stream: Stream, number: int) -> object:
    """A page with a record, which leads on to a second and last one."""
    rule = stream.paginate or source.api.paginate
    page: dict[str, Any] = {}
    record: dict[str, Any] = {}
    if stream.records:
        put(page, stream.records, [record])
    if stream.total:
        put(page, stream.total, 3 - number)
    if isinstance(rule, Keyset):
        put(record, rule.keyset, str(number))
        if rule.more:
            put(page, rule.more, number == 1)
    elif isinstance(rule, PageNumber) and rule.pages:
        put(page, rule.pages, 2)
    elif number == 1 and isinstance(rule, BodyCursor):
        put(page, rule.body_cursor, "abc")
    elif number == 1 and isinstance(rule, NextUrl):
        put(page, rule.next_url, "?count=1&page_token=abc")
    elif number == 1 and hasattr(rule, "cursor"):
        put(page, rule.cursor, "abc")
    return page


def put(node: dict[str, Any], path: str, value: object) -> None:
    *way, last = (str(step) for step in parse_path(path))
    for step in way:
        node = node.setdefault(step, {})
    node[last] = value


@pytest.mark.parametrize(("source", "stream"), STREAMS, ids=[f"{source.name}/{stream}" for source, stream in STREAMS])
def test_every_request_conforms_to_the_vendors_description(source: Source, stream: str) -> None:
    descriptions = specs(source.name)
    requests = asked(source, stream)

    declared = source.streams[stream]
    pages = 1 if isinstance(declared.paginate or source.api.paginate, OnePage) else 2
    assert len(requests) == pages + isinstance(declared.sync, FeedSync)
    for request in requests:
        if request.url.path in UNDESCRIBED:
            continue
        described = [spec for spec in descriptions if spec.template(request)]
        assert described, f"{request.method} {request.url.path} is described nowhere"
        assert described[0].problems(request) == []


@pytest.mark.parametrize(
    "source", [source for source in SOURCES.values() if source.name in FILES], ids=lambda s: s.name
)
def test_the_account_request_conforms_too(source: Source) -> None:
    path = source.api.account.get("path")
    if path is None:
        return
    request = httpx.Request("GET", f"{source.api.base_url}{path}", headers={"Authorization": "Bearer x"})

    assert [spec.problems(request) for spec in specs(source.name) if spec.template(request)] == [[]]


@pytest.mark.parametrize(
    ("method", "url", "body", "says"),
    [
        ("GET", "https://api.calendly.com/scheduled_events?count=1000", None, "greater than the maximum of 100"),
        ("GET", "https://api.calendly.com/scheduled_events?per_page=10", None, "unknown query parameter per_page"),
        ("GET", "https://api.calendly.com/scheduled_event", None, "PathNotFound"),
    ],
)
def test_what_does_not_conform_is_found(method: str, url: str, body: bytes | None, says: str) -> None:
    """The check itself can fail."""
    request = httpx.Request(method, url, content=body, headers={"Authorization": "Bearer x"})

    assert says in " ".join(specs("calendly")[0].problems(request))


SEARCH = {"limit": 1, "after": "0", "filterGroups": [], "properties": [], "sorts": []}


def test_a_search_that_does_not_conform_is_found() -> None:
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    url = "https://api.hubapi.com/crm/v3/objects/contacts/search"
    request = httpx.Request("POST", url, content=msgspec.json.encode(SEARCH | {"sorts": [{}]}), headers=headers)

    assert "{} is not of type 'string'" in " ".join(specs("hubspot")[0].problems(request))
