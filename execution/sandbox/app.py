"""The sandbox as an ASGI application: one path prefix per vendor, faults in between, and a log of every request."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NamedTuple

from execution.sandbox.control import Control
from execution.sandbox.exchange import Reply, Request, Vendor, json_reply
from execution.sandbox.faults import BEFORE, Armed, Faults
from execution.sandbox.spoiling import TRUNCATED_SHARE, spoil

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_LOGGED = 200_000
LONGEST_QUERY = 16_384
"""The vendors' front doors refuse longer URLs with 414."""


class Entry(NamedTuple):
    """One request in the log; `status` is 0 where no answer was finished."""

    number: int
    vendor: str
    method: str
    path: str
    query: str
    status: int
    ms: float


class App:
    """Everything between uvicorn and the vendors; `answered` is called after every answer of one."""

    def __init__(
        self,
        vendors: Mapping[str, Vendor],
        control: Control,
        faults: Faults,
        answered: Callable[[], None],
        latency_s: float,
    ) -> None:
        self._vendors = vendors
        self._control = control
        self._faults = faults
        self._latency_s = latency_s
        self._answered = answered
        self.log: deque[Entry] = deque(maxlen=MOST_LOGGED)
        self._count = 0
        control.log = self.log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request (ASGI 3)."""
        if scope["type"] != "http":
            return
        begun = time.perf_counter()
        prefix, slash, rest = scope["path"].removeprefix("/").partition("/")
        body = await _body(receive) if scope["method"] in {"POST", "PATCH", "PUT"} else b""
        query = scope["query_string"].decode("latin-1")
        request = Request(scope["method"], slash + rest, query, dict(scope["headers"]), body)
        vendor = self._vendors.get(prefix)
        if vendor is None:
            await _send(send, self._control.answer(request) if prefix == "_sandbox" else _nobody(self._vendors))
            return
        self._count += 1
        number, status = self._count, 0
        try:
            status = await self._exchange(vendor, request, send, receive)
        finally:
            ms = round((time.perf_counter() - begun) * 1000, 3)
            self.log.append(Entry(number, prefix, request.method, request.path, query, status, ms))
            self._answered()

    async def _exchange(self, vendor: Vendor, request: Request, send: Send, receive: Receive) -> int:
        """Answer, unless a fault does; the status that was sent, 0 for none."""
        armed = self._faults.meeting(vendor.name, request.path, request.query) if self._faults.armed else None
        if self._latency_s:
            await asyncio.sleep(self._latency_s)
        if armed is None:
            reply = vendor.answer(request) if len(request.query) <= LONGEST_QUERY else vendor.failure(414)
            await _send(send, reply)
            return reply.status
        return await _faulty(armed, vendor, request, send, receive)


async def _faulty(armed: Armed, vendor: Vendor, request: Request, send: Send, receive: Receive) -> int:
    fault = armed.fault
    if fault.kind == "slow":
        await asyncio.sleep(fault.ms / 1000)
    elif fault.kind == "hang":
        while (await receive())["type"] != "http.disconnect":
            continue
        return 0
    if fault.kind in {"status", "expired_token"}:
        reply = vendor.failure(401 if fault.kind == "expired_token" else fault.status)
        if fault.retry_after is not None:
            reply.headers.append((b"retry-after", fault.retry_after.encode("latin-1")))
    else:
        reply = vendor.answer(request)
    if fault.kind == "truncated":
        await _cut_off(send, reply, sent=int(len(reply.body) * TRUNCATED_SHARE))
        return 0
    if fault.kind not in BEFORE:
        reply = spoil(armed, request, reply, vendor.shape)
    await _send(send, reply)
    return reply.status


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, reply: Reply) -> None:
    headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _cut_off(send: Send, reply: Reply, *, sent: int) -> None:
    """Promise more than is sent, then close: uvicorn hangs up on an application that leaves an answer unfinished."""
    headers = [*reply.headers, (b"content-length", b"%d" % (len(reply.body) + 1))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body[:sent], "more_body": True})


def _nobody(vendors: Mapping[str, Vendor]) -> Reply:
    return json_reply(404, {"error": "no such vendor", "vendors": sorted(vendors)})
