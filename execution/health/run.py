"""Work out one score, keep it in `derived.score__<name>` and note in its history what changed.

Only rows whose inputs changed are scored again: each keeps a hash of everything it was made from, the formula itself
among it. So a run costs what changed, and gives what scoring everybody would give.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from execution import engine
from execution.directives import Program
from execution.directives.facts import own_facts
from execution.directives.model import Health
from execution.engine import ident, literal
from execution.health import behind, grounds, history, names, splits, unended
from execution.health.compile import compile_score
from execution.health.inputs import input_names, inputs_select
from execution.measures import moments
from execution.measures.compile import parameters
from execution.measures.exchange import difference, exchange, replaced_sql
from execution.measures.run import make
from execution.measures.stored import Stored, entity_select, key_columns
from execution.measures.work import Work, working

_BEFORE = ".before"
_PASSED = (names.INPUTS, behind.GIVEN)


@dataclass(frozen=True, slots=True)
class Formula:
    """How a score is worked out, from which `facts`. `rows` is the SQL of everybody's keys, `inputs` that of what they
    are scored by, with a hash of it; `fingerprint` tells one way of scoring from another, and `rests_on` are the other
    directives it takes, each with a hash. `stored` are the columns that the score's table has."""

    health: Health
    keys: tuple[str, ...]
    own: tuple[str, ...]
    facts: tuple[str, ...]
    rows: str
    inputs: str
    fingerprint: str
    rests_on: Mapping[str, str]
    stored: tuple[str, ...] = ()

    @property
    def made(self) -> str:
        """The name of the score's table."""
        return names.table_name(self.health.name)

    @property
    def table(self) -> str:
        """Where the score is kept, quoted."""
        return ident("derived", self.made)

    def scored(self, inputs: str, before: str | None) -> str:
        """SELECT of the score for rows of inputs; `before` is a SELECT of the band (`band`) that each (by `key`) was
        in, None where that counts for nothing."""
        selected, join, band = f"n.*, {behind.given_sql(self.facts, 'n')} AS {behind.GIVEN}", "", None
        if self.health.hysteresis:
            band = _BEFORE
            selected += f", {'CAST(NULL AS VARCHAR)' if before is None else 'b.band'} AS {ident(_BEFORE)}"
            if before is not None:
                join = f" LEFT JOIN ({before}) b ON b.key = {history.key_sql(self.keys, 'n')}"
        inputs = f"SELECT {selected} FROM (\n{inputs}\n) n{join}"
        return compile_score(self.health, inputs, self.keys, own=self.own, before=band, passed=_PASSED)


def score(con: engine.Connection, program: Program, name: str, as_of: datetime, work: Work | None = None) -> int:
    """Score as of a moment what the directive of that name is about; how many rows the score has.

    `con` has the store as its current database and no open transaction. What the directive's expressions name must have
    been worked out before. Raises GtmError where an expression fails on the data; the last score then stays.
    """
    health = program.health[name]
    with working(con, work) as work:
        formula = formula_of(program, health, work.stored, as_of)
        hint = "one of its expressions does not hold on the data"
        try:
            with engine.on_data(f"the score {name} failed", hint=hint, where=health.path, code="E362"):
                if _refresh(work, formula, as_of):
                    splits.split(con, program, health, as_of)
        finally:
            con.execute("DROP TABLE IF EXISTS temp.fresh")
    return engine.count(con, f"FROM {formula.table}")


def formula_of(program: Program, health: Health, stored: Stored, as_of: datetime) -> Formula:
    """What scoring as of a moment takes, from what the store has."""
    entity = program.entities[health.entity]
    keys = key_columns(entity)
    known = program.facts(entity.name)
    own = tuple(own_facts(health, known))
    facts = tuple(name for name in input_names(program, health) if name not in keys)
    method = Formula(health, keys, own, facts, "", "", "", {}).scored("inputs", None)
    at = engine.naive_utc(as_of).isoformat() if parameters(method, as_of) else ""
    kinds = [known[name].type for name in facts]
    fingerprint = sha256(f"{engine.VERSION}\n{health.hash}\n{at}\n{kinds}\n{method}".encode()).hexdigest()
    named = (*keys, *facts)
    hashed = ", ".join([literal(fingerprint), *(f"i.{ident(name)}" for name in named)])
    inputs = f"SELECT i.*, hash({hashed}) AS {names.INPUTS} FROM (\n{inputs_select(program, health, stored)}\n) i"
    rows = entity_select(entity, stored)
    columns = tuple(stored.columns(f"derived.{names.table_name(health.name)}"))
    return Formula(health, keys, own, facts, rows, inputs, fingerprint, grounds.rests_on(program, health), columns)


