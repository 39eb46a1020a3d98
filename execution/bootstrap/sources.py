"""`gtm source`: which sources there are, whether they answer, and switching them on and off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from execution.bootstrap import overlays
from execution.directives import Program, read_folder
from execution.directives.model import Source
from execution.errors import DirectiveError, SourceError, UsageError
from execution.runs import checked
from execution.runs.connection import missing
from execution.runs.steps import require_known
from execution.settings import load_environment
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.bootstrap.trying import Tried


@dataclass(frozen=True, slots=True)
class Listed:
    """A source: whether it is switched on, which credentials are missing, its streams, what it feeds."""

    source: str
    title: str
    phase: int
    enabled: bool
    missing: tuple[str, ...]
    streams: tuple[str, ...]
    feeds: tuple[str, ...]
    file: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A source asked for one page per stream; `state` is connected, not connected, disabled, limited or failed."""

    source: str
    state: str
    missing: tuple[str, ...] = ()
    tried: "Tried | None" = None
    code: str = ""
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Switched:
    """A source switched on or off, and the overlay that says so, relative to the workspace."""

    source: str
    enabled: bool
    overlay: str


@dataclass(frozen=True, slots=True)
class Field:
    """A leaf of a stream's records: its path, the JSON type seen, and the column it fills, if any."""

    stream: str
    path: str
    type: str
    column: str


def program_of(workspace: Workspace) -> Program:
    """The workspace's directives, checked. Raises DirectiveError with every problem."""
    return checked.program_of(workspace, read_folder(workspace.root)).require_valid()


def declared(workspace: Workspace, name: str) -> Source:
    """The source of that name, switched on or not. Raises UsageError, naming those there are, for another."""
    program = program_of(workspace)
    require_known("source", [name], program.sources)
    return program.sources[name]


def listing(workspace: Workspace) -> tuple[Listed, ...]:
    """Every declared source, by phase and name."""
    environment = load_environment(workspace)
    found = sorted(program_of(workspace).sources.values(), key=lambda source: (source.phase, source.name))
    return tuple(
        Listed(
            source.name,
            source.title,
            source.phase,
            source.enabled,
            missing(source, environment, workspace.root),
            tuple(source.streams),
            source.feeds,
            source.path,
        )
        for source in found
    )


def check(workspace: Workspace, names: Sequence[str] = ()) -> tuple[Checked, ...]:
    """Ask the named sources (all by default) for one page of each stream."""
    program = program_of(workspace)
    require_known("source", names, program.sources)
    return tuple(_check(workspace, program, program.sources[name]) for name in names or sorted(program.sources))


def exit_code(results: Sequence[Checked]) -> int:
    """0 all well · 1 some failed · 3 every one asked failed. Not being connected is a state, no failure."""
    asked = [result for result in results if result.state not in {"disabled", "not connected"}]
    failed = [result for result in asked if result.state == "failed"]
    if not failed:
        return int(any(result.state == "limited" for result in asked))
    return 3 if len(failed) == len(asked) else 1


def _check(workspace: Workspace, program: Program, source: Source) -> Checked:
    from execution.bootstrap.trying import try_source
    from execution.bootstrap.trying_files import try_files

    environment = load_environment(workspace)
    if not source.enabled:
        return Checked(source.name, "disabled")
    absent = missing(source, environment, workspace.root)
    if absent:
        hint = f"run `gtm connect {source.name}`" if source.files is None else "put a file there"
        return Checked(source.name, "not connected", absent, hint=hint)
    try:
        tried = try_files(workspace, program, source) if source.files else try_source(source, environment)
    except SourceError as error:
        return Checked(source.name, "failed", code=error.code, error=error.message, hint=error.hint)
    state = {0: "connected", 1: "limited", 3: "failed"}[tried.exit_code]
    return Checked(source.name, state, tried=tried)


def switch(workspace: Workspace, name: str, *, on: bool) -> Switched:
    """Write `enabled` into the source's overlay, keeping its other text; undone where it would not hold."""
    declared(workspace, name)
    file = overlays.overlay_of(workspace, name)
    before = file.read_bytes() if file.exists() else None
    overlays.set_keys(workspace, "source", name, {"enabled": "true" if on else "false"})
    try:
        has_effect = declared(workspace, name).enabled == on
    except DirectiveError:
        has_effect = False
    path = file.relative_to(workspace.root).as_posix()
    if not has_effect:
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)
        raise UsageError(
            "the overlay cannot be edited safely; it is as it was",
            hint=f"write `enabled: {str(on).lower()}` by hand",
            where=path,
            code="E240",
        )
    return Switched(name, on, path)


def fields(workspace: Workspace, name: str, stream: str | None = None) -> tuple[Field, ...]:
    """Every leaf that one page of the source's records has, and the column it goes into.

    Raises UsageError for an unknown source or stream, SourceError where the vendor does not answer.
    """
    from execution.bootstrap.trying import sample
    from execution.bootstrap.trying_files import sample_files

    source = declared(workspace, name)
    if stream is not None:
        require_known(f"stream of {name}", [stream], source.streams)
    pages = sample_files(workspace, source) if source.files else sample(source, load_environment(workspace))
    chosen = [stream] if stream else list(source.streams)
    return tuple(field for each in chosen for field in _fields(source, each, pages.get(each, [])))


def _fields(source: Source, stream: str, records: Sequence[Mapping[str, Any]]) -> list[Field]:
    columns = {column.path: column_name for column_name, column in source.streams[stream].columns.items()}
    columns.setdefault(source.streams[stream].key, "key")
    seen: dict[str, str] = {}
    for record in records:
        for path, kind in _leaves(record):
            if seen.get(path, "null") == "null":
                seen[path] = kind
    return [Field(stream, path, kind, columns.get(path, "")) for path, kind in sorted(seen.items())]


def _leaves(value: object, path: str = "") -> list[tuple[str, str]]:
    """Paths as directives write them, each with its JSON type; lists by their first item."""
    if isinstance(value, Mapping) and value:
        return [
            leaf
            for key, item in value.items()
            for leaf in _leaves(item, f"{path}.{_name(key)}" if path else _name(key))
        ]
    if isinstance(value, list) and value:
        return [(path, "list"), *_leaves(value[0], f"{path}[0]")]
    kinds = {
        str: "text",
        bool: "boolean",
        int: "integer",
        float: "number",
        type(None): "null",
        dict: "object",
        list: "list",
    }
    return [(path, kinds[type(value)])]


def _name(key: str) -> str:
    if key and all(char.isalnum() or char in "_-$@:" for char in key):
        return key
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
