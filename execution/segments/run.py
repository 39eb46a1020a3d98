"""Work out one segment, keep who is in it in `derived.segment__<name>`, and note in its history who came and went.

Nothing is written where nothing changed.
"""

from datetime import datetime

from execution import engine, store
from execution.directives import Program
from execution.directives.facts import Step
from execution.directives.lineage import rules
from execution.directives.model import Segment
from execution.engine import ident
from execution.errors import GtmError
from execution.measures import moments
from execution.measures.compile import parameters
from execution.measures.run import is_same
from execution.measures.stored import Stored, key_columns
from execution.segments import history
from execution.segments.compile import membership_sql


def run(con: engine.Connection, program: Program, name: str, as_of: datetime) -> int:
    """Place every row of the segment's entity as of a moment; how many rows are in it, or in one of its groups.

    `con` has the store as its current database and no open transaction. What its conditions name must have been worked
    out before. Raises GtmError where a condition fails on the data; the last membership then stays.
    """
    segment = program.segments[name]
    step = Step("segment", name)
    moments.create(con)
    history.create(con)
    sql = membership_sql(program, segment, Stored.read(con))
    moment = moments.Moment(engine.naive_utc(as_of), rules(program, step))
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS {sql}", parameters(sql, as_of))
        _keep(con, segment, key_columns(program.entities[segment.entity]), moment)
        row = con.execute(f"SELECT count({history.place_sql(segment)}) FROM temp.fresh").fetchone()
    except engine.Error as error:
        raise GtmError(
            f"the segment {name} failed: {str(error).splitlines()[0]}",
            hint="one of its conditions does not hold on the data",
            where=segment.path,
            code="E363",
        ) from error
    finally:
        con.execute("DROP TABLE IF EXISTS temp.fresh")
    return int(row[0]) if row else 0


def _keep(con: engine.Connection, segment: Segment, keys: tuple[str, ...], moment: moments.Moment) -> None:
    """Make the temporary table `fresh` the stored one where they differ, and add what differs to the history.

    What is stored may be of another moment than the last in the history; then the history itself is looked at.
    """
    made = Step("segment", segment.name).table
    same, before, noted = is_same(con, made), moments.read(con, made), history.last(con, segment.name)
    if same and before == noted == moment:
        return
    table = ident("derived", made)
    is_last = noted is not None and before == noted and noted.as_of < moment.as_of
    is_last = is_last and store.has_table(con, "derived", made)
    with store.change(con):
        if same and is_last:
            history.go_on(con, segment.name, moment)
        else:
            history.append(con, segment, keys, moment, table if is_last else None)
        if not same:
            con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM temp.fresh")
        moments.write(con, made, moment)
