"""Asks until there is an answer worth having: a place in the budget, one exchange, and again while that can help.

The loop is our own rather than stamina's: the wait a throttling vendor asks for belongs to the budget, where it holds
back every other request too, and time has to be a parameter.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urljoin

import httpx
import msgspec

from execution.clients.allowance import allowance
from execution.clients.clock import Clock
from execution.clients.limits import Budget
from execution.clients.origin import Origin
from execution.clients.request import Request, shown
from execution.clients.transport import BrokenBodyError, TooLargeError, read_body
from execution.clients.verdicts import Answer, AskAgainError
from execution.directives.model import Api
from execution.errors import GtmError, PageError, VendorError

_T = TypeVar("_T")

_LONGEST_WAIT_S = 60.0
_REDIRECTS = 5
_ERROR_BYTES = 64 * 1024
_EVIDENCE_BYTES = 64 * 1024
_DEADLINE = 10
"""An answer may take this many times the timeout in all; a timeout alone lets one byte at a time go on for ever."""

_TROUBLE: dict[type[httpx.TransportError], str] = {
    httpx.ConnectTimeout: "no connection in time",
    httpx.ReadTimeout: "no answer in time",
    httpx.WriteTimeout: "the request could not be sent in time",
    httpx.ConnectError: "no connection",
    httpx.RemoteProtocolError: "the connection was closed before the answer",
    httpx.ReadError: "the connection broke off",
    httpx.WriteError: "the connection broke off",
    httpx.ProxyError: "the proxy refused",
}


@dataclass(frozen=True, slots=True)
class Stats:
    """What reading a source took so far. `bytes` are those of bodies, decompressed."""

    requests: int
    retries: int
    waited_s: float
    bytes: int


class Asker:
    """Sends the requests of one source."""

    def __init__(self, http: httpx.AsyncClient, origin: Origin, api: Api, clock: Clock) -> None:
        self._http = http
        self._origin = origin
        self._clock = clock
        self._attempts = api.attempts
        self._most = api.max_page_mb * 1024 * 1024
        self._deadline_s = _DEADLINE * api.timeout.total_seconds()
        self._requests = self._retries = self._bytes = 0
        self._waited_s = 0.0

    def stats(self, waited_in_budgets_s: float) -> Stats:
        return Stats(self._requests, self._retries, self._waited_s + waited_in_budgets_s, self._bytes)

    async def ask(
        self,
        request: Request,
        budget: Budget,
        where: str,
        accept: Callable[[Answer], _T],
        on_bad: Callable[[bytes, str], None] | None = None,
        *,
        is_once: bool = False,
    ) -> _T:
        """What `accept` makes of the answer; while it raises AskAgainError the request is made again, up to the
        attempts of the directive. `on_bad` is given every body that was not as it should be, with the reason. With
        `is_once` the vendor goes on with every answer, so one that was lost is not to be had again: only what it
        throttled is asked for twice.

        Raises NetworkError or PageError after the last attempt, and whatever else `accept` raises.
        """
        attempt = 1
        while True:
            try:
                return accept(await self._exchange(request, budget))
            except AskAgainError as again:
                if again.evidence is not None and on_bad is not None:
                    on_bad(again.evidence[:_EVIDENCE_BYTES] if again.is_final else again.evidence, again.reason)
                if attempt >= self._attempts or again.is_final or (is_once and not again.throttled):
                    raise again.given_up(shown(request), attempt, where, is_kept=on_bad is not None) from again
                self._retries += 1
                await self._wait(again, attempt, budget)
                attempt += 1
            except GtmError as exc:
                exc.where = exc.where or where
                raise

    async def _wait(self, again: AskAgainError, attempt: int, budget: Budget) -> None:
        """Waits as long as the vendor asked, else full-jitter backoff; where it throttles, the whole budget waits."""
        if again.throttled:
            most = min(_LONGEST_WAIT_S, max(1.0, budget.window_s / 4) * 2 ** (attempt - 1))
            budget.pause(again.wait_s or self._clock.jitter(most / 2, most))
            return
        most = min(_LONGEST_WAIT_S, 2.0 ** (attempt - 1))
        wait_s = again.wait_s or self._clock.jitter(0.0, most)
        self._waited_s += wait_s
        await self._clock.sleep(wait_s)

    async def _exchange(self, request: Request, budget: Budget) -> Answer:
        """One answer, redirects within the origin followed. Raises AskAgainError where none came."""
        body = None if request.body is None else msgspec.json.encode(request.body)
        method, url, params = request.method, self._origin.reach(request.url), dict(request.params) or None
        for _ in range(_REDIRECTS):
            sent = self._http.build_request(
                method, url, params=params, content=body, headers=None if body is None else _JSON
            )
            async with budget:
                answer, location = await self._send(sent, budget)
            if location is None:
                return answer
            if method != "GET" and answer.status not in {307, 308}:
                raise VendorError(
                    f"{answer.sent} was redirected with {answer.status}, which would lose what was asked", hint=_MOVED
                )
            url, params = self._origin.reach(urljoin(str(sent.url), location)), None
        raise VendorError(f"{shown(request)} was redirected {_REDIRECTS} times in a row", hint=_MOVED)

    async def _send(self, sent: httpx.Request, budget: Budget) -> tuple[Answer, str | None]:
        self._requests += 1
        try:
            async with asyncio.timeout(self._deadline_s):
                response = await self._http.send(sent, stream=True)
                try:
                    headers = {
                        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers.raw
                    }
                    left = allowance(headers, self._clock.wall())
                    if left is not None:
                        budget.learn(left)
                    body = await self._read(response)
                finally:
                    await response.aclose()
        except TimeoutError as exc:
            raise AskAgainError(f"the answer was not complete after {self._deadline_s:g} s") from exc
        except httpx.TransportError as exc:
            raise AskAgainError(_trouble(exc)) from exc
        self._bytes += len(body)
        answer = Answer(response.status_code, headers, body, f"{sent.method} {sent.url.path}")
        return answer, headers.get("location") if response.has_redirect_location else None

    async def _read(self, response: httpx.Response) -> bytes:
        """The body; of an error's no more than a message needs."""
        if not response.is_success:
            try:
                return await read_body(response, _ERROR_BYTES)
            except (TooLargeError, BrokenBodyError) as exc:
                return exc.start
        try:
            return await read_body(response, self._most)
        except TooLargeError as exc:
            raise AskAgainError(
                f"larger than {self._most // 2**20} MB (max_page_mb)",
                error=PageError,
                evidence=exc.start,
                is_final=True,
            ) from exc
        except BrokenBodyError as exc:
            raise AskAgainError(str(exc), error=PageError, evidence=exc.start) from exc


_JSON = {"Content-Type": "application/json"}
_MOVED = "if the vendor has moved, change base_url or the path in the source's directive"


def _trouble(error: httpx.TransportError) -> str:
    return next((text for kind, text in _TROUBLE.items() if isinstance(error, kind)), type(error).__name__)
