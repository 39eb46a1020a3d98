"""Stripe's door: who calls, in which version, how often they may, and what a path answers."""

import re
from base64 import b64decode
from binascii import Error as NoBase64
from itertools import count

from execution.sandbox.exchange import JSON, Header, Record, Reply, Request, encode, json_reply
from execution.sandbox.limits import Window, scaled
from execution.sandbox.options import STRIPE_API_KEY
from execution.sandbox.stripe import errors
from execution.sandbox.stripe.catalogue import catalogue_object, catalogue_page
from execution.sandbox.stripe.errors import Refusal, missing, no_such_url
from execution.sandbox.stripe.events import API_VERSION, RETENTION
from execution.sandbox.stripe.index import Index
from execution.sandbox.stripe.listings import KINDS, Listings
from execution.sandbox.stripe.objects import Objects
from execution.sandbox.stripe.pages import StripePages
from execution.sandbox.stripe.params import asked, expanded
from execution.sandbox.stripe.things import CUSTOMER, EVENT, Ids, Thing
from execution.sandbox.stripe.truth import truth_of
from execution.sandbox.world import World

BASIL = "2025-03-31"
_PER_SECOND = 100
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?")
_PATH = re.compile(r"(?:/v1)?/([a-z_]+)(?:/([^/]+))?")
_CATALOGUE = ("products", "prices")

_numbers = count(1)


class Stripe:
    """The vendor. `speed` multiplies its rate limit; 0 lifts it."""

    name = "stripe"

    def __init__(self, world: World, speed: float) -> None:
        self.shape = StripePages()
        self._world = world
        self._index = Index(world)
        self._objects = Objects(world, self._index, Ids(world.seed))
        self._listings = Listings(world, self._index, self._objects)
        self._window = Window(scaled(_PER_SECOND, speed), 1) if speed else None
        self._edits = 0

    def answer(self, request: Request) -> Reply:
        """What Stripe answers."""
        key = _key(request)
        if key != STRIPE_API_KEY:
            return errors.unauthorized(key)
        if self._window is not None and not self._window.take().granted:
            return errors.too_many()
        version = request.headers.get(b"stripe-version", API_VERSION.encode()).decode("latin-1")
        headers: list[Header] = [
            (b"request-id", b"req_%014d" % next(_numbers)),
            (b"stripe-version", version.encode("latin-1")),
        ]
        try:
            return Reply(200, [JSON, *headers], self._routed(request, basil=_is_basil(version)))
        except Refusal as refusal:
            return json_reply(refusal.status, refusal.body, headers)

    def _routed(self, request: Request, *, basil: bool) -> bytes:
        match = _PATH.fullmatch(request.path)
        if match is None or request.method != "GET" or match[1] not in {*KINDS, *_CATALOGUE}:
            raise no_such_url(request.method, request.path)
        resource, id_ = match.groups()
        if id_ is not None:
            return encode(self._read(resource, id_, request, basil=basil))
        wanted = asked(resource, request.params())
        if resource in _CATALOGUE:
            records, has_more = catalogue_page(resource, wanted)
            return _page(resource, self._expanded(records, wanted.expand, basil=basil), has_more)
        kind = KINDS[resource]
        things, has_more = self._listings.page(kind, wanted)
        if wanted.expand:
            records = [self._objects.render(kind, thing, basil=basil) for thing in things]
            return _page(resource, self._expanded(records, wanted.expand, basil=basil), has_more)
        return _page(resource, [self._objects.text(kind, thing, basil=basil) for thing in things], has_more)

    def _expanded(self, records: list[Record], paths: tuple[str, ...], *, basil: bool) -> list[bytes]:
        page = self._objects.expanded({"data": records}, paths, basil=basil)
        return [encode(record) for record in page["data"]]

    def _read(self, resource: str, id_: str, request: Request, *, basil: bool) -> Record:
        paths = expanded(request.params())
        record = catalogue_object(id_) if resource in _CATALOGUE else self._single(KINDS[resource], id_, basil=basil)
        if record is None:
            raise missing(resource.removesuffix("s"), id_)
        return self._objects.expanded(record, paths, basil=basil)

    def _single(self, kind: str, id_: str, *, basil: bool) -> Record | None:
        thing = self._objects.find(kind, id_)
        if thing is None:
            return None
        if kind == EVENT and self._index.made_at(kind, thing) < self._world.now - RETENTION:
            return None
        return self._objects.render(kind, thing, basil=basil)

    def failure(self, status: int) -> Reply:
        """Stripe's words for a status."""
        return errors.failure(status)

    def render_ahead(self) -> None:
        """Render everything in the account's own version that is not rendered yet."""
        for kind in KINDS.values():
            for thing in self._index.there(kind):
                self._objects.text(kind, thing, basil=False)

    def moved_on(self) -> None:
        """Notice that time went by, or that accounts were edited."""
        self._index.moved_on()
        if self._world.edits.version != self._edits:
            self._edits = self._world.edits.version
            self._index.forget()
            self._objects.forget()

    def truth(self) -> Record:
        """Totals over every account, and per address."""
        return truth_of(self._world, len(self._index.order(EVENT)))

    def customer(self, id_: str) -> Thing | None:
        """The customer of an id, if it exists now."""
        return self._objects.find(CUSTOMER, id_)


def _is_basil(version: str) -> bool:
    if not _VERSION.fullmatch(version):
        raise Refusal(400, errors.body(f"Invalid Stripe API version: {version}"))
    return version[:10] >= BASIL


def _page(resource: str, parts: list[bytes], has_more: bool) -> bytes:  # noqa: FBT001 - the envelope's own field
    tail = b'],"has_more":%b,"url":"/v1/%b"}' % (b"true" if has_more else b"false", resource.encode())
    return b"".join((b'{"object":"list","data":[', b",".join(parts), tail))


def _key(request: Request) -> str | None:
    """The key, sent as a token or as the user of basic authentication."""
    scheme, _, text = request.headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "basic":
        return request.bearer()
    try:
        return b64decode(text, validate=True).decode("latin-1").partition(":")[0]
    except NoBase64:
        return None
