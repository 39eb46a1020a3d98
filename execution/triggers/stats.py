"""How well each rule does: how often it fired, how soon somebody answered, how often it was right, and what to do about
one that is noisy, dead, or answered too late. Read from a store, never worked out.

What counts as noisy or dead is said in `review:` of the routing directive, how soon an answer is due by the severities.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from execution import engine
from execution.directives import Program
from execution.directives.model import Trigger
from execution.directives.model.routing import Review
from execution.engine import literal
from execution.measures.stored import Stored

Kind = Literal["noisy", "dead", "slow"]

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Why a rule should be looked at, in one sentence, and what may help."""

    kind: Kind
    why: str
    hint: str


@dataclass(frozen=True, slots=True)
class RuleStats:
    """One rule over a window: of the alerts that fired in it, how many were acknowledged, resolved by themselves and by
    hand, are still firing, and were false positives. `handled` are those that somebody did something about; `precision`
    is the share of them that were no false positives, None where there are none. Times are in seconds, medians and the
    ninetieth percentile; `late` are those that were answered later than their severity allows, or not yet and too late.

    `touched` is what the rows are worth that it was about, each once; None where that is not known. `executions` are
    actions that were done, `dead` those that were given up; `succeeded` is the share of both that were done.
    """

    trigger: str
    title: str
    owner: str | None
    severity: str
    status: str
    fired: int = 0
    acknowledged: int = 0
    resolved_itself: int = 0
    resolved_by_hand: int = 0
    firing: int = 0
    false_positives: int = 0
    handled: int = 0
    precision: float | None = None
    response_median_s: float | None = None
    response_p90_s: float | None = None
    open_median_s: float | None = None
    late: int | None = None
    rows: int = 0
    touched: Decimal | None = None
    executions: int = 0
    dead: int = 0
    succeeded: float | None = None
    last_fired: datetime | None = None
    suggestions: tuple[Suggestion, ...] = ()


def stats(con: engine.Connection, program: Program, since: datetime, until: datetime) -> tuple[RuleStats, ...]:
    """Every rule of the program by name, over the alerts that fired after one moment and up to another."""
    stored = Stored.read(con)
    begin, end = engine.naive_utc(since), engine.naive_utc(until)
    if not stored.columns("ops.alerts"):
        return ()
    counted = _by_trigger(con, _alerts_sql(program, begin, end))
    done = _by_trigger(con, _actions_sql(begin, end)) if stored.columns("ops.outbox") else {}
    told = _by_trigger(con, _told_sql(end))
    found = []
    for name in sorted(program.triggers):
        trigger = program.triggers[name]
        about = (name, trigger.title or name, trigger.owner, trigger.severity, trigger.status)
        of_rule = RuleStats(*about, **{**counted.get(name, {}), **done.get(name, {})})
        of_rule = replace(of_rule, last_fired=told.get(name, {}).get("last_fired"))
        first = told.get(name, {}).get("first_told")
        found.append(replace(of_rule, suggestions=tuple(_suggestions(program, trigger, of_rule, first, begin, end))))
    return tuple(found)


def _by_trigger(con: engine.Connection, sql: str) -> dict[str, dict[str, Any]]:
    return {row.pop("trigger"): row for row in engine.dicts(con, sql)}


