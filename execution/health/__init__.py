"""Scores: contributions that add up exactly, how much of them is known, and what follows."""

from execution.health.compile import compile_score
from execution.health.derive import Derived, derive
from execution.health.run import score

__all__ = ["Derived", "compile_score", "derive", "score"]
