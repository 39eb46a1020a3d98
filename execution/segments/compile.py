"""A segment directive → one SELECT: every row of its entity with where it belongs."""

from execution.directives import Program
from execution.directives.dependencies import words
from execution.directives.facts import Step
from execution.directives.model import Segment
from execution.engine import ident, literal
from execution.measures.relation import facts_select
from execution.measures.stored import Stored, key_columns


def membership_sql(program: Program, segment: Segment, stored: Stored) -> str:
    """The entity's keys and one column of the segment's name: whether the row is in it (NULL where that is
    unknown), or the name of its group (NULL where it is in none). Its one parameter, if named, is `$as_of`."""
    entity = program.entities[segment.entity]
    named = frozenset[str]().union(*map(words, segment.conditions().values()))
    own = Step("segment", segment.name)
    names = [name for name, fact in program.facts(entity.name).items() if name.lower() in named and fact.step != own]
    keys = ", ".join(f"f.{ident(key)}" for key in key_columns(entity))
    return (
        f"SELECT {keys}, {_place(segment)} AS {ident(segment.name)}\n"
        f"FROM (\n{facts_select(program, entity, names, stored)}\n) f"
    )


def _place(segment: Segment) -> str:
    if segment.when is not None:
        return f"CAST((\n{segment.when}\n) AS BOOLEAN)"
    cases = " ".join(f"WHEN (\n{group.when}\n) THEN {literal(name)}" for name, group in segment.groups.items())
    return f"CASE {cases} END"
