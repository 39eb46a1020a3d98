"""What a test of the quality directive gives, put where quality looks for it, and what comes out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from execution import engine, quality
from execution.directives import Program
from execution.directives.model import Quality
from execution.directives.schema import VOLUMES
from execution.engine import ident
from execution.proof.deriving import load
from execution.proof.rows import Row, table_of

CHECKS = "checks"
KNOWN_BY = "known_by"
"""What a given row may say besides its facts: the sources that know it."""

_TABLES = {
    "sources": ("meta.sources", {"source": "VARCHAR", "read_at": "TIMESTAMP"}),
    "volumes": ("meta.volumes", VOLUMES),
    "published": ("meta.published", {"counted": "VARCHAR", "rows": "BIGINT"}),
}


def judged(
    con: engine.Connection,
    program: Program,
    directive: Quality,
    given: Mapping[str, Sequence[Row]],
    as_of: datetime,
    wanted: str,
) -> list[dict[str, Any]]:
    """What the checks come to (`wanted` is `checks`), or the rows of an entity with their points."""
    for name in program.entities:
        if name in directive.entities() or name in given:
            rows = given.get(name, ())
            load(con, program, name, [_plain(row) for row in rows])
            _know(con, name, program.entities[name].key, rows, as_of)
    for name, (table, types) in _TABLES.items():
        if name in given:
            table_of(con, "given", types, given[name])
            con.execute(f"INSERT INTO {table} FROM given")
            con.execute("DROP TABLE given")
    for name in directive.entities():
        quality.rate(con, program, name, as_of)
    quality.run(con, program, as_of)
    if wanted == CHECKS:
        return engine.dicts(con, "FROM derived.quality_checks")
    key = ident(program.entities[wanted].key)
    figures = (
        f"{key}, quality_score_milli / 1000.0 AS data_quality_score, "
        "quality_coverage_milli / 1000.0 AS data_quality_coverage"
        if wanted in directive.scores
        else key
    )
    return engine.dicts(con, f"SELECT {figures} FROM {ident('derived', f'quality__{wanted}')}")


def _plain(row: Row) -> Row:
    return {column: value for column, value in row.items() if column != KNOWN_BY}


def _know(con: engine.Connection, name: str, key: str, rows: Sequence[Row], as_of: datetime) -> None:
    """Note which sources know which rows."""
    table = ident("core", name)
    for source in sorted({source for row in rows for source in row.get(KNOWN_BY, ())}):
        column = ident(f"last_{source}_change")
        con.execute(f"ALTER TABLE {table} ADD COLUMN {column} TIMESTAMP")
        for row in rows:
            if source in row.get(KNOWN_BY, ()):
                con.execute(f"UPDATE {table} SET {column} = ? WHERE {ident(key)} = ?", [as_of, row[key]])
