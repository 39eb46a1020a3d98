"""The rows of an entity with what is known of them, wherever it is kept: one SELECT, joining only what is asked for."""

from collections.abc import Collection, Iterable, Mapping

from execution.directives import Program
from execution.directives.dependencies import UNIFIED
from execution.directives.facts import Fact, Step
from execution.directives.model import Entity
from execution.engine import ident
from execution.measures.stored import Stored, entity_select, key_columns


def facts_select(program: Program, entity: Entity, names: Collection[str], stored: Stored) -> str:
    """SELECT of the entity's keys and the named facts, one row per row of the entity.

    What was never worked out is NULL of its type, as is what the store has not got.
    """
    keys = key_columns(entity)
    facts = {name: fact for name, fact in program.facts(entity.name).items() if name in names and name not in keys}
    steps = dict.fromkeys(fact.step for fact in facts.values() if fact.step is not None)
    kept = {step: f"t{number}" for number, step in enumerate(steps) if stored.columns(f"derived.{step.table}")}
    selected = [f"e.{ident(key)}" for key in keys]
    selected += [f"{value_of(fact, kept, stored)} AS {ident(name)}" for name, fact in facts.items()]
    joins = "".join(
        f"\nLEFT JOIN {ident('derived', step.table)} {alias} ON {same_key(keys, alias, 'e')}"
        for step, alias in kept.items()
    )
    own = {fact.column.lower() for fact in facts.values() if fact.step is None}
    return f"SELECT {', '.join(selected)}\nFROM ({entity_select(entity, stored, only=own)}) e{joins}"


def value_of(fact: Fact, kept: Mapping[Step, str], stored: Stored) -> str:
    """A fact as people read it, by the aliases of the tables that are joined; the entity's own row is `e`."""
    if fact.step is None:
        return f"e.{ident(fact.column)}"
    if fact.step not in kept or fact.column not in stored.columns(f"derived.{fact.step.table}"):
        return f"CAST(NULL AS {fact.type})"
    column = f"{kept[fact.step]}.{ident(fact.column)}"
    return f"CAST({column} / 1000.0 AS {fact.type})" if fact.column.endswith("_milli") else column


def unified_ctes(program: Program, reads: Mapping[str, Collection[str]], stored: Stored) -> list[str]:
    """`unified_<entity> AS (…)` for each entity that is read so, with the facts that are read of it."""
    selects = {name: facts_select(program, program.entities[name], facts, stored) for name, facts in reads.items()}
    return [f"{ident(UNIFIED + name)} AS NOT MATERIALIZED (\n{sql}\n)" for name, sql in selects.items()]


def same_key(keys: Iterable[str], one: str, other: str) -> str:
    """The join condition of two relations on their keys."""
    return " AND ".join(f"{one}.{ident(key)} = {other}.{ident(key)}" for key in keys)
