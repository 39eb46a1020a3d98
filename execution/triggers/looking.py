"""Ask every rule of every row, entity by entity, into the temporary table `looked`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from execution import engine
from execution.directives import Program
from execution.directives.model import Trigger
from execution.engine import literal
from execution.errors import DataError
from execution.measures.compile import parameters
from execution.measures.work import Work
from execution.triggers import lifecycle, past
from execution.triggers.compile import Hits, fuse, scores_and_segments
from execution.triggers.past import Past

Failures = Mapping[str, DataError]
"""Why rules could not be told, by their names."""


def look(work: Work, program: Program, at: datetime, triggers: Sequence[Trigger], hits: Hits) -> Failures:
    """What the rules say as of a moment (naive UTC) of each row of which something has to be said; those that fail on
    the data are left out and told."""
    con = work.con
    typed = ", ".join(f"{name} {kind}" for name, kind in lifecycle.LOOKED.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE looked ({typed})")
    con.execute(f"CREATE OR REPLACE TEMP TABLE watched AS {lifecycle.watched()}")
    known = past.read(con, at, *scores_and_segments(program, triggers))
    failures: dict[str, DataError] = {}
    try:
        for entity in sorted({trigger.entity for trigger in triggers}):
            about = [trigger for trigger in triggers if trigger.entity == entity]
            try:
                _ask(work, program, entity, about, known, hits)
            except engine.Error:
                failures |= _alone(work, program, entity, about, known, hits)
    finally:
        for table in ("watched", "candidates"):
            con.execute(f"DROP TABLE IF EXISTS temp.{table}")
    return failures


def _ask(work: Work, program: Program, entity: str, triggers: Sequence[Trigger], known: Past, hits: Hits) -> None:
    """Ask the rules of one entity together, in one pass over its rows."""
    con, fused = work.con, fuse(program, entity, triggers, known, work.stored, hits)
    about = f"entity = {literal(entity)}"
    is_watched = engine.count(con, f"FROM temp.watched WHERE {about}") > 0
    sql = fused.candidates(f"SELECT key FROM temp.watched WHERE {about}" if is_watched else None)
    con.execute(f"CREATE OR REPLACE TEMP TABLE candidates AS {sql}", parameters(sql, known.as_of))
    looked = fused.looked("temp.candidates", f"(FROM temp.watched WHERE {about})")
    con.execute(f"INSERT INTO temp.looked BY NAME SELECT *, {literal(entity)} AS entity FROM ({looked})")


def _alone(
    work: Work, program: Program, entity: str, triggers: Sequence[Trigger], known: Past, hits: Hits
) -> dict[str, DataError]:
    """Ask each rule by itself where all together fail: what fails, and what the others say."""
    failures = {}
    hint = "one of its expressions does not hold on the data; the others were told without it"
    for trigger in triggers:
        try:
            with engine.on_data(f"the rule {trigger.name} failed", hint=hint, where=trigger.path, code="E364"):
                _ask(work, program, entity, [trigger], known, hits)
        except DataError as error:
            failures[trigger.name] = error
    return failures
