"""A test of a trigger, played from moment to moment: what is given is put where deriving keeps it, with its history,
and the rule is looked at by the code that opens alerts.

What a row gives of scores and segments enters their histories at each moment, so that `drop`, `was` and `entered` have
something to look back at. A source that a row of an owned entity does not name is `test`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from execution import engine, triggers
from execution.directives import Program
from execution.directives.facts import FIGURES, FIRST, Step
from execution.directives.model import Case, Entity, Moment, Trigger
from execution.engine import ident, literal
from execution.measures.moments import Moment as Made
from execution.measures.stored import key_columns
from execution.measures.work import Work, working
from execution.proof import stage
from execution.proof.deriving import load
from execution.proof.rows import Row, is_equal
from execution.segments import history
from execution.triggers import Verdict

_SOURCE = "test"
_KEPT = tuple(FIGURES[end][0] for end in FIRST)
"""The figures of a score that its history has."""

Alert = Mapping[str, Any]


def told(con: engine.Connection, program: Program, trigger: Trigger, case: Case) -> Iterator[str]:
    """Every sentence of a case that does not hold, with its moment."""
    entities = {
        name: program.entities[name] for name in sorted(_concerned(program, trigger, case)) if name in program.entities
    }
    played = _Played(con, replace(program, triggers={trigger.name: trigger}), trigger, entities)
    for number, moment in enumerate(case.timeline):
        for sentence in played.moment(moment):
            yield f"{_named(case, number)}: {sentence}"


def _named(case: Case, number: int) -> str:
    return f"line {case.timeline[number].line} ({case.timeline[number].at[:16]})"


def _concerned(program: Program, trigger: Trigger, case: Case) -> set[str]:
    """The entities that are given something, or asked for something."""
    named = {trigger.entity, *(name for moment in case.timeline for name in moment.given)}
    if trigger.keywords is not None:
        named |= {name for name, entity in program.entities.items() if entity.texts is not None} | {"customers"}
    return named


@dataclass
class _Played:
    """A store that has come to some moment of a timeline."""

    con: engine.Connection
    program: Program
    trigger: Trigger
    entities: Mapping[str, Entity]
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    runs: int = 0

    def moment(self, moment: Moment) -> Iterator[str]:
        """Come to a moment, and tell what is otherwise there than expected."""
        as_of = stage.moment(moment.at)
        for name, rows in moment.given.items():
            self._lay(self.entities[name], rows)
        with working(self.con) as work:
            for name, entity in self.entities.items():
                self._put(work, entity, list(self.rows.get(name, {}).values()), as_of)
            work.reshaped()
            stale = dict.fromkeys(moment.stale, "it cannot be relied on, the test says")
            evaluated = triggers.run(self.con, self.program, as_of, work=work, stale=stale)
        verdict = evaluated.of(self.trigger.name)
        if verdict.verdict == "failed":
            failure = evaluated.failures.get(self.trigger.name)
            cause = failure.__cause__ if failure is not None else None
            yield f"the rule fails on what is given: {str(cause or verdict.why).splitlines()[0]}"
            return
        yield from self._differences(moment, engine.naive_utc(as_of), verdict)

    # --- what is given --------------------------------------------------------------------------

    def _lay(self, entity: Entity, rows: Sequence[Row]) -> None:
        """Lay rows over those of the same key. What has several names is what was said of it last, by whichever."""
        known, facts = self.rows.setdefault(entity.name, {}), self.program.facts(entity.name)
        for row in rows:
            whole = {"source": _SOURCE, **row} if entity.rows == "owned" else dict(row)
            key = _key(entity, whole)
            meant = {facts[name] for name in whole if name in facts}
            before = {name: value for name, value in known.get(key, {}).items() if facts.get(name) not in meant}
            known[key] = before | whole

    def _put(self, work: Work, entity: Entity, rows: list[Row], as_of: datetime) -> None:
        """Have the entity's rows, and the tables of the steps that they give something of, with their histories."""
        facts = self.program.facts(entity.name)
        given = {column for row in rows for column in row}
        steps = {fact.step: None for name, fact in facts.items() if name in given and fact.step is not None}
        self.con.execute(f"DROP TABLE IF EXISTS {ident('core', entity.name)}")
        for step in steps:
            self.con.execute(f"DROP TABLE IF EXISTS {ident('derived', step.table)}")
        load(self.con, self.program, entity.name, rows)
        keys = key_columns(entity)
        for step in sorted(steps, key=str):
            if step.kind == "segment":
                self._move(work, step, keys, as_of)
            elif step.kind == "health":
                columns = {fact.column for name, fact in facts.items() if name in given and fact.step == step}
                self._score(step, entity, keys, [column for column in _KEPT if column in columns], as_of)

    def _move(self, work: Work, step: Step, keys: tuple[str, ...], as_of: datetime) -> None:
        """Who is in a segment now, for its history."""
        segment = self.program.segments[step.name]
        made = Made(engine.naive_utc(as_of), segment.hash)
        with work.change():
            history.append(work, segment, keys, made, ident("derived", step.table))

    def _score(self, step: Step, entity: Entity, keys: tuple[str, ...], columns: list[str], as_of: datetime) -> None:
        """The figures of a score that changed, for its history."""
        self.runs += 1
        health, at = self.program.health[step.name], engine.naive_utc(as_of)
        run = [self.runs, health.name, entity.name, at, health.hash, health.version]
        self.con.execute(
            "INSERT INTO derived.score_runs (run, score, entity, as_of, directive, version) VALUES (?, ?, ?, ?, ?, ?)",
            run,
        )
        if not columns:
            return
        named = ", ".join(map(ident, columns))
        latest = ", ".join(f"arg_max_null({ident(column)}, run) AS {ident(column)}" for column in columns)
        before = (
            f"SELECT key, {latest} FROM derived.score_changes "
            f"SEMI JOIN (FROM derived.score_runs WHERE score = {literal(health.name)}) USING (run) GROUP BY key"
        )
        now = f"SELECT {history.key_sql(keys)} AS key, {named} FROM {ident('derived', step.table)}"
        self.con.execute(
            f"INSERT INTO derived.score_changes BY NAME SELECT {self.runs} AS run, * FROM ({now} EXCEPT {before})"
        )

    # --- what comes out -------------------------------------------------------------------------

    def _differences(self, moment: Moment, at: datetime, verdict: Verdict) -> Iterator[str]:
        alerts: dict[str, list[Alert]] = {}
        for alert in engine.dicts(self.con, "FROM ops.alerts ORDER BY key, item, episode"):
            alerts.setdefault(alert["key"], []).append(alert)
        expected: dict[str, Mapping[str, Any]] = {}
        for written, said in moment.expect.items():
            key = self._meant(written)
            expected[key] = said
            yield from _of_row(written, said, alerts.get(key, []), at, verdict)
        for key, of_row in alerts.items():
            if key not in expected and any(each["fired_at"] == at for each in of_row):
                yield f"{key} fires, and nothing is expected of it"

    def _meant(self, written: str) -> str:
        """The whole key of a row that a test names, maybe without its source."""
        known = self.rows.get(self.trigger.entity, {})
        ends = [key for key in known if key == written or key.endswith(f"/{written}")]
        return written if written in known or len(ends) != 1 else ends[0]


