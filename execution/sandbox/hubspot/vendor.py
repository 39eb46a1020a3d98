"""HubSpot's door: who calls, how often they may, and what a path answers."""

import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote

from execution.sandbox.exchange import JSON, Header, Record, Reply, Request, encode
from execution.sandbox.hubspot import errors, kinds
from execution.sandbox.hubspot.associations import Associations
from execution.sandbox.hubspot.collection import Answer, Collection
from execution.sandbox.hubspot.companies import CompanyWire
from execution.sandbox.hubspot.deals import DealWire
from execution.sandbox.hubspot.errors import Refusal, missing
from execution.sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS, KINDS
from execution.sandbox.hubspot.library import Library
from execution.sandbox.hubspot.owners import Owners
from execution.sandbox.hubspot.pages import HubspotPages
from execution.sandbox.hubspot.params import joined
from execution.sandbox.hubspot.pipelines import pipelines
from execution.sandbox.hubspot.properties import definition
from execution.sandbox.hubspot.quota import Quota
from execution.sandbox.hubspot.records import Records
from execution.sandbox.hubspot.truth import truth_of
from execution.sandbox.options import HUBSPOT_TOKEN, HUBSPOT_UNSCOPED_TOKEN
from execution.sandbox.world import World, moments

_AGE = 1_200 * moments.DAY
_OBJECTS = r"/crm/v3/objects/(contacts|companies|deals|0-[123])"


class Hubspot:
    """The vendor. `speed` multiplies its rate limits, 0 lifts them; `search_lag_s` is how far search lags behind;
    `associations_page` is how many associations of one record come at once; `daily_limit` how many requests a day."""

    name = "hubspot"

    def __init__(
        self,
        world: World,
        speed: float,
        search_lag_s: float = 0,
        render_ahead: Sequence[Sequence[str]] = (),
        associations_page: int = 500,
        daily_limit: int | None = None,
    ) -> None:
        self.shape = HubspotPages()
        self._world = world
        self._quota = Quota(speed, daily_limit) if speed or daily_limit else None
        self._founded = world.as_of - _AGE
        lag = int(search_lag_s * moments.SECOND)
        self._contacts = Library(world, render_ahead)
        deals = DealWire(world)
        libraries: tuple[kinds.Library, ...] = (
            self._contacts,
            Records(world, CompanyWire(world, deals)),
            Records(world, deals),
        )
        self._collections = {
            kind.name: Collection(world, kind, library, lag)
            for kind, library in zip((CONTACTS, COMPANIES, DEALS), libraries, strict=True)
        }
        self._collections["contacts"].resolve = self._resolved
        associations = Associations(world, self._collections, associations_page)
        owners = Owners(world, self._founded)
        routes: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
            ("GET", _OBJECTS + "/?", lambda request, kind: self._of(kind).list(request)),
            ("POST", _OBJECTS + "/search/?", lambda request, kind: self._of(kind).search(request)),
            ("POST", _OBJECTS + "/batch/read/?", lambda request, kind: self._of(kind).read_many(request)),
            ("GET", _OBJECTS + "/([^/]+)", lambda request, kind, record: self._of(kind).read(request, record)),
            ("PATCH", _OBJECTS + "/([^/]+)", self._update),
            ("POST", r"/crm/v4/associations/([^/]+)/([^/]+)/batch/read/?", associations.read_many),
            ("GET", r"/crm/v4/objects/([^/]+)/([^/]+)/associations/([^/]+)/?", associations.read),
            ("GET", r"/crm/v3/properties/([^/]+)/?", self._definitions),
            ("GET", r"/crm/v3/properties/([^/]+)/([^/]+)", self._definition),
            ("GET", r"/crm/v3/pipelines/([^/]+)/?", self._pipelines),
            ("GET", r"/crm/v3/pipelines/([^/]+)/([^/]+)", self._pipeline),
            ("GET", r"/crm/v3/owners/?", owners.list),
            ("GET", r"/crm/v3/owners/([^/]+)", owners.read),
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
            status, body = self._routed(request)
            return Reply(status, [JSON, *headers], body)
        except Refusal as refusal:
            return Reply(refusal.status, [JSON, *headers], encode(refusal.body))

    def _routed(self, request: Request) -> Answer:
        for method, pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                return route(request, *match.groups())
        raise missing()

    def _of(self, kind: str) -> Collection:
        """The collection that a path names; raises Refusal (404)."""
        if kind not in KINDS:
            raise missing()
        return self._collections[KINDS[kind].name]

    def failure(self, status: int) -> Reply:
        """HubSpot's words for a status."""
        return errors.failure(status)

    def render_ahead(self) -> None:
        """Render every record that is not rendered yet."""
        for collection in self._collections.values():
            collection.library.render_ahead()

    def moved_on(self) -> None:
        """Catch up with the world."""
        for collection in self._collections.values():
            collection.library.moved_on()

    def truth(self) -> Record:
        """Records that are there and that were deleted, the newest change among contacts, and the deals' sums."""
        return truth_of(self._world, {name: one.library for name, one in self._collections.items()})

    def number(self, kind: str, record: str) -> int | None:
        """The number of a record id, if there is one now."""
        return self._collections[kind].number(record)

    # --- contacts ---------------------------------------------------------------------------------

    def _resolved(self, record: str, params: dict[str, str]) -> int | None:
        """The person of a contact's id or address; the id of a contact merged away answers with what it became."""
        index = self._by_email(record) if params.get("idProperty") == "email" else self.number("contacts", record)
        if index is None:
            return None
        edit = self._world.edits.people.get(index)
        while edit is not None and edit.merged_into is not None:
            index = edit.merged_into
            edit = self._world.edits.people.get(index)
        return index

    def _by_email(self, email: str) -> int | None:
        wanted = email.casefold()
        values = self._contacts.values
        return next((i for i in self._contacts.index.live if (values(i)["email"] or "").casefold() == wanted), None)

    # --- properties and pipelines -----------------------------------------------------------------

    def _update(self, request: Request, kind: str, record: str) -> Answer:
        """PATCH of one: the properties named are set now."""
        collection = self._of(kind)
        number = collection.resolve(unquote(record), joined(request.params()))
        if number is None or not collection.is_live(number):
            raise missing()
        edits = self._world.edits
        name = collection.kind.name
        edit = edits.person(number) if name == "contacts" else edits.record(name, number)
        edit.properties.update(collection.changed(request))
        edit.changed_at = self._world.now
        self.moved_on()
        return 200, encode(collection.library.record(number, collection.kind.selected(())))

    def _definitions(self, request: Request, name: str) -> Answer:
        kind, is_archived = self._of(name).kind, joined(request.params()).get("archived") == "true"
        names = () if is_archived else kind.names
        return 200, encode({"results": [definition(kind.by_name[one], kind.group) for one in names]})

    def _definition(self, _request: Request, name: str, property_: str) -> Answer:
        kind = self._of(name).kind
        if property_ not in kind.by_name:
            raise missing()
        return 200, encode(definition(kind.by_name[property_], kind.group))

    def _pipelines(self, _request: Request, name: str) -> Answer:
        return 200, encode({"results": self._pipelines_of(name)})

    def _pipeline(self, _request: Request, name: str, pipeline: str) -> Answer:
        for one in self._pipelines_of(name):
            if one["id"] == pipeline:
                return 200, encode(one)
        raise missing()

    def _pipelines_of(self, name: str) -> list[Record]:
        return pipelines(self._founded) if self._of(name).kind is DEALS else []
