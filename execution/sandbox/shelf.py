"""Records rendered once and sent many times, so that the sandbox is never what a benchmark measures."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

MOST_BYTES = 256 * 1024 * 1024


class Shelf:
    """Rendered records by what they are of; the oldest go when there are too many bytes."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._texts: OrderedDict[Hashable, tuple[Hashable, bytes]] = OrderedDict()
        self._most = most_bytes
        self._size = 0

    def text(self, key: Hashable, version: Hashable, make: Callable[[], bytes]) -> bytes:
        """What is kept of `key` in this version, made if it is not there."""
        kept = self._texts.get(key)
        if kept is not None and kept[0] == version:
            return kept[1]
        if kept is not None:
            self._size -= len(self._texts.pop(key)[1])
        text = make()
        self._texts[key] = version, text
        self._size += len(text)
        while self._size > self._most and len(self._texts) > 1:
            self._size -= len(self._texts.popitem(last=False)[1][1])
        return text

    def clear(self) -> None:
        """Keep nothing: the world is another."""
        self._texts.clear()
        self._size = 0
