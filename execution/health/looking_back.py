"""Scores of a moment that is over: what they rest on that is only known as it is today, and scoring without a trace.

Measures look at events up to a moment. But a column such as a rating is overwritten by every sync, so a score of last
March takes today's; which ones these are is said wherever such a score is shown.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from execution import engine, sentiment
from execution.directives import Program
from execution.directives.dependencies import words
from execution.directives.model import Entity, Health
from execution.directives.schema import entity_columns
from execution.directives.sql.origins import origins
from execution.engine import ident
from execution.health.counted import tables_of
from execution.health.derive import derive
from execution.store import migrations

_STORE = "store"
_STAMPS = ("source", "created_at", "updated_at", "customer_id", "company_domain")


def only_today(program: Program, score: Health) -> dict[str, tuple[str, ...]]:
    """The stored columns that a score rests on whose past is not known, as `customers.csat_score` → the components
    and penalties that use it, directly or by measures."""
    found: dict[str, list[str]] = {}
    entity = program.entities[score.entity]
    read = _read_by_measures(program, entity.name)
    for part, texts in _texts(score).items():
        named = frozenset[str]().union(*map(words, texts))
        for name, fact in program.facts(entity.name).items():
            if name.lower() not in named:
                continue
            columns = [(entity.name, name)] if fact.step is None else read.get(fact.column, [])
            for table, column in columns:
                if table in program.entities and _is_overwritten(program.entities[table], column):
                    found.setdefault(f"{table}.{column}", []).append(part)
    return {column: tuple(dict.fromkeys(parts)) for column, parts in sorted(found.items())}


def _texts(score: Health) -> dict[str, list[str]]:
    texts = {name: [part.score, *map(ident, part.needs)] for name, part in score.components.items()}
    return texts | {f"penalty.{name}": [part.when, part.points] for name, part in score.penalties.items()}


def _read_by_measures(program: Program, entity: str) -> dict[str, list[tuple[str, str]]]:
    """Which columns of which tables the measures of an entity are made of."""
    found: dict[str, list[tuple[str, str]]] = {}
    tables = tables_of(program)
    for directive in program.measures.values():
        blocks = [block for block in directive.blocks if directive.entity == entity and block.target == "measures"]
        for block in blocks:
            for name, read in origins(block.text, tables).items():
                found[name] = [(table, column) for table, columns in read.items() for column in columns]
    return found


def _is_overwritten(entity: Entity, column: str) -> bool:
    if column in (entity.key, *_STAMPS) or column not in entity_columns(entity):
        return False
    return entity.past is None or column not in entity.past.same


@contextmanager
def recomputed(file: Path, program: Program, as_of: datetime) -> Iterator[engine.Connection]:
    """A database in memory in which everything is derived as of a moment from the store in `file`, which stays as it
    is: nothing of it enters a history."""
    con = engine.memory()
    try:
        with engine.attached(con, file, _STORE):
            migrations.migrate(con)
            rows = con.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? AND NOT internal "
                "UNION SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = ? AND NOT internal",
                [_STORE, _STORE],
            ).fetchall()
            for schema, table in sorted(rows):
                if schema in ("core", "projected", "raw"):
                    shown = ident(schema, table)
                    con.execute(f"CREATE OR REPLACE VIEW {shown} AS FROM {ident(_STORE, schema, table)}")
            con.execute(f"INSERT INTO meta.sources FROM {ident(_STORE, 'meta', 'sources')}")
            sentiment.lend(con, _STORE)
            derive(con, program, as_of)
            yield con
    finally:
        con.close()
