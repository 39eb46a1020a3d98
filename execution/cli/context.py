"""`gtm context`: write the accounts' context files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, Size, application, examples
from execution.cli.printing import harmless, print_problems, say

EXAMPLES = """
gtm context
gtm context acme --tier extended
gtm context --check
gtm context --as-of 2026-01-31
"""
app = application()
_SHOWN = 5

Accounts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ACCOUNT]...", help="Accounts: a name or part of it, an address or a domain. Default: all."
    ),
]
Tiers = Annotated[
    list[Size] | None,
    typer.Option("--tier", help="Which tier; may be repeated. Default: those of the settings."),
]


@app.command(epilog=examples(EXAMPLES))
def context(
    ctx: typer.Context,
    accounts: Accounts = None,
    *,
    tier: Tiers = None,
    every: Annotated[bool, typer.Option("--all", help="All three tiers.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say which files are not as they would be.")
    ] = False,
    as_of: AsOf = None,
) -> None:
    """Write the accounts' context files. What people wrote in them stays.

    Exit code 1 where a generated block was edited by hand: it is kept, and named. With --check also where a file is
    stale or missing.
    """
    from execution.bootstrap import briefs, pipeline
    from execution.context import TIERS

    door = Door.of(ctx)
    result = briefs.context(
        door.workspace,
        pipeline.moment(as_of),
        accounts=accounts or (),
        tiers=TIERS if every else tuple(size.tier for size in tier or ()),
        is_check=check,
    )

    def render() -> None:
        print_problems(result.conflicts)
        if check:
            _list("stale", result.changed)
            _list("missing", result.missing)
        done = (
            f"{len(result.changed)} stale, {len(result.missing)} missing" if check else f"{len(result.changed)} written"
        )
        say(f"{done}, {len(result.unchanged)} unchanged in customers/")
        _count("left as last written, of accounts that get no brief any more", map(_folder, result.left))
        _count("put away in customers/.archive, of accounts that are gone", (Path(p).name for p in result.archived))
        _count("tasks finished, as their boxes say", result.finished)

    has_findings = bool(result.conflicts) or (check and bool(result.changed or result.missing))
    door.show(result, render, problems=result.conflicts, exit_code=int(has_findings))


def _folder(path: str) -> str:
    return Path(path).parts[1]


def _count(what: str, names: Iterable[str]) -> None:
    """How many there are, and the first of them; nothing where there are none."""
    listed = list(dict.fromkeys(names))
    if listed:
        more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
        say(f"{len(listed)} {what}: {harmless(', '.join(listed[:_SHOWN]))}{more}")


def _list(what: str, paths: tuple[str, ...]) -> None:
    for path in paths:
        say(f"{harmless(path)}: {what}")
