"""Calendly's URIs. A UUID of ours holds what it names, masked by a keyed hash that also guards it against guesses:
any thing is found from its URI without a table of all things."""

from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from execution.sandbox.world.meetings import Ref

ORIGIN = "https://api.calendly.com"

ORGANIZATION, USER, MEMBERSHIP, EVENT_TYPE, EVENT, INVITEE, NO_SHOW = range(1, 8)

_PATHS = {
    ORGANIZATION: "organizations",
    USER: "users",
    MEMBERSHIP: "organization_memberships",
    EVENT_TYPE: "event_types",
    EVENT: "scheduled_events",
    NO_SHOW: "invitee_no_shows",
}


_LOW = 0xFFFF_FFFF_FFFF_FFFF


def _spread(mask: int) -> int:
    return mask * 0x9E37_79B9_7F4A_7C15 & _LOW


class Named(NamedTuple):
    """What a UUID names: for users and the like `group` alone counts; `booking` numbers an invitee of a meeting."""

    series: int
    group: int
    number: int
    booking: int

    @property
    def ref(self) -> Ref:
        return Ref(self.series, self.group, self.number)


class Uuids:
    """The UUIDs of one world."""

    def __init__(self, seed: int) -> None:
        self._key = b"%d" % seed
        self.uri = lru_cache(1024)(self._uri)

    def of(self, kind: int, index: int, ref: Ref | None = None, booking: int = 0) -> str:
        """The UUID of a thing of this kind: of meeting `ref` (and its `booking`), or else number `index`."""
        series, index, number = ref or (0, index, 0)
        payload = (((kind << 4 | series) << 32 | index) << 16 | number) << 8 | booking
        mask = self._mask(payload)
        return str(UUID(int=(payload ^ _spread(mask)) << 64 | mask))

    def read(self, kind: int, text: str) -> Named | None:
        """What `text` names, or None where it is no UUID of this kind and world."""
        try:
            value = UUID(text).int
        except ValueError:
            return None
        mask = value & _LOW
        payload = value >> 64 ^ _spread(mask)
        if self._mask(payload) != mask or payload >> 60 != kind:
            return None
        return Named(payload >> 56 & 0xF, payload >> 24 & 0xFFFF_FFFF, payload >> 8 & 0xFFFF, payload & 0xFF)

    def _mask(self, payload: int) -> int:
        digest = blake2b(payload.to_bytes(8, "big"), key=self._key, digest_size=8).digest()
        return int.from_bytes(digest, "big")

    def _uri(self, kind: int, index: int = 0) -> str:
        """The URI of an organization, user, membership or event type."""
        return f"{ORIGIN}/{_PATHS[kind]}/{self.of(kind, index)}"

    def event(self, ref: Ref) -> str:
        return f"{ORIGIN}/scheduled_events/{self.of(EVENT, 0, ref)}"

    def invitee(self, ref: Ref, booking: int) -> str:
        return f"{self.event(ref)}/invitees/{self.of(INVITEE, 0, ref, booking)}"

    def no_show(self, ref: Ref, booking: int) -> str:
        return f"{ORIGIN}/invitee_no_shows/{self.of(NO_SHOW, 0, ref, booking)}"

    def index_of(self, kind: int, uri: str) -> int | None:
        """The index that an organization's, user's or event type's URI names; None where it names none."""
        head, _, text = uri.rpartition("/")
        named = self.read(kind, text) if head == f"{ORIGIN}/{_PATHS[kind]}" else None
        return named.group if named else None
