"""Score every entity that has a health directive, keep its history, and show everything in one view."""

from collections.abc import Mapping
from datetime import datetime

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Health
from execution.engine import ident
from execution.errors import GtmError
from execution.health import history, names, view
from execution.health.compile import compile_score
from execution.health.inputs import inputs_select
from execution.measures import moments
from execution.measures.compile import parameters
from execution.measures.run import is_same
from execution.measures.stored import Stored, key_columns


def run(con: engine.Connection, program: Program, as_of: datetime) -> Mapping[str, int]:
    """Score as of a moment; how many rows each health directive has. Run the measures first.

    `con` has the store as its current database and no open transaction. Writes `derived.score__<name>` and
    `derived.score_history` where something changed, and the `unified_…` views. Raises GtmError where an expression
    fails on the data.
    """
    moments.create(con)
    history.create(con)
    rows = {name: _score(con, program, program.health[name], as_of) for name in sorted(program.health)}
    view.create(con, program)
    return rows


def _score(con: engine.Connection, program: Program, health: Health, as_of: datetime) -> int:
    keys = key_columns(program.entities[health.entity])
    sql = compile_score(health, inputs_select(program, health, Stored.read(con)), keys)
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS {sql}", parameters(sql, as_of))
        _keep(con, health, keys, moments.Moment(engine.naive_utc(as_of), health.hash))
        row = con.execute("SELECT count(*) FROM temp.fresh").fetchone()
    except engine.Error as error:
        raise GtmError(
            f"the score {health.name} failed: {str(error).splitlines()[0]}",
            hint="one of its expressions does not hold on the data",
            where=health.path,
            code="E362",
        ) from error
    finally:
        con.execute("DROP TABLE IF EXISTS temp.fresh")
    return int(row[0]) if row else 0


def _keep(con: engine.Connection, health: Health, keys: tuple[str, ...], moment: moments.Moment) -> None:
    """Store the fresh score and what it changed, in one transaction. A look back at an earlier moment than the stored
    one leaves no trace in the history."""
    made = names.table_name(health.name)
    before = moments.read(con, made)
    same = is_same(con, made)
    if same and before == moment:
        return
    with store.change(con):
        if not same:
            if before is None or moment.as_of >= before.as_of:
                has_stored = store.has_table(con, "derived", made)
                history.append(con, health, keys, moment.as_of, has_stored=has_stored)
            con.execute(f"CREATE OR REPLACE TABLE {ident('derived', made)} AS FROM temp.fresh")
        moments.write(con, made, moment)
