"""`gtm db`: back up, restore and inspect the store."""

from pathlib import Path
from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import LockTimeout, application
from execution.cli.printing import print_table, say

EXAMPLES = """
gtm db info
gtm db backup
gtm db backup /mnt/backup/gtm-2026-01-31.duckdb
gtm db restore data/backups/gtm-20260131T060000Z.duckdb
"""
app = application(EXAMPLES)


@app.callback()
def db() -> None:
    """Back up, restore and inspect the store."""


@app.command()
def backup(
    ctx: typer.Context,
    target: Annotated[Path | None, typer.Argument(help="A new file; by default a dated one in data/backups.")] = None,
    *,
    lock_timeout: LockTimeout = 60.0,
) -> None:
    """Copy the store. Never overwrites."""
    from execution.bootstrap import asking

    door = Door.of(ctx)
    file = asking.backup(door.workspace, target, timeout_s=lock_timeout)
    door.show({"file": file}, lambda: say(str(file)))


@app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `gtm db backup` wrote.")],
    *,
    lock_timeout: LockTimeout = 60.0,
) -> None:
    """Put a backup in the store's place and publish it. The store as it was is kept beside the backups."""
    from execution.bootstrap import asking

    door = Door.of(ctx)
    kept = asking.restore(door.workspace, file, timeout_s=lock_timeout)
    said = f"restored {file}" + (f"; what was there before is {kept}" if kept else "")
    door.show({"restored": file, "kept": kept}, lambda: say(said))


@app.command()
def info(ctx: typer.Context) -> None:
    """Sizes, the publication that readers see, backups, and every table."""
    from execution.bootstrap import asking

    door = Door.of(ctx)
    result = asking.info(door.workspace)

    def render() -> None:
        print_table(("schema", "table", "columns", "rows"), [tuple(table.values()) for table in result.tables])
        say(f"store {result.file}, {result.bytes / 1e6:.1f} MB, {result.engine}")
        say(f"publication {result.publication}, {result.published_at:%Y-%m-%d %H:%M:%S} UTC")
        say(f"backups: {', '.join(result.backups) or 'none'}")

    door.show(result, render)
