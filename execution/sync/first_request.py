"""A stream's first request as it would be sent, made by the same code that sends it; nobody is asked.

What only an answer could tell stays a placeholder: `{account.organization}`, and the columns of a parent or the id that
is not known yet. Credentials are no part of it: they join on the wire.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from execution.clients.paginators import paginator
from execution.clients.request import build
from execution.directives.model import CursorSync, Source, Stream, WindowSync
from execution.directives.placeholders import Placeholder, Values, placeholders
from execution.errors import GtmError
from execution.sync import decode
from execution.sync.paging import paginate_of
from execution.sync.plan import StreamPlan
from execution.sync.whereabouts import looked_for

_QUOTED = re.compile(r"%7B[\w.]+%7D")


@dataclass(frozen=True, slots=True)
class FirstRequest:
    """One request.

    method       GET or POST; READ for files
    path         below the source's base URL, with `{…}` for what is not known; a whole URL where it leads elsewhere
    params       the query's parameters, as text
    body         the JSON body, or null
    is_complete  false where the source's own client adds to it what the directive does not say: the window it reads
    """

    method: str
    path: str
    params: Mapping[str, str]
    body: Mapping[str, Any] | None = None
    is_complete: bool = True


def first_request(
    source: Source, plan: StreamPlan, now: datetime, parent: Mapping[str, Any] | None = None
) -> FirstRequest:
    """The first request of a read planned for `now`. `parent`: the columns of the first parent, where one is known."""
    stream = source.streams[plan.stream]
    if source.files is not None:
        return FirstRequest("READ", looked_for(source, plan.stream), {})
    stream = stream.by_id() if plan.mode == "by feed" else stream
    is_bounded = isinstance(stream.sync, CursorSync | WindowSync)
    is_complete = not is_bounded or any(part.root in ("since", "until") for part in placeholders_of(stream))
    base = source.api.base_url.rstrip("/")
    try:
        request = build(stream, _values(source, stream, plan, now, parent), base)
        pages = paginator(paginate_of(source, stream), stream.total)
        place = json.loads(plan.bookmark.tokens[0]) if plan.bookmark and plan.bookmark.tokens else None
        request = pages.request(request, place if place is not None and pages.knows(place) else None)
    except (GtmError, ValueError):  # the run itself would fail here, and say why
        return FirstRequest(stream.method, stream.path, {}, None, is_complete=False)
    path = _QUOTED.sub(lambda found: unquote(found[0]), request.url.removeprefix(base))
    # A path that begins with a parent's column may be a whole URL, whose beginning is not known.
    path = path.removeprefix("/") if stream.path.startswith("{") and path.startswith("/{") else path
    return FirstRequest(request.method, path, request.params, request.body, is_complete)


def placeholders_of(stream: Stream) -> Iterator[Placeholder]:
    """Every placeholder in the stream's request."""
    for text in _texts([stream.path, stream.params, stream.body]):
        yield from placeholders(text)


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for inner in value.values():
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)


def _values(
    source: Source, stream: Stream, plan: StreamPlan, now: datetime, parent: Mapping[str, Any] | None
) -> Values:
    values: dict[str, object] = {
        "account": _named("account", [name for name in source.api.account if name != "path"]),
        "since": plan.since,
        "until": plan.until,
        "now": now,
        "id": "{id}",
    }
    if stream.each:
        columns = ["key", *decode.typed_columns(source.streams[stream.each])]
        one = parent or _named(stream.each, columns)
        values[stream.each] = [_named(stream.each, columns)] if stream.batch else one
    return values


def _named(root: str, names: list[str]) -> dict[str, str]:
    """Each name standing for itself."""
    return {name: f"{{{root}.{name}}}" for name in names}
