"""`gtm triggers simulate`: which alerts would have opened and resolved, day by day, had these rules been looked at.

The store's past is shown day by day as `past` tells it; measures, segments and scores are derived as of each day by the
directives of today, texts are read up to then, and the rules are looked at: the very code that runs every morning, on a
database in memory. Nothing is written. Days before the first are played too, as many as rules look back, so that what
was open already did not open then.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from execution import engine, health, sentiment, triggers
from execution.directives import Program, changes
from execution.directives.dependencies import words
from execution.directives.facts import Step
from execution.directives.model import Trigger
from execution.engine import ident, literal
from execution.errors import DataError, UsageError
from execution.measures.relation import facts_select
from execution.measures.stored import Stored
from execution.proof import past
from execution.proof.ground import published
from execution.proof.history import STORE, stored_in, todays
from execution.store import migrations
from execution.triggers.rules import rule_of
from execution.workspace import Workspace

DAY = timedelta(days=1)

MOST_DAYS = 400
"""Of how many days at most the past is played: each is derived anew."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One alert that fired, or was resolved, on a day; `why` it was resolved."""

    at: datetime
    event: str
    key: str
    account: str
    item: str
    message: str
    worth: Decimal | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Played:
    """One rule over the days: how many alerts fired and resolved, of how many rows, how many were open before the first
    day and after the last, and each in its order. `blind` are the facts it names of which nothing was known on any day;
    `failure` is why it could not be told on some."""

    trigger: str
    title: str
    severity: str
    status: str
    fired: int
    resolved: int
    rows: int
    open_before: int
    open_after: int
    moves: tuple[Moved, ...]
    blind: tuple[str, ...]
    failure: DataError | None


@dataclass(frozen=True, slots=True)
class Simulated:
    """What would have come of rules between two moments, a run a day."""

    since: datetime
    until: datetime
    days: int
    with_today: bool
    rules: tuple[Played, ...]


