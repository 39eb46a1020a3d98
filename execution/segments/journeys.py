"""Where rows stand on a journey, since when, and which criteria of their stage are met: read from a store.

The stage and its history are those that `run` keeps, as of any segment. Criteria are asked of the facts as they were
last worked out, at the moment the stages are of.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median_low

from execution import engine
from execution.directives import Program
from execution.directives.dependencies import words
from execution.directives.facts import Step
from execution.directives.model import Journey, Stage
from execution.engine import ident, literal
from execution.measures import moments
from execution.measures.compile import parameters
from execution.measures.relation import facts_select, same_key
from execution.measures.stored import Stored, key_columns
from execution.segments import history
from execution.segments.standing import MRR, started

_NAME = "name"
"""The column that says what a row is called, where its entity has one."""

_STAGE = ident(".stage")
"""The column with a row's stage, beside facts of which none can have this name."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of a stage for one row. `met` is None where that is not known; `is_judged`: a person says."""

    says: str
    met: bool | None
    is_judged: bool


@dataclass(frozen=True, slots=True)
class Traveller:
    """One row on a journey. `since` is naive UTC; `is_at_least`: it may have been there before the history began.
    `over_days` is by how much it is past the stage's benchmark; None where there is none."""

    key: str
    name: str | None
    mrr: Decimal | None
    stage: str
    since: datetime | None
    is_at_least: bool
    days: int | None
    over_days: int | None
    criteria: tuple[Criterion, ...]

    def missing(self) -> tuple[Criterion, ...]:
        """What holds it back as far as the data tell: first what is not met, then what is not known."""
        open_ones = [each for each in self.criteria if not each.is_judged and not each.met]
        return tuple(sorted(open_ones, key=lambda each: each.met is None))


@dataclass(frozen=True, slots=True)
class Missing:
    """A criterion, and of how many in its stage it is not met or not known."""

    says: str
    not_met: int
    not_known: int


