"""The wire: one HTTP client per source, and answers read within bounds.

The key of an API that wants it in the query joins the URL below httpx, so that neither httpx's log lines nor its errors
ever have it. Bodies are decompressed here, not by httpx, because a small answer can unpack to a huge one: reading
stops at the bound.
"""

import zlib
from collections.abc import AsyncIterator, Mapping
from urllib.request import getproxies, proxy_bypass

import httpx

from execution import __version__
from execution.clients.origin import Origin
from execution.directives.model import Api

_GZIP_BITS = zlib.MAX_WBITS | 16


class TooLargeError(Exception):
    """An answer is larger than allowed. `start` is what was read of it."""

    def __init__(self, start: bytes) -> None:
        super().__init__("too large")
        self.start = start


class BrokenBodyError(Exception):
    """An answer's body broke off or cannot be decompressed. `start` is what was read of it."""

    def __init__(self, reason: str, start: bytes) -> None:
        super().__init__(reason)
        self.start = start


class KeyInQuery(httpx.AsyncBaseTransport):
    """Adds the key to the query of every request on its way out."""

    def __init__(self, inner: httpx.AsyncBaseTransport, pair: bytes) -> None:
        self._inner = inner
        self._pair = pair

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        query = b"&".join(part for part in (request.url.query, self._pair) if part)
        keyed = httpx.Request(
            request.method,
            request.url.copy_with(query=query),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await self._inner.handle_async_request(keyed)

    async def aclose(self) -> None:
        await self._inner.aclose()


def open_client(api: Api, headers: Mapping[str, str], wire: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """The one client of a source. Redirects are not followed: they are looked at first."""
    return httpx.AsyncClient(
        headers={
            "User-Agent": f"gtm/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            **headers,
        },
        timeout=httpx.Timeout(api.timeout.total_seconds(), pool=None),
        transport=wire,
        follow_redirects=False,
    )


def open_wire(origin: Origin) -> httpx.AsyncHTTPTransport:
    """Connections that are kept alive; through the environment's proxy, but never to this machine itself."""
    host, scheme = origin.host, origin.scheme
    proxy = None if origin.is_loopback or proxy_bypass(host) else getproxies().get(scheme)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=30)
    # Reading the certificates takes 20 ms, and a plain connection (a sandbox on this machine) has no use for them.
    return httpx.AsyncHTTPTransport(verify=scheme == "https" or proxy is not None, limits=limits, proxy=proxy)


async def read_body(response: httpx.Response, most: int) -> bytes:
    """The whole body, decompressed, of at most `most` bytes.

    Raises TooLargeError beyond that, BrokenBodyError where it is cut off or not what its encoding says.
    """
    if response.is_stream_consumed:  # a test's answer that was never on a wire
        body = response.content
        if len(body) > most:
            raise TooLargeError(body[:most])
        return body
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise TooLargeError(b"")
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"identity", ""}:
        return await _read_plain(response.aiter_raw(), most)
    if encoding not in {"gzip", "x-gzip"}:
        raise BrokenBodyError(f"compressed as {encoding[:20]!r}, which was not asked for", b"")
    return await _read_compressed(response.aiter_raw(), most)


async def _read_plain(chunks: AsyncIterator[bytes], most: int) -> bytes:
    read: list[bytes] = []
    size = 0
    try:
        async for chunk in chunks:
            size += len(chunk)
            read.append(chunk)
            if size > most:
                raise TooLargeError(b"".join(read)[:most])
    except httpx.RemoteProtocolError as exc:
        raise BrokenBodyError("the connection was closed in the middle of the answer", b"".join(read)) from exc
    return read[0] if len(read) == 1 else b"".join(read)


async def _read_compressed(chunks: AsyncIterator[bytes], most: int) -> bytes:
    unpacker = zlib.decompressobj(_GZIP_BITS)
    body = bytearray()
    received = 0
    try:
        async for chunk in chunks:
            received += len(chunk)
            body += unpacker.decompress(chunk, most + 1 - len(body))
            if len(body) > most:
                raise TooLargeError(bytes(body[:most]))
    except httpx.RemoteProtocolError as exc:
        raise BrokenBodyError("the connection was closed in the middle of the answer", bytes(body)) from exc
    except zlib.error as exc:
        raise BrokenBodyError("not compressed as it says", bytes(body)) from exc
    if received and not unpacker.eof:
        raise BrokenBodyError("compressed data that breaks off before its end", bytes(body))
    return bytes(body)
