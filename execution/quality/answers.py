"""What the ratings of a store say: of its checks, its sources, and of one row, with what would raise its points."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Entity
from execution.directives.model.quality import OF_ROWS, OF_SOURCES, Completeness, Match, Quality, Uniqueness
from execution.engine import ident
from execution.measures import moments
from execution.measures.compile import parameters
from execution.measures.stored import Stored, entity_select
from execution.quality.compile import (
    POINTS,
    Rated,
    alike,
    check_column,
    facts_sql,
    level_sql,
    part_column,
    rated,
    whole_weights,
)
from execution.quality.findings import Finding
from execution.quality.run import CHECKS, SOURCES, directive_of, table_name


@dataclass(frozen=True, slots=True)
class Part:
    """One dimension of a score: its points and the most it could have given, in thousandths; None where unknown."""

    dimension: str
    milli: int | None
    most_milli: int | None


@dataclass(frozen=True, slots=True)
class SourceQuality:
    """One source's points and parts, and what is wrong with it."""

    source: str
    score_milli: int | None
    coverage_milli: int | None
    parts: tuple[Part, ...]
    fresh: str | None
    records: int
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its key and name, what it is worth (None where that is unknown), its points, which checks it fails."""

    key: str
    name: str | None
    worth: Decimal | None
    score_milli: int | None
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """What would raise a row's points, by how many thousandths, and the check that says so."""

    what: str
    milli: int
    check: str
    remedy: str


@dataclass(frozen=True, slots=True)
class RowQuality:
    """One row's points, their parts, and what would raise them, most first."""

    entity: str
    key: str
    score_milli: int | None
    coverage_milli: int | None
    parts: tuple[Part, ...]
    failing: tuple[str, ...]
    gains: tuple[Gain, ...]


def worked_out(con: engine.Connection) -> datetime | None:
    """The moment that the ratings are of; None where there are none yet."""
    if not store.has_table(con, "derived", CHECKS):
        return None
    moment = moments.read(con, CHECKS)
    return moment.as_of if moment else None


def findings(con: engine.Connection) -> tuple[Finding, ...]:
    """What every check comes to, as the directive has them."""
    rows = engine.dicts(con, f"FROM {ident('derived', CHECKS)}")
    return tuple(Finding(**{**row, "examples": tuple(row["examples"])}) for row in rows)


def sources(con: engine.Connection, quality: Quality) -> tuple[SourceQuality, ...]:
    """Every source that was ever read, by name."""
    weights = whole_weights(quality.sources, OF_SOURCES)
    rows = engine.dicts(con, f"FROM {ident('derived', SOURCES)} ORDER BY source")
    return tuple(
        SourceQuality(
            row["source"], row["score_milli"], row["coverage_milli"], _parts(weights, row), row["fresh"],
            row["records"], tuple(row["messages"]),
        )
        for row in rows
    )  # fmt: skip