def _refresh(work: Work, formula: Formula, as_of: datetime) -> bool:
    """Score what changed and store it with its history, in one transaction; whether another directive than before may
    have had a part in that."""
    con, moment = work.con, moments.Moment(engine.naive_utc(as_of), formula.health.hash)
    before = work.moment(formula.made) if formula.stored else None
    last = history.last(con, formula.health)
    if before is None and last is None:
        _begin(work, formula, moment, as_of)
        return True
    is_whole = before is None or not _goes_on(work, formula, moment, before, last)
    sql = _everybody(con, formula, as_of) if is_whole else _changed(con, formula, as_of, before)
    fresh = make(con, sql, parameters(sql, as_of))
    differs = replaced = None
    if not is_whole:
        differs = difference(con, formula.table, formula.keys, fresh, work.entity_rows(formula.rows))
        if differs.is_none and before == moment:
            return True
        replaced = replaced_sql(formula.keys, formula.rows, gone=differs.gone)
    with work.change():
        if differs is None or not differs.is_none:
            unended.settle(con, formula.table, formula.stored, replaced)
        history.append(work, formula.health, formula.keys, as_of, last, formula.rests_on)
        if differs is None or replaced is None:
            con.execute(f"CREATE OR REPLACE TABLE {formula.table} AS FROM temp.fresh")
            if unended.is_unended(formula.stored):
                unended.show(con)
        elif not differs.is_none:
            exchange(con, formula.table, replaced, differs)
        _note(work, formula, moment)
    if is_whole:
        work.reshaped()
    return last is None or last.directive != moment.directive or last.as_of >= moment.as_of


def _begin(work: Work, formula: Formula, moment: moments.Moment, as_of: datetime) -> None:
    """Score everybody for the first time, straight into the store."""
    sql = formula.scored(formula.inputs, None)
    with work.change():
        run = history.begin(work.con, formula.health, as_of, formula.rests_on)
        unended.make(work.con, formula.table, sql, run, parameters(sql, as_of))
        _note(work, formula, moment)
    work.reshaped()


def _goes_on(
    work: Work, formula: Formula, moment: moments.Moment, before: moments.Moment, last: moments.Moment | None
) -> bool:
    """Whether the stored rows were scored in the same way, so that those whose inputs did not change stay.

    A band depends on the one before. So with a hysteresis the stored rows must be of this very moment, or be the `last`
    that entered the history before it: then a row that is where it was before stays there.
    """
    if not _is_same_method(work, formula):
        return False
    if not formula.health.hysteresis or before.as_of == moment.as_of:
        return True
    return before.as_of < moment.as_of and last == before


def _everybody(con: engine.Connection, formula: Formula, as_of: datetime) -> str:
    return formula.scored(formula.inputs, history.before(con, formula.health, as_of))


def _changed(con: engine.Connection, formula: Formula, as_of: datetime, stored: moments.Moment | None) -> str:
    """The score of those whose inputs are other than they were when they were `stored`, and of those who are new. The
    key is in the hash, so one number tells both."""
    inputs = (
        f"SELECT i.* FROM (\n{formula.inputs}\n) i ANTI JOIN {formula.table} s ON s.{names.INPUTS} = i.{names.INPUTS}"
    )
    if stored is not None and stored.as_of == engine.naive_utc(as_of):
        return formula.scored(inputs, history.before(con, formula.health, as_of))
    return formula.scored(inputs, f"SELECT {history.key_sql(formula.keys, 's')} AS key, s.band FROM {formula.table} s")


def _note(work: Work, formula: Formula, moment: moments.Moment) -> None:
    """Say of which moment the score is, and how it was worked out."""
    work.note(formula.made, moment)
    if not _is_same_method(work, formula):
        work.note(_method(formula), moments.Moment(moment.as_of, formula.fingerprint))


def _method(formula: Formula) -> str:
    """Under which name it is kept how a score was worked out."""
    return f"formula of {formula.made}"


def _is_same_method(work: Work, formula: Formula) -> bool:
    stored = work.moment(_method(formula))
    return stored is not None and stored.directive == formula.fingerprint
