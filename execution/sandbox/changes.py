"""Moving the world on: days go by, and things happen that a test asks for."""

from typing import Annotated, Literal

import msgspec

from execution.errors import UsageError
from execution.sandbox.calendly.vendor import Calendly
from execution.sandbox.exchange import Record, Vendor
from execution.sandbox.hubspot.vendor import Hubspot
from execution.sandbox.intercom.vendor import Intercom
from execution.sandbox.stripe.vendor import Stripe
from execution.sandbox.world import World, moments
from execution.sandbox.world.accounts import FUTURE
from execution.sandbox.world.edits import BookingEdit, PersonEdit, RecordEdit
from execution.sandbox.world.meetings import BY_HAND, CHECK_IN, EVENT_TYPES, Booking, Meeting, Ref
from execution.sandbox.world.support import Conversation, Part


class Cancel(msgspec.Struct, tag_field="change", tag="cancel", forbid_unknown_fields=True):
    """An invitee's booking is called off now."""

    invitee: str
    by: str = "invitee"
    reason: str | None = None


class NoShow(msgspec.Struct, tag_field="change", tag="no_show", forbid_unknown_fields=True):
    """The host marks an invitee as a no-show now; or, with `mark` false, takes the mark back."""

    invitee: str
    mark: bool = True


class Book(msgspec.Struct, tag_field="change", tag="book", forbid_unknown_fields=True):
    """Somebody books a call now, at `start_time` (ISO 8601)."""

    email: str
    start_time: str
    name: str = ""
    event_type: Annotated[int, msgspec.Meta(ge=0, lt=len(EVENT_TYPES))] = CHECK_IN
    host: int = 0


class Contact(msgspec.Struct, tag_field="change", tag="contact", forbid_unknown_fields=True):
    """Properties of a CRM contact are set now; or, with `object`, of a company or deal."""

    id: str
    properties: dict[str, str | None]
    object: Literal["contacts", "companies", "deals"] = "contacts"


class Archive(msgspec.Struct, tag_field="change", tag="archive", forbid_unknown_fields=True):
    """A CRM contact is deleted now; or, with `object`, a company or deal."""

    id: str
    object: Literal["contacts", "companies", "deals"] = "contacts"


class Merge(msgspec.Struct, tag_field="change", tag="merge", forbid_unknown_fields=True):
    """One CRM contact is merged into another now: it vanishes, the other remembers its id."""

    id: str
    into: str


class BulkUpdate(msgspec.Struct, tag_field="change", tag="bulk_update", forbid_unknown_fields=True):
    """Every CRM contact is updated at one and the same moment, as an import or a workflow does."""


class Churn(msgspec.Struct, tag_field="change", tag="churn", forbid_unknown_fields=True):
    """The account of a Stripe customer leaves now: its subscription ends, and every other vendor shows it."""

    customer: str


class StopPaying(msgspec.Struct, tag_field="change", tag="stop_paying", forbid_unknown_fields=True):
    """From now on no charge of a Stripe customer succeeds, from the current invoice on."""

    customer: str


class DeleteCustomer(msgspec.Struct, tag_field="change", tag="delete_customer", forbid_unknown_fields=True):
    """A Stripe customer is deleted now."""

    customer: str


class Say(msgspec.Struct, tag_field="change", tag="say", forbid_unknown_fields=True):
    """An Intercom contact begins a conversation now, of so many `messages`; a `rating` closes it."""

    contact: str
    body: str
    messages: Annotated[int, msgspec.Meta(ge=1, le=2000)] = 1
    rating: Annotated[int, msgspec.Meta(ge=0, le=5)] = 0


class Forget(msgspec.Struct, tag_field="change", tag="forget", forbid_unknown_fields=True):
    """An Intercom contact is archived, or merged into another, now: either way it vanishes without a trace."""

    contact: str


Change = (
    Cancel | NoShow | Book | Contact | Archive | Merge | BulkUpdate | Churn | StopPaying | DeleteCustomer | Say | Forget
)


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    """`days` go by, then the changes happen in order."""

    days: Annotated[float, msgspec.Meta(ge=0)] = 0
    changes: list[Change] = msgspec.field(default_factory=list)


