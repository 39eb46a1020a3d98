"""Measures directives → one SELECT per entity: every block a named CTE over the entities, joined on the key.

Pure: directives in, SQL out. The SQL takes one parameter, `$as_of` (TIMESTAMP, UTC).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from execution import engine
from execution.directives import Program
from execution.directives.dependencies import UNIFIED, read_of, takes_whole_rows, words
from execution.directives.model import Block, Entity, Measures
from execution.directives.schema import BESIDE, DUCKDB, entity_columns
from execution.engine import ident
from execution.errors import DirectiveError, Problem
from execution.measures.relation import unified_ctes
from execution.measures.stored import Stored, entity_ctes, entity_select, key_columns

_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """One `sql measures` block: the CTE it becomes, and which declared measures it gives."""

    cte: str
    directive: Measures
    block: Block
    keys: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """One entity's measures: the SELECT, its columns (name → DuckDB type, keys first), and the parts it is made of.

    `keys_sql` gives every row of the entity that is measured.
    """

    entity: Entity
    sql: str
    keys_sql: str
    columns: dict[str, str]
    parts: tuple[Part, ...]


def directives_of(program: Program, entity: str) -> list[Measures]:
    """The measures directives of an entity, by name."""
    return [program.measures[name] for name in sorted(program.measures) if program.measures[name].entity == entity]


def measure_columns(program: Program, entity: str) -> dict[str, str]:
    """Every measure declared for an entity → its DuckDB type, by directive and then as written."""
    return {
        name: DUCKDB[measure.type]
        for directive in directives_of(program, entity)
        for name, measure in directive.measures.items()
    }


def compile_measures(
    program: Program, entity_name: str, stored: Stored, parts: tuple[Part, ...] | None = None
) -> Compiled:
    """The measures of an entity as one SELECT: a row per key of the entity, a column per declared measure. `parts` are
    what `parts_of` gives, where that is at hand.

    Raises DirectiveError where a block does not bind, or two blocks give the same measure.
    """
    entity = program.entities[entity_name]
    parts = parts_of(program, entity_name) if parts is None else parts
    types = measure_columns(program, entity_name)
    keys = key_columns(entity)
    selected = [f"k.{ident(key)}" for key in keys]
    selected += [_measure(name, kind, parts) for name, kind in types.items()]
    ctes = entity_ctes(program.entities.values(), stored, _named(program, parts))
    ctes += unified_ctes(program, _reads(program, entity, parts), stored)
    ctes += [f"{part.cte} AS NOT MATERIALIZED (\n{_statement(part.block)}\n)" for part in parts]
    ctes.append(f"keys AS (SELECT {', '.join(map(ident, keys))} FROM {ident(entity.name)})")
    joins = "".join(f"\nLEFT JOIN {part.cte} ON {_on(part)}" for part in parts)
    sql = "WITH " + ",\n".join(ctes) + f"\nSELECT\n    {_lines(selected)}\nFROM keys k{joins}"
    key_types = {key: entity_columns(entity)[key] for key in keys}
    return Compiled(entity, sql, entity_select(entity, stored), key_types | types, parts)


def _named(program: Program, parts: Sequence[Part]) -> frozenset[str] | None:
    """Every name in the blocks, in lower case; None where one takes columns that it does not name."""
    texts = [part.block.text for part in parts]
    return (
        None
        if any(takes_whole_rows(text, program.entities) for text in texts)
        else frozenset[str]().union(*map(words, texts))
    )


def _reads(program: Program, entity: Entity, parts: Sequence[Part]) -> dict[str, list[str]]:
    """Which facts of which other entities the blocks read, as `unified_<entity>`."""
    facts = {name: program.facts(name) for name in _others(program, entity)}
    found: dict[str, dict[str, None]] = {}
    for part in parts:
        asked = (*part.keys, *part.columns)
        for name, read in read_of(part.block.text, asked, facts).items():
            found.setdefault(name, {}).update(dict.fromkeys(read))
    return {name: list(read) for name, read in sorted(found.items())}


def _others(program: Program, entity: Entity) -> list[str]:
    return [name for name, other in program.entities.items() if other.rows == "shared" and name != entity.name]


def blocks_of(program: Program, entity: str) -> list[tuple[Measures, Block]]:
    """Every block of an entity with its directive, in order."""
    return [(d, b) for d in directives_of(program, entity) for b in d.blocks if b.target == "measures"]


def parts_of(program: Program, entity_name: str) -> tuple[Part, ...]:
    """The blocks of an entity with the columns each gives, as DuckDB itself names them where there is no row."""
    entity, blocks = program.entities[entity_name], blocks_of(program, entity_name)
    if not blocks:
        return ()
    readable = tables_of(program, entity)
    found = [_part(readable, number, entity, *pair) for number, pair in enumerate(blocks, start=1)]
    _refuse_twice(found)
    return tuple(found)


def tables_of(program: Program, entity: Entity) -> dict[str, Mapping[str, str]]:
    """Everything that the measures of an entity may read: name → its columns with their types."""
    tables: dict[str, Mapping[str, str]] = {**BESIDE}
    tables |= {name: entity_columns(each) for name, each in program.entities.items()}
    for name in _others(program, entity):
        tables[UNIFIED + name] = {fact: each.type for fact, each in program.facts(name).items()}
    return tables


@lru_cache(maxsize=1)
def _judge() -> engine.Connection:
    """A database without anything, which says what columns a block gives: making one takes as long as asking ten."""
    return engine.memory(threads=1, locked_down=True)


def _nothing(name: str, types: Mapping[str, str]) -> str:
    """`name AS (…)`: a relation of those columns without a row."""
    columns = ", ".join(f"NULL::{kind} AS {ident(column)}" for column, kind in types.items())
    return f"{ident(name)} AS (SELECT {columns} WHERE false)"


def _asked_of(block: Block, readable: Mapping[str, Mapping[str, str]]) -> str:
    """The block over what it may name of it, without a row."""
    text = _statement(block)
    named = words(text)
    ctes = ", ".join(_nothing(name, types) for name, types in readable.items() if name.lower() in named)
    return f"{f'WITH {ctes} ' if ctes else ''}SELECT * FROM (\n{text}\n)"


def _part(
    readable: Mapping[str, Mapping[str, str]], number: int, entity: Entity, directive: Measures, block: Block
) -> Part:
    try:
        with _judge().cursor() as con:
            names = list(engine.columns(con, _asked_of(block, readable), parameters(block.text, _ANY)))
    except engine.Error as error:
        raise DirectiveError((_problem(directive, block, "E147", str(error).splitlines()[0]),)) from error
    keys = tuple(key for key in key_columns(entity) if key in names)
    if entity.key not in keys:
        problem = _problem(directive, block, "E135", f"the block does not give the key {entity.key!r}")
        raise DirectiveError((problem,))
    return part_of(number, directive, block, keys, tuple(name for name in names if name in directive.measures))


def part_of(number: int, directive: Measures, block: Block, keys: tuple[str, ...], columns: tuple[str, ...]) -> Part:
    """The block that comes at this place among those of its entity."""
    return Part(ident(f"{directive.name}_{number}"), directive, block, keys, columns)


def _refuse_twice(parts: Sequence[Part]) -> None:
    seen: dict[str, Part] = {}
    problems = []
    for part in parts:
        for name in part.columns:
            other = seen.setdefault(name, part)
            if other is not part:
                message = f"{name!r} is measured here and in {other.directive.path}:{other.block.line}"
                problems.append(_problem(part.directive, part.block, "E137", message))
    if problems:
        raise DirectiveError(tuple(problems))


def _measure(name: str, kind: str, parts: Sequence[Part]) -> str:
    """The measure out of the block that gives it; NULL where none does."""
    part = next((part for part in parts if name in part.columns), None)
    if part is None:
        return f"CAST(NULL AS {kind}) AS {ident(name)}"
    value = f"CAST({part.cte}.{ident(name)} AS {kind})"
    zero = part.directive.otherwise.get(name)
    return f"{f'COALESCE({value}, {zero})' if zero is not None else value} AS {ident(name)}"


def _on(part: Part) -> str:
    return " AND ".join(f"{part.cte}.{ident(key)} = k.{ident(key)}" for key in part.keys)


def _statement(block: Block) -> str:
    return block.text.strip().rstrip(";").rstrip()


def parameters(sql: str, as_of: datetime) -> dict[str, datetime] | None:
    """`$as_of` as DuckDB takes it, where the SQL asks for it: a parameter that nothing names is refused."""
    return {"as_of": engine.naive_utc(as_of)} if "$as_of" in _COMMENT.sub("", sql) else None


def _problem(directive: Measures, block: Block, code: str, message: str) -> Problem:
    return Problem(
        directive.path, block.line, 1, code, message, hint=f"run `gtm check`; the block is in {directive.name}"
    )


def _lines(items: Sequence[str]) -> str:
    return ",\n    ".join(items)
