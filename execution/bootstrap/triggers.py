"""`gtm triggers` and `gtm alerts send`: the rules, what came of looking at them, and what leaves the machine."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from execution.bootstrap.alerts import latest
from execution.runs import alerting
from execution.runs.session import open_session
from execution.runs.steps import DEFAULT_TIMEOUT_S
from execution.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from execution.actions import Delivered
    from execution.directives.model import Trigger
    from execution.proof.simulation import Simulated


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what its directive says, how many of its alerts are open, and when it was last looked at. `why` says
    what kept it from being told then, if anything did."""

    trigger: str
    title: str
    entity: str
    severity: str
    status: str
    owner: str | None
    path: str
    rule: tuple[str, ...]
    firing: int
    pending: int
    looked_at: datetime | None
    verdict: str | None
    why: str | None
    last_fired: datetime | None


def listing(workspace: Workspace) -> tuple[Rule, ...]:
    """Every rule by name; before the first publication without what came of it."""
    from execution import store

    if store.current(workspace) is None:
        session = open_session(workspace)
        return tuple(_rule(each, (0, 0, None), None) for each in _sorted(session.program.triggers))
    with latest(workspace) as (con, program):
        counts, runs = {}, {}
        if store.has_table(con, "ops", "alerts"):
            counts = {
                row[0]: (row[1], row[2], row[3])
                for row in con.execute(
                    """SELECT trigger, count(*) FILTER (state = 'firing'), count(*) FILTER (state = 'pending'),
                        max(fired_at) FROM ops.alerts GROUP BY trigger"""
                ).fetchall()
            }
            runs = {
                row[0]: (row[1], row[2], row[3])
                for row in con.execute(
                    """SELECT trigger, max(as_of), max_by(verdict, as_of), arg_max_null(why, as_of)
                    FROM ops.trigger_runs GROUP BY trigger"""
                ).fetchall()
            }
        return tuple(
            _rule(each, counts.get(each.name, (0, 0, None)), runs.get(each.name)) for each in _sorted(program.triggers)
        )


def run(
    workspace: Workspace, as_of: datetime | None = None, *, send: bool = True, timeout_s: float = DEFAULT_TIMEOUT_S
) -> alerting.Alerted:
    """Look at every rule now, open and resolve alerts, and have people told."""
    return alerting.alert(open_session(workspace), as_of or datetime.now(UTC), send=send, timeout_s=timeout_s)


def send(
    workspace: Workspace, now: datetime | None = None, *, dry_run: bool = False, test: bool = False, timeout_s: float
) -> "Delivered":
    """Deliver what is due, escalations and digests whose time has come among it; no rule is looked at."""
    return alerting.send(
        open_session(workspace), now or datetime.now(UTC), dry_run=dry_run, test=test, timeout_s=timeout_s
    )


def simulate(
    workspace: Workspace,
    names: "Sequence[str]",
    since: datetime,
    until: datetime | None,
    *,
    with_today: bool = False,
    tell: "Callable[[int, int], None] | None" = None,
) -> "Simulated":
    """Play rules on the stored past, a run a day, by default up to the day of the last scores."""
    from execution.preview.run import scored_at
    from execution.proof import simulation

    program = open_session(workspace).program
    end = until or scored_at(workspace)
    return simulation.simulate(workspace, program, since, end, names=names, with_today=with_today, tell=tell)


def _sorted(triggers: "Mapping[str, Trigger]") -> "list[Trigger]":
    return [triggers[name] for name in sorted(triggers)]


def _rule(
    trigger: "Trigger",
    counts: tuple[int, int, datetime | None],
    run: tuple[datetime, str, str | None] | None,
) -> Rule:
    firing, pending, last_fired = counts
    looked_at, verdict, why = run or (None, None, None)
    written = [" ".join(text.split()) for text in trigger.rule().values()]
    if trigger.keywords is not None:
        words = [*trigger.keywords.phrases, *trigger.keywords.patterns]
        written.append(f"they write: {', '.join(words)}")
    about = (trigger.entity, trigger.severity, trigger.status, trigger.owner, trigger.path, tuple(written))
    return Rule(trigger.name, trigger.title, *about, firing, pending, looked_at, verdict, why, last_fired)
