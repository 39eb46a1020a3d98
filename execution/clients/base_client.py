"""`BaseClient`: reads one source's API as its directive says, page by page."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

import httpx
from msgspec.json import encode

from execution.clients.asking import Asker, Stats
from execution.clients.chain import Chain, keep, kept
from execution.clients.clock import REAL, Clock
from execution.clients.credentials import credentials
from execution.clients.extract import extract, nothing
from execution.clients.heads import HeadReader
from execution.clients.limits import Budget, Budgets
from execution.clients.origin import Origin
from execution.clients.page import Head, NotAPageError, Page
from execution.clients.paginators import Paginator, Place, head_total, paginator
from execution.clients.request import Request, build
from execution.clients.transport import KeyInQuery, open_client, open_wire
from execution.clients.verdicts import Answer, AskAgainError, Judge
from execution.directives.model import Source, Stream
from execution.directives.placeholders import Values
from execution.errors import GtmError, PageError, SourceError, UsageError
from execution.settings import Environment

ACCOUNT = "account"
"""What stands for the name of a stream where the account is asked for."""

_ASKS_ACCOUNT = re.compile(rb"\{\s*account\.")

OnBadPage = Callable[[str, bytes, str], None]
"""Is given stream, body and reason of every answer that was no page, and of every one that had to be mended."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading one stream takes, made once."""

    name: str
    stream: Stream
    paginator: Paginator
    heads: HeadReader
    budget: Budget
    judge: Judge


@dataclass(frozen=True, slots=True)
class _Opened:
    """A page that was found whole, and the place after it."""

    body: bytes
    head: Head
    mended: int
    after: Place


