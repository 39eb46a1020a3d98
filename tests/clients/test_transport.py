"""The wire itself, over real HTTP on this machine: bounds, cut answers, slow ones, proxies."""

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from execution.clients import client_for
from execution.clients.origin import Origin
from execution.clients.transport import open_wire
from execution.errors import GtmError, NetworkError, PageError
from execution.settings import Environment

from .fakes import Chunks, FakeTime, Vendor, read, source

Serve = Callable[[asyncio.StreamWriter], Awaitable[None]]


def from_wire(serve: Serve, **api: Any) -> tuple[list[bytes], GtmError | None, list[str]]:  # noqa: ANN401
    """Reads `things` from a server that writes what `serve` writes, after the request's head."""
    pages: list[bytes] = []
    bad: list[str] = []
    error: GtmError | None = None

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await serve(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def run() -> None:
        nonlocal error
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        environment = Environment({"VENDOR_TOKEN": "t", "GTM_VENDOR__BASE_URL": f"http://127.0.0.1:{port}"})
        clock = FakeTime().clock()
        async with (
            server,
            client_for(
                source(**api), environment, clock=clock, on_bad_page=lambda *page: bad.append(page[2])
            ) as client,
        ):
            try:
                pages.extend([page.body async for page in client.pages("things", {})])
            except GtmError as exc:
                error = exc

    asyncio.run(run())
    return pages, error, bad


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: application/json", *lines, "", ""]).encode()


def test_reads_a_plain_and_a_compressed_answer() -> None:
    body = b'{"data":[' + b",".join([b'{"id":1}'] * 5000) + b"]}"

    async def plain(writer: asyncio.StreamWriter) -> None:
        writer.write(head(f"Content-Length: {len(body)}") + body)

    async def packed(writer: asyncio.StreamWriter) -> None:
        small = gzip.compress(body)
        writer.write(head("Content-Encoding: gzip", f"Content-Length: {len(small)}") + small)

    assert from_wire(plain) == ([body], None, [])
    assert from_wire(packed) == ([body], None, [])


def test_an_answer_cut_on_the_wire_is_asked_for_again() -> None:
    tries = 0

    async def cut(writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        writer.write(head("Content-Length: 500") + b'{"data":[')
        await writer.drain()
        raise ConnectionError

    pages, error, bad = from_wire(cut, attempts=2)

    assert pages == []
    assert isinstance(error, PageError)
    assert bad == ["the connection was closed in the middle of the answer"] * 2
    assert tries == 2


def test_a_server_that_hangs_up_is_a_network_error() -> None:
    async def hang_up(writer: asyncio.StreamWriter) -> None:
        raise ConnectionError

    _, error, _ = from_wire(hang_up, attempts=2)

    assert isinstance(error, NetworkError)


def test_a_server_that_hangs_is_left_after_the_timeout() -> None:
    async def hang(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    _, error, _ = from_wire(hang, attempts=2, timeout="50ms")

    assert isinstance(error, NetworkError)
    assert str(error).endswith("asked 2 times without success; the last time: no answer in time")


def test_an_answer_that_drips_is_left_too() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(head("Content-Length: 5000") + b'{"data":[')
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    _, error, _ = from_wire(drip, attempts=1, timeout="50ms")

    assert isinstance(error, NetworkError)
    assert "the answer was not complete after 0.5 s" in str(error)


# --- bounds -----------------------------------------------------------------------------------------


def too_large(response: httpx.Response) -> PageError:
    vendor = Vendor(script=[response])
    result = read(source(max_page_mb=1), vendor)
    assert isinstance(result.error, PageError)
    assert str(result.error).endswith(
        "GET /v1/things was asked 1 time; the last answer was larger than 1 MB (max_page_mb)"
    )
    assert [len(body) <= 64 * 1024 for _, body, _ in result.bad] == [True]
    return result.error


def test_an_answer_beyond_the_bound_is_read_no_further() -> None:
    body = Chunks(*[b"x" * 65536] * 1000)
    too_large(httpx.Response(200, stream=body))

    assert body.given <= 17


def test_an_announced_size_beyond_the_bound_is_not_read_at_all() -> None:
    body = Chunks(b"x")
    too_large(httpx.Response(200, stream=body, headers={"Content-Length": str(2**40)}))

    assert body.given == 0


def test_a_compressed_bomb_is_unpacked_no_further_than_the_bound() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(100)) + packer.flush()
    assert len(bomb) < 200_000

    too_large(httpx.Response(200, stream=Chunks(bomb), headers={"Content-Encoding": "gzip"}))


# --- proxies ----------------------------------------------------------------------------------------


def proxied(base: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    for name in ("no_proxy", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    wire = open_wire(Origin("https://api.vendor.test", base))
    asyncio.run(wire.aclose())
    return "Proxy" in type(wire._pool).__name__


def test_the_environments_proxy_is_used_but_not_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxied("https://api.vendor.test", monkeypatch)
    assert not proxied("http://127.0.0.1:9", monkeypatch)
