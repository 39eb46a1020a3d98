"""Look at every rule as of a moment, open and resolve alerts, and see that people are told: one step of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from execution.runs.session import Session

if TYPE_CHECKING:
    from execution.actions import Delivered, Planned
    from execution.triggers import Evaluated

DEFAULT_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Alerted:
    """What came of the rules, what is to be done about it, and what of that was done. `stale` says of which sources
    nothing could be told, and why; `planned` and `delivered` are None where nobody was to be told."""

    as_of: datetime
    evaluated: "Evaluated"
    planned: "Planned | None"
    delivered: "Delivered | None"
    stale: Mapping[str, str]

    @property
    def exit_code(self) -> int:
        """1 where a rule fails on the data, or something could not be delivered and will not be tried again."""
        dead = self.delivered is not None and (self.delivered.count("dead") or self.delivered.inbox)
        return int(bool(dead or self.evaluated.failures))

    @property
    def said(self) -> str:
        """All of it in a sentence."""
        verdicts = self.evaluated.verdicts
        parts = [
            f"{sum(each.fired for each in verdicts)} fired",
            f"{sum(each.resolved for each in verdicts)} resolved",
            f"{sum(each.open for each in verdicts)} open",
        ]
        counts = {word: sum(each.verdict == word for each in verdicts) for word in ("unknown", "failed")}
        parts += [f"{count} rules {word}" for word, count in counts.items() if count]
        return ", ".join(parts) + (f"; {sent(self.delivered)}" if self.delivered is not None else "")


def sent(delivered: "Delivered") -> str:
    """What a delivery came to, in a sentence."""
    words = {
        "done": "done",
        "would": "would be done",
        "again": "to be tried again",
        "dead": "given up",
        "dropped": "dropped",
    }
    counts = [f"{count} {said}" for ending, said in words.items() if (count := delivered.count(ending))]
    counts += [f"{delivered.waiting} waiting"] if delivered.waiting else []
    return ", ".join(counts) or "nothing to send"


def alert(session: Session, as_of: datetime, *, send: bool = True, timeout_s: float = DEFAULT_TIMEOUT_S) -> Alerted:
    """Evaluate, write what follows into the outbox in the same transaction, deliver what is due, and publish.

    Without `send` the outbox is filled and nothing leaves it. Raises GtmError where a rule fails on the data.
    """
    from execution import actions, store, triggers

    stale = stale_sources(session, as_of)
    planned: list[Planned] = []
    with store.writer(session.workspace, timeout_s=timeout_s, then_publish=not send) as con:

        def plan() -> bool:
            planned.append(actions.plan(con, session.program, as_of))
            return not planned[-1].is_quiet

        evaluated = triggers.run(con, session.program, as_of, stale=stale, then=plan)
    delivered = None
    if send:
        delivered = actions.deliver(
            session.workspace, session.program, session.environment, now=as_of, timeout_s=timeout_s
        )
        store.publish_news(session.workspace, timeout_s=timeout_s)
    return Alerted(as_of, evaluated, planned[0] if planned else None, delivered, stale)


def send(
    session: Session,
    now: datetime,
    *,
    dry_run: bool = False,
    test: bool = False,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> "Delivered":
    """Deliver what is due, what has come to be due among it: escalations, digests, reminders. No rule is looked at.

    With `dry_run` it is told what would be, and nothing is written.
    """
    from execution import actions, store

    if not dry_run:
        planned: list[Planned] = []
        with (
            store.writer(session.workspace, timeout_s=timeout_s) as con,
            store.change(con, is_news=lambda: not planned[0].is_quiet),
        ):
            planned.append(actions.plan(con, session.program, now))
    delivered = actions.deliver(
        session.workspace,
        session.program,
        session.environment,
        now=now,
        dry_run=dry_run,
        test=test,
        timeout_s=timeout_s,
    )
    if not dry_run:
        store.publish_news(session.workspace, timeout_s=timeout_s)
    return delivered


def stale_sources(session: Session, as_of: datetime) -> dict[str, str]:
    """The sources that were read once, and not within what their own directive allows before they count as too old."""
    from execution.runs.freshness import status

    return {
        source.source: f"last read {source.last_success:%Y-%m-%d %H:%M} UTC"
        for source in status(session, as_of).sources
        if source.last_success is not None
        and source.age is not None
        and source.error_after is not None
        and source.age > source.error_after
        and source.state != "disabled"
    }
