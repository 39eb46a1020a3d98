"""A segment directive → one SELECT: every row of its entity with where it belongs, and a hash of what says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from execution import engine
from execution.directives import Program
from execution.directives.dependencies import words
from execution.directives.facts import Fact, Step
from execution.directives.model import Segment
from execution.engine import ident, literal
from execution.measures.compile import parameters
from execution.measures.relation import facts_select
from execution.measures.stored import Stored, entity_select, key_columns

INPUTS = ".inputs"
"""The column of a segment's table with a hash of the row's key, the facts that the conditions name and the conditions:
who has the same is in the same place."""


@dataclass(frozen=True, slots=True)
class Membership:
    """How a segment is worked out: `inputs` is the SQL of everybody's keys and what the conditions name, with a hash of
    it; `rows` that of everybody's keys. `fingerprint` tells one set of conditions, at one moment if they ask for it,
    from another."""

    segment: Segment
    keys: tuple[str, ...]
    rows: str
    inputs: str
    fingerprint: str

    def placed(self, inputs: str) -> str:
        """SELECT of keys, the hash, and one column of the segment's name for rows of inputs: whether the row is in it
        (NULL where that is unknown), or the name of its group (NULL where it is in none)."""
        keys = ", ".join(f"f.{ident(key)}" for key in self.keys)
        place = f"{_place(self.segment)} AS {ident(self.segment.name)}"
        return f"SELECT {keys}, f.{ident(INPUTS)}, {place}\nFROM (\n{inputs}\n) f"


def membership(program: Program, segment: Segment, stored: Stored, as_of: datetime) -> Membership:
    """What placing an entity's rows takes, from what the store has. The one parameter of its SQL, if named, is
    `$as_of`."""
    entity = program.entities[segment.entity]
    facts = _facts(program, segment)
    keys = key_columns(entity)
    at = engine.naive_utc(as_of).isoformat() if parameters(_place(segment), as_of) else ""
    kinds = [fact.type for fact in facts.values()]
    made = f"{engine.VERSION}\n{at}\n{kinds}\n{_place(segment)}"
    fingerprint = sha256(made.encode()).hexdigest()
    named = [f"i.{ident(name)}" for name in (*keys, *(name for name in facts if name not in keys))]
    hashed = ", ".join([literal(fingerprint), *named])
    select = facts_select(program, entity, list(facts), stored)
    inputs = f"SELECT i.*, hash({hashed}) AS {ident(INPUTS)} FROM (\n{select}\n) i"
    return Membership(segment, keys, entity_select(entity, stored), inputs, fingerprint)


def _facts(program: Program, segment: Segment) -> Mapping[str, Fact]:
    """What the conditions name, in a stable order; never the segment itself."""
    named = frozenset[str]().union(*map(words, segment.conditions().values()))
    own = Step("segment", segment.name)
    facts = program.facts(segment.entity)
    return {name: fact for name, fact in facts.items() if name.lower() in named and fact.step != own}


def _place(segment: Segment) -> str:
    if segment.when is not None:
        return f"CAST((\n{segment.when}\n) AS BOOLEAN)"
    cases = " ".join(f"WHEN (\n{when}\n) THEN {literal(place)}" for when, place in segment.tried())
    return f"CASE {cases} END"
