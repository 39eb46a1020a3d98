"""`gtm plan`: what edited directives would change, worked out on a private copy of the published store."""

from execution.preview.alerts import AlertMove, AlertPlan
from execution.preview.changes import Edit, edits
from execution.preview.movement import Move, Mover, PartShift, ScorePlan
from execution.preview.run import Plan, plan

__all__ = ["AlertMove", "AlertPlan", "Edit", "Move", "Mover", "PartShift", "Plan", "ScorePlan", "edits", "plan"]
