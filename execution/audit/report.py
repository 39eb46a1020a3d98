"""From facts to a report: what every check found, and what that leaves of 100 points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from execution.audit.checks import CHECKS, Check
from execution.audit.facts import Facts, Finding, Unknown
from execution.directives.model.audit import Audit, Level

Status = Literal["fine", "found", "not checked", "off"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check; `reason` says why it was not checked."""

    check: str
    about: str
    severity: Level
    status: Status
    findings: tuple[Finding, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Every check's outcome, the points that are left, and what they are called (None below every band)."""

    outcomes: tuple[Outcome, ...]
    score: int
    band: str | None

    @property
    def has_errors(self) -> bool:
        return any(each.status == "found" and each.severity == "error" for each in self.outcomes)

    def count(self, severity: Level) -> int:
        """How many findings are so grave."""
        return sum(len(each.findings) for each in self.outcomes if each.severity == severity)


def audit(facts: Facts, checks: Sequence[Check] = CHECKS) -> Report:
    """Look at everything that the policy asks for."""
    outcomes = tuple(_outcome(facts, check) for check in checks)
    lost = sum(_points(facts.policy, each) for each in outcomes)
    score = max(0, 100 - lost)
    return Report(outcomes, score, facts.policy.band(score))


def _outcome(facts: Facts, check: Check) -> Outcome:
    level = facts.policy.level(check.name)
    if level == "off":
        return Outcome(check.name, check.about, level, "off")
    found = check.look(facts)
    if isinstance(found, Unknown):
        return Outcome(check.name, check.about, level, "not checked", reason=found.reason)
    findings = tuple(sorted(found, key=lambda each: (each.path, each.line, each.message)))
    return Outcome(check.name, check.about, level, "found" if findings else "fine", findings)


def _points(policy: Audit, outcome: Outcome) -> int:
    each = next((points for severity, points in policy.points.items() if severity == outcome.severity), 0)
    return each * len(outcome.findings)