def _alerts_sql(program: Program, begin: datetime, end: datetime) -> str:
    """SELECT of what there is to count of each rule. An alert is looked at as it stands now, not as at the end."""
    due = " ".join(
        f"WHEN {literal(severity)} THEN {level.respond_within.total_seconds()}"
        for severity, level in program.routing.severities.items()
        if level.respond_within is not None
    )
    allowed = f"CASE severity {due} END" if due else "NULL::DOUBLE"
    return f"""
    WITH fired AS (
        SELECT *, epoch(acknowledged_at - fired_at) AS response_s, epoch(resolved_at - fired_at) AS open_s,
            acknowledged_at IS NOT NULL OR resolved_by IS NOT NULL OR is_false_positive OR outcome IS NOT NULL
                AS is_handled,
            epoch(least(acknowledged_at, resolved_at, {literal(end)}) - fired_at) AS waited_s, {allowed} AS allowed_s
        FROM ops.alerts WHERE fired_at > {literal(begin)} AND fired_at <= {literal(end)}),
    worths AS (
        SELECT trigger, count(*) AS rows, sum(worth) AS touched FROM (
            SELECT trigger, entity, key, max_by(worth, (fired_at, item, alert)) AS worth FROM fired GROUP BY ALL)
        GROUP BY trigger)
    SELECT f.trigger, count(*) AS fired, count(f.acknowledged_at) AS acknowledged,
        count(*) FILTER (f.state = 'resolved' AND f.resolved_by IS NULL) AS resolved_itself,
        count(f.resolved_by) AS resolved_by_hand, count(*) FILTER (f.state = 'firing') AS firing,
        count(*) FILTER (f.is_false_positive) AS false_positives, count(*) FILTER (f.is_handled) AS handled,
        1 - count(*) FILTER (f.is_false_positive) / nullif(count(*) FILTER (f.is_handled), 0) AS precision,
        median(f.response_s) AS response_median_s, quantile_cont(f.response_s, 0.9) AS response_p90_s,
        median(f.open_s) AS open_median_s,
        CASE WHEN count(f.allowed_s) > 0 THEN count(*) FILTER (f.waited_s > f.allowed_s) END AS late,
        any_value(w.rows) AS rows, any_value(w.touched) AS touched
    FROM fired f JOIN worths w ON w.trigger = f.trigger GROUP BY f.trigger"""


def _actions_sql(begin: datetime, end: datetime) -> str:
    """SELECT of what was done for the alerts of each rule, as far as it came to an end."""
    return f"""
    SELECT a.trigger, count(*) FILTER (o.state = 'done') AS executions, count(*) FILTER (o.state = 'dead') AS dead,
        count(*) FILTER (o.state = 'done') / nullif(count(*) FILTER (o.state IN ('done', 'dead')), 0) AS succeeded
    FROM ops.outbox o JOIN ops.alerts a ON a.alert = o.alert
    WHERE o.created_at > {literal(begin)} AND o.created_at <= {literal(end)} GROUP BY a.trigger"""


def _told_sql(end: datetime) -> str:
    """SELECT of since when each rule is told, and when it last fired, up to a moment."""
    return f"""
    SELECT trigger, min(first_told) AS first_told, max(last_fired) AS last_fired FROM (
        SELECT trigger, min(as_of) AS first_told, NULL AS last_fired FROM ops.trigger_runs
        WHERE verdict = 'known' AND as_of <= {literal(end)} GROUP BY trigger
        UNION ALL SELECT trigger, NULL, max(fired_at) FROM ops.alerts WHERE fired_at <= {literal(end)} GROUP BY trigger)
    GROUP BY trigger"""


# --- what to do about it ------------------------------------------------------------------------


def _suggestions(
    program: Program, trigger: Trigger, found: RuleStats, first: datetime | None, begin: datetime, end: datetime
) -> Iterator[Suggestion]:
    review = program.routing.review or Review()
    if review.precision is not None and found.precision is not None and found.precision < review.precision:
        yield Suggestion(
            "noisy",
            f"{found.false_positives} of the {found.handled} alerts that were handled were false positives",
            "tighten its condition, or say in false_positives: what it takes for another thing",
        )
    weeks = max((end - begin) / WEEK, 1.0)
    if review.per_week is not None and found.fired / weeks > review.per_week:
        yield Suggestion(
            "noisy",
            f"it fired {found.fired / weeks:.0f} times a week",
            "raise its threshold, have it hold for: longer, or gather it in a digest",
        )
    if review.dead_after is not None and trigger.status == "stable" and first is not None:
        last = found.last_fired
        if first <= end - review.dead_after and (last is None or last <= end - review.dead_after):
            since = f"it last fired {last:%Y-%m-%d}" if last else f"it has told nothing since {first:%Y-%m-%d}"
            yield Suggestion("dead", since, "lower its threshold, or mark it as status: deprecated")
    level: Mapping[Any, Any] = program.routing.severities
    within = level[trigger.severity].respond_within if trigger.severity in level else None
    if within is not None and found.response_median_s is not None and found.response_median_s > within.total_seconds():
        took, allowed = _span(found.response_median_s), _span(within.total_seconds())
        yield Suggestion(
            "slow",
            f"half of the answers took longer than {took}; {allowed} are allowed",
            "route it to somebody else, escalate sooner, or lower its severity",
        )


def _span(seconds: float) -> str:
    """A length of time in the unit that suits it."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f}".removesuffix(".0") + unit
    return f"{seconds:.0f}s"
