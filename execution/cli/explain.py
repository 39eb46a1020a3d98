"""`gtm explain`: why a score is what it is."""

from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application, examples

EXAMPLES = """
gtm explain jane@acme.com
gtm explain acme
gtm explain jane@acme.com --since 2026-01-31
gtm explain jane@acme.com --as-of 2026-01-31 --json
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def explain(
    ctx: typer.Context,
    who: Annotated[str, typer.Argument(help="An e-mail; or an account: its domain, its folder or its name.")],
    *,
    score: Annotated[str | None, typer.Option(help="Which score, where there are several.")] = None,
    as_of: AsOf = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="What moved it since then; by default, its last change.")
    ] = None,
) -> None:
    """Take a score apart: what makes it, what moved it, and where each value comes from."""
    from execution.bootstrap import explaining, pipeline
    from execution.cli.explained import print_explained

    door = Door.of(ctx)
    moment, start = pipeline.moment(as_of), pipeline.moment(since)
    found = explaining.explain(door.workspace, who, as_of=moment, since=start, score=score)
    door.show(found, lambda: print_explained(found))
