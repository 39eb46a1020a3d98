"""Moving the world on: days go by, and things happen that a test asks for, each in the words of one vendor."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from execution.errors import UsageError
from execution.sandbox.calendly.changes import Book, Cancel, NoShow
from execution.sandbox.exchange import Record, Vendor
from execution.sandbox.hubspot.changes import Archive, Associate, BulkUpdate, Contact, Merge
from execution.sandbox.intercom.changes import Erase, Forget, Say
from execution.sandbox.stripe.changes import Churn, DeleteCustomer, StopPaying
from execution.sandbox.world import World, moments
from execution.sandbox.world.accounts import FUTURE

Change = (
    Cancel | NoShow | Book
    | Contact | Archive | Associate | Merge | BulkUpdate
    | Churn | StopPaying | DeleteCustomer
    | Say | Forget | Erase
)  # fmt: skip
_VENDORS: Mapping[type, str] = {
    **dict.fromkeys((Cancel, NoShow, Book), "calendly"),
    **dict.fromkeys((Contact, Archive, Associate, Merge, BulkUpdate), "hubspot"),
    **dict.fromkeys((Churn, StopPaying, DeleteCustomer), "stripe"),
    **dict.fromkeys((Say, Forget, Erase), "intercom"),
}
"""Whose each change is."""


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    """`days` go by, then the changes happen in order; `drift_s` go by with every answer from now on."""

    days: Annotated[float, msgspec.Meta(ge=0)] = 0
    drift_s: Annotated[float, msgspec.Meta(ge=0)] | None = None
    changes: list[Change] = msgspec.field(default_factory=list)


class Changes:
    """Applies them to a world and tells its vendors, who then render ahead if `is_ahead`. `drift_s` is how much time
    goes by with every answer."""

    def __init__(self, world: World, vendors: Mapping[str, Vendor], *, is_ahead: bool, drift_s: float) -> None:
        self._world = world
        self._vendors = vendors
        self._is_ahead = is_ahead
        self._drift_s = drift_s

    def advance(self, asked: object) -> Record:
        """Move on; the new moment, and what each change made. Raises UsageError, changing nothing where the request
        itself is wrong."""
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
        self._drift_s = self._drift_s if advance.drift_s is None else advance.drift_s
        try:
            done = [self._apply(change) for change in advance.changes]
        finally:
            self._tell()
        return {"now": moments.iso_us(self._world.now), "changes": done}

    def drift(self) -> None:
        """An answer was given, which may take time; at the story's end it stands still."""
        if self._drift_s:
            later = self._world.now + int(self._drift_s * moments.SECOND)
            self._world.now = min(later, self._world.as_of + FUTURE)
            self._tell()

    def _tell(self) -> None:
        for vendor in self._vendors.values():
            vendor.moved_on()
        self.render_ahead()

    def render_ahead(self) -> None:
        """Have every vendor render its pages, if that is wanted here."""
        if self._is_ahead:
            for vendor in self._vendors.values():
                vendor.render_ahead()

    def _apply(self, change: Change) -> Record:
        name = _VENDORS[type(change)]
        vendor: Any = self._vendors.get(name)
        if vendor is None:
            raise UsageError(f"advance: {name} is not served here", hint=f"start with {name} among the vendors")
        return change.apply(self._world, vendor)
