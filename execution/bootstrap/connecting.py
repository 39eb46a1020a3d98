"""`gtm connect SOURCE`: from a credential to a source that is switched on.

The credential is tried before anything is written; then it goes into `.env`, and `enabled: true` into the overlay.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from execution.bootstrap import env_file, sources
from execution.bootstrap.trying import Tried, try_source
from execution.bootstrap.trying_files import try_files
from execution.directives.model import Source
from execution.errors import CredentialsError, UsageError
from execution.runs.connection import variables
from execution.settings import Environment, load_environment
from execution.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Wanted:
    """What connecting needs: every variable of the source, those already set, and the guide to read."""

    source: Source
    variables: tuple[str, ...]
    present: tuple[str, ...]
    guide: str


@dataclass(frozen=True, slots=True)
class Connected:
    """A source connected: how its streams answered, and the files written, relative to the workspace."""

    source: str
    tried: Tried
    written: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        return self.tried.exit_code


def wanted(workspace: Workspace, name: str) -> Wanted:
    """What `connect` will need for this source. Raises UsageError for an unknown one."""
    source = sources.declared(workspace, name)
    names = variables(source)
    environment = load_environment(workspace)
    guide = workspace.root / "workspace-setup" / "integrations" / f"{name}.md"
    return Wanted(
        source,
        names,
        tuple(variable for variable in names if environment.get(variable)),
        guide.relative_to(workspace.root).as_posix() if guide.exists() else "",
    )


def connect(workspace: Workspace, name: str, given: Mapping[str, str] | None = None) -> Connected:
    """Try the source with the credentials given, or else those of the environment, and keep what works.

    Nothing is written where the vendor refuses. Raises CredentialsError where a variable is missing or refused,
    UsageError for an unknown source or a variable it does not have.
    """
    need = wanted(workspace, name)
    credentials = _credentials(workspace, need, given or {})
    before = load_environment(workspace).values
    if need.source.files is None:
        tried = try_source(need.source, Environment({**before, **credentials}))
    else:
        tried = try_files(workspace, sources.program_of(workspace), need.source)
    if tried.exit_code == 3:
        worst = next(stream for stream in tried.streams if stream.error)
        raise CredentialsError(
            f"no stream can be read: {worst.error}",
            hint=worst.hint or _hint(need),
            where=f"{name}/{worst.stream}",
            code=worst.code,
        )
    written = []
    if credentials:
        env_file.write(workspace.env_file, credentials)
        written.append(workspace.env_file.relative_to(workspace.root).as_posix())
    written.append(sources.switch(workspace, name, on=True).overlay)
    return Connected(name, tried, tuple(written))


def _credentials(workspace: Workspace, need: Wanted, given: Mapping[str, str]) -> dict[str, str]:
    """Every variable's value: given, in the process's environment, or in `.env`, in that order."""
    for variable in given:
        if variable not in need.variables:
            raise UsageError(
                f"{need.source.name} has no credential {variable}",
                hint=f"it has: {', '.join(need.variables) or 'none'}",
                code="E243",
            )
    at_hand = {**env_file.read(workspace.env_file), **os.environ, **given}
    values = {variable: at_hand.get(variable, "").strip() for variable in need.variables}
    absent = [variable for variable, value in values.items() if not value]
    if absent:
        raise CredentialsError(
            f"{' and '.join(absent)} {'are' if len(absent) > 1 else 'is'} not set",
            hint=_hint(need),
            where=need.source.name,
            code="E311",
        )
    return values


def _hint(need: Wanted) -> str:
    how = f"set it in the environment, or pipe it in: gtm connect {need.source.name} --token-stdin"
    return f"{how}; {need.guide} says where to make it" if need.guide else how
