"""The values that scores were worked out from, now and before each change.

A score's table keeps today's beside every row. When a score changes, those it had until then go to
`derived.behind__<score>`, by the run that found the change: one typed column per fact, as they come. So the first
scoring of a million rows writes them once, and a day costs what changed. What another directive comes to name is a
column more; one whose type changes is kept as text from then on.
"""

from collections.abc import Mapping, Sequence

from execution import engine
from execution.directives.model import Health
from execution.engine import ident
from execution.health import names
from execution.measures.work import Work

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


def append(work: Work, health: Health, key: str, run: int, *, is_shown: bool) -> None:
    """Keep what those had until now whose score changed in a run; `key` is that of the score's row `s`.

    Inside the transaction that stores the new scores, before it does. `is_shown`: the score's table is of the last run.
    """
    con, kept = work.con, kept_name(health.name)
    source = names.table_name(health.name) if is_shown else kept
    if has_values(work, source):
        table, key = ident("derived", source), key if is_shown else f"s.{KEY}"
        kinds = engine.columns(con, f"SELECT unnest({GIVEN}) FROM {table}")
        _make_room(work, health.name, kinds)
        own = ident("derived", table_name(health.name))
        values = ", ".join(f"s.{GIVEN}.{ident(name)} AS {ident(name)}" for name in kinds)
        con.execute(
            f"INSERT INTO {own} BY NAME SELECT {run}::INTEGER AS {RUN}, {key} AS {KEY}, {values} FROM {table} s "
            f"WHERE {key} IN (SELECT key FROM derived.score_changes WHERE run = {run}) "
            f"AND {key} NOT IN (SELECT {KEY} FROM {own} WHERE {RUN} = {run})"
        )
    if work.stored.columns(f"derived.{kept}"):
        con.execute(f"DROP TABLE {ident('derived', kept)}")
        work.reshaped()


def keep(work: Work, health: Health, key: str) -> None:
    """Put the values of the last run aside: its table is about to show an earlier moment."""
    made, kept = names.table_name(health.name), kept_name(health.name)
    if has_values(work, made) and not work.stored.columns(f"derived.{kept}"):
        table = ident("derived", made)
        work.con.execute(f"CREATE TABLE {ident('derived', kept)} AS SELECT {key} AS {KEY}, s.{GIVEN} FROM {table} s")
        work.reshaped()


def has_values(work: Work, made: str) -> bool:
    """Whether a table is there, and has the values that scores were worked out from."""
    return any(ident(name) == GIVEN for name in work.stored.columns(f"derived.{made}"))


def fields(con: engine.Connection, table: str) -> dict[str, str]:
    """The facts of which a table has the values, with their types; none where it has not got them."""
    if not any(ident(name) == GIVEN for name in engine.columns(con, f"FROM {table}")):
        return {}
    return engine.columns(con, f"SELECT unnest({GIVEN}) FROM {table}")


def _make_room(work: Work, score: str, kinds: Mapping[str, str]) -> None:
    """Make the table, or the columns it lacks."""
    table, stored = ident("derived", table_name(score)), work.stored.columns(f"derived.{table_name(score)}")
    if not stored:
        columns = "".join(f", {ident(name)} {kind}" for name, kind in kinds.items())
        work.con.execute(f"CREATE TABLE {table} ({RUN} INTEGER NOT NULL, {KEY} VARCHAR NOT NULL{columns})")
        work.reshaped()
    for name, kind in kinds.items() if stored else ():
        if name not in stored:
            work.con.execute(f"ALTER TABLE {table} ADD COLUMN {ident(name)} {kind}")
            work.reshaped()
        elif stored[name] not in (kind, "VARCHAR"):
            work.con.execute(f"ALTER TABLE {table} ALTER COLUMN {ident(name)} TYPE VARCHAR")
            work.reshaped()
