"""A source's own parts: its paths, placeholders, streams and columns."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from execution.directives.catalogue import Catalogue
from execution.directives.checks import following
from execution.directives.checks.names import circle
from execution.directives.document import Document
from execution.directives.model import CursorSync, FeedSync, FullSync, Source, Stream
from execution.directives.paths import parse_path
from execution.directives.placeholders import ID, MOMENTS, Placeholder, placeholders
from execution.directives.problems import suggest
from execution.directives.schema import BUILT_IN, stream_columns
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

_PAGINATOR_PATHS = ("next_url", "cursor", "body_cursor", "more", "pages", "keyset")
FORMS = (".csv", ".tsv", ".parquet", ".jsonl", ".ndjson")
"""The forms in which files are read, by the end of their name."""
MARKDOWN = ".md"
"""Files whose frontmatter is a record; they are synced, never held scores against."""
_OF_AN_API = (
    "method", "params", "body", "records", "each", "reread", "refresh", "batch", "sync", "deletes", "total", "paginate",
    "rate_limit", "empty_status",
)  # fmt: skip
_RECORD = ("key", "parent_key", "payload", "hash", "first_seen", "last_changed", "deleted")
"""What every record is stored with, beside its columns."""
_SECRETS = ("token", "password", "key")


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong within each source, and with what it says of others."""
    graph = {source.name: source.after for _, source in catalogue.of(Source)}
    for document, source in catalogue.of(Source):
        yield from _order(document, source, graph, catalogue.names("source"))
        yield from _api(document, source) if source.files is None else _files(document, source)
        for name, stream in source.streams.items():
            yield from _stream(document, source, name, stream)
        for name in BUILT_IN.keys() & source.streams.keys():
            message = f"every block of SQL has a table '{name}' already"
            yield document.problem("E113", message, "name it otherwise", "streams", name)
        for name in source.checks:
            if name not in source.streams:
                yield document.problem(
                    "E131", f"there is no stream '{name}'", suggest(name, source.streams), "validate", name
                )


def _order(document: Document, source: Source, graph: dict[str, tuple[str, ...]], names: set[str]) -> Iterator[Problem]:
    for number, name in enumerate(source.after):
        if name not in names:
            hint = suggest(name, names - {source.name})
            yield document.problem("E131", f"there is no source '{name}'", hint, "after", number, value=True)
    if way := circle(graph, source.name):
        hint = "take one of them out"
        yield document.problem("E133", f"sources wait for each other: {' → '.join(way)}", hint, "after")


def _api(document: Document, source: Source) -> Iterator[Problem]:
    api = source.api
    if not api.base_url.startswith(("https://", "http://")):
        yield document.problem("E113", "base_url is no URL", "write https://…", "api", "base_url", value=True)
    for key in _SECRETS:
        value = getattr(api.auth, key, "")
        if value and not value.startswith("env:"):
            hint = f"write {key}: env:{source.name.upper()}_{key.upper()}, and put the secret into .env"
            yield document.problem(
                "E113", "a credential does not belong into a file", hint, "api", "auth", key, value=True
            )
    if api.account and "path" not in api.account:
        yield document.problem(
            "E112", "key 'path' is missing", "say which path answers for the account", "api", "account"
        )
    for key, value in api.account.items():
        if key != "path":
            yield from _path(document, value, "api", "account", key)
    yield from _path(document, api.error_message or "", "api", "error_message")
    yield from _paginator(document, api.paginate, "api", "paginate")
    if source.freshness and source.freshness.warn > source.freshness.error:
        yield document.problem(
            "E113", "warn comes after error", "make warn the shorter of the two", "freshness", "warn"
        )


def _files(document: Document, source: Source) -> Iterator[Problem]:
    """Files are named within the workspace, in a form that is known, and have nothing that only an API has."""
    places: dict[KeyPath, str] = {("files", "folder"): source.files.folder if source.files else ""}
    places |= {("streams", name, "path"): stream.path for name, stream in source.streams.items()}
    forms = FORMS if source.label is not None else (*FORMS, MARKDOWN)
    for at, place in places.items():
        if place.startswith(("/", "~")) or ".." in PurePosixPath(place).parts:
            hint = "write it as it stands below the workspace's folder, as in imports/churn.csv"
            yield document.problem("E119", f"'{place}' lies outside the workspace", hint, *at, value=True)
        elif at[0] == "streams" and not place.lower().endswith(forms):
            hint = f"a file's name ends in {', '.join(forms)}"
            yield document.problem("E119", f"'{place}' is no file that can be read", hint, *at, value=True)
    for name, stream in source.streams.items():
        is_markdown = stream.path.lower().endswith(MARKDOWN)
        for key in _OF_AN_API:
            if key in stream.model_fields_set and not (key == "records" and is_markdown):
                hint = "files are read whole, and again where they changed; take it out"
                yield document.problem("E175", f"'{key}' says how an API is asked", hint, "streams", name, key)
        if source.files is not None and source.files.form and not is_markdown:
            hint = f"name Markdown files ({MARKDOWN}), or take form: out"
            message = f"form: {source.files.form} is for the frontmatter of Markdown files"
            yield document.problem("E175", message, hint, "files", "form")


