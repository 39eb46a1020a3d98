"""Work out one segment, keep who is in it in `derived.segment__<name>`, and note in its history who came and went.

Only rows of which something changed that the conditions name are placed again: each keeps a hash of it. So a run costs
what changed, and gives what placing everybody would give. Nothing is written where nothing changed.
"""

from datetime import datetime

from execution import engine
from execution.directives import Program
from execution.directives.facts import Step
from execution.directives.lineage import rules
from execution.engine import ident
from execution.measures import moments
from execution.measures.compile import parameters
from execution.measures.exchange import Difference, difference, exchange, replaced_sql
from execution.measures.run import make
from execution.measures.work import Work, working
from execution.segments import history
from execution.segments.compile import INPUTS, Membership, membership


def run(con: engine.Connection, program: Program, name: str, as_of: datetime, work: Work | None = None) -> int:
    """Place every row of the segment's entity as of a moment; how many rows are in it, or in one of its groups.

    `con` has the store as its current database and no open transaction. What its conditions name must have been worked
    out before. Raises GtmError where a condition fails on the data; the last membership then stays.
    """
    segment = program.segments[name]
    with working(con, work) as work:
        how = membership(program, segment, work.stored, as_of)
        moment = moments.Moment(engine.naive_utc(as_of), rules(program, Step("segment", name)))
        hint = "one of its conditions does not hold on the data"
        try:
            with engine.on_data(f"the segment {name} failed", hint=hint, where=segment.path, code="E363"):
                _keep(work, how, moment, _place(work, how, as_of))
        finally:
            con.execute("DROP TABLE IF EXISTS temp.fresh")
    return engine.count(con, f"FROM {_table(how)} WHERE {history.place_sql(segment)} IS NOT NULL")


def _table(how: Membership) -> str:
    return ident("derived", _made(how))


def _made(how: Membership) -> str:
    return Step("segment", how.segment.name).table


def _place(work: Work, how: Membership, as_of: datetime) -> Difference | None:
    """Place into the temporary table `fresh` whoever has to be placed; None where that is everybody."""
    goes_on = _goes_on(work, how)
    inputs = how.inputs
    if goes_on:
        # The key is in the hash, so one number tells who is new and who is otherwise than before.
        known = f"(SELECT {ident(INPUTS)} FROM {_table(how)})"
        inputs = f"SELECT i.* FROM (\n{inputs}\n) i WHERE i.{ident(INPUTS)} NOT IN {known}"
    sql = how.placed(inputs)
    fresh = make(work.con, sql, parameters(sql, as_of))
    return difference(work.con, _table(how), how.keys, fresh, work.entity_rows(how.rows)) if goes_on else None


def _goes_on(work: Work, how: Membership) -> bool:
    """Whether the stored rows were placed by the same conditions, so that those of whom nothing changed stay."""
    noted = work.moment(_method(how))
    return noted is not None and noted.directive == how.fingerprint


def _keep(work: Work, how: Membership, moment: moments.Moment, found: Difference | None) -> None:
    """Bring the stored table up to `fresh` and add what differs to the history, in one transaction.

    What is stored may be of another moment than the last in the history; then the history itself is looked at.
    """
    before, noted = work.moment(_made(how)), work.moment(history.made(how.segment.name))
    is_quiet = found is not None and found.is_none
    if is_quiet and before == noted == moment:
        return
    is_last = noted is not None and before == noted and noted.as_of < moment.as_of
    if is_quiet and is_last and noted is not None and noted.directive == moment.directive:
        work.note(_made(how), moment)
        work.note(history.made(how.segment.name), moment)
        return
    with work.change():
        if is_last:
            _note(work, how, moment, found)
        _write(work, how, found)
        if not is_last:
            history.append(work, how.segment, how.keys, moment, _table(how))
        work.note(_made(how), moment)
        if not _goes_on(work, how):
            work.note(_method(how), moments.Moment(moment.as_of, how.fingerprint))


def _note(work: Work, how: Membership, moment: moments.Moment, found: Difference | None) -> None:
    """Add who moved since the last moment, which the stored table is still of."""
    if found is not None and found.is_none:
        history.go_on(work, how.segment.name, moment)
        return
    stored = f"SELECT * FROM {_table(how)}"
    if found is not None:
        stored += f" WHERE {replaced_sql(how.keys, how.rows, gone=found.gone)}"
    history.append(work, how.segment, how.keys, moment, "temp.fresh", f"({stored})")


def _write(work: Work, how: Membership, found: Difference | None) -> None:
    table = _table(how)
    if found is None:
        work.con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM temp.fresh")
        work.reshaped()
    elif not found.is_none:
        exchange(work.con, table, replaced_sql(how.keys, how.rows, gone=found.gone), found)


def _method(how: Membership) -> str:
    return f"conditions of {_made(how)}"