def simulate(
    workspace: Workspace,
    program: Program,
    since: datetime,
    until: datetime,
    *,
    names: Sequence[str] = (),
    with_today: bool = False,
    tell: Callable[[int, int], None] | None = None,
) -> Simulated:
    """Play the rules (those of the `names`, or all) on the published store's past, a run a day at the hour of `since`.

    With `with_today` columns are taken as they are today where their past is not known. `tell` hears before every day
    how many were played, of how many. Raises UsageError where the
    days are none or too many, or no directive has a name; StoreError before the first publication; GtmError where a
    directive does not hold on the data.
    """
    begin, end = engine.naive_utc(since), engine.naive_utc(until)
    chosen = _chosen(program, names)
    narrowed = _narrowed(program, chosen)
    first = begin - DAY * _looked_back_days(chosen)
    moments = [begin + DAY * number for number in range((end - begin) // DAY + 1)] if begin <= end else []
    if not moments or len(moments) > MOST_DAYS:
        what = f"there are {len(moments)} days" if moments else "there is no day"
        raise UsageError(
            f"{what} from {begin:%Y-%m-%d} to {end:%Y-%m-%d}",
            hint=f"play between one day and {MOST_DAYS}",
            code="E286",
        )
    before = [first + DAY * number for number in range((begin - first) // DAY)]
    with _stage(workspace) as con:
        seen, failures = _play(con, narrowed, [*before, *moments], with_today=with_today, tell=tell)
        rules = tuple(_played(con, program, each, begin, seen, failures) for each in chosen)
    return Simulated(begin, moments[-1], len(moments), with_today, rules)


@contextmanager
def _stage(workspace: Workspace) -> Iterator[engine.Connection]:
    con = engine.memory()
    try:
        with engine.attached(con, published(workspace), STORE):
            migrations.migrate(con)
            yield con
    finally:
        con.close()


def _chosen(program: Program, names: Sequence[str]) -> list[Trigger]:
    for name in names:
        if name not in program.triggers:
            raise UsageError(f"there is no rule '{name}'", hint="`gtm triggers list` shows them", code="E286")
    return [program.triggers[name] for name in sorted(names or program.triggers)]


# --- what it takes ------------------------------------------------------------------------------


def _named(program: Program, trigger: Trigger) -> tuple[str, ...]:
    """The facts that a rule takes, and those that its message tells."""
    return rule_of(trigger, program.facts(trigger.entity), 0).names


def _asked(program: Program, trigger: Trigger) -> tuple[str, ...]:
    """The facts that decide whether it holds."""
    parsed = [changes.parse(text) for text in trigger.rule().values()]
    named = frozenset[str]().union(*(words(each.text) for each in parsed))
    named |= {call.of.partition(".")[0].lower() for each in parsed for call in each.changes}
    return tuple(name for name in program.facts(trigger.entity) if name.lower() in named)


def _narrowed(program: Program, chosen: Sequence[Trigger]) -> Program:
    """The program without other rules, and without what these do not depend on."""
    wanted: set[Step] = set()
    for trigger in chosen:
        facts = program.facts(trigger.entity)
        routed = (program.routing.account.get(trigger.entity), program.routing.worth.get(trigger.entity, "mrr"))
        for name in (*_named(program, trigger), *routed):
            step = facts[name].step if name is not None and name in facts else None
            if step is not None:
                wanted.add(step)
    while more := {use.used for use in program.uses if use.user in wanted} - wanted:
        wanted |= more
    return replace(
        program,
        revenue={},
        measures={name: each for name, each in program.measures.items() if Step("measures", each.entity) in wanted},
        quality=program.quality if any(step.kind == "quality" for step in wanted) else {},
        segments={name: each for name, each in program.segments.items() if Step("segment", name) in wanted},
        health={name: each for name, each in program.health.items() if Step("health", name) in wanted},
        triggers={trigger.name: trigger for trigger in chosen},
    )


def _looked_back_days(chosen: Sequence[Trigger]) -> int:
    """How many days before the first have to be played for it to be told."""
    spans = [trigger.lasting for trigger in chosen]
    spans += [
        call.window or DAY
        for trigger in chosen
        for text in trigger.expressions().values()
        for call in changes.parse(text).changes
    ]
    return min(-(-max(spans, default=DAY) // DAY) + 1, MOST_DAYS)


# --- playing it ---------------------------------------------------------------------------------


def _play(
    con: engine.Connection,
    program: Program,
    moments: Sequence[datetime],
    *,
    with_today: bool,
    tell: Callable[[int, int], None] | None,
) -> tuple[Mapping[str, set[str]], Mapping[str, DataError]]:
    """Run every day; the facts of each entity of which something was known, and the rules that failed."""
    stored = stored_in(con)
    today = todays(program, stored)
    sentiment.lend(con, STORE)
    seen: dict[str, set[str]] = {}
    failures: dict[str, DataError] = {}
    for number, moment in enumerate(moments):
        if tell is not None:
            tell(number, len(moments))
        past.show_revenue(con, STORE, stored, moment)
        past.show(con, program, today, moment, with_today=with_today)
        health.derive(con, program, moment)
        failures |= triggers.run(con, program, moment).failures
        _see(con, program, seen)
    return seen, failures


def _see(con: engine.Connection, program: Program, seen: dict[str, set[str]]) -> None:
    """Add the facts that some row has."""
    stored = Stored.read(con)
    for entity in sorted({trigger.entity for trigger in program.triggers.values()}):
        about = [each for each in program.triggers.values() if each.entity == entity]
        found = seen.setdefault(entity, set())
        asked = [n for n in dict.fromkeys(n for each in about for n in _named(program, each)) if n not in found]
        if not asked:
            continue
        rows = facts_select(program, program.entities[entity], asked, stored)
        counts = engine.numbers(con, f"SELECT {', '.join(f'count({ident(name)})' for name in asked)} FROM ({rows})")
        found |= {name for name, count in zip(asked, counts, strict=True) if count}


def _played(
    con: engine.Connection,
    program: Program,
    trigger: Trigger,
    begin: datetime,
    seen: Mapping[str, set[str]],
    failures: Mapping[str, DataError],
) -> Played:
    of_it = f"a.trigger = {literal(trigger.name)}"
    rows = con.execute(
        f"""SELECT l.as_of, l.event, a.key, a.account, a.item, a.message, a.worth, l.detail ->> '$.why'
        FROM ops.alert_log l JOIN ops.alerts a ON a.alert = l.alert
        WHERE {of_it} AND l.event IN ('fired', 'resolved') AND l.as_of >= {literal(begin)}
        ORDER BY l.as_of, l.event, a.worth DESC NULLS LAST, a.key, a.item"""
    ).fetchall()
    moves = tuple(Moved(*row) for row in rows)
    fired = [move for move in moves if move.event == "fired"]
    before, after = engine.numbers(
        con,
        f"""SELECT count(*) FILTER (fired_at < {literal(begin)} AND coalesce(resolved_at >= {literal(begin)}, true)),
            count(*) FILTER (state = 'firing') FROM ops.alerts a WHERE {of_it}""",
    )
    return Played(
        trigger.name,
        trigger.title or trigger.name,
        trigger.severity,
        trigger.status,
        len(fired),
        len(moves) - len(fired),
        len({move.key for move in fired}),
        before,
        after,
        moves,
        tuple(name for name in _asked(program, trigger) if name not in seen.get(trigger.entity, ())),
        failures.get(trigger.name),
    )
