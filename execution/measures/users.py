"""Who uses a measure: the segments, scores and other measures whose SQL names it, and the columns it fills."""

from collections.abc import Mapping
from dataclasses import dataclass

from execution.directives import Program
from execution.directives.facts import Step
from execution.directives.model import Directive, Measures


@dataclass(frozen=True, slots=True)
class User:
    """One use: by which kind of directive, which of them, and where in it (`components.activity.score`)."""

    kind: str
    name: str
    place: str
    directive: Directive
    keys: tuple[str | int, ...] = ()


def users(program: Program, entity: str, measure: str) -> tuple[User, ...]:
    """Every use of an entity's measure, in a stable order."""
    step = Step("measures", entity)
    used, facts = program.uses, program.facts(entity)
    found = [
        _user(program, use.user, use.directive, use.path, use.block)
        for use in used
        if use.used == step and facts[use.word].column == measure  # by its own name, or an alias
    ]
    declared = program.entities[entity]
    if measure in declared.columns and "measures" in declared.columns[measure].sources:
        keys = ("columns", measure)
        found.insert(0, User("entity", entity, ".".join(keys), declared, keys))
    return tuple(found)


def _user(program: Program, step: Step, name: str, path: tuple[str | int, ...], block: int | None) -> User:
    kinds: dict[str, Mapping[str, Directive]] = {
        "measures": program.measures, "quality": program.quality, "segment": program.segments, "health": program.health,
    }  # fmt: skip
    directive = kinds[step.kind][name]
    place = ".".join(map(str, path)) if block is None else f"sql block {block + 1}"
    return User(step.kind, name, place, directive, path)


def block_of(program: Program, directive: Measures, measure: str) -> tuple[str, str, int] | None:
    """The SQL that gives a measure of a directive: text, file and line; None where it binds to nothing."""
    from execution.measures.compile import compile_measures
    from execution.measures.stored import Stored

    for part in compile_measures(program, directive.entity, Stored({})).parts:
        if part.directive.name == directive.name and measure in part.columns:
            return part.block.text, part.block.path, part.block.line
    return None
