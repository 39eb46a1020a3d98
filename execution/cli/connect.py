"""`gtm connect`: try a source's credential and keep it."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import application, examples
from execution.cli.printing import note, say
from execution.errors import UsageError

if TYPE_CHECKING:
    from execution.bootstrap.connecting import Wanted

EXAMPLES = """
gtm connect calendly
pass show calendly | gtm connect calendly --token-stdin
CALENDLY_TOKEN=… gtm connect calendly
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def connect(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(help="The source's name, as `gtm source list` shows it.")],
    *,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the credential from stdin; several as lines NAME=VALUE.")
    ] = False,
) -> None:
    """Connect a source: try its credential on one page of every stream, keep it in .env, enable the source.

    Exit code 1 where some streams may not be read, 3 where the credential is refused; then nothing is written.
    """
    from execution.bootstrap import connecting

    door = Door.of(ctx)
    need = connecting.wanted(door.workspace, source)
    given: dict[str, str] = {}
    if token_stdin:
        given = _read(need)
    elif door.is_conversation:
        given = _ask(need)
    result = connecting.connect(door.workspace, source, given)

    def render() -> None:
        for stream in result.tried.streams:
            say(f"{stream.stream}: {stream.error or stream.untried or f'{stream.records} records on the first page'}")
            if stream.hint:
                note(f"  hint: {stream.hint}")
        say(f"{source} is connected; written: {', '.join(result.written)}")
        say(f"next: gtm sync {source}")

    door.show(result, render, exit_code=result.exit_code)


def _read(need: "Wanted") -> dict[str, str]:
    """One variable's bare value, or lines NAME=VALUE."""
    text = sys.stdin.read().strip()
    if len(need.variables) == 1 and not text.startswith(f"{need.variables[0]}="):
        return {need.variables[0]: text}
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    if not pairs or not all(equals for _, equals, _ in pairs):
        raise UsageError("stdin has no lines NAME=VALUE", hint=f"it wants {', '.join(need.variables)}", code="E220")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _ask(need: "Wanted") -> dict[str, str]:
    """Ask for each variable without showing it; Enter keeps one that is set already."""
    if need.guide:
        note(f"{need.guide} says where to make the credential.")
    given = {}
    for variable in need.variables:
        is_set = variable in need.present
        prompt = f"{variable} (Enter keeps the present one)" if is_set else variable
        value = typer.prompt(prompt, default="" if is_set else None, hide_input=True, show_default=False, err=True)
        if value:
            given[variable] = value.strip()
    return given
