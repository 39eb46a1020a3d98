"""One chain of pages: which requests it made, and whether it still gets anywhere.

A cursor that does not advance would be followed for ever. Four ways in which vendors do that are told apart: the next
request was made already (itself or a longer circle), the answer is the one before again though the request was not
(a parameter the vendor ignores), and pages without records that never end. Where one and the same request gives page
after page, the pages themselves must not come again.
"""

import json

from execution.clients.page import Head
from execution.clients.paginators import Place
from execution.clients.request import Request, shown
from execution.errors import LoopError, UsageError

_EMPTY_PAGES = 200


class Chain:
    """Watches a chain of requests. `where` is `source/stream`, for messages."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._asked: set[int] = set()
        self._pages: set[tuple[int, tuple[bytes, bytes]]] = set()
        self._may_repeat = False
        self._shown = ""
        self._edges: tuple[int, tuple[bytes, bytes]] | None = None
        self._empty = 0
        self.number = 0

    def ask(self, request: Request, *, may_repeat: bool = False) -> None:
        """Notes a request about to be made. Raises LoopError where it was made already, unless it `may_repeat`."""
        self._shown, self._may_repeat = shown(request), may_repeat
        identity = request.identity()
        if identity in self._asked and not may_repeat:
            raise self._loop(f"page {self.number + 1} would be asked for with a request that was made already")
        self._asked.add(identity)

    def got(self, head: Head) -> None:
        """Notes the answer. Raises LoopError where the chain no longer gets anywhere."""
        self._empty = 0 if head.count else self._empty + 1
        if self._empty > _EMPTY_PAGES:
            raise self._loop(f"{_EMPTY_PAGES} pages in a row were empty, and still there is a next one")
        if self._may_repeat and head.edges is not None:
            self._require_new(head.count, head.edges)
        edges = None if head.edges is None or head.count == 1 else (head.count, head.edges)
        if edges is not None and edges == self._edges:
            raise self._loop(
                f"page {self.number + 1} has the records of the page before: the vendor ignores where to go on"
            )
        self._edges = edges
        self.number += 1

    def _require_new(self, count: int, edges: tuple[bytes, bytes]) -> None:
        if (count, edges) in self._pages:
            raise self._loop(f"page {self.number + 1} has the records of an earlier one")
        self._pages.add((count, edges))

    def _loop(self, what: str) -> LoopError:
        return LoopError(
            f"the pages of {self._shown} go round in a circle: {what}",
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
