"""What is asked: a request as a value, and how a stream's directive becomes one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, cast
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec

from execution.directives.model import Stream
from execution.directives.placeholders import Values, placeholders, render
from execution.errors import PageError

_ABSOLUTE = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `url` is absolute, as the vendor and the directive write it; `params` join those it has already."""

    method: str
    url: str
    params: Mapping[str, str]
    body: Mapping[str, Any] | None = None

    def with_param(self, name: str, value: object) -> Self:
        return replace(self, params={**self.params, name: str(value)})

    def with_body(self, path: tuple[str | int, ...], value: object) -> Self:
        """The same request with `value` in its JSON body at `path` (names only)."""
        return replace(self, body=_placed(self.body or {}, path, value))

    def identity(self) -> int:
        """Equal for two requests that ask the same, however their queries are ordered and escaped."""
        parts = urlsplit(self.url)
        query = sorted([*parse_qsl(parts.query, keep_blank_values=True), *self.params.items()])
        body = b"" if self.body is None else msgspec.json.encode(self.body, order="sorted")
        return hash((self.method, parts.netloc, parts.path, tuple(query), body))


def shown(request: Request) -> str:
    """Method and path of a request: its query may have what nobody should read."""
    return f"{request.method} {urlsplit(request.url).path}"


def _placed(body: Mapping[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    name, *rest = (str(step) for step in path)
    inner = body.get(name)
    below = _placed(inner if isinstance(inner, Mapping) else {}, tuple(rest), value) if rest else value
    return {**body, name: below}


def build(stream: Stream, values: Values, base_url: str) -> Request:
    """The stream's first request below `base_url`, its placeholders filled in; parameters without a value are left out.

    Raises PageError where the path needs a value that the parent record does not have, UsageError where `values`
    lacks a name.
    """
    path = fill_path(stream.path, values)
    return Request(
        stream.method,
        path if path.startswith(_ABSOLUTE) else f"{base_url}/{path.lstrip('/')}",
        {name: text for name, value in stream.params.items() if (text := _text(value, values)) is not None},
        None if stream.body is None else _filled(stream.body, values),
    )


def fill_path(path: str, values: Values) -> str:
    """A path with its values escaped, so that none of them can leave its place in it.

    An absolute URL at the very start stands as it is. Raises PageError where a value is missing or empty:
    the request would be for something else, often for the whole list.
    """
    if "{" not in path:
        return path
    head, rest = "", path
    if path.startswith("{") and not path.startswith("{{"):
        split = path.index("}") + 1
        head, rest = render(path[:split], values) or "", path[split:]
        if not head.startswith(_ABSOLUTE):
            head, rest = "", path
    filled = render(rest, {name: _escaped(value) for name, value in values.items()})
    if filled is None:
        raise PageError(
            f"a record has no value for the path {path}", hint="check the parent stream's column", code="E343"
        )
    return head + filled


def _escaped(value: object) -> object:
    """Text made safe for a path; None for what would make the path mean something else."""
    match value:
        case str():
            return None if value in {"", ".", ".."} else quote(value, safe="")
        case Mapping():
            return {name: _escaped(inner) for name, inner in value.items()}
        case _:
            return value


def _text(value: str | int | bool, values: Values) -> str | None:  # noqa: FBT001 - a parameter's value, not a switch
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            return render(value, values) if "{" in value else value


def _filled(value: object, values: Values) -> Any:  # noqa: ANN401 - JSON, as the directive has it
    """A body with its placeholders filled in.

    What has no value is left out; in a list of objects the whole object is, since half a condition is another one.
    An item of a list that names a parent who stands for several is repeated for each of them.
    """
    match value:
        case str():
            return render(value, values) if "{" in value else value
        case Mapping():
            filled = {name: _filled(inner, values) for name, inner in value.items()}
            return {name: inner for name, inner in filled.items() if inner is not None or value[name] is None}
        case list() | tuple():
            return [
                _filled(item, own) for item in value for own in _for_each(item, values) if not _loses_a_value(item, own)
            ]
        case _:
            return value


def _for_each(item: object, values: Values) -> list[Values]:
    """The values with which an item is filled in: once for each of the parents it names, where those are several."""
    several = next((name for name in _roots(item) if isinstance(values.get(name), list)), None)
    return [values] if several is None else [{**values, several: parent} for parent in cast("Any", values[several])]


def _roots(item: object) -> set[str]:
    """What the placeholders in an item begin with."""
    match item:
        case str():
            return {placeholder.root for placeholder in placeholders(item)}
        case Mapping():
            return {root for inner in item.values() for root in _roots(inner)}
        case list() | tuple():
            return {root for inner in item for root in _roots(inner)}
        case _:
            return set()


def _loses_a_value(item: object, values: Values) -> bool:
    match item:
        case str():
            return "{" in item and render(item, values) is None
        case Mapping():
            return any(_loses_a_value(inner, values) for inner in item.values())
        case _:
            return False
