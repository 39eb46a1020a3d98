"""What a step rests on: every directive, near or far, whose change can change what the step gives."""

from hashlib import sha256

from execution.directives.facts import Step
from execution.directives.model import Directive
from execution.directives.program import Program


def lineage(program: Program, step: Step) -> tuple[Directive, ...]:
    """The directives of a step and of all that it uses, by kind and name, each once.

    Of the measures of an entity only those directives count whose measures are used.
    """
    used = program.uses
    found: dict[tuple[str, str], Directive] = {}
    waiting, seen = [(step, "")], {(step, "")}
    while waiting:
        here, word = waiting.pop()
        for directive in _of(program, here, word):
            found[directive.kind, directive.name] = directive
            for use in used:
                goes_on = use.user == here and use.directive == directive.name and use.used != here
                if goes_on and (after := (use.used, use.word)) not in seen:
                    seen.add(after)
                    waiting.append(after)
    return tuple(found[key] for key in sorted(found))


def _of(program: Program, step: Step, word: str) -> list[Directive]:
    """The directives that a step follows; of measures those that give `word`."""
    if step.kind == "measures":
        about = [each for each in program.measures.values() if each.entity == step.name]
        return [each for each in about if not word or each.measured(word)]
    if step.kind == "quality":
        return [each for each in program.quality.values() if step.name in each.entities()]
    known: dict[str, Directive] = {**(program.segments if step.kind == "segment" else program.health)}
    return [known[step.name]] if step.name in known else []


def rules(program: Program, step: Step) -> str:
    """A hash of all that the step rests on: while it is the same, what changes are the rows and not the rules."""
    return sha256("\n".join(each.hash for each in lineage(program, step)).encode()).hexdigest()
