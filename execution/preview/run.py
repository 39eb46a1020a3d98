"""The plan: two programs tried on copies of the published store, and everything in which the results differ."""

from dataclasses import dataclass
from datetime import UTC, datetime

from execution import store
from execution.directives import Program
from execution.errors import UsageError
from execution.preview import alerts
from execution.preview.alerts import AlertPlan
from execution.preview.changes import Edit, edits
from execution.preview.movement import ScorePlan, compare
from execution.preview.scratch import tried
from execution.preview.values import ColumnPlan, RowPlan, come_and_gone, differing, in_both, tables_of
from execution.workspace import Workspace

TOP = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What the directives `planned` would change against the `baseline`, as of a moment. Nothing was changed."""

    as_of: datetime
    baseline: str
    planned: str
    edits: tuple[Edit, ...]
    rows: tuple[RowPlan, ...]
    columns: tuple[ColumnPlan, ...]
    scores: tuple[ScorePlan, ...]
    alerts: tuple[AlertPlan, ...] = ()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing that people see would change."""
        moved = any(score.changed or score.moves for score in self.scores)
        return not (self.rows or self.columns or self.alerts or moved)


def plan(
    workspace: Workspace,
    after: Program,
    *,
    before: Program | None = None,
    baseline: str,
    planned: str,
    as_of: datetime | None = None,
    top: int = TOP,
) -> Plan:
    """What `after` would change: against what `before` gives, or without it against the store as it was published.

    `as_of` is by default the moment of the published scores. Raises StoreError before the first publication,
    UsageError where no moment is known, GtmError where a directive does not hold on the data.
    """
    moment = as_of or scored_at(workspace)
    with tried(workspace, before, after, moment) as con:
        names = sorted(after.health.keys() | (before.health.keys() if before else set()))
        plans = (compare(con, before, after, name, top) for name in names)
        there = in_both(con)
        tables = [table for table in tables_of(after) if (table.schema, table.name) in there]
        return Plan(
            as_of=moment,
            baseline=baseline,
            planned=planned,
            edits=edits(before, after) if before else (),
            rows=tuple(row for table in tables if table.schema == "core" and (row := come_and_gone(con, table))),
            columns=tuple(column for table in tables for column in differing(con, table)),
            scores=tuple(found for found in plans if found is not None),
            alerts=alerts.compare(con, before, after, top),
        )


def scored_at(workspace: Workspace) -> datetime:
    """The latest moment that the published store was scored for. Raises UsageError where it never was."""
    with store.reader(workspace) as con:
        found = None
        if store.has_table(con, "derived", "moments"):
            found = con.execute(
                "SELECT max(as_of) FROM derived.moments WHERE made LIKE 'score\\_\\_%' ESCAPE '\\'"
            ).fetchone()
    if not found or found[0] is None:
        raise UsageError(
            "nothing has been scored yet, so there is nothing to compare with",
            hint="run `gtm score` first, or name a moment with --as-of",
            code="E225",
        )
    moment: datetime = found[0]
    return moment.replace(tzinfo=UTC)
