"""In which order measures, segments and scores are worked out: each after everything that its directives name."""

from execution.directives import Program
from execution.directives.dependencies import circle, in_order, uses
from execution.directives.facts import Step
from execution.errors import DirectiveError, Problem

__all__ = ["Step", "steps"]


def steps(program: Program) -> tuple[Step, ...]:
    """Every step in order: of those that could go next, measures before segments before scores, then by name.

    Raises DirectiveError where some wait for each other, which `gtm check` tells with its place.
    """
    measured = {directive.entity for directive in program.measures.values()} & program.entities.keys()
    wanted = [Step("measures", name) for name in measured]
    wanted += [
        Step("segment", name) for name, segment in program.segments.items() if segment.entity in program.entities
    ]
    wanted += [Step("health", name) for name, health in program.health.items() if health.entity in program.entities]
    used = uses(program.entities, program.measures.values(), program.segments.values(), program.health.values())
    ordered, waiting = in_order(wanted, used)
    if waiting:
        way = next(way for step in waiting if (way := circle(used, step)))
        path = " → ".join([str(way[0].user), *(str(use.used) for use in way)])
        message = f"{way[0].user} is worked out from itself: {path}"
        raise DirectiveError((Problem("directives/", 1, 1, "E133", message, "run `gtm check`"),))
    return tuple(ordered)
