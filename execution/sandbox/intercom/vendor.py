"""Intercom's door: who calls, in which version, how often they may, and what a path answers."""

import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from execution.sandbox.exchange import JSON, Header, Record, Reply, Request, encode
from execution.sandbox.intercom import asking, errors
from execution.sandbox.intercom.attributes import definitions
from execution.sandbox.intercom.errors import Refusal, invalid, missing
from execution.sandbox.intercom.pages import IntercomPages
from execution.sandbox.intercom.roster import Roster, talk_key
from execution.sandbox.intercom.scroll import Scroll
from execution.sandbox.intercom.search import Page, Searches, Source
from execution.sandbox.intercom.truth import truth_of
from execution.sandbox.intercom.wire import TAGS, TIMEZONE, Wire
from execution.sandbox.limits import Allowance, Window, scaled
from execution.sandbox.options import INTERCOM_TOKEN
from execution.sandbox.shelf import Shelf
from execution.sandbox.world import World
from execution.sandbox.world.moments import SECOND
from execution.sandbox.world.support import Conversation

_PER_WINDOW, _WINDOW_S = 1_667, 10
"""10,000 a minute, counted in windows of ten seconds."""
_MOST_COMPANIES = 10_000
_CONTACTS, _TALKS, _COMPANIES = 50, 20, 20
"""How many a page has where nothing is asked for."""
_VERSIONS = {f"2.{minor}" for minor in range(17)} | {"1.0", "1.1", "1.2", "1.3", "1.4", "Unstable"}
_NOT_LATER = (1 << 31) - 1


