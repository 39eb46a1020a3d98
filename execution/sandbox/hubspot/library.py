"""The contacts of one world, found and rendered: few as slices in memory, many in books."""

from collections.abc import Sequence

from execution.sandbox.exchange import Record
from execution.sandbox.hubspot.book import Books
from execution.sandbox.hubspot.contacts import ContactWire
from execution.sandbox.hubspot.index import ContactIndex
from execution.sandbox.hubspot.kinds import CONTACTS, Values
from execution.sandbox.hubspot.rendering import Plan, render_all
from execution.sandbox.hubspot.slices import Slices
from execution.sandbox.world import World

_FEW = 20_000
"""Contacts that are rendered sooner than processes are started; as slices they take some 50 MB."""


class Library:
    """`property_sets` are rendered before this returns."""

    def __init__(self, world: World, property_sets: Sequence[Sequence[str]]) -> None:
        self._world = world
        self._wire = ContactWire(world)
        self.index = ContactIndex(world, self._wire)
        self._texts: Slices | Books
        if world.census.people <= _FEW:
            self._texts = Slices(CONTACTS.names, lambda number: self.record(number, CONTACTS.names))
            self.index.catch_up()
            if property_sets:
                self.render_ahead()
        else:
            self._texts = self._books(property_sets)

    def _books(self, property_sets: Sequence[Sequence[str]]) -> Books:
        """Filled with everybody, who are counted on the way."""
        world = self._world
        sets = tuple(CONTACTS.selected(tuple(names)) for names in property_sets)
        books = Books(self.record, lambda: len(self.index))
        for number, rendered in enumerate(render_all(Plan(world.seed, world.census.people, world.as_of, sets))):
            self.index.extend(rendered.dates())
            for names, texts in zip(sets, rendered.texts, strict=True):
                books.of(names).store(number, *texts)
        self.index.settle()
        return books

    def record(self, number: int, names: tuple[str, ...]) -> Record:
        """One contact as it is now."""
        return self._wire.record(self._world.person(number), self.index.dates(number), names)

    def values(self, number: int) -> Values:
        """All properties of one contact as they are now."""
        return self._wire.values(self._world.person(number), self.index.dates(number))

    def parts(self, numbers: Sequence[int], names: tuple[str, ...]) -> list[bytes]:
        """See `kinds.Library`."""
        return self._texts.parts(numbers, names)

    def render_ahead(self) -> None:
        """Render what is not rendered yet; books are only filled with the property sets that were asked for."""
        if isinstance(self._texts, Slices):
            self._texts.parts(range(len(self.index)), CONTACTS.names)

    def moved_on(self) -> None:
        """Catch up with the world; what changed is rendered anew when it is next asked for."""
        self._texts.forget(self.index.catch_up())