def _stream(document: Document, source: Source, name: str, stream: Stream) -> Iterator[Problem]:
    at: KeyPath = ("streams", name)
    if source.files is None and not stream.path.startswith(("/", "{")):
        hint = 'begin it with /, or with a placeholder, as in "{events.uri}/invitees"'
        yield document.problem("E119", f"'{stream.path}' is not the path of a request", hint, *at, "path", value=True)
    yield from following.problems(document, source, name)
    yield from _request(document, source, name, stream)
    if not stream.key.strip():
        yield document.problem(
            "E119", "the key's path is empty", "name what identifies a record", *at, "key", value=True
        )
    for key in ("key", "records", "total", "deleted"):
        yield from _path(document, getattr(stream, key) or "", *at, key)
    yield from _paginator(document, stream.paginate, *at, "paginate")
    for column, spec in stream.columns.items():
        short = document.mark(*at, "columns", column, "path") == document.mark(*at, "columns", column)
        yield from _path(document, spec.path, *at, "columns", column, *(() if short else ("path",)))
        if column in _RECORD:
            yield document.problem(
                "E113", f"every stream has a '{column}' already", "name it otherwise", *at, "columns", column
            )
        if spec.unit != "iso" and spec.type != "timestamp":
            hint = "leave unit out, or write type: timestamp"
            yield document.problem("E113", f"a {spec.type} has no unit", hint, *at, "columns", column, "unit")
    yield from _ordering(document, name, stream)


def _ordering(document: Document, name: str, stream: Stream) -> Iterator[Problem]:
    at = ("streams", name)
    known = stream_columns(stream)
    if stream.version is not None and stream.version not in known:
        hint = suggest(stream.version, known)
        yield document.problem("E132", f"'{name}' has no column '{stream.version}'", hint, *at, "version", value=True)
    if isinstance(stream.sync, CursorSync) and stream.sync.column not in stream.columns:
        hint = suggest(stream.sync.column, stream.columns)
        message = f"'{name}' has no column '{stream.sync.column}'"
        yield document.problem("E132", message, hint, *at, "sync", "column", value=True)


# --- requests -----------------------------------------------------------------------------------


def _request(document: Document, source: Source, name: str, stream: Stream) -> Iterator[Problem]:
    """Every placeholder in what is sent."""
    parts: dict[KeyPath, object] = {("path",): stream.path, ("params",): stream.params, ("body",): stream.body}
    if isinstance(stream.sync, FeedSync):
        parts["sync", "path"] = stream.sync.path
    for key, part in parts.items():
        for path, text in _texts(part, ("streams", name, *key)):
            try:
                found = placeholders(text)
            except ValueError as error:
                yield document.problem("E119", str(error), "", *path, value=True)
                continue
            for placeholder in found:
                if placeholder.root == ID and key == ("sync", "path"):
                    continue
                if wrong := _unknown(source, name, stream, placeholder):
                    code, message, hint = wrong
                    yield document.inside(code, message, hint, path, placeholder.at)


def _texts(part: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(part, str):
        yield path, part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from _texts(value, (*path, key))
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from _texts(value, (*path, number))


def _unknown(source: Source, name: str, stream: Stream, placeholder: Placeholder) -> tuple[str, str, str] | None:
    """Code, message and hint where a placeholder names nothing that the request will know."""
    root, key = placeholder.root, placeholder.key
    if root == ID:
        return "E119", "{id} has no value here", "it belongs into the path of sync: {by: feed, …}"
    if root in MOMENTS:
        if root == "since" and isinstance(stream.sync, FullSync | FeedSync):
            return (
                "E119",
                "{since} in a stream that is read in full is always empty",
                "say sync: {by: window, …} or {by: cursor, …}",
            )
        return None
    if root == "account":
        known = [item for item in source.api.account if item != "path"]
        if key in known:
            return None
        return "E131", f"the account has no '{key}'", suggest(key or "", known, otherwise=f"add {key}: to api.account")
    if stream.each != root:
        if stream.each is not None and stream.each not in source.streams:
            return None
        if root in source.streams and root != name:
            return "E131", f"'{name}' is not read per '{root}'", f"add each: {root}"
        known = ["account", *MOMENTS, *([stream.each] if stream.each else [])]
        return "E131", f"there is no '{root}' to fill {{{root}.{key}}} from", suggest(root, known)
    columns = stream_columns(source.streams[root]) if root in source.streams else {key or "": ""}
    if key in columns:
        return None
    return "E132", f"'{root}' has no column '{key}'", suggest(key or "", columns)


def _path(document: Document, text: str, *at: str | int) -> Iterator[Problem]:
    try:
        parse_path(text)
    except ValueError as error:
        yield document.problem("E119", str(error), "", *at, value=True)


def _paginator(document: Document, paginator: object, *at: str | int) -> Iterator[Problem]:
    for key in _PAGINATOR_PATHS:
        value = getattr(paginator, key, None)
        if isinstance(value, str):
            yield from _path(document, value, *at, key)
