"""The root of the command line: a group that imports a verb only when it is called."""

from contextlib import AbstractContextManager
from difflib import get_close_matches
from importlib import import_module
from itertools import groupby
from typing import Protocol, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from execution.cli.verbs import VERBS
from execution.errors import UsageError


class _Formatter(Protocol):
    """As much of Typer's help formatter as is used here."""

    def section(self, name: str) -> AbstractContextManager[None]: ...
    def write_dl(self, rows: list[tuple[str, str]]) -> None: ...


class LazyGroup(TyperGroup):
    """Verbs are known by `VERBS`; each module has a Typer application named `app`."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 - the signature is Typer's
        return list(VERBS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:  # noqa: ARG002
        """The verb `cmd_name`, imported now. Raises UsageError with the nearest verbs where there is none."""
        if cmd_name.startswith("-"):
            return None
        if cmd_name not in VERBS:
            near = get_close_matches(cmd_name, VERBS, n=2)
            hint = f"did you mean {' or '.join(f'`gtm {name}`' for name in near)}?" if near else "see `gtm --help`"
            raise UsageError(f"there is no verb {cmd_name!r}", hint=hint, code="E220")
        app: typer.Typer = import_module(f"execution.cli.{VERBS[cmd_name].module}").app
        command = get_command(app)
        command.name = cmd_name
        return cast("TyperCommand | TyperGroup", command)

    def format_commands(self, ctx: object, formatter: _Formatter) -> None:  # noqa: ARG002
        for heading, verbs in groupby(VERBS.items(), key=lambda item: item[1].heading):
            with formatter.section(heading):
                formatter.write_dl([(name, verb.help) for name, verb in verbs])
