"""What every check of the directive comes to: how many of how many fail it, and whether that is too many."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from execution import engine
from execution.directives import Program
from execution.directives.model.quality import Anomaly, AnyCheck, Freshness, Quality, RowCheck, SourceCheck, Validity
from execution.engine import ident
from execution.measures.compile import parameters
from execution.measures.stored import Stored, entity_select
from execution.quality.compile import check_column
from execution.quality.sources import Standing, messages

Verdict = Literal["failing", "ok", "counted", "unknown"]

EXAMPLES = 5
_SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `failing` of `of` rows, sources, volumes or records. `counted` has no threshold; `unknown` had nothing
    that it is about, or too little history, and `note` says which."""

    check: str
    dimension: str
    about: str
    severity: str
    blocking: bool
    failing: int
    of: int
    at_most: str | None
    verdict: Verdict
    examples: tuple[str, ...]
    note: str = ""


def of_rows(
    con: engine.Connection, checks: Mapping[str, RowCheck], entity: str, key: str, relation: str
) -> Iterator[Finding]:
    """The checks of an entity's rows, out of a relation with a column for each."""
    if not checks:
        return
    asked = ", ".join(
        f"count({column}), count(*) FILTER (WHERE NOT {column}), "
        f"min({ident(key)}::VARCHAR, {EXAMPLES}) FILTER (WHERE NOT {column})"
        for column in (ident(check_column(name)) for name in checks)
    )
    row = iter(con.execute(f"SELECT {asked} FROM {relation}").fetchone() or ())
    for name, check in checks.items():
        of, failing, examples = int(next(row)), int(next(row)), next(row)
        yield _found(name, check, entity, (failing, of), tuple(map(str, examples or ())))


def of_sources(checks: Mapping[str, SourceCheck], standings: Sequence[Standing]) -> Iterator[Finding]:
    """The checks of sources, streams and volumes."""
    for name, check in checks.items():
        among = [each for each in standings if not check.sources or each.source in check.sources]
        match check:
            case Freshness():
                known = [each for each in among if each.fresh is not None]
                stale = ("overdue",) if check.past == "error" else ("late", "overdue")
                wrong = [each for each in known if each.fresh in stale]
                yield _found(name, check, _SOURCES, (len(wrong), len(known)), _said(wrong))
            case Validity():
                pairs = [(each, each.rejects if check.counts == "rejects" else each.invalid) for each in among]
                told = [(each, count) for each, count in pairs if count is not None]
                failing, of = sum(count for _, count in told), sum(each.records for each, _ in told)
                yield _found(name, check, _SOURCES, (failing, of), _said(each for each, count in told if count))
            case Anomaly():
                odd = [str(volume) for each in among for volume in each.odd]
                counts = (len(odd), sum(each.watched for each in among))
                yield _found(name, check, _SOURCES, counts, tuple(odd[:EXAMPLES]), "not enough history")


def of_counts(
    con: engine.Connection, program: Program, checks: Mapping[str, Anomaly], as_of: datetime, stored: Stored
) -> Iterator[Finding]:
    """How many rows are gone since the last publication; none before the first."""
    before = published(con, stored) if checks else {}
    for name, count in counts(con, program, checks, as_of, stored).items():
        then = before.get(name, count)
        lost = (f"{then:,} at the last publication, {count:,} now",)
        failing = max(then - count, 0)
        about = checks[name].entity or ""
        yield _found(name, checks[name], about, (failing, then), lost if failing else ())


def counts(
    con: engine.Connection, program: Program, checks: Mapping[str, Anomaly], as_of: datetime, stored: Stored
) -> dict[str, int]:
    """How many rows each of these checks counts now."""
    found = {}
    for name, check in checks.items():
        entity = program.entities[check.entity or ""]
        where = f" WHERE ({check.where})" if check.where is not None else ""
        sql = f"SELECT count(*) FROM ({entity_select(entity, stored)}){where}"
        row = con.execute(sql, parameters(sql, as_of)).fetchone()
        found[name] = int(row[0]) if row else 0
    return found


def published(con: engine.Connection, stored: Stored) -> dict[str, int]:
    """How many rows checks counted when the store was last published."""
    if not stored.columns("meta.published"):
        return {}
    return dict(con.execute("SELECT counted, rows FROM meta.published").fetchall())


def _said(standings: Iterable[Standing]) -> tuple[str, ...]:
    return tuple(f"{each.source}: {'; '.join(messages(each))}" for each in standings)[:EXAMPLES]


def _found(
    name: str, check: AnyCheck, about: str, counts: tuple[int, int], examples: tuple[str, ...], unless: str = ""
) -> Finding:
    failing, of = counts
    at_most = str(check.at_most) if check.at_most is not None else None
    verdict: Verdict = "counted"
    if not of:
        verdict = "unknown"
    elif check.at_most is not None:
        verdict = "failing" if check.at_most.is_passed_by(failing, of) else "ok"
    note = (unless or f"nothing in {about} that it is about") if verdict == "unknown" else ""
    return Finding(
        name, check.dimension, about, check.severity, check.blocking, failing, of, at_most, verdict, examples, note
    )


def in_order(quality: Quality, found: Iterable[Finding]) -> list[Finding]:
    """As the directive has them."""
    order = list(quality.checks)
    return sorted(found, key=lambda each: order.index(each.check))
