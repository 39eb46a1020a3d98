"""What is known of each source: how fresh it is, what it sent that did not fit, and which days were unlike others."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from execution import engine
from execution.directives import Program
from execution.directives.model import Source
from execution.directives.model.quality import OF_SOURCES, Anomaly, Dimension, Quality
from execution.directives.model.source import Check
from execution.engine import ident, literal
from execution.measures.stored import Stored
from execution.quality.compile import POINTS, WHOLE, whole_weights
from execution.quality.volumes import Odd, odd_days

Fresh = Literal["fresh", "late", "overdue"]

RATES: dict[Fresh, int] = {"fresh": WHOLE, "late": WHOLE // 2, "overdue": 0}
"""What a source's freshness is worth, in millionths."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One source. `fresh` is None where its directive allows no age, or it was read after the moment asked about (how
    old it was then is not known); `rejects` and `invalid` are records, None where they cannot be counted; `watched` is
    how many of its volumes have history enough, `odd` which of them stand out."""

    source: str
    fresh: Fresh | None = None
    read_at: datetime | None = None
    records: int = 0
    rejects: int | None = None
    invalid: int | None = None
    watched: int = 0
    odd: tuple[Odd, ...] = ()
    score_milli: int | None = None
    coverage_milli: int | None = None
    parts: dict[Dimension, int | None] = field(default_factory=dict)
    shares: dict[Dimension, int | None] = field(default_factory=dict)


def standings(
    con: engine.Connection, program: Program, quality: Quality, as_of: datetime, stored: Stored | None = None
) -> tuple[Standing, ...]:
    """Every enabled source that was ever read, by name, with its score; `stored` is what the store has, where that is
    at hand."""
    stored = Stored.read(con) if stored is None else stored
    read = dict(con.execute("SELECT source, max(completed_at) FROM meta.sources GROUP BY 1").fetchall())
    enabled = [each for _, each in sorted(program.sources.items()) if each.enabled and each.name in read]
    records, rejects = _records(con, enabled, stored), _rejects(con)
    invalid = _invalid(con, enabled, records, as_of)
    checks = [check for check in quality.of_sources().values() if isinstance(check, Anomaly)]
    days = {id(check): odd_days(con, program, check, as_of, stored) for check in checks}
    found = []
    for source in enabled:
        volumes = [each for check in checks for each in days[id(check)] if each.source == source.name]
        of_streams = {
            stream: records[source.name, stream] for stream in source.streams if (source.name, stream) in records
        }
        counts = (
            sum(of_streams.values()),
            sum(rejects.get((source.name, stream), 0) for stream in of_streams),
            _invalid_of(source, of_streams, invalid),
        )
        found.append(_standing(source, quality, read[source.name], engine.naive_utc(as_of), counts, volumes))
    return tuple(found)


def _standing(
    source: Source,
    quality: Quality,
    read_at: datetime,
    as_of: datetime,
    counts: tuple[int, int, int | None],
    volumes: list[Odd],
) -> Standing:
    """`counts` are its records, how many of them have rejects, and how many miss an expectation."""
    fresh = _fresh(source, as_of - read_at)
    records, rejects, invalid = counts
    watched = [each for each in volumes if each.is_known]
    odd = tuple(each for each in watched if each.is_odd)
    wrong = rejects + (invalid or 0)
    shares: dict[Dimension, int | None] = {
        "freshness": RATES[fresh] if fresh else None,
        "validity": WHOLE - WHOLE * min(wrong, records) // records if records else None,
        "anomaly": WHOLE - WHOLE * len(odd) // len(watched) if watched else None,
    }
    weights = whole_weights(quality.sources, OF_SOURCES)
    score, coverage, parts = _points(weights, shares)
    return Standing(
        source.name, fresh, read_at, records, rejects, invalid, len(watched), odd, score, coverage, parts, shares
    )


def _fresh(source: Source, age: timedelta) -> Fresh | None:
    if source.freshness is None or age < timedelta(0):
        return None
    if age > source.freshness.error:
        return "overdue"
    return "late" if age > source.freshness.warn else "fresh"


def _records(con: engine.Connection, sources: Sequence[Source], stored: Stored) -> dict[tuple[str, str], int]:
    """How many records each stream has, by source and stream; those that were never read are left out."""
    there = [
        (source.name, stream)
        for source in sources
        for stream in source.streams
        if stored.columns(f"raw.{source.name}__{stream}")
    ]
    counts = [
        f"SELECT {literal(source)}, {literal(stream)}, count(*) FROM {ident('raw', f'{source}__{stream}')} "
        "WHERE NOT deleted"
        for source, stream in there
    ]
    rows = con.execute(" UNION ALL ".join(counts)).fetchall() if counts else []
    return {(source, stream): count for source, stream, count in rows}


def _rejects(con: engine.Connection) -> dict[tuple[str, str], int]:
    """By source and stream: records with text that did not fit its type, and those without a key."""
    rows = con.execute(
        "SELECT source, stream, count(DISTINCT key) + count(*) FILTER (WHERE key IS NULL) "
        "FROM meta.rejects GROUP BY ALL"
    ).fetchall()
    return {(source, stream): count for source, stream, count in rows}


def _invalid_of(source: Source, streams: Iterable[str], invalid: Mapping[tuple[str, str], int | None]) -> int | None:
    """Records of a source that miss what its directive expects; None where it expects nothing."""
    if not source.checks:
        return None
    counts = [invalid.get((source.name, stream), 0) for stream in streams]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _invalid(
    con: engine.Connection, sources: Sequence[Source], read: Container[tuple[str, str]], as_of: datetime
) -> dict[tuple[str, str], int | None]:
    """By source and stream that has checks: records that miss what the source's directive expects; None where the
    stored columns are not yet those that it asks about."""
    counts = {
        (source.name, stream): _missing_sql(source.name, stream, checks)
        for source in sources
        for stream, checks in source.checks.items()
        if (source.name, stream) in read and checks
    }
    together = " UNION ALL ".join(f"SELECT {number}, ({sql})" for number, sql in enumerate(counts.values()))
    try:
        found = dict(con.execute(together, _moment(together, as_of)).fetchall()) if counts else {}
        return {of: int(found[number]) for number, of in enumerate(counts)}
    except engine.Error:
        return {of: _count(con, sql, as_of) for of, sql in counts.items()}


def _missing_sql(source: str, stream: str, checks: Sequence[Check]) -> str:
    missed = " OR ".join(f"(({check.check}) IS NOT DISTINCT FROM false)" for check in checks)
    return f"SELECT count(*) FROM {ident('raw', f'{source}__{stream}')} WHERE NOT deleted AND ({missed})"


def _count(con: engine.Connection, sql: str, as_of: datetime) -> int | None:
    try:
        row = con.execute(sql, _moment(sql, as_of)).fetchone()
    except engine.Error:
        return None
    return int(row[0]) if row else 0


def _moment(sql: str, as_of: datetime) -> dict[str, datetime] | None:
    return {"as_of": as_of} if "$as_of" in sql else None


def _points(
    weights: dict[Dimension, int], shares: dict[Dimension, int | None]
) -> tuple[int | None, int | None, dict[Dimension, int | None]]:
    """Score and coverage in thousandths, and the parts, which add up to the score exactly: as for rows."""
    total, known = sum(weights.values()), sum(weights[name] for name in weights if shares.get(name) is not None)
    parts: dict[Dimension, int | None] = dict.fromkeys(weights)
    if not known:
        return None, 0 if total else None, parts
    cumulated = before = 0
    for name, weight in weights.items():
        share = shares.get(name)
        if share is not None:
            cumulated += weight * share
            upto = (cumulated * 2 * POINTS + known * WHOLE) // (known * WHOLE * 2)
            parts[name], before = upto - before, upto
    return before, known * 1000 // total, parts


def messages(standing: Standing) -> Iterator[str]:
    """What is wrong with a source, in sentences."""
    if standing.fresh in ("late", "overdue"):
        yield f"{standing.fresh}: last read whole {standing.read_at:%Y-%m-%d %H:%M} UTC"
    if standing.rejects:
        yield f"{standing.rejects:,} of {standing.records:,} records have text that does not fit its type, or no key"
    if standing.invalid:
        yield f"{standing.invalid:,} of {standing.records:,} records miss the source's own expectations"
    yield from (str(each) for each in standing.odd)