def _key(entity: Entity, row: Row) -> str:
    return "/".join(str(row.get(part)) for part in key_columns(entity))


def _of_row(
    key: str, said: Mapping[str, Any], alerts: Sequence[Alert], at: datetime, verdict: Verdict
) -> Iterator[str]:
    """What is otherwise with one row; with `items` each of them alone, and none beside them open."""
    if "items" not in said:
        yield from _of_alert(key, said, alerts, at, verdict)
        return
    of_item: dict[str, list[Alert]] = {}
    for alert in alerts:
        of_item.setdefault(alert["item"], []).append(alert)
    if "is" in said:
        yield from _of_alert(key, {name: each for name, each in said.items() if name != "items"}, alerts, at, verdict)
    for item, told_of in said["items"].items():
        yield from _of_alert(f"{key} ({item})", told_of, of_item.get(item, []), at, verdict)
    for item in of_item.keys() - said["items"].keys():
        if (is_ := state(of_item[item], at, verdict)) != "silent":
            yield f"{key} ({item}) {_is(is_)}, and nothing is expected of it"


def _of_alert(
    key: str, said: Mapping[str, Any], alerts: Sequence[Alert], at: datetime, verdict: Verdict
) -> Iterator[str]:
    found = state(alerts, at, verdict)
    wanted = said.get("is", found)
    last = max(alerts, key=lambda alert: (alert["pending_since"], alert["episode"]), default=None)
    is_again = found == "fires" and last is not None and last["episode"] > 1
    if wanted != found and not (wanted == "fires again" and is_again):
        yield f"{key} {_is(found)}, expected {wanted}{f' ({verdict.why})' if found == 'unknown' else ''}"
        return
    about = {name: value for name, value in said.items() if name != "is"}
    if about and last is None:
        yield f"{key} has no alert whose {next(iter(about))} could be told"
        return
    for name, value in about.items():
        actual = _told(last or {}, name)
        if name == "reason" and isinstance(value, Mapping):
            pairs = {f"reason.{each}": (wants, (actual or {}).get(each)) for each, wants in value.items()}
        else:
            pairs = {name: (value, actual)}
        for where, (wants, has) in pairs.items():
            if not is_equal(wants, has, "VARCHAR") and wants != has:
                yield f"{key}: {where} is {has!r}, expected {wants!r}"


def _told(alert: Alert, name: str) -> Any:  # noqa: ANN401 - whatever a test may ask of an alert
    reason = json.loads(alert["reason"])
    if name == "reason":
        return reason
    if name in ("snippet", "words", "source"):
        return (reason.get("keywords") or {}).get(name)
    return alert[name]


def state(alerts: Sequence[Alert], at: datetime, verdict: Verdict) -> str:
    """What the rule says of a row, or of one thing of it, at a moment: one of `directives.timelines.WORDS`."""
    if verdict.verdict == "unknown":
        return "unknown"
    for alert in alerts:
        if alert["state"] == "firing":
            return "fires" if alert["fired_at"] == at else "firing"
    if any(alert["state"] == "pending" for alert in alerts):
        return "pending"
    return "resolves" if any(alert["resolved_at"] == at for alert in alerts) else "silent"


def _is(word: str) -> str:
    return {"firing": "is still firing", "pending": "is pending", "silent": "is silent", "unknown": "is unknown"}.get(
        word, word
    )
