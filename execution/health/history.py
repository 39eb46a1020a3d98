"""How scores changed: a row for every customer whose score came out differently, and the run that found it.

A step function: the score on a day is the last row up to that day. What did not change costs nothing. Rows are kept in
`derived.score_changes` by the number of their run in `derived.score_runs`, which knows the moment and the directive;
`derived.score_history` shows both together, with those of a first run that are still `unended`. (Four columns with the
same text in a million rows took a quarter of the time to write.) Contributions are lists of numbers;
`derived.score_parts` has the names, once per directive. (A million maps with the names inside took 3 s to build, lists
take 0.1 s.)

With the values `behind` each change, the directive in `derived.score_texts` and what else a run rested on, a score of
the past can be taken apart like today's. `contributions` are thousandths of a point, in the order of `score_parts`;
`rests_on` is JSON, what `grounds` gives. `score_splits` are what the directive before would have said at a run with
another one, for those whom that said otherwise; `is_split` where this is known.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from execution import engine
from execution.directives.model import Health
from execution.engine import ident, literal
from execution.health import behind, names, unended
from execution.measures import moments
from execution.measures.work import Work


def last(con: engine.Connection, health: Health) -> moments.Moment | None:
    """The last moment that the score was worked out for and entered the history, whether or not something changed."""
    return _last(con, f"score = {literal(health.name)}")


def before(con: engine.Connection, health: Health, as_of: datetime) -> str | None:
    """SELECT of the band (`key`, `band`) that each row was in at the last moment before this one.

    None where another directive was in force then, or none: its bands mean something else, so everybody begins anew.
    """
    earlier = f"score = {literal(health.name)} AND as_of < {literal(engine.naive_utc(as_of))}"
    found = _last(con, earlier)
    if found is None or found.directive != health.hash:
        return None
    return f"SELECT key, arg_max_null(band, as_of) AS band FROM derived.score_history WHERE {earlier} GROUP BY key"


def _last(con: engine.Connection, condition: str) -> moments.Moment | None:
    row = con.execute(
        f"SELECT as_of, directive FROM derived.score_runs WHERE {condition} ORDER BY as_of DESC LIMIT 1"
    ).fetchone()
    return moments.Moment(row[0], row[1]) if row else None


def begin(con: engine.Connection, health: Health, as_of: datetime, rests_on: Mapping[str, str] | None = None) -> int:
    """Note the first run of a score, and what it followed; its number. Inside the transaction that keeps the scores."""
    run = _run(con, health, engine.naive_utc(as_of), rests_on, is_again=False)
    _describe(con, health)
    return run


def append(
    work: Work,
    health: Health,
    keys: tuple[str, ...],
    as_of: datetime,
    before_: moments.Moment | None,
    rests_on: Mapping[str, str] | None = None,
) -> None:
    """Add what of the temporary table `fresh` differs from what the history says last, before it is stored.

    Inside the transaction that stores it. A second run for the same moment takes the place of the first. A look back at
    an earlier moment than the last, which is `before_`, leaves no trace. `rests_on` is what else there is to the score.
    """
    con, stamp = work.con, engine.naive_utc(as_of)
    is_shown = before_ is not None and work.moment(names.table_name(health.name)) == before_
    if before_ is not None and stamp < before_.as_of:
        if is_shown:
            behind.keep(work, health, key_sql(keys, "s"))
        return
    moved = _moved_sql(work, health, keys, before_, is_shown=is_shown)
    is_again = before_ is not None and stamp == before_.as_of
    run = _run(con, health, stamp, rests_on, is_again=is_again)
    if is_again:
        con.execute(f"DELETE FROM derived.score_changes WHERE run = {run} AND key IN (SELECT key FROM ({moved}))")
    con.execute(f"INSERT INTO derived.score_changes BY NAME SELECT {run}::INTEGER AS run, * FROM ({moved})")
    behind.append(work, health, key_sql(keys, "s"), run, is_shown=is_shown)
    if before_ is None or before_.directive != health.hash:
        _describe(con, health)


def _run(
    con: engine.Connection, health: Health, stamp: datetime, rests_on: Mapping[str, str] | None, *, is_again: bool
) -> int:
    """The number of the run of this moment, which from now on followed this directive; `is_again`: there is one."""
    row = con.execute(
        """SELECT coalesce(max(run) FILTER (WHERE score = ? AND as_of = ?), max(run) + 1, 1) FROM derived.score_runs""",
        [health.name, stamp],
    ).fetchone()
    run = int(row[0]) if row else 1
    if is_again:
        con.execute("DELETE FROM derived.score_runs WHERE run = ?", [run])
        con.execute("DELETE FROM derived.score_splits WHERE run = ?", [run])
    grounds = None if rests_on is None else json.dumps(dict(rests_on), sort_keys=True)
    values = [run, health.name, health.entity, stamp, health.hash, health.version, grounds]
    con.execute("INSERT INTO derived.score_runs VALUES (?, ?, ?, ?, ?, ?, ?, false)", values)
    return run


def _moved_sql(
    work: Work, health: Health, keys: tuple[str, ...], before_: moments.Moment | None, *, is_shown: bool
) -> str:
    """Who has another score than before, or one made of other parts. Somebody new of whom nothing is known has not
    changed. `is_shown`: the score's table is that of the last run, and of no earlier moment looked back at."""
    figures = ", ".join(f"f.{name}" for name in names.COMPARED)
    parts = f"{_contributions(health)} AS contributions, {_signals(health)} AS signals"
    selected = f"{key_sql(keys, 'f')} AS key, {figures}, {parts}"
    if before_ is None:
        return f"SELECT {selected} FROM temp.fresh f WHERE f.score_milli IS NOT NULL"
    was = {name: f"s.{name}" for name in names.COMPARED} | {"coverage_milli": "COALESCE(s.coverage_milli, 0)"}
    now = {name: f"f.{name}" for name in names.COMPARED} | {"coverage_milli": "COALESCE(f.coverage_milli, 0)"}
    differs = [f"{now[name]} IS DISTINCT FROM {was[name]}" for name in names.COMPARED]
    if is_shown:
        made = names.table_name(health.name)
        table = ident("derived", made)
        reference = f"SELECT {key_sql(keys, 's')} AS key, s.* FROM {table} s"
        differs += _of_columns(health, work.stored.columns(f"derived.{made}"))
    else:
        kept = (*names.COMPARED, "contributions", "signals")
        latest = ", ".join(f"arg_max_null({name}, as_of) AS {name}" for name in kept)
        reference = f"SELECT key, {latest} FROM derived.score_history WHERE score = {literal(health.name)} GROUP BY key"
        scored = "(f.score_milli IS NOT NULL OR s.score_milli IS NOT NULL)"
        differs.append(
            f"{scored} AND (s.contributions IS DISTINCT FROM {_contributions(health)} "
            f"OR s.signals IS DISTINCT FROM {_signals(health)})"
        )
    joined = f"LEFT JOIN ({reference}) s ON s.key = {key_sql(keys, 'f')}"
    return f"SELECT {selected} FROM temp.fresh f {joined} WHERE {' OR '.join(differs)}"


