"""What rendering needs to know: the world, and the URIs of its things."""

from typing import NamedTuple

from execution.sandbox.calendly.ids import ORGANIZATION, USER, Uuids
from execution.sandbox.world import World
from execution.sandbox.world.moments import DAY


class View(NamedTuple):
    """The world at its `now`, as Calendly sees it."""

    world: World
    uuids: Uuids

    @property
    def organization(self) -> str:
        """Our URI."""
        return self.uuids.uri(ORGANIZATION)

    @property
    def founded(self) -> int:
        """When we began."""
        return self.world.as_of - 1_200 * DAY

    def user(self, member: int) -> str:
        """The URI of one of us."""
        return self.uuids.uri(USER, member)
