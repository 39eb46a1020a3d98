"""One chain of pages: which requests it made, and whether it still gets anywhere.

A cursor that does not advance would be followed for ever. Four ways in which vendors do that are told apart: the next
request was made already (itself or a longer circle), the answer is the one before again though the request was not
(a parameter the vendor ignores), and pages without records that never end.
"""

import json

from execution.clients.page import Head
from execution.clients.paginators import Place
from execution.clients.request import Request
from execution.errors import LoopError, UsageError

_EMPTY_PAGES = 200


class Chain:
    """Watches a chain of requests. `where` is `source/stream`, for messages."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._asked: set[int] = set()
        self._edges: tuple[int, tuple[bytes, bytes]] | None = None
        self._empty = 0
        self.number = 0

    def ask(self, request: Request) -> None:
        """Notes a request about to be made. Raises LoopError where it was made already."""
        identity = request.identity()
        if identity in self._asked:
            raise self._loop(f"page {self.number + 1} would be asked for with a request that was made already")
        self._asked.add(identity)

    def got(self, head: Head) -> None:
        """Notes the answer. Raises LoopError where the chain no longer gets anywhere."""
        self._empty = 0 if head.count else self._empty + 1
        if self._empty > _EMPTY_PAGES:
            raise self._loop(f"{_EMPTY_PAGES} pages in a row were empty, and still there is a next one")
        edges = None if head.edges is None or head.count == 1 else (head.count, head.edges)
        if edges is not None and edges == self._edges:
            raise self._loop(
                f"page {self.number + 1} has the records of the page before: the vendor ignores where to go on"
            )
        self._edges = edges
        self.number += 1

    def _loop(self, what: str) -> LoopError:
        return LoopError(
            f"the pages go round in a circle: {what}",
            hint="check `paginate` in the source's directive against the vendor's documentation",
            where=self._where,
        )


def keep(place: Place) -> str | None:
    """A place as the opaque text that `pages()` takes back."""
    return None if place is None else json.dumps(place, separators=(",", ":"), sort_keys=True)


def kept(resume: str | None, where: str) -> Place:
    """The place behind that text. Raises UsageError where it is none."""
    if resume is None:
        return None
    try:
        return json.loads(resume)
    except ValueError:
        raise UsageError(
            "this is no place to go on from", hint="read the stream from its beginning", where=where, code="E251"
        ) from None
