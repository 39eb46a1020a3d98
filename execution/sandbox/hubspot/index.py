"""All contacts at a glance: when each was changed and whether it is there, in arrays of numbers.

A million contacts take 25 MB here; everything else about a contact is made when it is asked for.
"""

from array import array
from collections.abc import Iterable

from execution.sandbox.hubspot.contacts import ContactWire
from execution.sandbox.hubspot.kinds import Dates
from execution.sandbox.world import World


class ContactIndex:
    """The contacts of one world at its `now`, by person index. `version` grows whenever anything changed."""

    def __init__(self, world: World, wire: ContactWire) -> None:
        self._world = world
        self._wire = wire
        self.modified = array("q")
        self.created = array("q")
        self.gone = array("q")
        self.upcoming = array("q")
        self.live = array("I")
        self.archived = array("I")
        self.version = 0

    def __len__(self) -> int:
        return len(self.modified)

    def extend(self, rows: Iterable[Dates]) -> None:
        """Add the next contacts; `settle` must follow."""
        for row in rows:
            self.created.append(row.created)
            self.modified.append(row.modified)
            self.gone.append(row.gone)
            self.upcoming.append(row.upcoming)

    def catch_up(self) -> list[int]:
        """Bring every contact to the world's `now`; those that existed and changed."""
        now, edits = self._world.now, self._world.edits
        due = [index for index, at in enumerate(self.upcoming) if at <= now]
        edited = [index for index in edits.people if index < len(self)]
        for account in edits.accounts:
            edited += [index for index in self._world.census.people_of(account) if index < len(self)]
        if edits.bulk_at > max(self.modified, default=0):
            due = list(range(len(self)))
        changed = sorted({*due, *edited})
        for index in changed:
            row = self._wire.dates(self._world.person(index))
            self.modified[index], self.gone[index], self.upcoming[index] = row.modified, row.gone, row.upcoming
        self.extend(self._wire.dates(self._world.person(index)) for index in range(len(self), self._world.people()))
        self.settle()
        return changed

    def settle(self) -> None:
        """Sort out who is there, who was deleted, and who vanished in a merge."""
        now = self._world.now
        merged = {index for index, edit in self._world.edits.people.items() if edit.merged_into is not None}
        self.live = array("I", [i for i, at in enumerate(self.gone) if at > now and i not in merged])
        self.archived = array("I", [i for i, at in enumerate(self.gone) if at <= now and i not in merged])
        self.version += 1

    def dates(self, index: int) -> Dates:
        """A contact's times."""
        return Dates(self.created[index], self.modified[index], self.gone[index], self.upcoming[index])
