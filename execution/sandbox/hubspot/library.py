"""The contacts of one world, found and rendered: the index, and a book for each set of properties asked for."""

from collections.abc import Sequence
from functools import partial

from execution.sandbox.exchange import Record, encode
from execution.sandbox.hubspot.book import Book
from execution.sandbox.hubspot.index import ContactIndex
from execution.sandbox.hubspot.properties import selected
from execution.sandbox.hubspot.rendering import Plan, render_all
from execution.sandbox.hubspot.wire import ContactWire
from execution.sandbox.world import World

_MOST_BOOKS = 8


class Library:
    """`render_ahead` are the property sets that are rendered before this returns."""

    def __init__(self, world: World, render_ahead: Sequence[Sequence[str]]) -> None:
        self._world = world
        self._wire = ContactWire(world)
        self.index = ContactIndex(world, self._wire)
        sets = tuple(selected(tuple(names)) for names in render_ahead)
        self._books = {names: self._new_book(names) for names in sets}
        for number, rendered in enumerate(render_all(Plan(world.seed, world.census.people, world.as_of, sets))):
            self.index.extend(rendered.dates())
            for names, texts in zip(sets, rendered.texts, strict=True):
                self._books[names].store(number, *texts)
        self.index.settle()

    def _new_book(self, names: tuple[str, ...]) -> Book:
        return Book(partial(self._render, names), lambda: len(self.index))

    def _render(self, names: tuple[str, ...], index: int) -> bytes:
        return encode(self.record(index, names))

    def record(self, index: int, names: tuple[str, ...]) -> Record:
        """One contact as it is now."""
        return self._wire.record(self._world.person(index), self.index.dates(index), names)

    def values(self, index: int) -> dict[str, str | None]:
        """All properties of one contact as they are now."""
        return self._wire.values(self._world.person(index), self.index.dates(index))

    def parts(self, indexes: Sequence[int], names: tuple[str, ...]) -> list[bytes]:
        """The JSON of these contacts, comma-separated, in parts."""
        book = self._books.get(names)
        if book is None:
            if len(self._books) >= _MOST_BOOKS:
                self._books.pop(next(iter(self._books)))
            book = self._books[names] = self._new_book(names)
        return book.parts(indexes)

    def moved_on(self) -> None:
        """Catch up with the world; what changed is rendered anew when it is next asked for."""
        changed = self.index.catch_up()
        for book in self._books.values():
            if len(changed) * 2 > len(self.index):
                book.clear()
            else:
                book.change(changed)
