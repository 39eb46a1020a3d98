"""The shipped directives against the sandbox, over real HTTP: all is read once, every fault ends as it should."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from execution.clients import Clock, Page, Stats, client_for
from execution.clients.hubspot_client import LAG
from execution.directives.model import Source
from execution.directives.model.source import RateLimit
from execution.errors import CredentialsError, GtmError, LoopError, NetworkError, PageError, VendorError
from execution.sandbox import Options, start
from execution.sandbox.process import Running
from execution.settings import Environment

from .test_conformance import SOURCES

OPTIONS = Options(customers=60, speed=0)
NOW = OPTIONS.as_of
WINDOW: Mapping[str, object] = {"since": NOW - timedelta(days=3650), "until": NOW, "now": NOW}


@pytest.fixture(scope="module")
def world() -> Iterator[Running]:
    with start(OPTIONS) as running:
        yield running


@pytest.fixture
def sandbox(world: Running) -> Iterator[Running]:
    yield world
    world.disarm()


@dataclass
class Result:
    records: list[dict[str, Any]] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    error: GtmError | None = None
    stats: Stats | None = None


UNLIMITED = RateLimit(requests=100_000, per=timedelta(seconds=1))


def altered(name: str, stream: str, keys: Mapping[str, object] | None = None, **api: object) -> Source:
    """A shipped source without limits, with other keys of its API and of one stream."""
    source = SOURCES[name]
    streams = {each: value.model_copy(update={"rate_limit": None}) for each, value in source.streams.items()}
    streams[stream] = streams[stream].model_copy(update=keys)
    changed = source.api.model_copy(update={"rate_limit": UNLIMITED, **api})
    return source.model_copy(update={"api": changed, "streams": streams})


HASTY = Clock(sleep=lambda seconds: asyncio.sleep(seconds / 50))
"""Backs off for a fiftieth of the time."""


def read(
    sandbox: Running, source: Source, stream: str, values: Mapping[str, object] = WINDOW, clock: Clock = HASTY
) -> Result:
    result = Result()

    async def run() -> None:
        environment = Environment(sandbox.environment)
        note = lambda _stream, _body, reason: result.bad.append(reason)  # noqa: E731
        async with client_for(source, environment, on_bad_page=note, clock=clock) as client:
            try:
                async for page in client.pages(stream, values):
                    result.pages.append(page)
                    result.records += json.loads(page.body)[source.streams[stream].records]
            except GtmError as exc:
                result.error = exc
            result.stats = client.stats

    asyncio.run(run())
    return result


def events(**api: object) -> Source:
    """Calendly with small pages of events."""
    params = {**SOURCES["calendly"].streams["events"].params, "count": 20}
    return altered("calendly", "events", {"params": params}, **api)


def test_every_event_and_invitee_is_read_once(sandbox: Running) -> None:
    truth = sandbox.truth("calendly")
    source = altered("calendly", "events")

    async def run() -> tuple[list[str], list[str]]:
        async with client_for(source, Environment(sandbox.environment)) as client:
            account = await client.account()
            values = {**WINDOW, "account": account}
            events = [
                event["uri"]
                async for page in client.pages("events", values)
                for event in json.loads(page.body)["collection"]
            ]

            async def invitees(event: str) -> list[str]:
                pages = client.pages("invitees", {**values, "events": {"uri": event}})
                return [record["uri"] async for page in pages for record in json.loads(page.body)["collection"]]

            return events, [uri for uris in await asyncio.gather(*map(invitees, events)) for uri in uris]

    events, invitees = asyncio.run(run())
    assert len(events) == len(set(events)) == truth["events"]
    assert len(invitees) == len(set(invitees)) == truth["invitees"]


def test_pages_follow_the_vendors_own_links(sandbox: Running) -> None:
    result = read(sandbox, events(), "events")

    assert result.error is None
    assert len(result.pages) > 5
    assert str(result.pages[0].resume).startswith('"https://api.calendly.com/scheduled_events?')
    assert len({record["uri"] for record in result.records}) == len(result.records)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"kind": "status", "status": 503}, None),
        ({"kind": "status", "status": 500}, None),
        ({"kind": "status", "status": 429, "retry_after": "0"}, None),
        ({"kind": "slow", "ms": 900}, None),
        ({"kind": "truncated"}, "the connection was closed in the middle of the answer"),
        ({"kind": "html"}, "an HTML or XML page instead of JSON"),
        ({"kind": "empty"}, "an empty answer"),
        ({"kind": "invalid_utf8"}, "not UTF-8"),
    ],
    ids=lambda value: value["kind"] + str(value.get("status", "")) if isinstance(value, dict) else "",
)
def test_what_passes_is_got_over(sandbox: Running, fault: dict[str, Any], reason: str | None) -> None:
    sandbox.arm({**fault, "path": "scheduled_events", "nth": 2})
    result = read(sandbox, events(timeout=timedelta(seconds=0.4)), "events")

    assert result.error is None
    assert len(result.records) == sandbox.truth("calendly")["events"]
    assert result.stats is not None
    assert result.stats.retries == 1
    assert [why.startswith(reason) for why in result.bad] == [True] if reason else result.bad == []


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ({"kind": "status", "status": 503}, NetworkError, "E330"),
        ({"kind": "status", "status": 404}, VendorError, "E320"),
        ({"kind": "status", "status": 403}, CredentialsError, "E314"),
        ({"kind": "status", "status": 429, "retry_after": "86400"}, VendorError, "E322"),
        ({"kind": "hang"}, NetworkError, "E330"),
        ({"kind": "truncated"}, PageError, "E340"),
        ({"kind": "html"}, PageError, "E340"),
        ({"kind": "invalid_utf8"}, PageError, "E340"),
        ({"kind": "expired_token"}, CredentialsError, "E313"),
        ({"kind": "repeat_cursor"}, LoopError, "E350"),
        ({"kind": "cycle"}, LoopError, "E350"),
        ({"kind": "foreign_host"}, VendorError, "E323"),
    ],
    ids=lambda value: value["kind"] + str(value.get("status", "")) if isinstance(value, dict) else "",
)
def test_what_does_not_pass_ends_with_its_own_error(
    sandbox: Running, fault: dict[str, Any], error: type[GtmError], code: str
) -> None:
    sandbox.arm({**fault, "path": "scheduled_events"})
    result = read(sandbox, events(attempts=1, timeout=timedelta(seconds=0.4)), "events")

    assert type(result.error) is error
    assert (result.error.code, result.error.where) == (code, "calendly/events")
    assert sandbox.environment["CALENDLY_TOKEN"] not in str(result.error)


def test_hostile_text_is_read_whole_with_broken_characters_mended(sandbox: Running) -> None:
    sandbox.arm({"kind": "hostile_text", "path": "scheduled_events"})
    result = read(sandbox, events(), "events")

    assert result.error is None
    assert len(result.records) == sandbox.truth("calendly")["events"]
    for page in result.pages:
        json.dumps(json.loads(page.body), ensure_ascii=False).encode()


def test_a_vendors_no_is_told_in_its_own_words(sandbox: Running) -> None:
    source = altered("calendly", "events", {"params": {"organization": "x", "count": 500}})
    result = read(sandbox, source, "events")

    assert isinstance(result.error, VendorError)
    assert "GET /calendly/scheduled_events was refused: 400 Bad Request: " in str(result.error)


def test_a_wrong_key_says_which_variable_to_mend(sandbox: Running) -> None:
    async def run() -> None:
        environment = Environment({**sandbox.environment, "CALENDLY_TOKEN": "wrong"})
        async with client_for(events(), environment) as client:
            await client.account()

    with pytest.raises(CredentialsError) as caught:
        asyncio.run(run())
    assert caught.value.hint == "put a key that is valid into CALENDLY_TOKEN"


# --- HubSpot ----------------------------------------------------------------------------------------


FIRST = {"since": None, "until": NOW + LAG, "now": NOW}


def contacts(limit: int, requests: int | None = None) -> Source:
    """HubSpot with small pages of contacts, and a limit on searches of `requests` a second where that is given."""
    own = {"rate_limit": RateLimit(requests=requests, per=timedelta(seconds=1))} if requests else {}
    return altered(
        "hubspot", "contacts", {"body": {**(SOURCES["hubspot"].streams["contacts"].body or {}), "limit": limit}, **own}
    )


def test_every_contact_is_found_by_search(sandbox: Running) -> None:
    result = read(sandbox, contacts(limit=7), "contacts", FIRST)

    assert result.error is None
    ids = [int(record["id"]) for record in result.records]
    assert ids == sorted(set(ids))
    assert len(ids) == sandbox.truth("hubspot")["contacts"] == result.pages[0].total


def test_slices_of_a_large_first_load_are_the_whole_of_it() -> None:
    source = contacts(limit=200)

    async def run(environment: Environment) -> list[set[str]]:
        async with client_for(source, environment) as client:

            async def part(place: str | None) -> set[str]:
                pages = client.pages("contacts", FIRST, resume=place)
                return {record["id"] async for page in pages for record in json.loads(page.body)["results"]}

            return list(await asyncio.gather(*map(part, await client.slices("contacts", FIRST))))

    with start(Options(customers=10_300, speed=0)) as running:
        parts = asyncio.run(run(Environment(running.environment)))
        assert len(parts) == 2
        assert len(parts[0]) == 10_000
        assert sum(map(len, parts)) == len(set().union(*parts)) == running.truth("hubspot")["contacts"]


def test_the_declared_budget_never_meets_a_429() -> None:
    """At ten times the speed of the real limits, on both sides."""
    with start(Options(customers=150, speed=10)) as running:
        result = read(running, contacts(limit=2, requests=40), "contacts", FIRST, Clock())
        assert {entry["status"] for entry in running.log()} == {200}
    assert result.error is None
    assert result.stats is not None
    assert result.stats.requests > 60
    assert result.stats.retries == 0
