"""Trying a source: one page of each stream, to see that the credential works and what it may not read."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from execution.clients import BaseClient, Page, client_for
from execution.directives.model import CursorSync, Source, Stream, WindowSync
from execution.directives.paths import parse_path
from execution.errors import SourceError
from execution.settings import Environment

_LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class StreamTried:
    """One stream: records on the first page, or the error it gave; both where single files of it do not hold.
    `untried` says why it was not asked."""

    stream: str
    records: int | None = None
    code: str = ""
    error: str = ""
    hint: str = ""
    untried: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """A source tried: what the account told of itself, and every stream."""

    source: str
    account: tuple[str, ...]
    streams: tuple[StreamTried, ...]

    @property
    def refused(self) -> tuple[StreamTried, ...]:
        """Streams the credential may not read."""
        return tuple(stream for stream in self.streams if stream.code.startswith("E31"))

    @property
    def exit_code(self) -> int:
        """0 all readable · 1 some are not · 3 none is."""
        asked = [stream for stream in self.streams if not stream.untried]
        failed = [stream for stream in asked if stream.error]
        if not failed:
            return 0
        return 3 if all(stream.error and stream.records is None for stream in asked) else 1


def try_source(source: Source, environment: Environment, now: datetime | None = None) -> Tried:
    """Ask for one page of every stream.

    Raises CredentialsError, NetworkError … where not even the account can be asked; a stream's own error is in the
    result.
    """
    return asyncio.run(_try(source, environment, now or datetime.now(UTC)))[0]


def sample(source: Source, environment: Environment, now: datetime | None = None) -> dict[str, list[Mapping[str, Any]]]:
    """The records on the first page of every stream that could be read."""
    return asyncio.run(_try(source, environment, now or datetime.now(UTC)))[1]


async def _try(
    source: Source, environment: Environment, now: datetime
) -> tuple[Tried, dict[str, list[Mapping[str, Any]]]]:
    tried: dict[str, StreamTried] = {}
    pages: dict[str, list[Mapping[str, Any]]] = {}
    async with client_for(source, environment) as client:
        account = await client.account()
        values: dict[str, Any] = {"account": account, "until": now, "now": now}
        for name in _parents_first(source):
            stream = source.streams[name]
            if stream.each and not pages.get(stream.each):
                tried[name] = StreamTried(name, untried=f"{stream.each} has no record to read it for")
                continue
            try:
                page = await _first_page(client, stream, name, values)
            except SourceError as error:
                tried[name] = StreamTried(name, code=error.code, error=error.message, hint=error.hint)
                continue
            tried[name] = StreamTried(name, page.count if page else 0)
            pages[name] = list(records(page, stream)) if page else []
            if pages[name]:
                values[name] = _columns(stream, pages[name][0])
    return Tried(source.name, tuple(sorted(account)), tuple(tried[name] for name in source.streams)), pages


async def _first_page(client: BaseClient, stream: Stream, name: str, values: Mapping[str, Any]) -> Page | None:
    pages = client.pages(name, {**values, "since": _since(stream, values["now"])})
    try:
        return await anext(pages, None)
    finally:
        if isinstance(pages, AsyncGenerator):
            await pages.aclose()


def _since(stream: Stream, now: datetime) -> datetime | None:
    return now - _LOOK_BACK if isinstance(stream.sync, WindowSync | CursorSync) else None


def _parents_first(source: Source) -> Iterator[str]:
    placed: set[str] = set()
    while len(placed) < len(source.streams):
        for name, stream in source.streams.items():
            if name not in placed and (stream.each is None or stream.each in placed):
                placed.add(name)
                yield name


def records(page: Page, stream: Stream) -> Iterator[Mapping[str, Any]]:
    """The records of a page."""
    found = pick(json.loads(page.body), stream.records)
    for record in found if isinstance(found, list) else [found]:
        if isinstance(record, dict):
            yield record


def pick(record: object, path: str) -> object:
    """What stands at `path` of a record; None where there is nothing."""
    for step in parse_path(path):
        if isinstance(step, str) and isinstance(record, dict):
            record = record.get(step)
        elif isinstance(step, int) and isinstance(record, list) and step < len(record):
            record = record[step]
        else:
            return None
    return record


def _columns(stream: Stream, record: Mapping[str, Any]) -> dict[str, Any]:
    from execution.directives.schema import key_name

    key = pick(record, stream.key)
    named = {name: key} if (name := key_name(stream)) else {}
    return {"key": key} | named | {name: pick(record, column.path) for name, column in stream.columns.items()}
