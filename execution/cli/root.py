"""The root command: options that every verb has, and one way for everything to end."""

import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from execution import __version__
from execution.cli.door import Door
from execution.cli.lazy import LazyGroup
from execution.cli.verbs import VERBS
from execution.errors import GtmError, UsageError

app = typer.Typer(
    cls=LazyGroup,
    rich_markup_mode=None,  # rich's help costs as much again as everything else in `gtm --help`
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="--workspace and --json may also stand after the verb. Each verb has its own help: gtm sync --help.",
)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"gtm {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    *,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            metavar="DIR",
            help="The workspace; otherwise $GTM_WORKSPACE, or the nearest folder upwards with a directives/ folder.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON envelope on stdout, logs on stderr.")] = False,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool,
        typer.Option(
            "--version", is_eager=True, callback=lambda value: _print_version(wanted=value), help="Print the version."
        ),
    ] = False,
) -> None:
    """A go-to-market team's customer intelligence as files plus one command."""
    door: Door = ctx.obj
    door.json = json
    door.chosen = workspace


def run(args: Sequence[str]) -> int:
    """Run one call of `gtm`; its exit code. Every way to fail ends here, in one printed form."""
    ordered = globals_first(args) or ["--help"]
    verb = next((arg for arg in ordered if arg in VERBS), "")
    door = Door(command=verb, json="--json" in ordered)
    try:
        code = get_command(app).main(args=ordered, prog_name="gtm", standalone_mode=False, obj=door)
    except GtmError as error:
        return door.fail(error)
    except typer.Abort:
        return door.fail(UsageError("stopped before anything was changed", code="E221"))
    except TyperException as error:
        return door.fail(_as_usage_error(error))
    except Exception as error:  # noqa: BLE001 - the last resort: a short message, and the traceback in a file
        return door.crash(error)
    return code if isinstance(code, int) else 0


def globals_first(args: Sequence[str]) -> list[str]:
    """The same arguments with `--json` and `--workspace DIR` moved to the front, wherever before `--` they stood."""
    front: list[str] = []
    rest: list[str] = []
    remaining = iter(args)
    for arg in remaining:
        if arg == "--":
            rest += [arg, *remaining]
        elif arg == "--json" or arg.startswith("--workspace="):
            front.append(arg)
        elif arg in {"--workspace", "-w"}:
            front += [arg, *islice(remaining, 1)]
        else:
            rest.append(arg)
    return front + rest


def _as_usage_error(error: TyperException) -> GtmError:
    """Typer's own complaint in our words; a group called without a verb answers with its help."""
    message = error.format_message().strip()
    if "\n" in message:
        sys.stderr.write(message + "\n")
        return UsageError("a verb is missing", code="E220")
    ctx = getattr(error, "ctx", None)
    hint = f"see `{ctx.command_path} --help`" if ctx is not None else "see `gtm --help`"
    return UsageError(message[:1].lower() + message[1:].rstrip("."), hint=hint, code="E220")
