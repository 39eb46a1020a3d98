"""Whether the store may be published: not while a blocking check fails. Readers then keep the last good publication."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from execution import engine
from execution.directives import Program
from execution.directives.model.quality import AnyCheck, Quality
from execution.quality import findings, sources
from execution.quality.findings import Finding
from execution.quality.run import directive_of, fill
from execution.store import holding


def gate(
    con: engine.Connection, program: Program, as_of: datetime, *, anyway: bool = False
) -> tuple[holding.Reason, ...]:
    """Judge the store, current on `con`, by the blocking checks; the reasons against publishing it.

    With reasons it is held back, unless it is to be published `anyway`; without, it is free, and what the checks count
    is noted for the next time.
    """
    quality = directive_of(program)
    blocking = {name: check for name, check in quality.checks.items() if check.blocking} if quality else {}
    reasons: tuple[holding.Reason, ...] = ()
    if quality is not None and blocking:
        failing = [each for each in _judged(con, program, quality, list(blocking), as_of) if each.verdict == "failing"]
        reasons = tuple(_reason(each, blocking[each.check]) for each in failing)
    if anyway or not reasons:
        _free(con)
        if quality is not None:
            _note(con, findings.counts(con, program, quality.of_counts(), as_of))
    else:
        holding.hold(con, reasons, as_of)
    return reasons


def _judged(
    con: engine.Connection, program: Program, quality: Quality, only: Sequence[str], as_of: datetime
) -> Iterator[Finding]:
    """What the named checks come to, of the rows as they are now."""
    lost = {name: check for name, check in quality.of_counts().items() if name in only}
    yield from findings.of_counts(con, program, lost, as_of)
    told = {name: check for name, check in quality.of_sources().items() if name in only}
    standings = sources.standings(con, program, quality, as_of) if told else ()
    yield from findings.of_sources(told, standings)
    for name in quality.entities():
        checks = {each: check for each, check in quality.of_rows(name).items() if each in only}
        if checks:
            entity = program.entities[name]
            try:
                fill(con, program, quality, entity, {}, as_of, list(checks))
                yield from findings.of_rows(con, checks, name, entity.key, "temp.fresh")
            finally:
                con.execute("DROP TABLE IF EXISTS temp.fresh")


def _reason(found: Finding, check: AnyCheck) -> holding.Reason:
    return holding.Reason(
        found.check, check.meaning, found.failing, found.of, str(check.at_most), found.examples, check.remedy
    )


def _free(con: engine.Connection) -> None:
    if holding.reasons(con) is not None:
        with engine.transaction(con):
            con.execute("DELETE FROM meta.held")


def _note(con: engine.Connection, counts: dict[str, int]) -> None:
    """How many rows are published now; no change by itself."""
    if findings.published(con) != counts:
        with engine.transaction(con):
            con.execute("DELETE FROM meta.published")
            for name, rows in counts.items():
                con.execute("INSERT INTO meta.published VALUES (?, ?)", [name, rows])