class BaseClient:
    """One source's API. An async context manager; connections open at the first request and close at the end.

    Subclasses for APIs that are odd override `paginator_of`, `start`, `slices`, `shows_all`, `is_once` and
    `is_quota_spent`.
    Raises CredentialsError where the environment lacks a credential, UsageError for a base URL that is none.
    """

    def __init__(
        self,
        source: Source,
        environment: Environment,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        on_bad_page: OnBadPage | None = None,
        clock: Clock = REAL,
    ) -> None:
        api = source.api
        declared = api.base_url.rstrip("/")
        self.source = source
        self._origin = Origin(declared, environment.base_url(source.name, declared))
        try:
            self._credentials = credentials(api.auth, environment)
            headers = {name: environment.resolve(value) for name, value in api.headers.items()}
        except SourceError as exc:
            exc.where = exc.where or source.name
            raise
        wire = transport or open_wire(self._origin)
        pair = self._credentials.query_bytes
        self._http = open_client(
            api, headers | dict(self._credentials.headers), KeyInQuery(wire, pair) if pair else wire
        )
        self._clock = clock
        self._budgets = Budgets(clock)
        self._asker = Asker(self._http, self._origin, api, clock)
        self._on_bad_page = on_bad_page
        self._readings: dict[tuple[str, bool], _Reading] = {}
        self._account: dict[str, str] | None = None
        self._asking_account = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    @property
    def stats(self) -> Stats:
        """What was asked so far."""
        return self._asker.stats(self._budgets.waited_s)

    async def account(self) -> dict[str, str]:
        """What `api.account` names, asked for once. Raises PageError where the answer lacks one of its paths."""
        async with self._asking_account:
            if self._account is None:
                self._account = await self._ask_account()
            return dict(self._account)

    async def pages(self, stream: str, values: Values, *, resume: str | None = None) -> AsyncIterator[Page]:
        """The pages of a stream, from the beginning or from where `resume` says.

        Raises CredentialsError, VendorError, NetworkError, PageError or LoopError; what was yielded before stands.
        """
        reading = self._reading(stream)
        where = reading.judge.where
        first = await self._first(reading, values)
        place = self._place(reading, resume, values)
        chain, total = Chain(where), None
        while True:
            request = reading.paginator.request(first, place)
            once = self.is_once(place)
            chain.ask(request, may_repeat=once)
            page = await self._page(reading, request, place, is_once=once)
            chain.got(page.head)
            total = head_total(page.head) if chain.number == 1 else total
            place = page.after
            yield Page(page.body, page.head.count, chain.number - 1, total, keep(place), page.mended)
            if place is None:
                return

    async def record(self, stream: str, id_: str, values: Values) -> Page:
        """One record of a stream that follows a feed, by its id; a page without records where it is gone.

        Raises as `pages` does.
        """
        reading = self._reading(stream, by_id=True)
        request = await self._first(reading, {**values, "id": id_})
        page = await self._page(reading, request, None)
        return Page(page.body, page.head.count, 0, None, None, page.mended)

    # --- what an odd API does otherwise -------------------------------------------------------------

    async def slices(self, stream: str, values: Values) -> tuple[str | None, ...]:  # noqa: ARG002 - for overriding
        """Places, as `resume` takes them, from which to read the stream side by side; together they are all of it."""
        self._reading(stream)
        return (None,)

    def paginator_of(self, stream: Stream) -> Paginator:
        """How the stream goes on from page to page."""
        return paginator(stream.paginate or self.source.api.paginate, stream.total)

    def start(self, stream: Stream, values: Values) -> Place:  # noqa: ARG002 - for overriding
        """The place where a stream begins."""
        return None

    def shows_all(self, stream: str) -> bool:  # noqa: ARG002 - for overriding
        """Whether reading a stream from its beginning shows everything there is, so that what is absent is gone."""
        return True

    def is_once(self, place: Place) -> bool:  # noqa: ARG002 - for overriding
        """Whether the vendor goes on by itself from such a place: one and the same request gives the next page each
        time, and an answer that was lost is not to be had again."""
        return False

    def is_quota_spent(self, answer: Answer) -> bool:  # noqa: ARG002 - for overriding
        """Whether an answer says that nothing more will be had today, where its headers do not."""
        return False

    # --- inside -------------------------------------------------------------------------------------

    def _reading(self, name: str, *, by_id: bool = False) -> _Reading:
        if (name, by_id) not in self._readings:
            stream = self.source.streams.get(name)
            if stream is None:
                known = ", ".join(self.source.streams)
                raise UsageError(f"{self.source.name} has no stream {name!r}", hint=f"it has {known}", code="E252")
            stream = stream.by_id() if by_id else stream
            where = f"{self.source.name}/{name}"
            try:
                pages = self.paginator_of(stream)
                heads = HeadReader(stream.records, pages.wanted, pages.key)
            except ValueError as exc:
                raise UsageError(str(exc), hint="mend the stream in its directive", where=where, code="E254") from exc
            budget = self._budgets.of(stream.rate_limit or self.source.api.rate_limit)
            self._readings[name, by_id] = _Reading(name, stream, pages, heads, budget, self._judge(where))
        return self._readings[name, by_id]

    def _judge(self, where: str) -> Judge:
        return Judge(where, self._credentials, self.source.api.error_message, self._clock)

    def _place(self, reading: _Reading, resume: str | None, values: Values) -> Place:
        where = reading.judge.where
        place = kept(resume, where)
        if place is None:
            return self.start(reading.stream, values)
        if not reading.paginator.knows(place):
            raise UsageError(
                "the place to go on from is of another kind of paging",
                hint="read the stream from its beginning",
                where=where,
                code="E251",
            )
        return place

    async def _page(self, reading: _Reading, request: Request, place: Place, *, is_once: bool = False) -> _Opened:
        def accept(answer: Answer) -> _Opened:
            if answer.status in reading.stream.empty_status:
                return _Opened(nothing(reading.stream.records), Head(0, {}), 0, None)
            self._require_success(answer, reading.judge)
            return self._open(reading, answer.body, place)

        on_bad = self._bad_page_of(reading.name)
        return await self._asker.ask(request, reading.budget, reading.judge.where, accept, on_bad, is_once=is_once)

    def _bad_page_of(self, stream: str) -> Callable[[bytes, str], None] | None:
        return None if self._on_bad_page is None else partial(self._on_bad_page, stream)

    def _open(self, reading: _Reading, sent: bytes, place: Place) -> _Opened:
        try:
            body, head, mended = reading.heads.open(sent)
            after = reading.paginator.after(place, head)
        except NotAPageError as exc:
            said = reading.judge.own_words(sent) if reading.judge.words else ""
            reason = f"{exc}; it says: {said}" if said else str(exc)
            raise AskAgainError(reason, error=PageError, evidence=sent) from exc
        if mended and self._on_bad_page is not None:
            self._on_bad_page(reading.name, sent, f"{mended} halves of characters were replaced")
        return _Opened(body, head, mended, self._credentials.without_key(after) if isinstance(after, str) else after)

    def _require_success(self, answer: Answer, judge: Judge) -> None:
        if 200 <= answer.status < 300:
            return
        if self.is_quota_spent(answer):
            raise judge.quota_spent(answer, None)
        judge.refuse(answer)

    async def _first(self, reading: _Reading, values: Values) -> Request:
        """The stream's request before any paging, asked for the account's values where it names some."""
        stream = reading.stream
        if "account" not in values and _ASKS_ACCOUNT.search(encode([stream.path, stream.params, stream.body])):
            values = {**values, "account": await self.account()}
        try:
            return build(stream, values, self._origin.declared)
        except GtmError as exc:
            exc.where = exc.where or reading.judge.where
            raise

    async def _ask_account(self) -> dict[str, str]:
        wanted = dict(self.source.api.account)
        path = wanted.pop("path", None)
        if path is None:
            return {}
        judge = self._judge(f"{self.source.name}/{ACCOUNT}")

        def accept(answer: Answer) -> dict[str, str]:
            self._require_success(answer, judge)
            return extract(answer.body, wanted)

        request = Request("GET", f"{self._origin.declared}/{path.lstrip('/')}", {})
        budget = self._budgets.of(self.source.api.rate_limit)
        return await self._asker.ask(request, budget, judge.where, accept, self._bad_page_of(ACCOUNT))
