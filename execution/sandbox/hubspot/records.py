"""Companies or deals of one world, found and rendered. They are laid out when they are first asked for, and again
after the world moved on."""

from array import array
from collections.abc import Sequence
from typing import Protocol

from execution.sandbox.exchange import Record
from execution.sandbox.hubspot.kinds import Dates, Kind, Values
from execution.sandbox.hubspot.slices import Slices
from execution.sandbox.world import World
from execution.sandbox.world.moments import MILLISECOND, iso_ms


class Wire(Protocol):
    """How records of a kind come out of the world."""

    kind: Kind

    def count(self) -> int:
        """How many numbers there are, those of records that do not exist included."""

    def dates(self, number: int) -> Dates:
        """A record's times, NEVER where there is none; edits by hand aside."""

    def values(self, number: int) -> Values:
        """Its properties, but for its id and times."""


class RecordIndex:
    """All records of a kind at the world's `now`."""

    def __init__(self, world: World, wire: Wire) -> None:
        self.created, self.modified, self.gone = array("q"), array("q"), array("q")
        for number in range(wire.count()):
            created, modified, gone, _ = wire.dates(number)
            edit = world.edits.records.get((wire.kind.name, number))
            if edit is not None:
                modified, gone = max(modified, edit.changed_at), min(gone, edit.archived_at)
            self.created.append(created)
            self.modified.append(modified // MILLISECOND * MILLISECOND)
            self.gone.append(gone)
        there = [number for number, at in enumerate(self.created) if at <= world.now]
        self.live = array("I", [number for number in there if self.gone[number] > world.now])
        self.archived = array("I", [number for number in there if self.gone[number] <= world.now])
        self.version = 0


class Records:
    """A library (see `kinds.Library`) of companies or of deals."""

    def __init__(self, world: World, wire: Wire) -> None:
        self._world = world
        self._wire = wire
        self._index: RecordIndex | None = None
        self._slices = self._new_slices()
        self._moves = 0

    def _new_slices(self) -> Slices:
        names = self._wire.kind.names
        return Slices(names, lambda number: self.record(number, names))

    @property
    def index(self) -> RecordIndex:
        """All of them at a glance."""
        if self._index is None:
            self._index = RecordIndex(self._world, self._wire)
            self._index.version = self._moves
        return self._index

    def moved_on(self) -> None:
        """What was laid out and rendered is of another moment."""
        self._index = None
        self._slices = self._new_slices()
        self._moves += 1

    def render_ahead(self) -> None:
        """Render what is not rendered yet."""
        for numbers in (self.index.live, self.index.archived):
            self._slices.parts(numbers, self._wire.kind.names)

    def parts(self, numbers: Sequence[int], names: tuple[str, ...]) -> list[bytes]:
        """See `kinds.Library`."""
        return self._slices.parts(numbers, names)

    def record(self, number: int, names: tuple[str, ...]) -> Record:
        """One record as it is now."""
        values, gone = self.values(number), self.index.gone[number]
        record: Record = {
            "id": values["hs_object_id"],
            "properties": {name: values[name] for name in names},
            "createdAt": values["createdate"],
            "updatedAt": values["hs_lastmodifieddate"],
            "archived": gone <= self._world.now,
        }
        if gone <= self._world.now:
            record["archivedAt"] = iso_ms(gone)
        return record

    def values(self, number: int) -> Values:
        """All properties of one record as they are now."""
        kind = self._wire.kind
        edit = self._world.edits.records.get((kind.name, number))
        return {
            **self._wire.values(number),
            **(edit.properties if edit is not None else {}),
            "createdate": iso_ms(self.index.created[number]),
            "hs_lastmodifieddate": iso_ms(self.index.modified[number]),
            "hs_object_id": str(kind.id_of(number)),
        }
