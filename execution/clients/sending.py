"""One request that changes something elsewhere, sent once: no retries, no redirects, within bounds.

Addresses and headers may be secrets (a Slack webhook's path is one), so they stand in no error, and nothing logs them:
the transport is used without httpx's client, whose log lines name the URL.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

import httpx

from execution import __version__
from execution.errors import NetworkError, UsageError

if TYPE_CHECKING:
    from ssl import SSLContext

MOST_READ = 256 * 1024
"""Bytes of an answer that are read; whoever is told something answers briefly."""

_SCHEMES = {"http", "https"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class UnclearError(NetworkError):
    """The request went out and no answer came back: it may have been received or not."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is sent where; the address, the headers and the body are shown nowhere."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer; the names of `headers` are lower-case. The body is cut where it is longer than anybody reads."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def send(outgoing: Outgoing, timeout_s: float) -> Answered:
    """Send it and wait for the answer, `timeout_s` in all.

    Raises UsageError for what is no web address, UnclearError where it may have been received, and NetworkError where
    it certainly was not.
    """
    url = address(outgoing.url)
    headers = {"user-agent": f"gtm/{__version__}", "accept-encoding": "identity", **outgoing.headers}
    limits = {"connect": timeout_s, "read": timeout_s, "write": timeout_s, "pool": timeout_s}
    try:
        request = httpx.Request(
            outgoing.method, url, headers=headers, content=outgoing.body, extensions={"timeout": limits}
        )
    except (ValueError, TypeError):
        raise UsageError(
            "a header has characters that cannot be sent", hint="mend it in the channel", code="E382"
        ) from None
    until = time.monotonic() + timeout_s
    host = url.host
    with _wire(url) as wire:
        try:
            response = wire.handle_request(request)
            return Answered(response.status_code, _lower(response.headers), _read(response, until))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise NetworkError(f"{host} cannot be reached: {_in_short(error)}") from None
        except httpx.LocalProtocolError:
            raise UsageError(
                "a header has characters that cannot be sent", hint="mend it in the channel", code="E382"
            ) from None
        except httpx.TransportError as error:
            raise UnclearError(f"{host} took the message and did not answer: {_in_short(error)}") from None


def address(url: str) -> httpx.URL:
    """The URL, which must be http or https and name a host. Raises UsageError; the address is not in it."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        parsed = httpx.URL("")
    if parsed.scheme not in _SCHEMES or not parsed.host or any(sign <= " " for sign in url):
        raise UsageError("the address is no web address", hint="write https://host/path", code="E382")
    return parsed


def _wire(url: httpx.URL) -> httpx.HTTPTransport:
    """As for sources: through the environment's proxy, but never to this machine itself."""
    is_direct = url.host in _LOOPBACK or bool(proxy_bypass(url.host))
    proxy = None if is_direct else getproxies().get(url.scheme)
    is_plain = url.scheme == "http" and proxy is None
    return httpx.HTTPTransport(verify=False if is_plain else _certificates(), proxy=proxy)


@cache
def _certificates() -> "SSLContext":
    """Reading them takes 20 ms."""
    return httpx.create_ssl_context()


def _lower(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _read(response: httpx.Response, until: float) -> bytes:
    """The answer's body. What was told is told, so a body that drags on or breaks off is only cut."""
    read = bytearray()
    try:
        for chunk in response.iter_raw():
            read += chunk
            if len(read) > MOST_READ or time.monotonic() > until:
                break
    except httpx.TransportError:
        pass
    finally:
        response.close()
    return bytes(read[:MOST_READ])


def _in_short(error: httpx.TransportError) -> str:
    """The kind of failure, without the text: it may quote what was sent."""
    return {
        "ConnectTimeout": "no connection in time",
        "ReadTimeout": "no answer in time",
        "WriteTimeout": "it did not take the request in time",
        "ConnectError": "no connection",
        "RemoteProtocolError": "the connection was closed without an answer",
        "ReadError": "the connection broke",
        "WriteError": "the connection broke",
    }.get(type(error).__name__, type(error).__name__)
