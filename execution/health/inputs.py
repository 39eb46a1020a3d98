"""What a score's expressions see: the row's key and the facts that its directive names, side by side."""

from execution.directives import Program
from execution.directives.dependencies import after, before, words
from execution.directives.facts import Step
from execution.directives.model import Health
from execution.measures.relation import facts_select
from execution.measures.stored import Stored


def inputs_select(program: Program, health: Health, stored: Stored) -> str:
    """SELECT of one row per row of the entity: its keys, then what is named. What was never worked out is NULL of its
    type."""
    return facts_select(program, program.entities[health.entity], input_names(program, health), stored)


def input_names(program: Program, health: Health) -> list[str]:
    """The facts that the directive's expressions name, in a stable order; never what the score itself gives."""
    named = frozenset[str]().union(*map(words, (before(health) | after(health)).values()))
    own = Step("health", health.name)
    facts = program.facts(health.entity)
    return [name for name, fact in facts.items() if name.lower() in named and fact.step != own]