def _of_columns(health: Health, stored: Mapping[str, str]) -> list[str]:
    """Conditions that a part or a signal differs from the stored one, whose columns another directive may have given.
    A part that is not there is like one that gave nothing."""
    parts = dict.fromkeys(_columns_of_parts(health), 0)
    signals = {f"signal.{name}": False for name in health.signals}
    gone = {name: 0 for name in stored if name.startswith(("component.", "penalty.")) and name not in parts}
    gone_signals = {name: False for name in stored if name.startswith("signal.") and name not in signals}
    scored = "(f.score_milli IS NOT NULL OR s.score_milli IS NOT NULL)"
    conditions = []
    for name, nothing in (parts | signals).items():
        if name in stored and nothing is not False:
            conditions.append(f"f.{ident(name)} IS DISTINCT FROM s.{ident(name)}")
        elif name in stored:
            conditions.append(f"COALESCE(f.{ident(name)}, false) <> COALESCE(s.{ident(name)}, false)")
        else:
            conditions.append(f"COALESCE(f.{ident(name)}, {literal(nothing)}) <> {literal(nothing)}")
    for name, nothing in (gone | gone_signals).items():
        conditions.append(f"COALESCE(s.{ident(name)}, {literal(nothing)}) <> {literal(nothing)}")
    return [f"{scored} AND ({' OR '.join(conditions)})"]


def _columns_of_parts(health: Health) -> list[str]:
    """The columns of what adds up to a score, not quoted."""
    return [f"component.{name}" for name in health.components] + [f"penalty.{name}" for name in health.penalties]


def key_sql(keys: tuple[str, ...], table: str) -> str:
    """One text for a key of several columns, as the history keeps it."""
    return " || '/' || ".join(f"{table}.{ident(key)}" for key in keys)


def _contributions(health: Health) -> str:
    return f"[{', '.join(f'f.{column}' for column in names.parts(health).values())}]"


def _describe(con: engine.Connection, health: Health) -> None:
    """Keep the directive with the names of its parts, once."""
    known = con.execute("SELECT count(*) FROM derived.score_parts WHERE directive = ?", [health.hash]).fetchone()
    if known and known[0]:
        return
    rows = ", ".join(f"({literal(health.hash)}, {n}, {literal(part)})" for n, part in enumerate(names.parts(health), 1))
    con.execute(f"INSERT INTO derived.score_parts VALUES {rows}")
    written = json.dumps(health.written, ensure_ascii=False)  # in its own order: parts are added up in that
    con.execute("INSERT INTO derived.score_texts VALUES (?, ?)", [health.hash, written])


def directive(con: engine.Connection, hash_: str) -> Health | None:
    """The directive of that hash as it was when something was scored by it; None where it was not kept."""
    row = con.execute("SELECT written FROM derived.score_texts WHERE directive = ?", [hash_]).fetchone()
    if row is None:
        return None
    written = json.loads(row[0])
    return Health.model_validate(written).model_copy(update={"hash": hash_, "written": written})


def _signals(health: Health) -> str:
    return unended.signals_sql(health.signals, "f.")
