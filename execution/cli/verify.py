"""`gtm verify`: do the figures in a file still hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import harmless, note, print_problems, say

if TYPE_CHECKING:
    from execution.bootstrap.verifying import Verified
    from execution.proof.verifying import FileChecked

EXAMPLES = """
gtm verify customers/acme/account.md
gtm verify customers/acme --strict
gtm verify reporting/output --json
"""
app = application()

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Markdown files, or folders of them.")]
Strict = Annotated[bool, typer.Option("--strict", help="A figure that cites nothing is a finding too.")]


@app.command(epilog=examples(EXAMPLES))
def verify(ctx: typer.Context, files: Files, *, strict: Strict = False, as_of: AsOf = None) -> None:
    """Hold the figures in a file against the store.

    Every figure that it cites is asked for anew, and every generated block is drawn anew. A figure cites its source as
    a link: [USD 1,200](gtm:companies/acme.com/mrr), or [14](gtm:#churned) for what the file's own block ```sql churned
    gives.

    Exit code 1 where one no longer holds, or where that cannot be told; with --strict where a figure cites nothing.
    """
    from execution.bootstrap import pipeline, verifying

    door = Door.of(ctx)
    result = verifying.verify(door.workspace, files, strict=strict, as_of=pipeline.moment(as_of))

    def render() -> None:
        print_problems(result.problems)
        for file in result.files:
            say(harmless(_summary(file, strict=strict)))
        _print_ground(result)

    door.show(result, render, problems=result.problems, exit_code=result.exit_code)


def _summary(file: "FileChecked", *, strict: bool) -> str:
    """What came of a file, on one line."""
    if file.unread is not None and not file.references:
        return f"{file.path}: not checked"
    said = []
    if file.references:
        counts = {"no longer": file.count("changed"), "cannot be told": file.count("unverified")}
        rest = "".join(f", {count} {what}" for what, count in counts.items() if count)
        said.append(f"{file.count('holds')} of {len(file.references)} references hold{rest}")
    if file.block is not None:
        said.append(_of_block(file))
    if file.uncited:
        count = len(file.uncited)
        more = "" if strict else " (--strict lists them)"
        said.append(f"{count} {'figure cites' if count == 1 else 'figures cite'} nothing{more}")
    return f"{file.path}: {'; '.join(said) or 'nothing to check'}"


def _of_block(file: "FileChecked") -> str:
    block = file.block
    if block is None or block.untold is not None:
        return "the generated block cannot be told"
    count = len(block.differences)
    if not count:
        return f"the block '{block.name}' holds"
    return f"{count} {'line' if count == 1 else 'lines'} of the block '{block.name}' would be others now"


def _print_ground(result: "Verified") -> None:
    say(f"by publication {result.publication} of {result.published_at:%Y-%m-%d %H:%M} UTC")
    for each in result.stale:
        read = f"last read {each.read_at:%Y-%m-%d %H:%M} UTC" if each.read_at else "never read"
        note(f"{each.source} is stale in it: {read}; what it gives may have changed since")
