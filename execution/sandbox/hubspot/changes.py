"""What can be done to records of the CRM while the sandbox runs."""

from typing import Literal

import msgspec

from execution.errors import UsageError
from execution.sandbox.exchange import Record
from execution.sandbox.hubspot.vendor import Hubspot
from execution.sandbox.world import World
from execution.sandbox.world.edits import PersonEdit, RecordEdit
from execution.sandbox.world.moments import MILLISECOND

Name = Literal["contacts", "companies", "deals"]


class Contact(msgspec.Struct, tag_field="change", tag="contact", forbid_unknown_fields=True):
    """Properties of a contact are set now; or, with `object`, of a company or deal."""

    id: str
    properties: dict[str, str | None]
    object: Name = "contacts"

    def apply(self, world: World, hubspot: Hubspot) -> Record:
        """Do it; the id."""
        edit = _edit(world, hubspot, self.object, self.id)
        edit.changed_at = world.now
        edit.properties.update(self.properties)
        return {"id": self.id}


class Archive(msgspec.Struct, tag_field="change", tag="archive", forbid_unknown_fields=True):
    """A contact is deleted now; or, with `object`, a company or deal."""

    id: str
    object: Name = "contacts"

    def apply(self, world: World, hubspot: Hubspot) -> Record:
        """Do it; the id."""
        _edit(world, hubspot, self.object, self.id).archived_at = world.now
        return {"id": self.id}


class Merge(msgspec.Struct, tag_field="change", tag="merge", forbid_unknown_fields=True):
    """One contact is merged into another now: it vanishes, the other remembers its id."""

    id: str
    into: str

    def apply(self, world: World, hubspot: Hubspot) -> Record:
        """Do it; the id of the other."""
        loser, into = (_number(hubspot, "contacts", record) for record in (self.id, self.into))
        if loser == into:
            raise UsageError("advance: a contact cannot be merged into itself", hint="name two contacts")
        world.edits.person(loser).merged_into = into
        kept = world.edits.person(into)
        kept.merged_from.append(loser)
        kept.changed_at = world.now
        return {"id": self.into}


class Associate(msgspec.Struct, tag_field="change", tag="associate", forbid_unknown_fields=True):
    """Two records belong together from now on; or, with `undo`, no longer. Neither counts as modified."""

    object: Name
    id: str
    to_object: Name
    to_id: str
    undo: bool = False

    def apply(self, world: World, hubspot: Hubspot) -> Record:
        """Do it; both ids."""
        if self.object == self.to_object:
            raise UsageError(f"advance: {self.object} are not associated with each other", hint="name two kinds")
        one, other = _number(hubspot, self.object, self.id), _number(hubspot, self.to_object, self.to_id)
        world.edits.link(self.object, one, self.to_object).put(other, is_there=not self.undo)
        world.edits.link(self.to_object, other, self.object).put(one, is_there=not self.undo)
        return {"id": self.id, "to_id": self.to_id}


class BulkUpdate(msgspec.Struct, tag_field="change", tag="bulk_update", forbid_unknown_fields=True):
    """Every contact is updated at one and the same moment, as an import or a workflow does."""

    def apply(self, world: World, _hubspot: Hubspot) -> Record:
        """Do it."""
        world.edits.bulk_at = world.now - world.now % MILLISECOND
        return {}


def _edit(world: World, hubspot: Hubspot, name: Name, record: str) -> PersonEdit | RecordEdit:
    number = _number(hubspot, name, record)
    return world.edits.person(number) if name == "contacts" else world.edits.record(name, number)


def _number(hubspot: Hubspot, name: Name, record: str) -> int:
    number = hubspot.number(name, record)
    if number is None:
        raise UsageError(f"advance: {name} have no record {record}", hint="take the id of one that was listed")
    return number
