"""Triggers: rules about rows, and the alerts that they open: pending, firing, acknowledged, snoozed, resolved."""

from execution.triggers.run import Evaluated, Verdict, run

__all__ = ["Evaluated", "Verdict", "run"]
