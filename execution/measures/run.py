"""Work out the measures and keep them in `derived.measures__<entity>`, written only when something in them changed."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from execution import engine, store
from execution.directives import Program
from execution.directives.facts import Step
from execution.engine import ident
from execution.errors import DirectiveError, Problem
from execution.measures import moments
from execution.measures.compile import Compiled, Part, compile_measures, directives_of, parameters, parts_of
from execution.measures.parts import as_text, fingerprint, read_again
from execution.measures.stored import key_columns
from execution.measures.work import Work, working


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


def measure(con: engine.Connection, program: Program, entity: str, as_of: datetime, work: Work | None = None) -> int:
    """The measures of one entity as of a moment; how many rows they have. What its blocks read of other entities as
    `unified_…` must have been worked out before."""
    with working(con, work) as work:
        compiled = compile_measures(program, entity, work.stored, _parts(con, program, entity, as_of))
        try:
            rows = _fill(work, compiled, as_of)
            moment = moments.Moment(engine.naive_utc(as_of), _fingerprint(compiled, program))
            keep(work, table_name(entity), moment)
        finally:
            con.execute("DROP TABLE IF EXISTS temp.fresh")
    return rows


def _parts(con: engine.Connection, program: Program, entity: str, as_of: datetime) -> tuple[Part, ...]:
    """The blocks of an entity with what each gives, which is bound once and then remembered in the store."""
    step, now = f"columns of {table_name(entity)}", fingerprint(program, entity)
    known = store.made_from(con, step)
    if known is not None and known.startswith(now):
        return read_again(program, entity, known.removeprefix(now))
    parts = parts_of(program, entity)
    with engine.transaction(con):
        store.record_made(con, step, now + as_text(parts), engine.naive_utc(as_of))
    return parts


def _fill(work: Work, compiled: Compiled, as_of: datetime) -> int:
    """Measure into the temporary table `fresh`; how many rows it has."""
    paths = ", ".join(sorted({part.directive.path or part.directive.name for part in compiled.parts}))
    hint = f"one of these does not hold on the data: {paths}"
    with engine.on_data(f"measuring {compiled.entity.name} failed", hint=hint, code="E361"):
        rows = make(work.con, compiled.sql, parameters(compiled.sql, as_of))
    if rows != work.entity_rows(compiled.keys_sql):
        raise _two_rows(work.con, compiled)
    return rows


def make(con: engine.Connection, sql: str, parameters: dict[str, datetime] | None) -> int:
    """Make the temporary table `fresh` of a SELECT; how many rows it has."""
    row = con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS {sql}", parameters).fetchone()
    return int(row[0]) if row else 0


def _two_rows(con: engine.Connection, compiled: Compiled) -> DirectiveError:
    """Joins to the left lose no key, so as many rows as keys means one each, and more that a key has several."""
    keys = ", ".join(map(ident, key_columns(compiled.entity)))
    twice = con.execute(
        f"SELECT {keys}, count(*) FROM temp.fresh GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 1"
    )
    row = twice.fetchone() or ("", "", 0)
    return DirectiveError(tuple(
        Problem(part.directive.path, part.block.line, 1, "E145", f"{row[-1]} rows came out for {row[-2]!r}",
                hint=f"every block must give one row per {compiled.entity.key}: group by it")
        for part in compiled.parts
    ))  # fmt: skip


def keep(work: Work, made: str, moment: moments.Moment) -> bool:
    """Make the temporary table `fresh` the stored `derived.<made>` where their rows differ; whether they did.

    In a transaction of its own; where only the moment is another, that is noted.
    """
    table, shape = ident("derived", made), engine.columns(work.con, "FROM temp.fresh")
    is_shaped_so = list(shape.items()) == list(work.stored.columns(f"derived.{made}").items())
    if is_shaped_so and work.moment(made) is not None and store.has_same_rows(work.con, "temp.fresh", table):
        work.note(made, moment)
        return False
    with work.change():
        work.con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM temp.fresh")
        work.note(made, moment)
    if not is_shaped_so:
        work.reshaped()
    return True


def _fingerprint(compiled: Compiled, program: Program) -> str:
    hashes = [directive.hash for directive in directives_of(program, compiled.entity.name)]
    return sha256("\n".join([compiled.entity.hash, *hashes]).encode()).hexdigest()
