"""What a changed directive did to a score, apart from what the customers did.

Where a run follows another directive than the run before, the one before is asked once more, of the same values at the
same moment. The step from its answer to the new one is the formula's; everything else is the customers' own. Both add
up to the whole change exactly, however many directives come one after the other.
"""

from datetime import datetime

from execution import engine, store
from execution.directives import Program
from execution.directives.facts import own_facts
from execution.directives.model import Health
from execution.engine import ident, literal
from execution.health import history, names
from execution.health.compile import compile_score
from execution.health.inputs import inputs_select
from execution.measures.compile import parameters
from execution.measures.stored import Stored, key_columns


def split(con: engine.Connection, program: Program, health: Health, as_of: datetime) -> bool:
    """Note at the run of a moment, if it is the last and the first by its directive, what the one before would have
    said; whether the run is split now.

    `con` has no open transaction, and the score of this moment is stored. Where the earlier directive was not kept, or
    names what there is no more, nothing is noted: then a change across it is told whole.
    """
    found = con.execute(
        """SELECT run, as_of, directive, is_split, lag(directive) OVER (ORDER BY as_of) AS earlier
           FROM derived.score_runs WHERE score = ? ORDER BY as_of DESC LIMIT 1""",
        [health.name],
    ).fetchone()
    if found is None or found[1] != engine.naive_utc(as_of) or found[4] in (None, found[2]) or found[3]:
        return bool(found and found[3])
    earlier = history.directive(con, found[4])
    if earlier is None or earlier.entity != health.entity:
        return False
    sql = _split_sql(con, program, health, earlier)
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE split AS {sql}", parameters(sql, as_of))
    except engine.Error:
        return False
    with store.change(con):
        con.execute(
            f"INSERT INTO derived.score_splits BY NAME SELECT {int(found[0])}::INTEGER AS run, * FROM temp.split"
        )
        con.execute("UPDATE derived.score_runs SET is_split = true WHERE run = ?", [found[0]])
    con.execute("DROP TABLE temp.split")
    return True


def _split_sql(con: engine.Connection, program: Program, health: Health, earlier: Health) -> str:
    """SELECT of those to whom the earlier directive gives other points, with what it gives."""
    keys = key_columns(program.entities[health.entity])
    own = tuple(own_facts(earlier, program.facts(earlier.entity)))
    scored = compile_score(earlier, inputs_select(program, earlier, Stored.read(con)), keys, own=own)
    parts = f"[{', '.join(f'o.{column}' for column in names.parts(earlier).values())}]"
    new = f"[{', '.join(f'n.{column}' for column in names.parts(health).values())}]"
    same_parts = list(names.parts(health)) == list(names.parts(earlier))
    differs = (
        f"{parts} IS DISTINCT FROM {new}" if same_parts else "o.score_milli IS NOT NULL OR n.score_milli IS NOT NULL"
    )
    table = ident("derived", names.table_name(health.name))
    joined = f"JOIN {table} n ON {history.key_sql(keys, 'n')} = {history.key_sql(keys, 'o')}"
    return (
        f"SELECT {history.key_sql(keys, 'o')} AS key, o.score_milli, {parts} AS contributions, "
        f"n.score_milli - o.score_milli AS formula_milli FROM (\n{scored}\n) o {joined} WHERE {differs}"
    )


def formula_sql(score: str, since: datetime, until: datetime) -> str:
    """SELECT of how many thousandths (`formula_milli`) changed directives gave each (`key`) after one moment and up to
    another; NULL where that is not known."""
    return (
        "SELECT s.key, "
        "CASE WHEN count(*) = count(s.formula_milli) THEN sum(s.formula_milli)::INTEGER END AS formula_milli "
        f"FROM derived.score_splits s JOIN derived.score_runs r ON r.run = s.run WHERE r.score = {literal(score)} "
        f"AND r.as_of > {literal(since)} AND r.as_of <= {literal(until)} GROUP BY s.key"
    )
