"""`gtm sync`: bring the sources' records into the store."""

from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import DryRun, LockTimeout, PublishAnyway, application, examples
from execution.cli.printing import note, note_failure, note_held, print_table
from execution.errors import UsageError

if TYPE_CHECKING:
    from execution.sync.plan import Options

EXAMPLES = """
gtm sync
gtm sync calendly --stream events
gtm sync hubspot --full
gtm sync --dry-run
gtm sync hubspot --full --dry-run --probe
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def sync(
    ctx: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="All enabled ones by default.")
    ] = None,
    *,
    stream: Annotated[list[str] | None, typer.Option("--stream", help="Only this stream; may be repeated.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything again, as if for the first time.")] = False,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Read what changed since then.")] = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Let an empty answer delete what the store has of it.")
    ] = False,
    publish_anyway: PublishAnyway = False,
    dry_run: DryRun = False,
    probe: Annotated[
        bool, typer.Option("--probe", help="With --dry-run: ask for one page of every stream that tells its total.")
    ] = False,
    lock_timeout: LockTimeout = 60.0,
) -> None:
    """Bring the sources' records into the store, and publish what changed.

    A source that fails keeps its last good data and never stops the others. Exit code 1 where some failed, 3 where
    all did, 4 where a check of quality that blocks keeps the last good publication in front of readers.
    """
    from execution.bootstrap import pipeline
    from execution.cli.progress import shown_progress
    from execution.sync.plan import Options

    door = Door.of(ctx)
    if probe and not dry_run:
        raise UsageError("--probe is for a dry run", hint="add --dry-run, or leave it out", code="E220")
    options = Options(
        full=full,
        since=pipeline.moment(since),
        streams=tuple(stream or ()),
        allow_empty=allow_empty,
        lock_timeout_s=lock_timeout,
    )
    if dry_run:
        _show_plan(door, sources or [], options, probe=probe)
        return
    with shown_progress(quiet=door.json) as progress:
        result = pipeline.sync(
            door.workspace, sources or (), options=options, progress=progress, publish_anyway=publish_anyway
        )

    def render() -> None:
        rows = [
            (each.source, each.stream, each.status, each.records, each.new, each.changed, each.deleted, each.rejects)
            for source in result.sources
            for each in source.streams
        ]
        if rows:
            headings = ("source", "stream", "status", "records", "new", "changed", "deleted", "rejects")
            print_table(headings, rows)
        for source in result.sources:
            if source.status == "not connected":
                how = f"run `gtm connect {source.source}`" if "E311" in source.error else source.hint
                note(f"{source.source}: not connected; {how}")
                continue
            note_failure(source.error, source.hint)
            for each in source.streams:
                note_failure(each.error if each.error != source.error else "", each.hint)
                for warning in each.warnings:
                    note_failure(f"{each.source}/{each.stream}: {warning}")
        for problem in result.findings:
            place = f"{problem.path}:{problem.line}:{problem.column}"
            note_failure(f"{place}: {problem.code} {problem.message}", problem.hint)
        published = f"; publication {result.published}" if result.published else "; nothing new to publish"
        note(f"{result.requests} requests in {result.seconds:.1f} s{'' if result.held else published}")
        note_held(result.held, result.overridden)

    door.show(result, render, exit_code=result.exit_code)


def _show_plan(door: Door, sources: list[str], options: "Options", *, probe: bool) -> None:
    from execution.bootstrap import pipeline
    from execution.cli import dry_run

    forecast = pipeline.sync_plan(door.workspace, sources, options, probe=probe)
    door.show(forecast, lambda: dry_run.show(forecast))
