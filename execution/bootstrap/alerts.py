"""`gtm alerts`, `gtm tasks` and `gtm approvals`: what people were told, and what they make of it."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from execution.bootstrap.persons import Acting, acting
from execution.directives import Program, read_folder
from execution.errors import UsageError
from execution.runs.checked import program_of
from execution.runs.session import open_session
from execution.runs.steps import DEFAULT_TIMEOUT_S, require_known
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.engine import Connection
    from execution.triggers.standing import Alert, Line, State
    from execution.triggers.stats import RuleStats

Act = Literal["ack", "unack", "snooze", "wake", "resolve", "false", "note"]


@dataclass(frozen=True, slots=True)
class Listing:
    """The alerts that were asked for, as they stand at a moment, and how many there are without the limit."""

    as_of: datetime
    currency: str
    alerts: "tuple[Alert, ...]"
    total: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One alert with its log, and what its rule's directive says."""

    currency: str
    alert: "Alert"
    log: "tuple[Line, ...]"
    path: str
    meaning: str
    false_positives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Acted:
    """What was done, by whom, to which alerts; to those that were `asked` for and are not in `changed` it had been
    done before."""

    act: Act
    who: str
    changed: tuple[str, ...]
    asked: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PressedIn:
    """What came of a button in a channel: what was done, or what somebody wanted to see."""

    do: str
    alert: str
    who: str
    done: Acted | None = None
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How well every rule did between two moments, and in which currency money is."""

    since: datetime
    until: datetime
    currency: str
    rules: "tuple[RuleStats, ...]"


@contextmanager
def latest(workspace: Workspace) -> Iterator[tuple["Connection", Program]]:
    """The alerts as they are now beside the directives: the published store, or the writer's own while a check of
    quality keeps what is newer from readers. What people do with alerts must not wait for that."""
    from execution import store
    from execution.store import holding

    program = program_of(workspace, read_folder(workspace.root)).require_valid()
    if holding.told(workspace) is None:
        with store.reader(workspace) as con:
            yield con, program
    else:
        with store.looking(workspace) as con:
            yield con, program


@contextmanager
def changing(workspace: Workspace, timeout_s: float = DEFAULT_TIMEOUT_S) -> Iterator[tuple["Connection", Program]]:
    """The store to write to, published at the end. Raises StoreError where nothing was ever published."""
    from execution import store

    program = program_of(workspace, read_folder(workspace.root)).require_valid()
    store.newest(workspace)
    with store.writer(workspace, timeout_s=timeout_s, then_publish=True) as con:
        yield con, program


def listing(
    workspace: Workspace,
    *,
    states: "Collection[State]" = (),
    trigger: str | None = None,
    account: str | None = None,
    severity: Collection[str] = (),
    owner: str | None = None,
    experimental: bool = False,
    limit: int = 0,
    now: datetime | None = None,
) -> Listing:
    """Alerts, the gravest first; by default those that are firing, acknowledged or not."""
    from execution.triggers import standing

    moment = now or datetime.now(UTC)
    with latest(workspace) as (con, program):
        if trigger is not None:
            require_known("trigger", [trigger], program.triggers)
        found = standing.listing(
            con,
            program,
            moment,
            states=states or standing.OPEN,
            trigger=trigger,
            account=account,
            severity=severity,
            owner=owner,
            experimental=experimental,
        )
        cut = found[:limit] if limit else found
        return Listing(moment, program.settings.base_currency, cut, len(found))


def show(workspace: Workspace, alert: str, now: datetime | None = None) -> Shown:
    """One alert by the beginning of its id. Raises UsageError where there is none, or several."""
    from execution.triggers import standing

    with latest(workspace) as (con, program):
        found, log = standing.one(con, program, now or datetime.now(UTC), alert)
        trigger = program.triggers.get(found.trigger)
        path, meaning = (trigger.path, trigger.meaning or trigger.title) if trigger else ("", "")
        unsure = trigger.false_positives if trigger else ()
        return Shown(program.settings.base_currency, found, log, path, meaning, unsure)


def review(workspace: Workspace, days: int, *, rule: str | None = None, now: datetime | None = None) -> Reviewed:
    """How well rules did in the last days, those that fired most often first. Raises UsageError for an unknown one."""
    from execution.triggers.stats import stats

    until = now or datetime.now(UTC)
    since = until - timedelta(days=days)
    with latest(workspace) as (con, program):
        if rule is not None:
            require_known("trigger", [rule], program.triggers)
        found = [each for each in stats(con, program, since, until) if rule in (None, each.trigger)]
        found.sort(key=lambda each: (-each.fired, each.trigger))
        return Reviewed(since, until, program.settings.base_currency, tuple(found))


def act(
    workspace: Workspace,
    what: Act,
    alerts: Sequence[str],
    *,
    by: str | None = None,
    note: str = "",
    outcome: str = "",
    until: datetime | None = None,
    lasting: timedelta | None = None,
    now: datetime | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> Acted:
    """Do one thing to one or more alerts; all of them, or none where one cannot be so treated.

    `by` is a person of the team, by default whoever calls. A snooze ends at `until`, or after `lasting`. Raises
    UsageError for an alert that is not there, or to which that cannot be done.
    """
    from execution.triggers import acts

    moment = now or datetime.now(UTC)
    end = until or (moment + lasting if lasting else None)
    with changing(workspace, timeout_s) as (con, program):
        who = acting(workspace, program, by).name
        match what:
            case "ack":
                changed = acts.acknowledge(con, alerts, who, moment, note)
            case "unack":
                changed = acts.unacknowledge(con, alerts, who, moment, note)
            case "snooze":
                if end is None:
                    raise UsageError("until when?", hint="write --for 24h or --until 2026-01-31", code="E213")
                changed = acts.snooze(con, alerts, end, who, moment, note)
            case "wake":
                changed = acts.wake(con, alerts, who, moment, note)
            case "resolve":
                changed = acts.resolve(con, alerts, who, moment, outcome, note)
            case "false":
                changed = acts.mark_false(con, alerts, who, moment, note)
            case "note":
                changed = acts.note(con, alerts, who, moment, note, outcome)
    return Acted(what, who, changed, len(set(alerts)), end)


def pressed(
    workspace: Workspace, body: bytes, *, timestamp: str, signature: str, now: datetime | None = None
) -> tuple[PressedIn, ...]:
    """Do what somebody pressed in Slack, as Slack calls it: the request's body and two of its headers.

    Raises UsageError (E217) where no enabled channel has a `signing_secret`, or none of them signed it; then nothing is
    done.
    """
    from execution.actions import slack_actions
    from execution.directives.model.routing import Slack

    moment = now or datetime.now(UTC)
    session = open_session(workspace)
    channels = session.program.routing.channels.values()
    secrets = [
        each.signing_secret for each in channels if isinstance(each, Slack) and each.enabled and each.signing_secret
    ]
    headers = {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}
    if not secrets:
        hint = "write signing_secret: env:SLACK_SIGNING_SECRET beside the channel's token, and enabled: true"
        raise UsageError("no Slack channel has a signing secret", hint=hint, code="E217")
    known = (session.environment.resolve(each) for each in secrets)
    if not any(slack_actions.is_from_slack(each, headers, body, moment.timestamp()) for each in known):
        hint = "hand on the body byte by byte, within five minutes, with Slack's own two headers"
        raise UsageError("this is not signed by Slack", hint=hint, code="E217")
    people = session.program.team.people if session.program.team else {}
    by_slack = {person.slack: name for name, person in people.items() if person.slack}
    done = []
    for each in slack_actions.parse(body):
        who = by_slack.get(each.who)
        if each.do == "view":
            done.append(PressedIn(each.do, each.alert, who or each.who, shown=show(workspace, each.alert, moment)))
            continue
        if who is None:
            raise UsageError(
                f"nobody of the team has the Slack id {each.who!r}", hint="add it to directives/team.md", code="E217"
            )
        what: Act = "ack" if each.do == "acknowledge" else "snooze"
        acted = act(workspace, what, [each.alert], by=who, lasting=each.snooze, now=moment)
        done.append(PressedIn(each.do, each.alert, who, done=acted))
    return tuple(done)


def whoever(workspace: Workspace, by: str | None) -> Acting:
    """Who acts, as the team knows them."""
    return acting(workspace, program_of(workspace, read_folder(workspace.root)).require_valid(), by)


def states() -> "tuple[State, ...]":
    """Every state that an alert may be in."""
    from execution.triggers.standing import STATES

    return STATES


def severities() -> tuple[str, ...]:
    """The gravest first."""
    from execution.directives.model.trigger import SEVERITIES

    return SEVERITIES
