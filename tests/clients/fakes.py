"""What the client tests stand on: time that passes when everybody waits, and a vendor that answers from a script."""

import asyncio
import heapq
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from execution.clients import BaseClient, Clock, Page, client_for
from execution.directives.model import Source
from execution.settings import Environment

BASE = "https://api.vendor.test/v1"
TOKEN = "tok-3cr3t/+="
ENVIRONMENT = Environment({"VENDOR_TOKEN": TOKEN})


class FakeTime:
    """Virtual time: a sleep ends as soon as nothing else can run, and the time is then what it would have been."""

    def __init__(self, wall: float = 1_700_000_000.0) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self._wall = wall
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), waking))
        while not waking.done():
            for _ in range(40):  # whatever can run, runs before time passes
                await asyncio.sleep(0)
            if not waking.done() and self._sleepers:
                moment, _, first = heapq.heappop(self._sleepers)
                self.now = max(self.now, moment)
                if not first.done():
                    first.set_result(None)
        await waking

    def clock(self) -> Clock:
        """A clock by this time; its jitter is always the longest."""
        return Clock(lambda: self.now, lambda: self._wall + self.now, self.sleep, max)


Handler = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


@dataclass
class Vendor(httpx.AsyncBaseTransport):
    """Answers with `handler`, or with `script` one after the other; keeps what it was asked, and when."""

    handler: Handler | None = None
    script: Iterable[httpx.Response | Exception] = ()
    time: FakeTime | None = None
    asked: list[httpx.Request] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._script = iter(self.script)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self.times.append(self.time.now if self.time else 0.0)
        if self.handler is not None:
            answer = self.handler(request)
            return answer if isinstance(answer, httpx.Response) else await answer
        step = next(self._script)
        if isinstance(step, Exception):
            raise step
        return step

    @property
    def queries(self) -> list[dict[str, str]]:
        return [dict(request.url.params) for request in self.asked]

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.asked]


class Chunks(httpx.AsyncByteStream):
    """A body as it comes from a wire: piece by piece, and perhaps never to its end."""

    def __init__(self, *chunks: bytes, error: Exception | None = None) -> None:
        self._chunks = chunks
        self._error = error
        self.given = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            self.given += 1
            yield chunk
        if self._error is not None:
            raise self._error


def answer(body: object, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON answer; header names are written with underscores."""
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def raw(body: bytes, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, stream=Chunks(body), headers={k.replace("_", "-"): v for k, v in headers.items()})


def source(stream: Mapping[str, Any] | None = None, **api: Any) -> Source:  # noqa: ANN401 - a directive's own keys
    """A source with one stream, `things`; by default a plain list at `data`."""
    return Source.model_validate(
        {
            "kind": "source",
            "name": "vendor",
            "api": {"base_url": BASE, "auth": {"type": "bearer", "token": "env:VENDOR_TOKEN"}, **api},
            "streams": {"things": {"path": "/things", "records": "data", "key": "id", "columns": {}, **(stream or {})}},
        }
    )


@dataclass
class Run:
    """What came of reading a stream: its pages, or the error after them; the answers that were no pages."""

    pages: list[Page] = field(default_factory=list)
    error: BaseException | None = None
    bad: list[tuple[str, bytes, str]] = field(default_factory=list)
    client: BaseClient | None = None

    @property
    def counts(self) -> list[int]:
        return [page.count for page in self.pages]


def read(
    directive: Source,
    vendor: httpx.AsyncBaseTransport,
    *,
    values: Mapping[str, object] | None = None,
    resume: str | None = None,
    time: FakeTime | None = None,
    environment: Environment = ENVIRONMENT,
) -> Run:
    """Reads `things` to its end, or to its error."""
    run = Run()

    async def _read() -> None:
        time_ = time or FakeTime()
        clock = time_.clock()
        on_bad = lambda stream, body, reason: run.bad.append((stream, body, reason))  # noqa: E731
        async with client_for(directive, environment, transport=vendor, on_bad_page=on_bad, clock=clock) as client:
            run.client = client
            try:
                async for page in client.pages("things", values or {}, resume=resume):
                    run.pages.append(page)
            except Exception as exc:  # noqa: BLE001 - the error is what many tests look at
                run.error = exc

    asyncio.run(_read())
    return run
