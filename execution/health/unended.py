"""The states of a first scoring, which the score's own table holds until they end.

Everybody's first state is today's, so it is not written twice: a row of `derived.score__<name>` says by which run it
came out (`BEGAN`) as long as `derived.score_changes` has not got it. It is put there once the row is about to be
replaced. `derived.score_states` shows both together, whoever reads the history sees no difference. (Of a million rows
the second copy took a fifth of the first scoring's time, and two fifths of the room.)
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from execution import engine
from execution.engine import ident, literal
from execution.health import names

BEGAN = names.own("began")
"""The column with the number of the run; NULL where the state is in `score_changes`, or nothing was known."""


def make(con: engine.Connection, table: str, scored: str, run: int, given: Mapping[str, datetime] | None) -> None:
    """Make a score's table of everybody (`scored` is their SELECT with its parameters `given`), as states that began
    with a run. Inside the transaction that notes the run."""
    began = f"CASE WHEN f.score_milli IS NOT NULL THEN {run}::INTEGER END AS {BEGAN}"
    con.execute(f"CREATE TABLE {table} AS SELECT f.*, {began} FROM (\n{scored}\n) f", given)
    show(con)


def settle(con: engine.Connection, table: str, columns: Iterable[str], replaced: str | None) -> None:
    """Put those states into `score_changes` whose rows are about to be replaced: of all rows, or of those that the
    condition `replaced` holds for. `columns` are the table's. Inside the transaction that replaces them."""
    have = list(columns)
    if not is_unended(have):
        return
    ended = "" if replaced is None else f" AND ({replaced})"
    con.execute(f"INSERT INTO derived.score_changes BY NAME {_states(table, have)}{ended}")


def show(con: engine.Connection) -> None:
    """Bring the view of all states up to the tables there are."""
    rows = con.execute(
        f"""SELECT table_name, list(column_name ORDER BY column_index) AS columns FROM duckdb_columns()
            WHERE database_name = current_database() AND schema_name = 'derived'
            AND starts_with(table_name, {literal(names.table_name(""))})
            GROUP BY table_name ORDER BY table_name"""
    ).fetchall()
    unended = [_states(ident("derived", made), columns) for made, columns in rows if is_unended(columns)]
    every = " UNION ALL BY NAME ".join(["FROM derived.score_changes", *unended])
    con.execute(f"CREATE OR REPLACE VIEW derived.score_states AS {every}")


def is_unended(columns: Iterable[str]) -> bool:
    """Whether a score's table with these columns may hold states that `score_changes` has not got."""
    return any(ident(name) == BEGAN for name in columns)


def _states(table: str, columns: list[str]) -> str:
    """SELECT of those states, as `score_changes` has them. What the columns are is told by their names and order, as
    the table may be of another directive than today's."""
    keys = columns[: columns.index("score_milli")]
    key = " || '/' || ".join(map(ident, keys))
    parts = [name for name in columns if name.startswith(("component.", "penalty.")) or name == names.CLAMP]
    signals = [name.removeprefix("signal.") for name in columns if name.startswith("signal.")]
    figures = ", ".join(names.COMPARED)
    contributions = f"[{', '.join(map(ident, parts))}]"
    return (
        f"SELECT {BEGAN} AS run, {key} AS key, {figures}, {contributions} AS contributions, "
        f"{signals_sql(signals)} AS signals FROM {table} WHERE {BEGAN} IS NOT NULL"
    )


def signals_sql(signals: Iterable[str], row: str = "") -> str:
    """The names of those signals that hold of a row of a score."""
    columns = {name: f"{row}{names.signal(name)}" for name in signals}
    if not columns:
        return "CAST([] AS VARCHAR[])"
    each = ", ".join(f"CASE WHEN {column} THEN {literal(name)} END" for name, column in columns.items())
    return f"list_filter([{each}], lambda name: name IS NOT NULL)"
