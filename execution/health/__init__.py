"""Scores: contributions that add up exactly, how much of them is known, and what follows."""

from execution.health.compile import compile_score
from execution.health.run import run

__all__ = ["compile_score", "run"]
