"""HubSpot's door: who calls, how often they may, and what a path answers."""

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlencode

from execution.sandbox.exchange import JSON, Header, Record, Reply, Request, encode
from execution.sandbox.hubspot import errors
from execution.sandbox.hubspot.asking import offset_of, parse
from execution.sandbox.hubspot.errors import Refusal, invalid, missing
from execution.sandbox.hubspot.library import Library
from execution.sandbox.hubspot.pages import ORIGIN, HubspotPages
from execution.sandbox.hubspot.properties import BY_NAME, NAMES, definition, selected
from execution.sandbox.hubspot.quota import Quota
from execution.sandbox.hubspot.search import Searches
from execution.sandbox.hubspot.wire import contact_id, owner, owner_id, person_index
from execution.sandbox.options import HUBSPOT_TOKEN, HUBSPOT_UNSCOPED_TOKEN
from execution.sandbox.world import World, moments

MOST_PER_PAGE = 100
MOST_OWNERS = 500

_FOUNDED = 1_200 * moments.DAY


class Hubspot:
    """The vendor. `speed` multiplies its rate limits, 0 lifts them; `search_lag_s` is how far search lags behind."""

    name = "hubspot"

    def __init__(
        self, world: World, speed: float, search_lag_s: float = 0, render_ahead: Sequence[Sequence[str]] = ()
    ) -> None:
        self.shape = HubspotPages()
        self._world = world
        self._library = Library(world, render_ahead)
        self._searches = Searches(self._library.index, self._library.values)
        self._quota = Quota(speed) if speed else None
        self._lag = int(search_lag_s * moments.SECOND)
        routes: tuple[tuple[str, str, Callable[..., bytes]], ...] = (
            ("GET", r"/crm/v3/objects/contacts/?", self._list),
            ("POST", r"/crm/v3/objects/contacts/search/?", self._search),
            ("GET", r"/crm/v3/objects/contacts/([^/]+)", self._read),
            ("GET", r"/crm/v3/properties/contacts/?", self._definitions),
            ("GET", r"/crm/v3/properties/contacts/([^/]+)", self._definition),
            ("GET", r"/crm/v3/owners/?", self._owners),
            ("GET", r"/crm/v3/owners/([^/]+)", self._owner),
        )
        self._routes = tuple((method, re.compile(pattern), route) for method, pattern, route in routes)

    def answer(self, request: Request) -> Reply:
        """What HubSpot answers."""
        token = request.bearer()
        if token == HUBSPOT_UNSCOPED_TOKEN:
            return errors.unscoped("crm.objects.contacts.read")
        if token != HUBSPOT_TOKEN:
            return errors.failure(401)
        headers: list[Header] = []
        if self._quota is not None:
            headers, refused = self._quota.take(is_search=request.path.rstrip("/").endswith("/search"))
            if refused is not None:
                return refused
        try:
            return Reply(200, [JSON, *headers], self._routed(request))
        except Refusal as refusal:
            return Reply(refusal.status, [JSON, *headers], encode(refusal.body))

    def _routed(self, request: Request) -> bytes:
        for method, pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                return route(request, *match.groups())
        raise missing()

    def failure(self, status: int) -> Reply:
        """HubSpot's words for a status."""
        return errors.failure(status)

    def moved_on(self) -> None:
        """Catch up with the world."""
        self._library.moved_on()

    def truth(self) -> Record:
        """Contacts that are there and that were deleted, and the newest change among them."""
        index = self._library.index
        newest = max((index.modified[i] for i in index.live), default=None)
        return {
            "contacts": len(index.live),
            "archived": len(index.archived),
            "last_modified": None if newest is None else moments.iso_ms(newest),
            "owners": len(self._world.team),
        }

    def person(self, record: str) -> int | None:
        """The person of a record id, if there is one now."""
        index = person_index(int(record)) if record.isdecimal() else None
        return index if index is not None and index < len(self._library.index) else None

    # --- contacts ---------------------------------------------------------------------------------

    def _list(self, request: Request) -> bytes:
        params = _joined(request.params())
        index, limit = self._library.index, _limit(params, MOST_PER_PAGE, 10)
        there = index.archived if params.get("archived") == "true" else index.live
        after = params.get("after", "0")
        if not after.isdecimal():
            raise invalid(f"Invalid request: after must be a number, was {after}")
        # contacts are in the order of their ids: those after the last one read come next
        start = index.after(there, (int(after) - contact_id(0)) // (contact_id(1) - contact_id(0)))
        page = there[start : start + limit]
        more = b""
        if start + limit < len(there):
            last = str(contact_id(page[-1]))
            link = f"{ORIGIN}{request.path}?{urlencode({**params, 'after': last})}"
            more = b',"paging":' + encode({"next": {"after": last, "link": link}})
        return b"".join((b'{"results":[', *self._library.parts(page, _names(params)), b"]", more, b"}"))

    def _search(self, request: Request) -> bytes:
        search = parse(request.body)
        start = offset_of(search)
        found = self._searches.find(search, self._world.now - self._lag)
        page = found[start : start + search.limit]
        more = b""
        if start + search.limit < len(found) and search.limit:
            more = b',"paging":' + encode({"next": {"after": str(start + search.limit)}})
        parts = self._library.parts(page, selected(search.properties))
        return b"".join((b'{"total":%d,"results":[' % len(found), *parts, b"]", more, b"}"))

    def _read(self, request: Request, record: str) -> bytes:
        params = _joined(request.params())
        index = self._by_email(record) if params.get("idProperty") == "email" else self.person(record)
        if index is None:
            raise missing()
        edit = self._world.edits.people.get(index)
        while edit is not None and edit.merged_into is not None:
            # the id of a contact merged away answers with the one it became
            index = edit.merged_into
            edit = self._world.edits.people.get(index)
        contact = self._library.contact(index, _names(params))
        if contact["archived"] != (params.get("archived") == "true"):
            raise missing()
        return encode(contact)

    def _by_email(self, email: str) -> int | None:
        wanted = email.casefold()
        values = self._library.values
        return next((i for i in self._library.index.live if (values(i)["email"] or "").casefold() == wanted), None)

    # --- properties and owners --------------------------------------------------------------------

    def _definitions(self, request: Request) -> bytes:
        is_archived = _joined(request.params()).get("archived") == "true"
        return encode({"results": [] if is_archived else [definition(BY_NAME[name]) for name in NAMES]})

    def _definition(self, _request: Request, name: str) -> bytes:
        if name not in BY_NAME:
            raise missing()
        return encode(definition(BY_NAME[name]))

    def _owners(self, request: Request) -> bytes:
        params = _joined(request.params())
        limit, after = _limit(params, MOST_OWNERS, 100), params.get("after", "0")
        team = [] if params.get("archived") == "true" else self._world.team
        there = [
            owner(member, self._world.as_of - _FOUNDED)
            for member in team
            if owner_id(member.number) > int(after if after.isdecimal() else 0)
            and params.get("email", member.email).lower() == member.email
        ]
        page: Record = {"results": there[:limit]}
        if limit < len(there):
            page["paging"] = {"next": {"after": there[limit - 1]["id"]}}
        return encode(page)

    def _owner(self, _request: Request, owner_record: str) -> bytes:
        for member in self._world.team:
            if str(owner_id(member.number)) == owner_record:
                return encode(owner(member, self._world.as_of - _FOUNDED))
        raise missing()


def _joined(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters by name; those given several times, as lists may be, joined by commas."""
    params: dict[str, str] = {}
    for name, value in given:
        params[name] = f"{params[name]},{value}" if name in params else value
    return params


def _names(params: dict[str, str]) -> tuple[str, ...]:
    return selected(tuple(name.strip() for name in params.get("properties", "").split(",")))


def _limit(params: dict[str, str], most: int, default: int) -> int:
    text = params.get("limit", str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise invalid(f"Invalid request: limit must be between 1 and {most}, was {text}")
    return int(text)
