"""Look at every rule as of a moment, and bring the alerts to what they say, in one transaction.

The same store, directives and moment give the same alerts, however often it is run. A moment before the last at which a
rule was looked at changes nothing of it: alerts know no way back.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from execution import engine
from execution.directives import Program
from execution.engine import literal
from execution.measures.work import Work, working
from execution.triggers import keywords, lifecycle
from execution.triggers.compile import Hits
from execution.triggers.inputs import Rests, unreliable
from execution.triggers.looking import Failures, look
from execution.triggers.rules import meaning

Told = Literal["known", "unknown", "failed", "earlier"]

_TEMPORARY = ("rules", "verdicts", "looked", "decided", "lines")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of looking at one rule. `known`: it was told of every row, as far as each is known; `unknown`: a source
    that it rests on cannot be relied on; `failed`: it does not hold on the data; `earlier`: it was looked at as of a
    later moment already. `why` says so in words. All but `known` leave its alerts as they are.

    `fired` and `resolved` are alerts that did so at this very moment, `open` those that are firing now.
    """

    trigger: str
    verdict: Told
    why: str | None = None
    fired: int = 0
    resolved: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What came of all rules, by name. `is_changed`: something in the store is otherwise than before. `failures` are of
    the rules that do not hold on the data, by name."""

    as_of: datetime
    verdicts: tuple[Verdict, ...] = ()
    failures: Failures = field(default_factory=dict)
    is_changed: bool = False

    def of(self, trigger: str) -> Verdict:
        """The verdict on one rule."""
        return next(each for each in self.verdicts if each.trigger == trigger)


def run(
    con: engine.Connection,
    program: Program,
    as_of: datetime,
    *,
    work: Work | None = None,
    stale: Mapping[str, str] | None = None,
    then: Callable[[], object] | None = None,
    hits: Hits | None = None,
) -> Evaluated:
    """Evaluate every rule as of a moment and bring alerts, their log and the record of runs up to date, all or nothing.

    `con` has the store as its current database and no open transaction; what rules name was derived as of the moment.
    `stale` says of sources why they cannot be relied on. `then` is called inside the transaction when all of it is
    written, and gives False where it changed nothing; what it raises undoes it. That a rule was looked at once more is
    noted, and is nothing for which the store is published. A rule that fails on the data is told in `failures`, and the
    others go on.
    """
    at = engine.naive_utc(as_of)
    with working(con, work) as work, _tables(con):
        if hits is None:
            keywords.refresh(con, program, at, work)
        verdicts = _judge(con, program, at, stale or {})
        wanted = [program.triggers[each.trigger] for each in verdicts if each.verdict == "known"]
        failures = look(work, program, at, wanted, hits or keywords.hits)
        verdicts = [_failed(each, failures) for each in verdicts]
        _decide(con, program, at, verdicts)
        is_news = _is_news(con)
        is_changed = is_news or _differs(con, at)
        if is_changed or then is not None:
            with work.change(is_news=lambda: is_news):
                if is_changed:
                    _write(con, at)
                if then is not None:
                    is_news |= then() is not False
        return Evaluated(at, _counted(con, verdicts, at), failures, is_changed)


@contextmanager
def _tables(con: engine.Connection) -> Iterator[None]:
    try:
        yield
    finally:
        for table in _TEMPORARY:
            con.execute(f"DROP TABLE IF EXISTS temp.{table}")


# --- which rules can be told --------------------------------------------------------------------


def _judge(con: engine.Connection, program: Program, at: datetime, stale: Mapping[str, str]) -> list[Verdict]:
    """What is known of every rule before it is looked at."""
    last = dict(con.execute("SELECT trigger, max(as_of) FROM ops.trigger_runs GROUP BY trigger").fetchall())
    found, rests = [], Rests(program)
    for name in sorted(program.triggers):
        looked_at = last.get(name)
        if looked_at is not None and at < looked_at:
            found.append(Verdict(name, "earlier", f"it was looked at as of {looked_at:%Y-%m-%d %H:%M:%S} UTC already"))
            continue
        why = unreliable(rests, program.triggers[name], stale)
        found.append(Verdict(name, "unknown", why) if why else Verdict(name, "known"))
    return found


def _failed(verdict: Verdict, failures: Failures) -> Verdict:
    failure = failures.get(verdict.trigger)
    return replace(verdict, verdict="failed", why=failure.message) if failure else verdict


# --- what becomes of the alerts -----------------------------------------------------------------


def _decide(con: engine.Connection, program: Program, at: datetime, verdicts: Sequence[Verdict]) -> None:
    """Fill the temporary tables `rules`, `verdicts` and `decided`."""
    rows, said = [], []
    for each in verdicts:
        trigger = program.triggers[each.trigger]
        directive = meaning(trigger)
        flags = (trigger.status == "experimental", trigger.status != "deprecated", trigger.resolve_when is not None)
        spans = (trigger.lasting.total_seconds(), trigger.cooldown.total_seconds())
        rows.append(
            (trigger.name, trigger.entity, directive, trigger.severity, *flags, each.verdict == "known", *spans)
        )
        if each.verdict != "earlier":
            said.append((trigger.name, directive, each.verdict, each.why))
    engine.load(con, "rules", lifecycle.RULES, rows)
    engine.load(con, "verdicts", lifecycle.VERDICTS, said)
    con.execute(f"CREATE OR REPLACE TEMP TABLE decided AS {lifecycle.decided(at)}")


def _is_news(con: engine.Connection) -> bool:
    """Whether readers are to see any of it: not that what held still holds, nor that it was looked at."""
    return _has_any(con, lifecycle.newly_told(), lifecycle.spoken(), lifecycle.turned())


def _differs(con: engine.Connection, at: datetime) -> bool:
    """Whether there is anything to write where there is no news."""
    return _has_any(con, lifecycle.differing(), lifecycle.unnoted(at))


def _has_any(con: engine.Connection, *questions: str) -> bool:
    return any(con.execute(f"SELECT 1 FROM ({question}) LIMIT 1").fetchone() for question in questions)


def _write(con: engine.Connection, at: datetime) -> None:
    """Inside the transaction."""
    con.execute(f"INSERT INTO ops.alert_log BY NAME {lifecycle.log(at, engine.naive_utc(datetime.now(UTC)))}")
    for statement in lifecycle.writes(at):
        con.execute(statement)
    con.execute(
        f"DELETE FROM ops.trigger_runs WHERE as_of = {literal(at)} AND trigger IN (SELECT trigger FROM temp.verdicts)"
    )
    con.execute(f"INSERT INTO ops.trigger_runs BY NAME {lifecycle.runs(at)}")
    con.execute(lifecycle.forgotten_runs(at))


def _counted(con: engine.Connection, verdicts: Sequence[Verdict], at: datetime) -> tuple[Verdict, ...]:
    counts = {row[0]: row[1:] for row in con.execute(lifecycle.counts(at)).fetchall()}
    return tuple(replace(each, fired=fired, resolved=resolved, open=opened)
                 for each in verdicts for fired, resolved, opened in [counts.get(each.trigger, (0, 0, 0))])  # fmt: skip
