"""Does it hold: the directives' own tests, run on an in-memory store."""

from execution.proof.cases import CaseResult, run_cases

__all__ = ["CaseResult", "run_cases"]