@dataclass(frozen=True, slots=True)
class StageStanding:
    """One stage: who stands there, how long at the median, how many for longer than usual, and what is missing."""

    stage: str
    meaning: str
    owner: str | None
    benchmark_days: int | None
    travellers: int
    mrr: Decimal | None
    median_days: int | None
    over: int
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A journey as it was last worked out. Without `as_of` it never was."""

    journey: str
    title: str
    entity: str
    meaning: str
    owner: str | None
    path: str
    as_of: datetime | None
    kept_since: datetime | None
    stages: tuple[StageStanding, ...]


def way(con: engine.Connection, program: Program, journey: Journey) -> Way:
    """How a journey stands, stage by stage in its own order."""
    found = travellers(con, program, journey)
    stages = tuple(_stage(name, stage, [each for each in found if each.stage == name]) for name, stage in _of(journey))
    stored = Stored.read(con)
    about = (journey.name, journey.title, journey.entity, journey.meaning, journey.owner, journey.path)
    return Way(*about, worked_out(con, journey), started(con, stored, journey.name), stages)


def worked_out(con: engine.Connection, journey: Journey) -> datetime | None:
    """The moment (naive UTC) that the stages are of; None where they were never worked out."""
    made = Step("segment", journey.name).table
    now = moments.read(con, made) if Stored.read(con).columns(f"derived.{made}") else None
    return now.as_of if now else None


def travellers(
    con: engine.Connection, program: Program, journey: Journey, key: str | None = None
) -> tuple[Traveller, ...]:
    """Everybody on a journey, or the one with that key, who pay most first, then by key.

    Raises DataError where a criterion fails on the data.
    """
    at, stored = worked_out(con, journey), Stored.read(con)
    if at is None:
        return ()
    begun = started(con, stored, journey.name)
    sql = _select(program, journey, stored, key)
    hint = "one of its criteria does not hold on the data"
    with engine.on_data(f"the journey {journey.name} failed", hint=hint, where=journey.path, code="E363"):
        rows = con.execute(sql, parameters(sql, at)).fetchall()
    return tuple(_traveller(journey, at, begun, row) for row in rows)


def _of(journey: Journey) -> Iterable[tuple[str, Stage]]:
    return journey.groups.items()


# --- the question ---------------------------------------------------------------------------------------


def _select(program: Program, journey: Journey, stored: Stored, key: str | None) -> str:
    """Key, name, MRR, stage, its own beginning, whether each criterion holds, and the last line of the history."""
    entity = program.entities[journey.entity]
    named = frozenset[str]().union(*map(words, _texts(journey)))
    wanted = [name for name in program.facts(entity.name) if name.lower() in named or name in (_NAME, MRR)]
    name, pays = (f"f.{ident(each)}" if each in wanted else "NULL" for each in (_NAME, MRR))
    keys = key_columns(entity)
    begins = " ".join(_when(name, _moment(stage.since)) for name, stage in _of(journey) if stage.since is not None)
    holds = " ".join(_when(name, f"[{', '.join(map(_met, _conditions(stage)))}]") for name, stage in _of(journey))
    return f"""WITH f AS (
        SELECT f.*, s.{ident(journey.name)} AS {_STAGE}
        FROM ({facts_select(program, entity, wanted, stored)}) f
        JOIN {ident("derived", Step("segment", journey.name).table)} s ON {same_key(keys, "s", "f")}
        WHERE s.{ident(journey.name)} IS NOT NULL),
    told AS (
        SELECT {history.key_sql(keys, "f")} AS key, {name} AS name, CAST({pays} AS DECIMAL(18, 4)) AS pays,
            {_STAGE} AS stage, CASE {begins or "WHEN false THEN CAST(NULL AS TIMESTAMP)"} END AS began,
            CASE {holds} END AS holds
        FROM f),
    entered AS (
        SELECT key, max(as_of) AS at
        FROM derived.segment_history
        WHERE segment = {literal(journey.name)}
        GROUP BY key)
    SELECT told.*, entered.at
    FROM told
    LEFT JOIN entered USING (key)
    {f"WHERE key = {literal(key)}" if key is not None else ""}
    ORDER BY pays DESC NULLS LAST, key"""


def _when(stage: str, value: str) -> str:
    return f"WHEN {_STAGE} = {literal(stage)} THEN {value}"


def _moment(text: str) -> str:
    return f"CAST((\n{text}\n) AS TIMESTAMP)"


def _met(condition: str | None) -> str:
    return f"CAST((\n{condition}\n) AS BOOLEAN)" if condition is not None else "CAST(NULL AS BOOLEAN)"


def _conditions(stage: Stage) -> list[str | None]:
    return [criterion.when for criterion in stage.exit] or [None]


def _texts(journey: Journey) -> list[str]:
    texts = [criterion.when for _, stage in _of(journey) for criterion in stage.exit if criterion.when is not None]
    return texts + [stage.since for _, stage in _of(journey) if stage.since is not None]


# --- the answer -----------------------------------------------------------------------------------------


def _traveller(journey: Journey, at: datetime, begun: datetime | None, row: Sequence[object]) -> Traveller:
    key, name, mrr, stage, began, holds, entered = row
    since = began if isinstance(began, datetime) else entered if isinstance(entered, datetime) else None
    place = journey.groups[str(stage)]
    days = max((at - since).days, 0) if since is not None else None
    usual = _days(place.benchmark)
    met = holds if isinstance(holds, list) else []
    return Traveller(
        key=str(key),
        name=str(name) if name is not None else None,
        mrr=mrr if isinstance(mrr, Decimal) else None,
        stage=str(stage),
        since=since,
        is_at_least=began is None and entered == begun,
        days=days,
        over_days=max(days - usual, 0) if days is not None and usual is not None else None,
        criteria=tuple(
            Criterion(each.says, is_met, each.when is None) for each, is_met in zip(place.exit, met, strict=False)
        ),
    )


def _stage(name: str, stage: Stage, there: Sequence[Traveller]) -> StageStanding:
    days = [each.days for each in there if each.days is not None]
    paid = [each.mrr for each in there if each.mrr is not None]
    return StageStanding(
        stage=name,
        meaning=stage.meaning,
        owner=stage.owner,
        benchmark_days=_days(stage.benchmark),
        travellers=len(there),
        mrr=sum(paid, Decimal(0)) if paid else None,
        median_days=median_low(days) if days else None,
        over=sum(1 for each in there if each.over_days),
        missing=_missing(stage, there),
    )


def _missing(stage: Stage, there: Sequence[Traveller]) -> tuple[Missing, ...]:
    """What most of those who stand in the stage lack, most first, then as written."""
    counts = Counter((each.says, each.met) for traveller in there for each in traveller.missing())
    told = [Missing(each.says, counts[each.says, False], counts[each.says, None]) for each in stage.exit]
    lacking = [each for each in told if each.not_met or each.not_known]
    return tuple(sorted(lacking, key=lambda each: (-each.not_met, -each.not_known)))


def _days(length: timedelta | None) -> int | None:
    return round(length / timedelta(days=1)) if length is not None else None
