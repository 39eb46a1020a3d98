"""Streams that hang on others: what follows a feed, deletes from another, or asks for many parents at once."""

from collections.abc import Iterator

from execution.directives.checks.names import circle
from execution.directives.document import Document
from execution.directives.model import CursorSync, FeedSync, Source, Stream, WindowSync
from execution.directives.placeholders import ID, placeholders
from execution.directives.problems import suggest
from execution.directives.schema import stream_columns
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem


def problems(document: Document, source: Source, name: str) -> Iterator[Problem]:
    """Everything wrong with how a stream hangs on others, but the text of its requests."""
    stream = source.streams[name]
    yield from _names(document, source, name, stream)
    yield from _per_parent(document, name, stream)
    if isinstance(stream.sync, FeedSync):
        yield from _feed(document, source, name, stream.sync)
    if stream.batch is not None and stream.each is not None:
        yield from _batch(document, name, stream)


def _names(document: Document, source: Source, name: str, stream: Stream) -> Iterator[Problem]:
    feed = stream.sync.feed if isinstance(stream.sync, FeedSync) else None
    named: dict[KeyPath, str | None] = {("each",): stream.each, ("sync", "feed"): feed, ("deletes",): stream.deletes}
    for key, other in named.items():
        if other is not None and other not in source.streams:
            hint = suggest(other, set(source.streams) - {name})
            yield document.problem("E131", f"there is no stream '{other}'", hint, "streams", name, *key, value=True)
    graph = {key: value.waits_for for key, value in source.streams.items()}
    if way := circle(graph, name):
        key = next(key for key, other in named.items() if other == way[1])
        message = f"streams are read per each other: {' → '.join(way)}"
        yield document.problem("E133", message, "one of them must stand alone", "streams", name, *key)


def _per_parent(document: Document, name: str, stream: Stream) -> Iterator[Problem]:
    at = ("streams", name)
    for key in ("reread", "refresh", "batch"):
        if getattr(stream, key) is not None and stream.each is None:
            yield document.problem("E112", f"{key} without each", "say each: whose records are read again", *at, key)
    if stream.each is not None and isinstance(stream.sync, FeedSync):
        hint = "take each out, or sync"
        yield document.problem("E113", "a stream that is read per parent follows no feed", hint, *at, "sync", "by")
    if stream.each is not None and isinstance(stream.sync, WindowSync | CursorSync) and stream.sync.sweep is not None:
        hint = "say refresh: instead; it reads every parent's records again"
        yield document.problem("E113", "a stream that is read per parent has no sweep", hint, *at, "sync", "sweep")


def _feed(document: Document, source: Source, name: str, sync: FeedSync) -> Iterator[Problem]:
    at = ("streams", name, "sync")
    feed = source.streams.get(sync.feed)
    if feed is not None and sync.id not in stream_columns(feed):
        hint = suggest(sync.id, stream_columns(feed))
        yield document.problem("E132", f"'{sync.feed}' has no column '{sync.id}'", hint, *at, "id", value=True)
    if not sync.path.startswith("/"):
        hint = "begin it with /"
        yield document.problem("E119", f"'{sync.path}' is not the path of a request", hint, *at, "path", value=True)
    elif ID not in _roots(sync.path):
        hint = "write where the id goes, as in /v1/customers/{id}"
        yield document.problem("E119", "the path does not say {id}", hint, *at, "path", value=True)


def _batch(document: Document, name: str, stream: Stream) -> Iterator[Problem]:
    at = ("streams", name)
    for key in ("path", "params"):
        if stream.each in _roots(getattr(stream, key)):
            hint = "name the parent in body: only there a place is repeated for each"
            yield document.problem("E119", f"a request for {stream.batch} parents names one of them", hint, *at, key)
    named = [item for item in _items(stream.body) if stream.each in _roots(item)]
    if len(named) != 1:
        where = "in no list" if not named else f"in {len(named)} items of lists"
        hint = f'write it once, as in inputs: [{{id: "{{{stream.each}.key}}"}}]'
        message = f"the body names '{stream.each}' {where}, so there is no telling what to repeat"
        yield document.problem("E119", message, hint, *at, "body" if stream.body is not None else "batch")


def _items(part: object) -> Iterator[object]:
    """The items of every list in a body; of a list in a list the outer one's."""
    if isinstance(part, list):
        yield from part
    elif isinstance(part, dict):
        for value in part.values():
            yield from _items(value)


def _roots(part: object) -> set[str]:
    """What the placeholders in a part of a request begin with; nothing of text that is none, which others report."""
    if isinstance(part, str):
        try:
            return {placeholder.root for placeholder in placeholders(part)}
        except ValueError:
            return set()
    values = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return {root for value in values for root in _roots(value)}
