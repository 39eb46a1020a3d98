"""Whether the store may be published: not while a blocking check fails. Readers then keep the last good publication."""

from collections.abc import Container, Iterator, Sequence
from datetime import datetime

from execution import engine
from execution.directives import Program
from execution.directives.model.quality import AnyCheck, Quality
from execution.measures.stored import Stored
from execution.quality import findings, sources
from execution.quality.compile import rated
from execution.quality.findings import Finding
from execution.quality.run import directive_of, fill
from execution.store import holding


def gate(
    con: engine.Connection,
    program: Program,
    as_of: datetime,
    *,
    anyway: bool = False,
    found: Sequence[Finding] | None = None,
    stored: Stored | None = None,
) -> tuple[holding.Reason, ...]:
    """Judge the store, current on `con`, by the blocking checks; the reasons against publishing it. `found` is what the
    checks come to at this moment, where that was just told, `stored` what the store has.

    With reasons it is held back, unless it is to be published `anyway`; without, it is free, and what the checks count
    is noted for the next time.
    """
    quality = directive_of(program)
    if quality is None:
        _free(con)
        return ()
    stored = Stored.read(con) if stored is None else stored
    blocking = {name: check for name, check in quality.checks.items() if check.blocking}
    if found is None:
        found = list(_judged(con, program, quality, blocking, as_of, stored))
    failing = [each for each in found if each.verdict == "failing" and each.check in blocking]
    reasons = tuple(_reason(each, blocking[each.check]) for each in failing)
    if anyway or not reasons:
        _free(con)
        _note(con, findings.counts(con, program, quality.of_counts(), as_of, stored), stored)
    else:
        holding.hold(con, reasons, as_of)
    return reasons


def _judged(
    con: engine.Connection, program: Program, quality: Quality, only: Container[str], as_of: datetime, stored: Stored
) -> Iterator[Finding]:
    """What the checks in `only` come to, of the rows as they are now."""
    lost = {name: check for name, check in quality.of_counts().items() if name in only}
    yield from findings.of_counts(con, program, lost, as_of, stored)
    told = {name: check for name, check in quality.of_sources().items() if name in only}
    standings = sources.standings(con, program, quality, as_of, stored) if told else ()
    yield from findings.of_sources(told, standings)
    for name in quality.entities():
        checks = {each: check for each, check in quality.of_rows(name).items() if each in only}
        if checks:
            entity = program.entities[name]
            try:
                fill(con, quality, rated(program, quality, entity, stored, {}, checks), as_of)
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


def _note(con: engine.Connection, counts: dict[str, int], stored: Stored) -> None:
    """How many rows are published now; no change by itself."""
    if findings.published(con, stored) != counts:
        with engine.transaction(con):
            con.execute("DELETE FROM meta.published")
            for name, rows in counts.items():
                con.execute("INSERT INTO meta.published VALUES (?, ?)", [name, rows])
