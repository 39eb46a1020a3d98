"""A page: one answer's bytes as the vendor sent them, and the little that reading on needs to know of it."""

from collections.abc import Mapping
from dataclasses import dataclass


class NotAPageError(ValueError):
    """Why an answer is not a page; says so without showing any of its data."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. `body` is exactly what was sent, but for `mended`; `number` counts from 0 within the chain.

    `total` is the vendor's own count, `resume` what to give to `pages()` to go on after this page (None on the last).
    `mended` counts halves of characters (lone surrogates, as a vendor leaves them that cuts text by UTF-16 units)
    that became U+FFFD, because neither DuckDB nor any other strict reader takes a document that has one.
    An answer whose status means "no records" has the smallest body that says so: the records' path with an empty list.
    """

    body: bytes
    count: int
    number: int
    total: int | None
    resume: str | None
    mended: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says about itself: the values asked for by name, and that of the last record's key.

    `edges` are the bytes of the first and the last record, None where there is no record.
    """

    count: int
    found: Mapping[str, object]
    last: object = None
    edges: tuple[bytes, bytes] | None = None