class Changes:
    """Applies them to a world and tells its vendors."""

    def __init__(self, world: World, vendors: dict[str, Vendor]) -> None:
        self._world = world
        self._vendors = vendors

    def advance(self, asked: object) -> Record:
        """Move on; the new moment, and the URIs of meetings that were booked. Raises UsageError, changing nothing
        where the request itself is wrong."""
        try:
            advance = msgspec.convert(asked, Advance)
        except msgspec.ValidationError as error:
            raise UsageError(
                f"advance: {error}", hint='{"days": 1} or {"changes": [{"change": "cancel", …}]}'
            ) from error
        now = self._world.now + int(advance.days * moments.DAY)
        if now > self._world.as_of + FUTURE:
            raise UsageError("advance: the story ends 400 days after as_of", hint="start with a later as_of")
        # each call happens a second after the last, so that what it changes is newer than what was read before it
        self._world.now = now + moments.SECOND
        try:
            done = [self._apply(change) for change in advance.changes]
        finally:
            for vendor in self._vendors.values():
                vendor.moved_on()
        return {"now": moments.iso_us(self._world.now), "changes": done}

    def _apply(self, change: Change) -> Record:  # noqa: C901 - one case per kind of change
        now = self._world.now
        match change:
            case Cancel(invitee=uri, by=by, reason=reason):
                edit = self._booking(uri)
                edit.canceled_at, edit.canceled_by, edit.reason = now, by, reason
                return {"invitee": uri}
            case NoShow(invitee=uri, mark=mark):
                self._booking(uri).no_show_at = now if mark else moments.NEVER
                return {"invitee": uri}
            case Book():
                return self._book(change)
            case Contact(id=record, properties=properties, object=kind):
                changed = self._record(kind, record)
                changed.changed_at = now
                changed.properties.update(properties)
                return {"id": record}
            case Archive(id=record, object=kind):
                self._record(kind, record).archived_at = now
                return {"id": record}
            case Merge(id=contact, into=winner):
                return self._merge(contact, winner)
            case BulkUpdate():
                self._world.edits.bulk_at = now - now % moments.MILLISECOND
                return {}
            case Churn(customer=customer) | StopPaying(customer=customer) | DeleteCustomer(customer=customer):
                self._of_customer(change, customer)
                return {"customer": customer}
            case Say():
                return self._say(change)
            case Forget(contact=messenger):
                self._world.edits.contact(self._messenger(messenger)).gone_at = now
                return {"contact": messenger}

    def _booking(self, uri: str) -> BookingEdit:
        calendly = self._vendors.get("calendly")
        found = calendly.booking(uri) if isinstance(calendly, Calendly) else None
        if found is None:
            raise UsageError(f"advance: there is no invitee {uri}", hint="take the URI of an invitee that was listed")
        return self._world.edits.booking(found[0].ref, found[1])

    def _record(self, kind: str, record: str) -> PersonEdit | RecordEdit:
        if kind == "contacts":
            return self._world.edits.person(self._person(record))
        hubspot = self._vendors.get("hubspot")
        number = hubspot.number(kind, record) if isinstance(hubspot, Hubspot) else None
        if number is None:
            raise UsageError(f"advance: {kind} have no record {record}", hint="take the id of one that was listed")
        return self._world.edits.record(kind, number)

    def _of_customer(self, change: Change, customer: str) -> None:
        stripe = self._vendors.get("stripe")
        thing = stripe.customer(customer) if isinstance(stripe, Stripe) else None
        if thing is None or thing.number:
            raise UsageError(f"advance: there is no customer {customer}", hint="take the id of one with a subscription")
        edit, now = self._world.edits.account(thing.account), self._world.now
        match change:
            case Churn():
                edit.churned_at = min(edit.churned_at, now)
            case StopPaying():
                edit.fails_from = min(edit.fails_from, now)
            case _:
                edit.deleted_at = min(edit.deleted_at, now)
        self._world.forget()

    def _messenger(self, contact: str) -> int:
        intercom = self._vendors.get("intercom")
        key = intercom.contact(contact) if isinstance(intercom, Intercom) else None
        if key is None:
            raise UsageError(f"advance: Intercom has no contact {contact}", hint="take the id of one that was listed")
        return key

    def _say(self, change: Say) -> Record:
        now, person = self._world.now, self._world.person(self._messenger(change.contact) // 2)
        lines = [Part(now, "user", "comment", f"{change.body} ({turn})") for turn in range(2, change.messages + 1)]
        closed = [Part(now, "admin", "close", None)] if change.rating else []
        said = self._world.edits.account(person.account).said
        said.append(
            Conversation(
                person.account, 0, person.number, now, "question", "conversation", "", change.body,
                (*lines, *closed), 0, change.rating, now if change.rating else moments.NEVER, None,
            )
        )  # fmt: skip
        self._world.forget()
        intercom = self._vendors["intercom"]
        assert isinstance(intercom, Intercom)  # noqa: S101 - the contact was found in it
        return {"conversation": intercom.conversation_id(self._world.conversations(person.account)[-1])}

    def _person(self, contact: str) -> int:
        hubspot = self._vendors.get("hubspot")
        index = hubspot.person(contact) if isinstance(hubspot, Hubspot) else None
        if index is None:
            raise UsageError(f"advance: there is no contact {contact}", hint="take the id of a contact that was listed")
        return index

    def _book(self, change: Book) -> Record:
        start = moments.parse(change.start_time)
        if start is None:
            raise UsageError(f"advance: {change.start_time!r} is no time", hint="2026-01-01T09:00:00Z")
        booked = self._world.edits.booked
        booking = Booking(None, change.email, change.name or change.email, "Etc/UTC", self._world.now)
        host = change.host % len(self._world.team)
        start -= start % moments.MINUTE
        booked.append(Meeting(Ref(BY_HAND, len(booked), 0), change.event_type, start, host, (), (), 2, (booking,)))
        calendly = self._vendors.get("calendly")
        return calendly.uris(booked[-1]) if isinstance(calendly, Calendly) else {}

    def _merge(self, contact: str, winner: str) -> Record:
        loser, into = self._person(contact), self._person(winner)
        if loser == into:
            raise UsageError("advance: a contact cannot be merged into itself", hint="name two contacts")
        self._world.edits.person(loser).merged_into = into
        kept = self._world.edits.person(into)
        kept.merged_from.append(loser)
        kept.changed_at = self._world.now
        return {"id": winner}
