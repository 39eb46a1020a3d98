"""Rate the rows of an entity, then the sources, and say what every check comes to. Written only where it changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from execution import engine
from execution.directives import Program
from execution.directives.model.quality import OF_SOURCES, Quality
from execution.engine import ident, literal
from execution.measures import moments
from execution.measures.compile import parameters
from execution.measures.run import keep, make
from execution.measures.stored import Stored
from execution.measures.work import Work, working
from execution.quality import findings, sources
from execution.quality.compile import Rated, part_column, rated
from execution.quality.findings import Finding
from execution.quality.sources import Standing

SOURCES, CHECKS = "quality_sources", "quality_checks"


def table_name(entity: str) -> str:
    """Where an entity's ratings are kept, without the schema `derived`."""
    return f"quality__{entity}"


def directive_of(program: Program) -> Quality | None:
    """The team's quality directive; there is one at most."""
    return next(iter(program.quality.values()), None)


def standings(
    con: engine.Connection, program: Program, as_of: datetime, stored: Stored | None = None
) -> tuple[Standing, ...]:
    """Every source that was ever read, as of a moment; none without a quality directive."""
    quality = directive_of(program)
    return () if quality is None else sources.standings(con, program, quality, as_of, stored)


def rate(
    con: engine.Connection,
    program: Program,
    name: str,
    as_of: datetime,
    known: Sequence[Standing] | None = None,
    work: Work | None = None,
) -> int:
    """Rate the rows of one entity as of a moment and keep them in `derived.quality__<entity>`; how many.

    `con` has the store as its current database and no open transaction. Its measures must have been worked out.
    `known` are the standings of that moment, where they are at hand.
    """
    quality = directive_of(program)
    if quality is None or name not in quality.entities():
        return 0
    entity = program.entities[name]
    with working(con, work) as work:
        known = standings(con, program, as_of, work.stored) if known is None else known
        freshness = {each.source: each.shares["freshness"] for each in known}
        made = rated(program, quality, entity, work.stored, freshness)
        try:
            rows = fill(con, quality, made, as_of)
            keep(work, table_name(name), moments.Moment(engine.naive_utc(as_of), quality.hash))
        finally:
            con.execute("DROP TABLE IF EXISTS temp.fresh")
    return rows


def fill(con: engine.Connection, quality: Quality, made: Rated, as_of: datetime) -> int:
    """Rate into the temporary table `fresh`; how many rows it has. Raises GtmError where a check fails on the data."""
    what, hint = (
        f"the quality of {made.entity.name} could not be told",
        "one of its conditions does not hold on the data",
    )
    with engine.on_data(what, hint=hint, where=quality.path, code="E380"):
        return make(con, made.sql, parameters(made.sql, as_of))


def run(
    con: engine.Connection,
    program: Program,
    as_of: datetime,
    known: Sequence[Standing] | None = None,
    work: Work | None = None,
) -> tuple[Finding, ...]:
    """Rate the sources, and say what the checks come to as of a moment, out of the ratings of rows as they are
    stored; both are kept, in `derived.quality_sources` and `derived.quality_checks`."""
    quality = directive_of(program)
    if quality is None:
        return ()
    with working(con, work) as work:
        known = standings(con, program, as_of, work.stored) if known is None else known
        found = findings.in_order(quality, _findings(work, program, quality, as_of, known))
        moment = moments.Moment(engine.naive_utc(as_of), quality.hash)
        _keep(work, SOURCES, _source_columns(), [_source_row(each) for each in known], moment)
        _keep(work, CHECKS, _CHECK_COLUMNS, [_check_row(each) for each in found], moment)
    return tuple(found)


def _findings(
    work: Work, program: Program, quality: Quality, as_of: datetime, known: Sequence[Standing]
) -> Iterator[Finding]:
    yield from findings.of_sources(quality.of_sources(), known)
    yield from findings.of_counts(work.con, program, quality.of_counts(), as_of, work.stored)
    for name in quality.entities():
        if work.stored.columns(f"derived.{table_name(name)}"):
            relation = ident("derived", table_name(name))
            yield from findings.of_rows(work.con, quality.of_rows(name), name, program.entities[name].key, relation)


_CHECK_COLUMNS = {
    "check": "VARCHAR", "dimension": "VARCHAR", "about": "VARCHAR", "severity": "VARCHAR", "blocking": "BOOLEAN",
    "failing": "BIGINT", "of": "BIGINT", "at_most": "VARCHAR", "verdict": "VARCHAR", "examples": "VARCHAR[]",
    "note": "VARCHAR",
}  # fmt: skip


def _check_row(found: Finding) -> list[object]:
    return [
        found.check, found.dimension, found.about, found.severity, found.blocking, found.failing, found.of,
        found.at_most, found.verdict, list(found.examples), found.note,
    ]  # fmt: skip


def _source_columns() -> dict[str, str]:
    figures = {"score_milli": "INTEGER", "coverage_milli": "INTEGER"}
    parts = {part_column(name): "INTEGER" for name in OF_SOURCES}
    told = {"fresh": "VARCHAR", "records": "BIGINT", "rejects": "BIGINT", "invalid": "BIGINT", "messages": "VARCHAR[]"}
    return {"source": "VARCHAR", **figures, **parts, **told}


def _source_row(standing: Standing) -> list[object]:
    parts = [standing.parts.get(name) for name in OF_SOURCES]
    said = list(sources.messages(standing))
    told = [standing.fresh, standing.records, standing.rejects, standing.invalid, said]
    return [standing.source, standing.score_milli, standing.coverage_milli, *parts, *told]


def _keep(
    work: Work,
    made: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[object]],
    moment: moments.Moment,
) -> None:
    """A few rows as a derived table, written where they differ; the first column is their key."""
    table = ident("derived", made)
    is_there = list(work.stored.columns(f"derived.{made}").items()) == list(columns.items())
    if is_there and work.moment(made) is not None:
        stored = work.con.execute(f"FROM {table}").fetchall()
        if sorted(stored, key=itemgetter(0)) == sorted(map(tuple, rows), key=itemgetter(0)):
            work.note(made, moment)
            return
    definition = ", ".join(f"{ident(name)} {kind}" for name, kind in columns.items())
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    with work.change():
        work.con.execute(f"CREATE OR REPLACE TABLE {table} ({definition})")
        if rows:
            work.con.execute(f"INSERT INTO {table} VALUES {values}")
        work.note(made, moment)
    if not is_there:
        work.reshaped()
