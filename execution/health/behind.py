"""The values that scores were worked out from, now and before each change.

A score's table keeps today's beside every row. When a score changes, those it had until then go to
`derived.behind__<score>`, by the run that found the change: one typed column per fact, as they come. So the first
scoring of a million rows writes them once, and a day costs what changed. What another directive comes to name is a
column more; one whose type changes is kept as text from then on.
"""

from collections.abc import Mapping, Sequence

from execution import engine, store
from execution.directives.model import Health
from execution.engine import ident
from execution.health import names

RUN, KEY, GIVEN = (names.own(name) for name in ("run", "key", "given"))
"""Columns so named that no fact can be meant, quoted. `GIVEN` is the struct of a row's values in a score's table."""


def table_name(score: str) -> str:
    """Where the values of the past are, without the schema `derived`."""
    return f"behind__{score}"


def kept_name(score: str) -> str:
    """Where those of the last run are while the score's table shows an earlier moment."""
    return f"kept__{score}"


def given_sql(facts: Sequence[str], row: str) -> str:
    """The struct of a row's facts; a struct has a field at least."""
    if not facts:
        return f"struct_pack({names.own('nothing')} := NULL::INTEGER)"
    return f"struct_pack({', '.join(f'{ident(name)} := {row}.{ident(name)}' for name in facts)})"


def append(con: engine.Connection, health: Health, key: str, run: int, *, is_shown: bool) -> None:
    """Keep what those had until now whose score changed in a run; `key` is that of the score's row `s`.

    Inside the transaction that stores the new scores, before it does. `is_shown`: the score's table is of the last run.
    """
    source = _source(con, health.name, is_shown=is_shown)
    if source is not None:
        table, key = (source, key) if is_shown else (source, f"s.{KEY}")
        kinds = fields(con, table)
        _make_room(con, health.name, kinds)
        own = ident("derived", table_name(health.name))
        values = ", ".join(f"s.{GIVEN}.{ident(name)} AS {ident(name)}" for name in kinds)
        con.execute(
            f"INSERT INTO {own} BY NAME SELECT {run}::INTEGER AS {RUN}, {key} AS {KEY}, {values} FROM {table} s "
            f"WHERE {key} IN (SELECT key FROM derived.score_changes WHERE run = {run}) "
            f"AND {key} NOT IN (SELECT {KEY} FROM {own} WHERE {RUN} = {run})"
        )
    con.execute(f"DROP TABLE IF EXISTS {ident('derived', kept_name(health.name))}")


def keep(con: engine.Connection, health: Health, key: str) -> None:
    """Put the values of the last run aside: its table is about to show an earlier moment."""
    table = ident("derived", names.table_name(health.name))
    if fields(con, table):
        kept = ident("derived", kept_name(health.name))
        con.execute(f"CREATE TABLE IF NOT EXISTS {kept} AS SELECT {key} AS {KEY}, s.{GIVEN} FROM {table} s")


def fields(con: engine.Connection, table: str) -> dict[str, str]:
    """The facts of which a table has the values, with their types; none where it has not got them."""
    if not any(ident(name) == GIVEN for name in engine.columns(con, f"FROM {table}")):
        return {}
    return engine.columns(con, f"SELECT unnest({GIVEN}) FROM {table}")


def _source(con: engine.Connection, score: str, *, is_shown: bool) -> str | None:
    """The table that has the values of the last run."""
    name = names.table_name(score) if is_shown else kept_name(score)
    table = ident("derived", name)
    return table if store.has_table(con, "derived", name) and fields(con, table) else None


def _make_room(con: engine.Connection, score: str, kinds: Mapping[str, str]) -> None:
    """Make the table, or the columns it lacks."""
    table = ident("derived", table_name(score))
    if not store.has_table(con, "derived", table_name(score)):
        columns = "".join(f", {ident(name)} {kind}" for name, kind in kinds.items())
        con.execute(f"CREATE TABLE {table} ({RUN} INTEGER NOT NULL, {KEY} VARCHAR NOT NULL{columns})")
        return
    stored = engine.columns(con, f"FROM {table}")
    for name, kind in kinds.items():
        if name not in stored:
            con.execute(f"ALTER TABLE {table} ADD COLUMN {ident(name)} {kind}")
        elif stored[name] not in (kind, "VARCHAR"):
            con.execute(f"ALTER TABLE {table} ALTER COLUMN {ident(name)} TYPE VARCHAR")
