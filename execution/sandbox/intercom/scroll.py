"""The scroll over all companies: one at a time, lost when it is not used for a minute."""

from collections.abc import Callable, Sequence
from itertools import count
from uuid import UUID

from execution.sandbox.intercom.errors import SCROLL_LOST, Refusal

PER_PAGE = 100
IDLE_S = 60.0


class Scroll:
    """At most one open scroll over a list that is laid down when it is opened."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._numbers = count(1)
        self._param: str | None = None
        self._left: Sequence[int] = ()
        self._used = 0.0

    def next(self, param: str | None, everything: Callable[[], Sequence[int]]) -> tuple[str, Sequence[int]]:
        """The scroll's parameter and its next page, an empty one at the end, which closes it.

        Raises Refusal: 400 where another scroll is open, 500 where this one is lost.
        """
        if self._param is not None and self._clock() - self._used > IDLE_S:
            self._param = None
        if param is None:
            if self._param is not None:
                raise Refusal(400, "scroll_exists", "scroll already exists for this workspace")
            self._param = str(UUID(int=next(self._numbers) << 64 | 0x4000_8000 << 32, version=4))
            self._left = everything()
        elif param != self._param:
            raise Refusal(500, "server_error", SCROLL_LOST)
        self._used = self._clock()
        page, self._left = self._left[:PER_PAGE], self._left[PER_PAGE:]
        open_param = self._param
        if not page:
            self._param = None
        return open_param, page
