"""One bounded piece of a stream, as it is committed: rows and the cursor they belong to, together."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a stream's next read begins: the greatest moment known to be complete, and the bookmark of a read that
    has not come to its end. `swept_at` None leaves the stored one."""

    high_water: datetime | None = None
    resume: str | None = None
    swept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """One bounded piece of a stream, ready to be committed by `run`.

    `files` hold its staged rows. `parents` are the (key, hash) pairs wholly read in it: parents, or rows of a feed
    that were followed. `asked` are the ids asked for one by one: those without a row are gone. `cursor` None leaves
    the stored one. `seen` and `unseen_since` are set on the last slice of a whole read: rows first seen before that
    moment whose key is not in the memory table `seen` are gone.
    """

    run: str
    files: tuple[Path, ...] = ()
    parents: tuple[tuple[str, int], ...] = ()
    asked: tuple[str, ...] = ()
    cursor: Cursor | None = None
    seen: str | None = None
    unseen_since: datetime | None = None
    allow_empty: bool = False
