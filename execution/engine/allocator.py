"""The C library's allocator, for work that lasts: glibc keeps freed memory in one arena per thread.

DuckDB's and the pages' threads come and go, so a long sync held a fifth more than it used (300,000 contacts: 640 MB at
the peak against 550 with both measures). Where the C library is another one, nothing is done.
"""

import ctypes
from collections.abc import Callable

_M_ARENA_MAX = -8
_ARENAS = 2


def share_arenas() -> None:
    """Have all threads allocate from few arenas. Threads that have one already keep it."""
    _call("mallopt", _M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return to the system what was freed and is still held."""
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    try:
        function: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return
    function(*arguments)
