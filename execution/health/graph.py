"""In which order measures, quality, segments and scores are worked out: each after all that its directives name."""

from execution.directives import Program
from execution.directives.dependencies import circle, in_order
from execution.directives.facts import Step
from execution.errors import DirectiveError, Problem

__all__ = ["Step", "steps"]


def steps(program: Program) -> tuple[Step, ...]:
    """Every step in order: of those that could go next, measures before quality, segments and scores, then by name.

    Raises DirectiveError where some wait for each other, which `gtm check` tells with its place.
    """
    measured = {directive.entity for directive in program.measures.values()} & program.entities.keys()
    wanted = [Step("measures", name) for name in measured]
    rated = {name for directive in program.quality.values() for name in directive.entities()}
    wanted += [Step("quality", name) for name in rated & program.entities.keys()]
    wanted += [
        Step("segment", name) for name, segment in program.segments.items() if segment.entity in program.entities
    ]
    wanted += [Step("health", name) for name, health in program.health.items() if health.entity in program.entities]
    used = program.uses
    ordered, waiting = in_order(wanted, used)
    if waiting:
        way = next(way for step in waiting if (way := circle(used, step)))
        path = " → ".join([str(way[0].user), *(str(use.used) for use in way)])
        message = f"{way[0].user} is worked out from itself: {path}"
        raise DirectiveError((Problem("directives/", 1, 1, "E133", message, "run `gtm check`"),))
    return tuple(ordered)
