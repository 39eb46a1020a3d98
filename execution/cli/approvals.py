"""`gtm approvals`: actions that wait for somebody's word."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.lines import one_line
from execution.cli.noun import LockTimeout, application
from execution.cli.printing import harmless, print_table, say

if TYPE_CHECKING:
    from execution.actions.approvals import Waiting
    from execution.bootstrap.decisions import Decision

EXAMPLES = """
gtm approvals list
gtm approvals approve 7b0c --note "agreed with Grace"
gtm approvals deny 7b0c
"""
app = application(EXAMPLES)

Ids = Annotated[list[str], typer.Argument(metavar="ACTION...", help="Actions by as much of their ids as is enough.")]
By = Annotated[
    str | None, typer.Option("--by", metavar="PERSON", help="Who decides; by default $GTM_USER, or whom git knows.")
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why.")]


@app.callback()
def approvals() -> None:
    """Actions that are done only once somebody has said so."""


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """What waits, for whom, and until when; then it is dropped undone."""
    from execution.bootstrap import decisions

    door = Door.of(ctx)
    found = decisions.waiting(door.workspace)
    door.show(found, lambda: _print(found))


@app.command()
def approve(
    ctx: typer.Context, action: Ids, *, by: By = None, note: Note = "", lock_timeout: LockTimeout = 60.0
) -> None:
    """Let actions be done with the next delivery."""
    _decide(ctx, "approved", action, by, note, lock_timeout)


@app.command()
def deny(ctx: typer.Context, action: Ids, *, by: By = None, note: Note = "", lock_timeout: LockTimeout = 60.0) -> None:
    """Have actions not be done."""
    _decide(ctx, "denied", action, by, note, lock_timeout)


def _decide(
    ctx: typer.Context, decision: "Decision", ids: Sequence[str], by: str | None, note: str, timeout_s: float
) -> None:
    from execution.bootstrap import decisions

    door = Door.of(ctx)
    done = decisions.decide(door.workspace, decision, ids, by=by, note=note, timeout_s=timeout_s)

    def render() -> None:
        for each in done.actions:
            say(harmless(f"{each.outbox[:6]}: {_what(each)}: {done.decision} by {done.who}"))

    door.show(done, render)


def _print(found: "Sequence[Waiting]") -> None:
    if not found:
        say("nothing waits for approval")
        return
    rows = [
        (
            each.outbox[:6],
            each.alert[:6] if each.alert else "",
            _what(each),
            ", ".join(each.approvers) or "anybody",
            each.expires_at,
        )
        for each in found
    ]
    print_table(("action", "alert", "what", "waits for", "until (UTC)"), rows)


def _what(action: "Waiting") -> str:
    """The action and what it would do, in a line."""
    payload = action.payload
    said = payload.get("title") or ""
    if action.do == "set_field":
        said = f"{payload.get('entity')} {payload.get('key')}: {payload.get('field')} = {payload.get('value')}"
        said += f", written back to {payload['write_back']}" if payload.get("write_back") else ""
    return one_line(f"{action.action}: {said}" if said else action.action)
