"""Contacts kept as text: the right ones, in order, rendered no more often than needed."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from execution.sandbox.hubspot.book import CHUNK, Book, joined, runs


class Shelf:
    """Renders a number as its text and version, and counts how often."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.version = 0
        self.rendered: Counter[int] = Counter()
        self.book = Book(self.render, lambda: self.count)

    def render(self, index: int) -> bytes:
        self.rendered[index] += 1
        return b"%d.%d" % (index, self.version)

    def text(self, *indexes: int) -> str:
        return b"".join(self.book.parts(indexes)).decode()


@given(st.lists(st.integers(0, 60), unique=True), st.sets(st.integers(0, 60)))
def test_runs_cover_the_indexes_in_order(indexes: list[int], alone: set[int]) -> None:
    found = list(runs(indexes, dict.fromkeys(alone)))
    assert [i for first, last in found for i in range(first, last + 1)] == indexes
    assert all(first == last for first, last in found if alone & set(range(first, last + 1)))


@given(st.lists(st.integers(0, 3 * CHUNK - 1), unique=True, max_size=30), st.sets(st.integers(0, 3 * CHUNK - 1)))
def test_any_page_of_any_book(indexes: list[int], changed: set[int]) -> None:
    shelf = Shelf(3 * CHUNK)
    assert shelf.text(*indexes) == ",".join(f"{i}.0" for i in indexes)
    shelf.version = 1
    shelf.book.change(changed)
    assert shelf.text(*indexes) == ",".join(f"{i}.{int(i in changed)}" for i in indexes)


def test_pages_across_chunks_are_rendered_once() -> None:
    shelf = Shelf(2 * CHUNK)
    page = range(CHUNK - 3, CHUNK + 3)
    assert shelf.text(*page) == shelf.text(*page) == ",".join(f"{i}.0" for i in page)
    assert set(shelf.rendered.values()) == {1}


def test_newcomers_complete_the_last_chunk() -> None:
    shelf = Shelf(10)
    assert shelf.text(*range(10)).count(",") == 9
    shelf.count = 12
    assert shelf.text(10, 11) == "10.0,11.0"


def test_what_is_stored_ahead_is_not_rendered() -> None:
    shelf = Shelf(CHUNK)
    shelf.book.store(0, *joined([b"x%d" % i for i in range(CHUNK)]))
    assert shelf.text(3, 4) == "x3,x4"
    assert not shelf.rendered
    shelf.book.clear()
    assert shelf.text(3, 4) == "3.0,4.0"
    assert shelf.text() == ""
