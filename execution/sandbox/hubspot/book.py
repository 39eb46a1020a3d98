"""Contacts rendered once and sent many times, so that the sandbox is never what a benchmark measures.

A book holds the JSON of every contact for one set of properties, in a temporary file, by chunks that are rendered
when they are first asked for, or all ahead by several processes. A page is one or two reads of that file: memory
stays at 4 bytes a contact, and the operating system keeps in its cache what it likes.
"""

import os
import tempfile
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from execution.sandbox.exchange import Record, encode

CHUNK = 500
"""Contacts rendered in one go: some 10 ms."""
_MOST_BOOKS = 8

Render = Callable[[int], bytes]


class Chunk(NamedTuple):
    """Where a chunk's text begins in the file, and where each record begins within it; the last start is its end."""

    base: int
    starts: "array[int]"


class Book:
    """The contacts' JSON for one set of properties."""

    def __init__(self, render: Render, count: Callable[[], int]) -> None:
        self._render = render
        self._count = count
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - lives as long as the book
        weakref.finalize(self, self._file.close)
        self._end = 0
        self._chunks: dict[int, Chunk] = {}
        self._changed: dict[int, bytes | None] = {}

    def store(self, chunk: int, text: bytes, starts: bytes) -> None:
        """Keep a whole chunk, given as `joined` gives it."""
        written = memoryview(text)
        base = self._end
        while written:
            done = os.pwrite(self._file.fileno(), written, self._end)
            written, self._end = written[done:], self._end + done
        self._chunks[chunk] = Chunk(base, array("I", starts))

    def change(self, indexes: Iterable[int]) -> None:
        """Forget what was rendered of these contacts."""
        self._changed.update(dict.fromkeys(indexes))

    def clear(self) -> None:
        """Forget everything."""
        self._chunks.clear()
        self._changed.clear()
        self._end = 0

    def parts(self, indexes: Sequence[int]) -> list[bytes]:
        """The JSON of these contacts, comma-separated, in parts: at a thousand pages a second each copy counts."""
        parts = []
        for first, last in runs(indexes, self._changed):
            for part in self._run(first, last):
                parts += [part, b","]
        return parts[:-1]

    def _run(self, first: int, last: int) -> Iterator[bytes]:
        if first in self._changed:
            yield self._fresh(first)
            return
        for number in range(first // CHUNK, last // CHUNK + 1):
            base, starts = self._chunk(number)
            low = starts[max(first - number * CHUNK, 0)]
            high = starts[min(last - number * CHUNK, CHUNK - 1) + 1] - 1
            yield os.pread(self._file.fileno(), high - low, base + low)

    def _chunk(self, number: int) -> Chunk:
        """The chunk, rendered if it is not there, or was before contacts came in at its end."""
        chunk = self._chunks.get(number)
        stop = min((number + 1) * CHUNK, self._count())
        if chunk is None or len(chunk.starts) - 1 < stop - number * CHUNK:
            self.store(number, *joined([self._render(index) for index in range(number * CHUNK, stop)]))
            chunk = self._chunks[number]
        return chunk

    def _fresh(self, index: int) -> bytes:
        text = self._changed[index]
        if text is None:
            text = self._changed[index] = self._render(index)
        return text


class Books:
    """A book for each set of properties asked for; the oldest goes when there are too many."""

    def __init__(self, record: Callable[[int, tuple[str, ...]], Record], count: Callable[[], int]) -> None:
        self._record = record
        self._count = count
        self._books: dict[tuple[str, ...], Book] = {}

    def of(self, names: tuple[str, ...]) -> Book:
        """The book of a set of properties."""
        book = self._books.get(names)
        if book is None:
            if len(self._books) >= _MOST_BOOKS:
                self._books.pop(next(iter(self._books)))
            book = self._books[names] = Book(lambda index: encode(self._record(index, names)), self._count)
        return book

    def parts(self, indexes: Sequence[int], names: tuple[str, ...]) -> list[bytes]:
        """See `kinds.Library`."""
        return self.of(names).parts(indexes)

    def forget(self, indexes: Sequence[int]) -> None:
        """These contacts have changed."""
        for book in self._books.values():
            if len(indexes) * 2 > self._count():
                book.clear()
            else:
                book.change(indexes)


def joined(texts: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Texts, each with a comma after it, in one, and where each begins and the last ends, as an array's bytes."""
    starts = array("I", accumulate((len(text) + 1 for text in texts), initial=0))
    return b",".join((*texts, b"")), starts.tobytes()


def runs(indexes: Sequence[int], alone: dict[int, bytes | None]) -> Iterator[tuple[int, int]]:
    """The indexes as runs (first, last) of neighbours in ascending order; those in `alone` each by themselves."""
    if not indexes:
        return
    if not alone and list(indexes) == list(range(indexes[0], indexes[0] + len(indexes))):
        yield indexes[0], indexes[-1]
        return
    first = last = indexes[0]
    for index in indexes[1:]:
        if index == last + 1 and index not in alone and last not in alone:
            last = index
            continue
        yield first, last
        first = last = index
    yield first, last
