"""How many pages so many records make, by what the directive asks for and how its paging ends. Pure."""

from collections.abc import Iterator, Mapping

from execution.directives.model import Source, Stream
from execution.directives.model.source import Keyset, Offset, OnePage, PageNumber, Paginate

_SIZES = frozenset(
    {"count", "limit", "per_page", "perPage", "page_size", "pageSize", "pagesize", "max_results", "maxResults", "size"}
)


def paginate_of(source: Source, stream: Stream) -> Paginate:
    """How the stream is paged: as it says itself, or as its API is."""
    return stream.paginate or source.api.paginate


def is_one_page(source: Source, stream: Stream) -> bool:
    """Whether everything is in one answer."""
    return isinstance(paginate_of(source, stream), OnePage)


def page_size(source: Source, stream: Stream) -> int | None:
    """How many records a page has, where the directive says so: by its rule of paging, or by what it asks for."""
    rule = paginate_of(source, stream)
    if isinstance(rule, PageNumber):
        return rule.size
    if isinstance(rule, Offset):
        return rule.limit
    return next(_sizes({**stream.params, "body": stream.body or {}}), None)


def _sizes(asked: Mapping[str, object]) -> Iterator[int]:
    for name, value in asked.items():
        if isinstance(value, Mapping):
            yield from _sizes(value)
        elif name in _SIZES and not isinstance(value, bool) and str(value).isdecimal() and int(str(value)):
            yield int(str(value))


def pages_for(source: Source, stream: Stream, records: int) -> int | None:
    """The requests that reading so many records takes; at least one, since only an answer shows that there are none.

    None where the size of a page is not known."""
    size = page_size(source, stream)
    if is_one_page(source, stream):
        return 1
    if size is None:
        return None
    full = -(-records // size)
    match paginate_of(source, stream):
        case Keyset(more=None) if stream.total is None and records:
            return full + 1  # only an empty page ends it
        case Offset() | PageNumber(more=None, pages=None):
            return records // size + 1  # a full page may not be the last
        case _:
            return max(1, full)