class Intercom:
    """The vendor. `speed` multiplies its rate limit, 0 lifts it; `contact_lag_s` is how long a new contact stays
    unseen by search; `clock` is what a scroll's minute is counted by."""

    name = "intercom"

    def __init__(
        self, world: World, speed: float, contact_lag_s: float = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.shape = IntercomPages()
        self._world = world
        self._roster = Roster(world)
        self._wire = Wire(world, self._roster)
        self._shelf = Shelf()
        self._scroll = Scroll(clock)
        self._lag_s = int(contact_lag_s)
        self._window = Window(scaled(_PER_WINDOW, speed), _WINDOW_S) if speed else None
        roster, dates = self._roster, frozenset(n for n, kind in asking.CONTACT_FIELDS.items() if kind == "date")
        contacts = Source(
            roster.contacts, lambda key: (roster.created_s(key), roster.updated_s(key)), self._contact_record, dates
        )
        talks = Source(roster.talks, roster.talk_times, self._talk_record, frozenset())
        self._contacts = Searches(contacts, TIMEZONE, lambda: roster.version)
        self._talks = Searches(talks, TIMEZONE, lambda: roster.version)
        routes: tuple[tuple[str, str, Callable[..., bytes]], ...] = (
            ("GET", r"/me", lambda _: encode(self._wire.me())),
            ("GET", r"/admins", self._admins),
            ("GET", r"/tags", lambda _: encode({"type": "list", "data": [self._wire.tag(name) for name in TAGS]})),
            ("GET", r"/data_attributes", self._attributes),
            ("GET", r"/contacts", self._list_contacts),
            ("POST", r"/contacts/search", self._search_contacts),
            ("GET", r"/contacts/([^/]+)", self._contact),
            ("GET", r"/contacts/([^/]+)/companies", self._companies_of),
            ("POST", r"/companies/list", self._list_companies),
            ("GET", r"/companies/scroll", self._scroll_companies),
            ("GET", r"/conversations", self._list_talks),
            ("POST", r"/conversations/search", self._search_talks),
            ("GET", r"/conversations/([^/]+)", self._talk),
        )
        self._routes = tuple((method, re.compile(pattern), route) for method, pattern, route in routes)

    def answer(self, request: Request) -> Reply:
        """What Intercom answers."""
        if request.bearer() != INTERCOM_TOKEN:
            return errors.failure(401)
        headers: list[Header] = []
        if self._window is not None:
            allowance = self._window.take()
            headers = _rate_headers(allowance)
            if not allowance.granted:
                return errors.failure(429, headers)
        try:
            return Reply(200, [JSON, *headers], self._routed(request))
        except Refusal as refusal:
            return Reply(refusal.status, [JSON, *headers], encode(refusal.body))

    def _routed(self, request: Request) -> bytes:
        version = request.headers.get(b"intercom-version", b"2.14").decode("latin-1")
        if version not in _VERSIONS:
            raise invalid("The requested version could not be found", "intercom_version_invalid")
        for method, pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                return route(request, *match.groups())
        raise missing("Resource")

    def failure(self, status: int) -> Reply:
        """Intercom's words for a status."""
        return errors.failure(status)

    def moved_on(self) -> None:
        """What was rendered is of another moment."""
        self._roster.moved_on()
        self._shelf.clear()

    def truth(self) -> Record:
        """Totals over everything there is, and per address."""
        return truth_of(self._world, self._roster)

    def contact(self, id_: str) -> int | None:
        """The number of a contact that is there now."""
        key = self._wire.contact_key(id_)
        return key if key is not None and self._roster.contact(key) is not None else None

    def conversation_id(self, conversation: Conversation) -> str:
        """The id of a conversation."""
        return self._wire.talk_id(talk_key(conversation))

    # --- the workspace ----------------------------------------------------------------------------

    def _admins(self, _request: Request) -> bytes:
        return encode({"type": "admin.list", "admins": [self._wire.admin(member) for member in self._world.team]})

    def _attributes(self, request: Request) -> bytes:
        model = dict(request.params()).get("model")
        if model not in {None, "contact", "company", "conversation"}:
            raise invalid("model must be contact, company or conversation")
        return encode({"type": "list", "data": definitions(model)})

    # --- contacts ---------------------------------------------------------------------------------

    def _contact_record(self, key: int) -> Record:
        contact = self._roster.contact(key)
        assert contact is not None  # noqa: S101 - the roster gave the number
        return self._wire.contact(contact)

    def _contact_text(self, key: int) -> bytes:
        return encode(self._contact_record(key))

    def _list_contacts(self, request: Request) -> bytes:
        per_page, cursor = _cursor_of(dict(request.params()), _CONTACTS)
        return self._contact_page(self._contacts.page(None, per_page, cursor, _NOT_LATER), per_page)

    def _search_contacts(self, request: Request) -> bytes:
        search = asking.parse(request.body, asking.CONTACT_FIELDS)
        per_page = search.pagination.per_page or _CONTACTS
        until = self._world.now // SECOND - self._lag_s if self._lag_s else _NOT_LATER
        return self._contact_page(
            self._contacts.page(search, per_page, search.pagination.starting_after, until), per_page
        )

    def _contact_page(self, page: Page, per_page: int) -> bytes:
        texts = [self._shelf.text(("contact", key), partial(self._contact_text, key)) for key in page.keys]
        return _page(b'{"type":"list","data":[', texts, page, per_page)

    def _contact(self, _request: Request, id_: str) -> bytes:
        key = self.contact(id_)
        if key is None:
            raise missing("User")
        return encode(self._contact_record(key))

    def _companies_of(self, _request: Request, id_: str) -> bytes:
        key = self.contact(id_)
        if key is None:
            raise missing("User")
        account = self._world.person(key // 2).account
        companies = self._contact_record(key)["companies"]["data"]
        found = [self._wire.company(account) for _ in companies]
        pages = {"type": "pages", "next": None, "page": 1, "per_page": 50, "total_pages": 1}
        return encode({"type": "list", "companies": found, "data": found, "pages": pages, "total_count": len(found)})

    # --- companies --------------------------------------------------------------------------------

    def _list_companies(self, request: Request) -> bytes:
        """Pages by number, up to the ten-thousandth company."""
        params = {**dict(request.params()), **_body_of(request)}
        page, per_page = _whole(params, "page", 1), _whole(params, "per_page", _COMPANIES)
        if per_page > asking.MOST_PER_PAGE:
            raise invalid(f"per_page must be between 1 and {asking.MOST_PER_PAGE}")
        if page * per_page > _MOST_COMPANIES:
            raise invalid("page limit reached, please use scroll API", "page_limit_reached")
        there = self._roster.companies()
        if params.get("order") == "asc":
            there = there[::-1]
        start, last = (page - 1) * per_page, -(-len(there) // per_page)
        following = None if start + per_page >= len(there) else {"per_page": per_page, "starting_after": None}
        pages = {"type": "pages", "next": following, "page": page, "per_page": per_page, "total_pages": last}
        data = [self._wire.company(number) for number in there[start : start + per_page]]
        return encode({"type": "list", "data": data, "pages": pages, "total_count": len(there)})

    def _scroll_companies(self, request: Request) -> bytes:
        given = dict(request.params()).get("scroll_param")
        param, page = self._scroll.next(given or None, self._roster.companies)
        data = [self._wire.company(number) for number in page]
        return encode({"type": "list", "data": data, "pages": None, "total_count": None, "scroll_param": param})

    # --- conversations ----------------------------------------------------------------------------

    def _talk_record(self, key: int) -> Record:
        talk = self._roster.talk(key)
        assert talk is not None  # noqa: S101 - the roster gave the number
        return self._wire.talk(talk)

    def _talk_text(self, key: int) -> bytes:
        return encode(self._talk_record(key))

    def _list_talks(self, request: Request) -> bytes:
        per_page, cursor = _cursor_of(dict(request.params()), _TALKS)
        return self._talk_page(self._talks.page(None, per_page, cursor, _NOT_LATER), per_page)

    def _search_talks(self, request: Request) -> bytes:
        search = asking.parse(request.body, asking.TALK_FIELDS)
        per_page = search.pagination.per_page or _TALKS
        return self._talk_page(
            self._talks.page(search, per_page, search.pagination.starting_after, _NOT_LATER), per_page
        )

    def _talk_page(self, page: Page, per_page: int) -> bytes:
        texts = [self._shelf.text(("talk", key), partial(self._talk_text, key)) for key in page.keys]
        return _page(b'{"type":"conversation.list","conversations":[', texts, page, per_page)

    def _talk(self, request: Request, id_: str) -> bytes:
        key = self._wire.talk_key(id_)
        talk = None if key is None else self._roster.talk(key)
        if talk is None:
            raise missing("Conversation")
        is_plain = dict(request.params()).get("display_as") == "plaintext"
        return encode(self._wire.whole_talk(talk, is_plain=is_plain))


def _rate_headers(allowance: Allowance) -> list[Header]:
    """The vendor's three; Reset is a time of day in unix seconds."""
    return [
        (b"x-ratelimit-limit", b"%d" % allowance.limit),
        (b"x-ratelimit-remaining", b"%d" % allowance.remaining),
        (b"x-ratelimit-reset", b"%d" % math.ceil(time.time() + allowance.reset_s)),
    ]


def _page(head: bytes, texts: Sequence[bytes], page: Page, per_page: int) -> bytes:
    following = None if page.following is None else {"per_page": per_page, "starting_after": page.following}
    pages: Record = {
        "type": "pages", "page": page.number, "per_page": per_page, "total_pages": -(-page.total // per_page),
    }  # fmt: skip
    if following is not None:
        pages["next"] = following
    return b"".join((head, b",".join(texts), b'],"total_count":%d,"pages":' % page.total, encode(pages), b"}"))


def _cursor_of(params: Mapping[str, str], default: int) -> tuple[int, str | None]:
    per_page = _whole(params, "per_page", default)
    if per_page > asking.MOST_PER_PAGE:
        raise invalid(f"per_page must be between 1 and {asking.MOST_PER_PAGE}")
    return per_page, params.get("starting_after") or None


def _whole(params: Mapping[str, object], name: str, default: int) -> int:
    text = str(params.get(name, default))
    if not text.isdecimal() or int(text) < 1:
        raise invalid(f"{name} must be a whole number from 1 on")
    return int(text)


def _body_of(request: Request) -> dict[str, object]:
    """The paging that some clients send in the body of /companies/list."""
    try:
        return msgspec.json.decode(request.body, type=dict[str, object]) if request.body.strip() else {}
    except msgspec.MsgspecError as error:
        raise invalid("the body is no JSON object") from error
