"""Work out one segment, keep who is in it in `derived.segment__<name>`, and note in its history who came and went.

Only rows of which something changed that the conditions name are placed again: each keeps a hash of it. So a run costs
what changed, and gives what placing everybody would give. Nothing is written where nothing changed.
"""

from dataclasses import dataclass
from datetime import datetime

from execution import engine, store
from execution.directives import Program
from execution.directives.facts import Step
from execution.directives.lineage import rules
from execution.engine import ident
from execution.errors import GtmError
from execution.measures import moments
from execution.measures.compile import parameters
from execution.measures.exchange import count, exchange, gone, replaced_sql
from execution.measures.stored import Stored
from execution.segments import history
from execution.segments.compile import INPUTS, Membership, membership


@dataclass(frozen=True, slots=True)
class Found:
    """What the temporary table `fresh` has: everybody, or those who changed (`fresh` of them; `gone` are stored and
    there no more)."""

    is_whole: bool
    fresh: int
    gone: int

    @property
    def is_quiet(self) -> bool:
        return not (self.is_whole or self.fresh or self.gone)


def run(con: engine.Connection, program: Program, name: str, as_of: datetime) -> int:
    """Place every row of the segment's entity as of a moment; how many rows are in it, or in one of its groups.

    `con` has the store as its current database and no open transaction. What its conditions name must have been worked
    out before. Raises GtmError where a condition fails on the data; the last membership then stays.
    """
    segment = program.segments[name]
    step = Step("segment", name)
    how = membership(program, segment, Stored.read(con), as_of)
    moment = moments.Moment(engine.naive_utc(as_of), rules(program, step))
    try:
        _keep(con, how, moment, _place(con, how, as_of))
    except engine.Error as error:
        raise GtmError(
            f"the segment {name} failed: {str(error).splitlines()[0]}",
            hint="one of its conditions does not hold on the data",
            where=segment.path,
            code="E363",
        ) from error
    finally:
        con.execute("DROP TABLE IF EXISTS temp.fresh")
    return count(con, f"FROM {_table(how)} WHERE {history.place_sql(segment)} IS NOT NULL")


def _table(how: Membership) -> str:
    return ident("derived", _made(how))


def _made(how: Membership) -> str:
    return Step("segment", how.segment.name).table


def _place(con: engine.Connection, how: Membership, as_of: datetime) -> Found:
    """Place into the temporary table `fresh` whoever has to be placed."""
    is_whole = not _goes_on(con, how)
    inputs = how.inputs
    if not is_whole:
        # The key is in the hash, so one number tells who is new and who is otherwise than before.
        known = f"(SELECT {ident(INPUTS)} FROM {_table(how)})"
        inputs = f"SELECT i.* FROM (\n{inputs}\n) i WHERE i.{ident(INPUTS)} NOT IN {known}"
    sql = how.placed(inputs)
    con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS {sql}", parameters(sql, as_of))
    fresh = count(con, "FROM temp.fresh")
    return Found(is_whole, fresh, 0 if is_whole else gone(con, _table(how), how.keys, how.rows))


def _goes_on(con: engine.Connection, how: Membership) -> bool:
    """Whether the stored rows were placed by the same conditions, so that those of whom nothing changed stay."""
    noted = moments.read(con, _method(how))
    return noted is not None and noted.directive == how.fingerprint


def _keep(con: engine.Connection, how: Membership, moment: moments.Moment, found: Found) -> None:
    """Bring the stored table up to `fresh` and add what differs to the history, in one transaction.

    What is stored may be of another moment than the last in the history; then the history itself is looked at.
    """
    before, noted = moments.read(con, _made(how)), history.last(con, how.segment.name)
    if found.is_quiet and before == noted == moment:
        return
    is_last = noted is not None and before == noted and noted.as_of < moment.as_of
    with store.change(con):
        if is_last:
            _note(con, how, moment, found)
        _write(con, how, found)
        if not is_last:
            history.append(con, how.segment, how.keys, moment, _table(how))
        moments.write(con, _made(how), moment)
        if not _goes_on(con, how):
            moments.write(con, _method(how), moments.Moment(moment.as_of, how.fingerprint))


def _note(con: engine.Connection, how: Membership, moment: moments.Moment, found: Found) -> None:
    """Add who moved since the last moment, which the stored table is still of."""
    if found.is_quiet:
        history.go_on(con, how.segment.name, moment)
        return
    stored = f"SELECT * FROM {_table(how)}"
    if not found.is_whole:
        stored += f" WHERE {replaced_sql(how.keys, how.rows, gone=found.gone)}"
    history.append(con, how.segment, how.keys, moment, "temp.fresh", f"({stored})")


def _write(con: engine.Connection, how: Membership, found: Found) -> None:
    table = _table(how)
    if found.is_whole:
        con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM temp.fresh")
        return
    if found.is_quiet:
        return
    replaced = replaced_sql(how.keys, how.rows, gone=found.gone)
    exchange(con, table, replaced, found.fresh + found.gone)


def _method(how: Membership) -> str:
    return f"conditions of {_made(how)}"