def _parts(weights: Mapping[Any, int], row: Mapping[str, Any]) -> tuple[Part, ...]:
    """The parts of a score with the most that each could give: what is unknown gives its weight to the others."""
    known = sum(weight for name, weight in weights.items() if row[part_column(name)] is not None)
    return tuple(
        Part(name, milli, weight * POINTS // known if milli is not None else None)
        for name, weight in weights.items()
        for milli in [row[part_column(name)]]
    )


def worst(con: engine.Connection, program: Program, entity: Entity, limit: int) -> tuple[Row, ...]:
    """The rows whose missing points weigh most: points short of 100, times what they are worth; those worth
    nothing last."""
    quality = directive_of(program)
    if quality is None or entity.name not in quality.scores:
        return ()
    order = f"(({POINTS} - q.quality_score_milli) * coalesce({_worth(quality, entity)}, 0)) DESC, q.quality_score_milli"
    return _rows(con, quality, entity, "q.quality_score_milli IS NOT NULL", order, limit)


def failing(con: engine.Connection, program: Program, entity: Entity, check: str, limit: int) -> tuple[Row, ...]:
    """The rows that fail a check, those that are worth most first."""
    quality = directive_of(program)
    if quality is None:
        return ()
    order = f"coalesce({_worth(quality, entity)}, 0) DESC"
    return _rows(con, quality, entity, f"NOT q.{ident(check_column(check))}", order, limit)


def _worth(quality: Quality, entity: Entity) -> str:
    return f"e.{ident(quality.worth[entity.name])}" if entity.name in quality.worth else "NULL"


def _rows(
    con: engine.Connection, quality: Quality, entity: Entity, where: str, order: str, limit: int
) -> tuple[Row, ...]:
    table = table_name(entity.name)
    have = Stored.read(con)
    columns = have.columns(f"derived.{table}")
    checks = [name for name in quality.of_rows(entity.name) if check_column(name) in columns]
    if not columns or (where.startswith("NOT") and where[6:] not in [ident(check_column(name)) for name in checks]):
        return ()
    name = "e.name" if "name" in entity.columns else "NULL"
    score = "q.quality_score_milli" if "quality_score_milli" in columns else "NULL"
    verdicts = "".join(f", q.{ident(check_column(each))}" for each in checks)
    key = ident(entity.key)
    selected = f"q.{key}::VARCHAR, {name}, {_worth(quality, entity)}, {score}{verdicts}"
    rows = con.execute(
        f"SELECT {selected} FROM {ident('derived', table)} q "
        f"LEFT JOIN ({entity_select(entity, have)}) e USING ({key}) WHERE {where} ORDER BY {order}, 1 LIMIT {limit}"
    ).fetchall()
    return tuple(Row(row[0], row[1], row[2], row[3], tuple(_failed(checks, row[4:]))) for row in rows)


def _failed(checks: list[str], verdicts: tuple[bool | None, ...]) -> Iterator[str]:
    return (name for name, holds in zip(checks, verdicts, strict=True) if holds is False)


def candidates(
    con: engine.Connection, entity: Entity, check: Uniqueness, as_of: datetime, limit: int
) -> tuple[tuple[str, ...], ...]:
    """Keys of rows that are probably one, group by group, the largest first."""
    values = [f"{value} AS v{n}" for n, value in enumerate(alike(check, entity.key))]
    known = " AND ".join(f"v{n} IS NOT NULL" for n in range(len(values)))
    where = f" WHERE ({check.where})" if check.where is not None else ""
    key = ident(entity.key)
    sql = (
        f"SELECT list({key} ORDER BY {key}) FROM (SELECT {key}, {', '.join(values)} "
        f"FROM ({entity_select(entity, Stored.read(con))}){where}) WHERE {known} "
        f"GROUP BY {', '.join(f'v{n}' for n in range(len(values)))} HAVING count(*) > 1 "
        f"ORDER BY count(*) DESC, 1 LIMIT {limit}"
    )
    return tuple(tuple(map(str, keys)) for (keys,) in con.execute(sql, parameters(sql, as_of)).fetchall())


# --- one row ----------------------------------------------------------------------------------------


def of_row(con: engine.Connection, program: Program, entity: Entity, key: str, as_of: datetime) -> RowQuality | None:
    """One row's points as they are stored, and what would raise them; None where it was not rated."""
    quality, table = directive_of(program), table_name(entity.name)
    if quality is None or not store.has_table(con, "derived", table):
        return None
    found = engine.dicts(con, f"FROM {ident('derived', table)} WHERE {ident(entity.key)} = ?", [key])
    if not found:
        return None
    weights = whole_weights(quality.scores.get(entity.name, {}), OF_ROWS)
    parts = _parts(weights, found[0])
    checks = quality.of_rows(entity.name)
    failed = tuple(name for name in checks if found[0].get(check_column(name)) is False)
    made = rated(program, quality, entity, Stored.read(con), {})
    gains = sorted(
        _gains(con, program, quality, made, (key, as_of), parts, failed), key=lambda each: (-each.milli, each.what)
    )
    score, coverage = found[0].get("quality_score_milli"), found[0].get("quality_coverage_milli")
    return RowQuality(entity.name, key, score, coverage, parts, failed, tuple(gains))


def _gains(
    con: engine.Connection,
    program: Program,
    quality: Quality,
    made: Rated,
    of: tuple[str, datetime],
    parts: tuple[Part, ...],
    failed: tuple[str, ...],
) -> Iterator[Gain]:
    """What each dimension lacks, shared out among the columns and checks that it lacks it for."""
    short = {part.dimension: (part.most_milli or 0) - part.milli for part in parts if part.milli is not None}
    lacking = list(_missing(con, program, quality, made, of))
    total = sum(weight for _, weight, _ in lacking)
    for column, weight, name in lacking:
        if short.get("completeness"):
            milli = int(short["completeness"] * weight / total)
            yield Gain(f"know {column}", milli, name, made.checks[name].remedy)
    if short.get("freshness"):
        yield Gain("read the sources that know them again", short["freshness"], "", "`gtm sync`, then `gtm score`")
    for dimension in ("validity", "uniqueness"):
        wrong = [name for name in failed if made.checks[name].dimension == dimension]
        for name in wrong:
            if short.get(dimension):
                check = made.checks[name]
                yield Gain(f"mend: {check.meaning}", short[dimension] // len(wrong), name, check.remedy)
    for name, check in made.checks.items():
        if isinstance(check, Match) and short.get("match"):
            best = max(check.levels.values(), key=lambda level: level.points)
            yield Gain(f"match: {best.meaning or best.when}", short["match"], name, check.remedy)


def _missing(
    con: engine.Connection, program: Program, quality: Quality, made: Rated, of: tuple[str, datetime]
) -> Iterator[tuple[str, Decimal, str]]:
    """Columns that a row lacks, their weight, and the check that asks for them."""
    key, as_of = of
    asked = [(name, check) for name, check in made.checks.items() if isinstance(check, Completeness)]
    pairs = [(name, column, weight, check.where) for name, check in asked for column, weight in check.columns.items()]
    if not pairs:
        return
    selected = ", ".join(
        f"({'TRUE' if where is None else f'({where}) IS TRUE'}) AND coalesce(CAST({ident(column)} AS VARCHAR), '') = ''"
        for _, column, _, where in pairs
    )
    facts = facts_sql(program, quality, made.entity, Stored.read(con))
    sql = f"SELECT {selected} FROM ({facts}) WHERE {ident(made.entity.key)} = {engine.literal(key)}"
    row = con.execute(sql, parameters(sql, as_of)).fetchone()
    for (name, column, weight, _), lacks in zip(pairs, row or (), strict=False):
        if lacks:
            yield column, weight, name


def level_of(
    con: engine.Connection, program: Program, entity: Entity, key: str, check: Match, as_of: datetime
) -> str | None:
    """By which level a row came together."""
    quality = directive_of(program)
    if quality is None:
        return None
    facts = facts_sql(program, quality, entity, Stored.read(con))
    sql = f"SELECT {level_sql(check)} FROM ({facts}) WHERE {ident(entity.key)} = {engine.literal(key)}"
    row = con.execute(sql, parameters(sql, as_of)).fetchone()
    return str(row[0]) if row and row[0] is not None else None
