"""Intercom's door: who calls, in which version, how often they may, and what a path answers."""

import math
import re
import time
from collections.abc import Callable

from execution.sandbox.exchange import JSON, Header, Record, Reply, Request, encode
from execution.sandbox.intercom import errors, workspace
from execution.sandbox.intercom.attributes import definitions
from execution.sandbox.intercom.companies import company
from execution.sandbox.intercom.contacts import company_links, contact
from execution.sandbox.intercom.conversations import whole
from execution.sandbox.intercom.errors import Refusal, invalid, missing
from execution.sandbox.intercom.listings import Listings
from execution.sandbox.intercom.pages import IntercomPages
from execution.sandbox.intercom.roster import Contact, Roster, talk_key
from execution.sandbox.intercom.truth import truth_of
from execution.sandbox.intercom.view import Ids, View
from execution.sandbox.limits import Allowance, Window, scaled
from execution.sandbox.options import INTERCOM_TOKEN
from execution.sandbox.world import World
from execution.sandbox.world.support import Conversation

_PER_WINDOW, _WINDOW_S = 1_667, 10
"""10,000 a minute, counted in windows of ten seconds."""
_VERSIONS = {f"2.{minor}" for minor in range(17)} | {"1.0", "1.1", "1.2", "1.3", "1.4", "Unstable"}


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
        self._view = View(world, self._roster, Ids(world.seed))
        self._window = Window(scaled(_PER_WINDOW, speed), _WINDOW_S) if speed else None
        self._lists = lists = Listings(self._view, int(contact_lag_s), clock)
        routes: tuple[tuple[str, str, Callable[..., bytes]], ...] = (
            ("GET", r"/me", lambda _: encode(workspace.me(self._view))),
            ("GET", r"/admins", self._admins),
            ("GET", r"/tags", self._tags),
            ("GET", r"/data_attributes", self._attributes),
            ("GET", r"/contacts", lists.contacts),
            ("POST", r"/contacts/search", lists.search_contacts),
            ("GET", r"/contacts/([^/]+)", self._contact),
            ("GET", r"/contacts/([^/]+)/companies", self._companies_of),
            ("POST", r"/companies/list", lists.companies),
            ("GET", r"/companies/scroll", lists.scroll),
            ("GET", r"/conversations", lists.talks),
            ("POST", r"/conversations/search", lists.search_talks),
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

    def render_ahead(self) -> None:
        """Render everything that lists have and that is not rendered yet."""
        self._lists.render_ahead()

    def moved_on(self) -> None:
        """Who and what there is has to be laid out again."""
        self._roster.moved_on()

    def truth(self) -> Record:
        """Totals over everything there is, and per address."""
        return truth_of(self._world, self._roster)

    def contact(self, id_: str) -> int | None:
        """The number of a contact that is there now."""
        key = self._view.ids.contact_key(id_)
        return key if key is not None and self._roster.contact(key) is not None else None

    def conversation(self, id_: str) -> int | None:
        """The number of a conversation that is there now."""
        key = self._view.ids.talk_key(id_)
        return key if key is not None and self._roster.talk(key) is not None else None

    def conversation_id(self, talk: Conversation) -> str:
        """The id of a conversation."""
        return self._view.ids.talk(talk_key(talk))

    # --- the workspace ----------------------------------------------------------------------------

    def _admins(self, _request: Request) -> bytes:
        admins = [workspace.admin(self._view, member) for member in self._world.team]
        return encode({"type": "admin.list", "admins": admins})

    def _tags(self, _request: Request) -> bytes:
        return encode({"type": "list", "data": [workspace.tag(name) for name in workspace.TAGS]})

    def _attributes(self, request: Request) -> bytes:
        model = dict(request.params()).get("model")
        if model not in {None, "contact", "company", "conversation"}:
            raise invalid("model must be contact, company or conversation")
        return encode({"type": "list", "data": definitions(model)})

    # --- single things ----------------------------------------------------------------------------

    def _contact(self, _request: Request, id_: str) -> bytes:
        return encode(contact(self._view, self._found(id_)))

    def _found(self, id_: str) -> Contact:
        """The contact of an id. Raises Refusal (404)."""
        key = self._view.ids.contact_key(id_)
        there = None if key is None else self._roster.contact(key)
        if there is None:
            raise missing("User")
        return there

    def _companies_of(self, _request: Request, id_: str) -> bytes:
        there = self._found(id_)
        found = [company(self._view, there.person.account) for _ in company_links(self._view, there)]
        pages = {"type": "pages", "next": None, "page": 1, "per_page": 50, "total_pages": 1}
        return encode({"type": "list", "companies": found, "data": found, "pages": pages, "total_count": len(found)})

    def _talk(self, request: Request, id_: str) -> bytes:
        key = self.conversation(id_)
        talk = None if key is None else self._roster.talk(key)
        if talk is None:
            raise missing("Conversation")
        is_plain = dict(request.params()).get("display_as") == "plaintext"
        return encode(whole(self._view, talk, is_plain=is_plain))


def _rate_headers(allowance: Allowance) -> list[Header]:
    """The vendor's three; Reset is a time of day in unix seconds."""
    return [
        (b"x-ratelimit-limit", b"%d" % allowance.limit),
        (b"x-ratelimit-remaining", b"%d" % allowance.remaining),
        (b"x-ratelimit-reset", b"%d" % math.ceil(time.time() + allowance.reset_s)),
    ]
