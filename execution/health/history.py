"""How scores changed: a row for every customer whose score came out differently, with the directive that gave it.

A step function: the score on a day is the last row up to that day. What did not change costs nothing.
Contributions are lists of numbers; `derived.score_parts` has the names, once per directive. (A million maps with the
names inside took 3 s to build, lists take 0.1 s.)
"""

from datetime import datetime

from execution import engine
from execution.directives.model import Health
from execution.engine import ident, literal
from execution.health import names

COMPARED = ("score_milli", "low_milli", "high_milli", "coverage_milli", "band", "churn_risk_milli")
"""A change in any of these is a change of the score."""


def create(con: engine.Connection) -> None:
    """Make sure that there is a history. `contributions` are thousandths of a point, in the order of `score_parts`."""
    con.execute("CREATE SCHEMA IF NOT EXISTS derived")
    con.execute(
        """CREATE TABLE IF NOT EXISTS derived.score_history (
            score VARCHAR NOT NULL, entity VARCHAR NOT NULL, key VARCHAR NOT NULL, as_of TIMESTAMP NOT NULL,
            score_milli INTEGER, low_milli INTEGER, high_milli INTEGER, coverage_milli INTEGER,
            band VARCHAR, churn_risk_milli INTEGER,
            contributions INTEGER[], signals VARCHAR[], directive VARCHAR NOT NULL)"""
    )
    con.execute(
        """CREATE TABLE IF NOT EXISTS derived.score_parts
           (directive VARCHAR NOT NULL, position INTEGER NOT NULL, part VARCHAR NOT NULL)"""
    )


def append(con: engine.Connection, health: Health, keys: tuple[str, ...], as_of: datetime, *, has_stored: bool) -> None:
    """Add what differs between the temporary table `fresh` and the stored score, before it replaces that.

    Inside the transaction that does so. A second run for the same moment takes the place of the first.
    """
    stamp = literal(as_of)
    con.execute(f"CREATE OR REPLACE TEMP TABLE moved AS {_moved_sql(health, keys, has_stored=has_stored)}")
    con.execute(
        f"DELETE FROM derived.score_history WHERE score = {literal(health.name)} AND as_of = {stamp} "
        "AND key IN (SELECT key FROM temp.moved)"
    )
    con.execute(
        f"INSERT INTO derived.score_history BY NAME SELECT {literal(health.name)} AS score, "
        f"{literal(health.entity)} AS entity, {stamp} AS as_of, {literal(health.hash)} AS directive, * FROM temp.moved"
    )
    con.execute("DROP TABLE temp.moved")
    _name_parts(con, health)


def _moved_sql(health: Health, keys: tuple[str, ...], *, has_stored: bool) -> str:
    """Who has another score than the one stored. Somebody new of whom nothing is known has not changed."""
    figures = ", ".join(f"f.{name}" for name in COMPARED)
    parts = f"{_contributions(health)} AS contributions, {_signals(health)} AS signals"
    selected = f"{key_sql(keys, 'f')} AS key, {figures}, {parts}"
    if not has_stored:
        return f"SELECT {selected} FROM temp.fresh f WHERE f.score_milli IS NOT NULL"
    table = ident("derived", names.table_name(health.name))
    joined = " AND ".join(f"s.{ident(key)} = f.{ident(key)}" for key in keys)
    was = {name: f"s.{name}" for name in COMPARED} | {"coverage_milli": "COALESCE(s.coverage_milli, 0)"}
    differs = " OR ".join(f"f.{name} IS DISTINCT FROM {was[name]}" for name in COMPARED)
    return f"SELECT {selected} FROM temp.fresh f LEFT JOIN {table} s ON {joined} WHERE {differs}"


def key_sql(keys: tuple[str, ...], table: str) -> str:
    """One text for a key of several columns, as the history keeps it."""
    return " || '/' || ".join(f"{table}.{ident(key)}" for key in keys)


def _contributions(health: Health) -> str:
    return f"[{', '.join(f'f.{column}' for column in names.parts(health).values())}]"


def _name_parts(con: engine.Connection, health: Health) -> None:
    known = con.execute("SELECT count(*) FROM derived.score_parts WHERE directive = ?", [health.hash]).fetchone()
    if known and known[0]:
        return
    rows = ", ".join(f"({literal(health.hash)}, {n}, {literal(part)})" for n, part in enumerate(names.parts(health), 1))
    con.execute(f"INSERT INTO derived.score_parts VALUES {rows}")


def _signals(health: Health) -> str:
    if not health.signals:
        return "CAST([] AS VARCHAR[])"
    each = ", ".join(f"CASE WHEN f.{names.signal(name)} THEN {literal(name)} END" for name in health.signals)
    return f"list_filter([{each}], lambda name: name IS NOT NULL)"
