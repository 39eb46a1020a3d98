"""`gtm source`: list, check, enable and disable sources."""

from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import application
from execution.cli.printing import absent, note, print_table, say

EXAMPLES = """
gtm source list
gtm source check calendly
gtm source enable hubspot
gtm source fields calendly --stream invitees
"""
app = application(EXAMPLES)
Name = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's name, as `gtm source list` shows it.")]


@app.callback()
def source() -> None:
    """List, check, enable and disable sources."""


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """Every declared source: whether it is enabled and connected, its streams, and what it feeds."""
    from execution.bootstrap import sources

    door = Door.of(ctx)
    found = sources.listing(door.workspace)

    def render() -> None:
        rows = [
            (each.source, each.phase, each.enabled, each.missing or "-", each.streams, each.feeds) for each in found
        ]
        print_table(("source", "phase", "enabled", "missing", "streams", "feeds"), rows)

    door.show(found, render)


@app.command()
def check(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="All of them by default.")] = None,
) -> None:
    """Ask each source for one page per stream: does the credential work, and what may it not read?"""
    from execution.bootstrap import sources

    door = Door.of(ctx)
    results = sources.check(door.workspace, names or ())

    def render() -> None:
        for result in results:
            say(f"{result.source}: {result.state}" + (f" ({absent(result.missing)})" if result.missing else ""))
            if result.error:
                note(f"  {result.code} {result.error}" + (f"\n  hint: {result.hint}" if result.hint else ""))
            for stream in result.tried.streams if result.tried else ():
                outcome = stream.error or stream.untried or f"{stream.records} records on the first page"
                say(f"  {stream.stream}: {outcome}" + (f"\n    hint: {stream.hint}" if stream.hint else ""))

    door.show(results, render, exit_code=sources.exit_code(results))


@app.command()
def enable(ctx: typer.Context, name: Name) -> None:
    """Switch a source on, in this workspace's overlay."""
    _switch(ctx, name, on=True)


@app.command()
def disable(ctx: typer.Context, name: Name) -> None:
    """Switch a source off, in this workspace's overlay. Its data stays."""
    _switch(ctx, name, on=False)


def _switch(ctx: typer.Context, name: str, *, on: bool) -> None:
    from execution.bootstrap import sources

    door = Door.of(ctx)
    result = sources.switch(door.workspace, name, on=on)
    door.show(result, lambda: say(f"{name} is {'enabled' if on else 'disabled'}, in {result.overlay}"))


@app.command()
def fields(
    ctx: typer.Context,
    name: Name,
    *,
    stream: Annotated[str | None, typer.Option("--stream", help="Only this stream.")] = None,
) -> None:
    """Every field that one page of the source's records has, and the column it fills."""
    from execution.bootstrap import sources

    door = Door.of(ctx)
    found = sources.fields(door.workspace, name, stream)

    def render() -> None:
        print_table(
            ("stream", "path", "type", "column"), [(each.stream, each.path, each.type, each.column) for each in found]
        )

    door.show(found, render)
