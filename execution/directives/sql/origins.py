"""From which columns of which tables a SELECT makes each of its own: only names, read from the text."""

from collections.abc import Mapping
from functools import lru_cache

from sqlglot import exp, lineage
from sqlglot.errors import SqlglotError

Tables = Mapping[str, Mapping[str, str]]
"""Table name → its columns and their types."""

_TEXTS = 256
"""How many texts are remembered, with what they are made of: it takes a tenth of a second to follow one."""

Origins = dict[str, dict[str, tuple[str, ...]]]
"""Column → table → the columns of it that its values are made of."""


def origins(sql: str, tables: Tables) -> Origins:
    """What each column of a SELECT is made of, by name and in a stable order.

    What only decides which rows there are (a join, a WHERE) is not among it. A text that cannot be followed gives
    nothing: whether it holds is checked elsewhere.
    """
    return _origins(sql, tuple((name, tuple(columns.items())) for name, columns in tables.items()))


@lru_cache(maxsize=_TEXTS)
def _origins(sql: str, tables: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> Origins:
    schema = {name: dict(columns) for name, columns in tables}
    try:
        found = lineage.lineage(None, sql, schema=schema, dialect="duckdb")
    except (SqlglotError, ValueError, RecursionError):
        return {}
    return {column: _leaves(node) for column, node in found.items()} if isinstance(found, dict) else {}


def _leaves(node: lineage.Node) -> dict[str, tuple[str, ...]]:
    read: dict[str, set[str]] = {}
    for each in node.walk():
        if isinstance(each.source, exp.Table):
            read.setdefault(each.source.name, set()).add(each.name.rpartition(".")[2])
    return {table: tuple(sorted(columns)) for table, columns in sorted(read.items())}
