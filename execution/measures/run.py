"""Work out the measures and keep them in `derived.measures__<entity>`, written only when something in them changed."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from execution import engine, store
from execution.directives import Program
from execution.directives.facts import Step
from execution.engine import ident
from execution.errors import DirectiveError, GtmError, Problem
from execution.measures import moments
from execution.measures.compile import Compiled, compile_measures, directives_of, parameters
from execution.measures.stored import Stored, key_columns


def run(con: engine.Connection, program: Program, as_of: datetime) -> Mapping[str, int]:
    """Measure every entity as of a moment; how many rows each entity's measures have. For measures that read no
    `unified_…` of another entity; `health.derive` keeps the order for those that do.

    `con` has the store as its current database and no open transaction. The same store and moment give the same rows.
    Raises DirectiveError where a directive's SQL fails on the data or gives two rows for one key.
    """
    measured = sorted(name for name in program.entities if directives_of(program, name))
    return {name: measure(con, program, name, as_of) for name in measured}


def table_name(entity: str) -> str:
    """Where an entity's measures are kept, without the schema `derived`."""
    return Step("measures", entity).table


def measure(con: engine.Connection, program: Program, entity: str, as_of: datetime) -> int:
    """The measures of one entity as of a moment; how many rows they have. What its blocks read of other entities as
    `unified_…` must have been worked out before."""
    compiled = compile_measures(program, entity, Stored.read(con))
    made = table_name(entity)
    try:
        rows = _fill(con, compiled, as_of)
        moment = moments.Moment(engine.naive_utc(as_of), _fingerprint(compiled, program))
        keep(con, made, moment)
    finally:
        con.execute("DROP TABLE IF EXISTS temp.fresh")
    return rows


def _fill(con: engine.Connection, compiled: Compiled, as_of: datetime) -> int:
    """Measure into the temporary table `fresh`; how many rows it has."""
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS {compiled.sql}", parameters(compiled.sql, as_of))
    except engine.Error as error:
        raise _failed(compiled, error) from error
    row = con.execute("SELECT count(*) FROM temp.fresh").fetchone()
    rows = int(row[0]) if row else 0
    _refuse_two_rows(con, compiled, rows)
    return rows


def _failed(compiled: Compiled, error: Exception) -> GtmError:
    names = ", ".join(sorted({part.directive.path or part.directive.name for part in compiled.parts}))
    return GtmError(
        f"measuring {compiled.entity.name} failed: {str(error).splitlines()[0]}",
        hint=f"one of these does not hold on the data: {names}",
        code="E361",
    )


def _refuse_two_rows(con: engine.Connection, compiled: Compiled, rows: int) -> None:
    """Joins to the left lose no key, so as many rows as keys means one each."""
    expected = con.execute(f"SELECT count(*) FROM ({compiled.keys_sql})").fetchone()
    if expected and expected[0] == rows:
        return
    keys = ", ".join(map(ident, key_columns(compiled.entity)))
    twice = con.execute(
        f"SELECT {keys}, count(*) FROM temp.fresh GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 1"
    )
    row = twice.fetchone() or ("", "", 0)
    problems = tuple(
        Problem(part.directive.path, part.block.line, 1, "E145", f"{row[-1]} rows came out for {row[-2]!r}",
                hint=f"every block must give one row per {compiled.entity.key}: group by it")
        for part in compiled.parts
    )  # fmt: skip
    raise DirectiveError(problems)


def keep(con: engine.Connection, made: str, moment: moments.Moment) -> bool:
    """Make the temporary table `fresh` the stored `derived.<made>` where their rows differ; whether they did.

    In a transaction of its own.
    """
    before = moments.read(con, made)
    same = before is not None and store.is_same(con, "temp.fresh", ident("derived", made))
    if same and before == moment:
        return False
    with store.change(con):
        if not same:
            con.execute(f"CREATE OR REPLACE TABLE {ident('derived', made)} AS FROM temp.fresh")
        moments.write(con, made, moment)
    return not same


def _fingerprint(compiled: Compiled, program: Program) -> str:
    hashes = [directive.hash for directive in directives_of(program, compiled.entity.name)]
    return sha256("\n".join([compiled.entity.hash, *hashes]).encode()).hexdigest()
