"""`gtm alerts`: what people were told, and what they make of it."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from execution.cli.door import Door
from execution.cli.lines import at_utc, one_line, paragraph, value_text
from execution.cli.noun import AsOf, DryRun, LockTimeout, application
from execution.cli.printing import harmless, note, print_table, say

if TYPE_CHECKING:
    from execution.bootstrap.alerts import Act, Acted, Listing, Shown
    from execution.triggers.standing import Alert, Line

EXAMPLES = """
gtm alerts list
gtm alerts list --mine --severity critical --severity high
gtm alerts show 3f9a
gtm alerts ack 3f9a --note "calling them at ten"
gtm alerts snooze 3f9a --for 24h
gtm alerts resolve 3f9a --outcome saved
gtm alerts stats --days 30
"""
app = application(EXAMPLES)

Word = TypeVar("Word", bound=str)

Ids = Annotated[
    list[str], typer.Argument(metavar="ALERT...", help="Alerts by their id, or as much of it as is enough.")
]
Id = Annotated[str, typer.Argument(metavar="ALERT", help="An alert by its id, or as much of it as is enough.")]
By = Annotated[
    str | None, typer.Option("--by", metavar="PERSON", help="Who does it; by default $GTM_USER, or whom git knows.")
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="What is to be known of it.")]
Outcome = Annotated[
    str, typer.Option("--outcome", metavar="TEXT", help="What came of it: saved, lost, a call booked …")
]


@app.callback()
def alerts() -> None:
    """The alerts that are open, what became of each, and what people do with them."""


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    state: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATE", help="pending, firing, acknowledged, snoozed or resolved; by default what is open."
        ),
    ] = None,
    rule: Annotated[str | None, typer.Option(metavar="NAME", help="Of this trigger alone.")] = None,
    account: Annotated[str | None, typer.Option(metavar="WHO", help="Of this account, or this row's key.")] = None,
    severity: Annotated[
        list[str] | None, typer.Option(metavar="SEVERITY", help="critical, high, medium or low.")
    ] = None,
    owner: Annotated[str | None, typer.Option(metavar="PERSON", help="Of whose rows this person looks after.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Of yours.")] = False,
    experimental: Annotated[bool, typer.Option("--experimental", help="Those of experimental rules too.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="Alerts at most; 0 for all of them.")] = 50,
    as_of: AsOf = None,
) -> None:
    """The alerts that are open, the gravest first."""
    from execution.bootstrap import alerts as asked
    from execution.bootstrap import pipeline

    door = Door.of(ctx)
    if mine:
        owner = asked.whoever(door.workspace, owner).person or owner
    found = asked.listing(
        door.workspace,
        states=_one_of("state", state or (), asked.states()),
        trigger=rule,
        account=account,
        severity=_one_of("severity", severity or (), asked.severities()),
        owner=owner,
        experimental=experimental,
        limit=limit,
        now=pipeline.moment(as_of),
    )
    door.show(found, lambda: _print_listing(found))


def _one_of(what: str, given: Sequence[str], known: "Sequence[Word]") -> "tuple[Word, ...]":
    """What was given, as one of the words that there are. Raises UsageError for another."""
    from execution.errors import UsageError

    for each in given:
        if each not in known:
            raise UsageError(f"{each!r} is no {what}", hint=f"write one of: {', '.join(known)}", code="E215")
    return tuple(word for word in known if word in given)


def _print_listing(found: "Listing") -> None:
    if not found.alerts:
        say("no alert")
        return
    rows = [
        (each.alert[:6], each.severity, each.trigger, _who(each), _worth(each), _state(each), one_line(each.message))
        for each in found.alerts
    ]
    print_table(("alert", "severity", "rule", "who", f"worth {found.currency}", "state", "message"), rows)
    if found.total > len(found.alerts):
        note(f"{found.total - len(found.alerts):,} more; --limit 0 shows all")


def _who(alert: "Alert") -> str:
    return f"{alert.name} <{alert.key}>" if alert.name and alert.name != alert.key else alert.key


def _worth(alert: "Alert") -> str:
    return "" if alert.worth is None else f"{alert.worth:,.0f}"


def _state(alert: "Alert") -> str:
    """The state, and since when or until when."""
    match alert.state:
        case "acknowledged":
            return f"{alert.acknowledged_by} has it"
        case "snoozed":
            return f"snoozed until {alert.snoozed_until:%m-%d %H:%M}"
        case "resolved":
            return f"resolved {alert.resolved_at:%m-%d}" + (f", {alert.resolution}" if alert.resolution else "")
        case "firing":
            return f"firing since {alert.fired_at:%m-%d %H:%M}"
        case _:
            return f"pending since {alert.pending_since:%m-%d %H:%M}"


@app.command()
def show(ctx: typer.Context, alert: Id) -> None:
    """One alert: why it fired, what it rests on, and everything that became of it."""
    from execution.bootstrap import alerts as asked

    door = Door.of(ctx)
    found = asked.show(door.workspace, alert)
    door.show(found, lambda: _print_shown(found))


def _print_shown(found: "Shown") -> None:
    alert = found.alert
    say(f"{alert.alert}  {alert.severity}  {harmless(alert.title)}")
    paragraph(alert.message)
    say()
    say(
        f"  who      {harmless(_who(alert))}"
        + (f", account {harmless(alert.account)}" if alert.account != alert.key else "")
    )
    if alert.owner:
        say(f"  owner    {harmless(alert.owner)}")
    if alert.worth is not None:
        say(f"  worth    {alert.worth:,.2f} {found.currency}")
    say(f"  state    {harmless(_state(alert))}")
    say(f"  episode  {alert.episode}" + (" (experimental: nobody is told)" if alert.is_experimental else ""))
    say(f"  rule     {alert.trigger}" + (f", {found.path}" if found.path else ", which is no more"))
    if found.meaning:
        paragraph(found.meaning, "           ")
    _print_reason(alert)
    for text in found.false_positives:
        paragraph(f"may be wrong: {text}")
    say()
    for line in found.log:
        say(f"  {at_utc(line.as_of)}  {_line(line)}")


def _print_reason(alert: "Alert") -> None:
    said = {name: value for name, value in alert.reason.items() if name != "keywords"}
    if said:
        say("  because")
    for name, value in said.items():
        say(f"    {harmless(name)} = {value_text(value)}")
    if found := alert.reason.get("keywords"):
        say(f"    they wrote ({harmless(str(found.get('source')))}, {harmless(str(found.get('said_at')))}):")
        paragraph(f"“{found.get('snippet')}”", "      ")


_NOT_SHOWN = frozenset({"outbox", "owner_of", "do"})
"""What a line of the log says to programs; people see it with `--json`."""


def _line(line: "Line") -> str:
    told = {name: value for name, value in (line.detail or {}).items() if name not in _NOT_SHOWN}
    said = "; ".join(f"{name} {value_text(value)}" for name, value in told.items() if value not in (None, "", []))
    return harmless(line.event + (f" by {line.who}" if line.who else "") + (f": {one_line(said)}" if said else ""))


# --- what people do with them -------------------------------------------------------------------


@app.command()
def ack(ctx: typer.Context, alert: Ids, *, by: By = None, note: Note = "", lock_timeout: LockTimeout = 60.0) -> None:
    """Say that somebody has it in hand: nobody else is called for it."""
    _do(ctx, "ack", alert, by=by, note=note, timeout_s=lock_timeout)


@app.command()
def unack(ctx: typer.Context, alert: Ids, *, by: By = None, note: Note = "", lock_timeout: LockTimeout = 60.0) -> None:
    """Take that back: nobody has it in hand."""
    _do(ctx, "unack", alert, by=by, note=note, timeout_s=lock_timeout)


@app.command()
def snooze(
    ctx: typer.Context,
    alert: Ids,
    *,
    lasting: Annotated[str | None, typer.Option("--for", metavar="TIME", help="So long: 4h, 24h, 7d.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Until then: 2026-01-31 or 2026-01-31T12:00Z.")
    ] = None,
    by: By = None,
    note: Note = "",
    lock_timeout: LockTimeout = 60.0,
) -> None:
    """Have nobody told of it for a while."""
    _do(ctx, "snooze", alert, by=by, note=note, lasting=lasting, until=until, timeout_s=lock_timeout)


@app.command()
def wake(ctx: typer.Context, alert: Ids, *, by: By = None, note: Note = "", lock_timeout: LockTimeout = 60.0) -> None:
    """End a snooze before its time."""
    _do(ctx, "wake", alert, by=by, note=note, timeout_s=lock_timeout)


@app.command()
def resolve(
    ctx: typer.Context,
    alert: Ids,
    *,
    outcome: Outcome = "",
    false_positive: Annotated[
        bool, typer.Option("--false-positive", help="It was none; that counts against its rule.")
    ] = False,
    by: By = None,
    note: Note = "",
    lock_timeout: LockTimeout = 60.0,
) -> None:
    """End it by hand. It fires again only once its rule has not held and holds anew."""
    _do(ctx, "false" if false_positive else "resolve", alert, by=by, note=note, outcome=outcome, timeout_s=lock_timeout)


@app.command("note")
def note_(
    ctx: typer.Context,
    alert: Id,
    text: Annotated[str, typer.Argument(help="What is to be known of it.")] = "",
    *,
    outcome: Outcome = "",
    by: By = None,
    lock_timeout: LockTimeout = 60.0,
) -> None:
    """Write something beside an alert, open or not: a note, or what came of it."""
    _do(ctx, "note", [alert], by=by, note=text, outcome=outcome, timeout_s=lock_timeout)


_DONE = {
    "ack": "has it", "unack": "no longer has it", "snooze": "snoozed it", "wake": "woke it", "resolve": "resolved it",
    "false": "says it was none", "note": "noted it",
}  # fmt: skip


def _do(
    ctx: typer.Context,
    what: "Act",
    ids: Sequence[str],
    *,
    by: str | None,
    note: str,
    timeout_s: float,
    outcome: str = "",
    lasting: str | None = None,
    until: str | None = None,
) -> None:
    from execution.bootstrap import alerts as asked
    from execution.bootstrap import pipeline

    door = Door.of(ctx)
    done = asked.act(
        door.workspace,
        what,
        ids,
        by=by,
        note=note,
        outcome=outcome,
        until=pipeline.moment(until),
        lasting=pipeline.duration(lasting),
        timeout_s=timeout_s,
    )
    door.show(done, lambda: _print_done(done))


def _print_done(done: "Acted") -> None:
    for alert in done.changed:
        until = f" until {at_utc(done.until)}" if done.until else ""
        say(f"{alert[:6]}: {harmless(done.who)} {_DONE[done.act]}{until}")
    if left := done.asked - len(done.changed):
        say(f"{left} of them {'was' if left == 1 else 'were'} so already")


@app.command()
def pressed(
    ctx: typer.Context,
    *,
    timestamp: Annotated[str, typer.Option(metavar="TEXT", help="The header X-Slack-Request-Timestamp.")],
    signature: Annotated[str, typer.Option(metavar="TEXT", help="The header X-Slack-Signature.")],
) -> None:
    """Do what somebody pressed below a message in Slack: the body of Slack's request is read from stdin.

    For whatever receives it: nothing is done unless Slack signed it.
    """
    from execution.bootstrap import alerts as asked

    door = Door.of(ctx)
    found = asked.pressed(door.workspace, sys.stdin.buffer.read(1_000_000), timestamp=timestamp, signature=signature)

    def render() -> None:
        for each in found:
            if each.shown is not None:
                _print_shown(each.shown)
            elif each.done is not None:
                _print_done(each.done)
        if not found:
            say("no button of ours")

    door.show(found, render)


# --- how well rules do --------------------------------------------------------------------------


@app.command()
def stats(
    ctx: typer.Context,
    *,
    days: Annotated[int, typer.Option(min=1, help="Over so many days up to now.")] = 90,
    rule: Annotated[str | None, typer.Option(metavar="NAME", help="Of this trigger alone.")] = None,
    as_of: AsOf = None,
) -> None:
    """How well each rule does: how often it fired, how soon somebody answered, how often it was right.

    A rule that is noisy, dead or answered too late is named, with what may help; what counts as that is said in the
    routing directive.
    """
    from execution.bootstrap import alerts as asked
    from execution.bootstrap import pipeline
    from execution.cli.reviewed import print_reviewed

    door = Door.of(ctx)
    found = asked.review(door.workspace, days, rule=rule, now=pipeline.moment(as_of))
    door.show(found, lambda: print_reviewed(found))


# --- what leaves the machine --------------------------------------------------------------------


@app.command()
def send(
    ctx: typer.Context,
    *,
    dry_run: DryRun = False,
    test: Annotated[
        bool,
        typer.Option("--test", help="Mark everything as a test, and send it to the channels' test addresses only."),
    ] = False,
    lock_timeout: LockTimeout = 60.0,
) -> None:
    """Deliver what is due: messages, tasks, escalations and digests whose time has come. No rule is looked at.

    Exit code 1 where something is given up.
    """
    from execution.bootstrap import triggers as asked
    from execution.cli.sent import print_delivered

    door = Door.of(ctx)
    result = asked.send(door.workspace, dry_run=dry_run, test=test, timeout_s=lock_timeout)
    door.show(result, lambda: print_delivered(result), exit_code=int(bool(result.count("dead") or result.inbox)))
