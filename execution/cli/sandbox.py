"""`gtm sandbox`: serve a local stand-in for the vendors' APIs."""

import json
import signal
import sys
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import note, say
from execution.errors import UsageError

EXAMPLES = """
gtm sandbox --port 8700
gtm sandbox --customers 100000 --speed 0
gtm sandbox --faults faults.json
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def sandbox(
    ctx: typer.Context,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any free one.")] = 0,
    customers: Annotated[int, typer.Option(min=0, help="How many customers the world has.")] = 60,
    seed: Annotated[int, typer.Option(help="Which of the possible worlds.")] = 1,
    as_of: AsOf = None,
    speed: Annotated[float, typer.Option(min=0, help="Multiplies the vendors' rate limits; 0 lifts them.")] = 1.0,
    latency_ms: Annotated[float, typer.Option(min=0, help="How long every answer takes at least.")] = 0.0,
    faults: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Faults in force, as JSON: a list of rules.")
    ] = None,
    max_seconds: Annotated[float, typer.Option(min=1, help="After which it ends by itself.")] = 28_800.0,
) -> None:
    """Serve the vendors' wire formats on this machine, from one generated world, until Ctrl-C.

    Prints the variables to put into a workspace's .env so that its syncs come here.
    """
    from execution.bootstrap import demonstration
    from execution.bootstrap.pipeline import moment
    from execution.sandbox import Options

    door = Door.of(ctx)
    options = Options(
        seed=seed,
        customers=customers,
        speed=speed,
        latency_ms=latency_ms,
        faults=_rules(faults),
        port=port,
        max_seconds=max_seconds,
        as_of=moment(as_of) or Options().as_of,
    )
    ended = Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    with demonstration.sandbox(options) as running:
        told = {"url": running.url, "environment": dict(running.environment)}
        door.show(told, lambda: say("\n".join(f"{name}={value}" for name, value in running.environment.items())))
        sys.stdout.flush()
        if not door.json:
            note(f"serving at {running.url}; end with Ctrl-C")
        ended.wait(max_seconds)


def _rules(file: Path | None) -> list[dict[str, object]]:
    if file is None:
        return []
    try:
        rules = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{file} is not JSON: {error}", code="E220") from None
    return rules if isinstance(rules, list) else [rules]
