"""One identity against a few lines of Python that say the same: whatever comes, in whatever order."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from execution import engine
from execution.triggers import acts

from .yard import DAY, Yard, program
from .yard import rule as directive

pytestmark = pytest.mark.timeout(600)  # a failure is made small before it is shown

QUIET: dict[bool | None, int | None] = {True: 40, False: 1, None: None}
PAYS: dict[bool | None, int | None] = {True: 5, False: 50, None: None}
THREE = st.sampled_from([True, False, None])
STEP = timedelta(hours=6)


@dataclass
class Episode:
    """What is expected of one alert."""

    since: datetime
    state: str = "pending"
    fired: datetime | None = None
    ended: datetime | None = None
    acknowledged: bool = False
    snoozed: datetime | None = None


@dataclass
class Model:
    """The rules of the game."""

    lasting: timedelta
    cooldown: timedelta
    has_end: bool
    past: list[Episode] = field(default_factory=list)
    open: Episode | None = None
    is_silent: bool = False
    last: datetime | None = None
    log: list[tuple[datetime, str]] = field(default_factory=list)

    def look(self, at: datetime, *, holds: bool | None, ends: bool | None, is_gone: bool, is_stale: bool) -> str:
        if self.last is not None and at < self.last:
            return "earlier"
        self.last = at
        if is_stale:
            return "unknown"
        holds, ends = (None, None) if is_gone else (holds, ends if self.has_end else None)
        if self.open is not None:
            is_pending = self.open.state == "pending"
            is_awake = self._wake(at)
            if is_gone or ends or (holds is False and (is_pending or not self.has_end)):
                self._end(at, "ended" if is_pending else "resolved")
            elif is_pending and holds and at - self.open.since >= self.lasting:
                self._fire(at)
            elif is_awake:
                self.log.append((at, "woken"))
        elif holds and not ends and not self.is_silent and self._may_open(at):
            self.open = Episode(at)
            if self.lasting:
                self.log.append((at, "pending"))
            else:
                self._fire(at)
        if is_gone or holds is False or ends:
            self.is_silent = False
        return "known"

    def _wake(self, at: datetime) -> bool:
        """Whether a snooze is over by now; then it is none any more, though the alert ends at the same moment."""
        assert self.open is not None
        is_over = self.open.snoozed is not None and self.open.snoozed <= at
        if is_over:
            self.open.snoozed = None
        return is_over

    def _may_open(self, at: datetime) -> bool:
        fired = [each.fired for each in self.past if each.fired is not None]
        is_cool = not fired or at - max(fired) >= self.cooldown
        return is_cool and all(each.since < at for each in self.past)

    def _fire(self, at: datetime) -> None:
        assert self.open is not None
        self.open.state, self.open.fired = "firing", at
        self.log.append((at, "fired"))

    def _end(self, at: datetime, event: str) -> None:
        assert self.open is not None
        if event == "resolved":
            self.open.state, self.open.ended = "resolved", at
            self.past.append(self.open)
        self.open = None
        self.log.append((at, event))

    def resolve(self, at: datetime) -> None:
        self._end(at, "resolved")
        self.is_silent = True


class Alerting(RuleBasedStateMachine):
    """The engine and the model, side by side."""

    @initialize(
        lasting=st.sampled_from(["0s", "6h", "1d"]),
        cooldown=st.sampled_from(["0s", "12h", "2d"]),
        has_end=st.booleans(),
    )
    def begin(self, *, lasting: str, cooldown: str, has_end: bool) -> None:
        ends = {"resolve_when": "mrr < 10"} if has_end else {}
        text = directive("quiet", when="quiet > 30", cooldown=cooldown, lasting=lasting, **ends)
        self.here = Yard(program(text))
        trigger = self.here.program.triggers["quiet"]
        self.model = Model(trigger.lasting, trigger.cooldown, has_end)
        self.now = engine.naive_utc(DAY)
        self.put(holds=False, ends=False)

    def put(self, *, holds: bool | None, ends: bool | None) -> None:
        self.holds, self.ends, self.is_gone = holds, ends, False
        self.here.put("customers", email="a@x.com", quiet=QUIET[holds], mrr=PAYS[ends])

    def look(self, at: datetime, *, is_stale: bool = False) -> bool:
        days = (at - engine.naive_utc(DAY)) / timedelta(days=1)
        stale = {"desk": "silent"} if is_stale else {}
        found = self.here.look(days, stale=stale, derive=False)
        verdict = self.model.look(at, holds=self.holds, ends=self.ends, is_gone=self.is_gone, is_stale=is_stale)
        assert found.of("quiet").verdict == verdict
        return found.is_changed

    @rule(holds=THREE, ends=THREE, steps=st.integers(0, 5), is_stale=st.sampled_from([False, False, False, True]))
    def a_run(self, *, holds: bool | None, ends: bool | None, steps: int, is_stale: bool) -> None:
        self.put(holds=holds, ends=ends)
        self.now += STEP * steps
        self.look(self.now, is_stale=is_stale)

    @rule(steps=st.integers(1, 5))
    def a_run_with_nothing_new(self, *, steps: int) -> None:
        self.now += STEP * steps
        self.look(self.now)

    @rule()
    def the_row_goes(self) -> None:
        self.is_gone = True
        self.here.drop("customers", "a@x.com")
        self.now += STEP
        self.look(self.now)

    @rule()
    def the_same_run_again(self) -> None:
        self.look(self.now)
        assert not self.look(self.now)

    @rule(steps=st.integers(1, 9))
    def a_look_back(self, *, steps: int) -> None:
        self.look(self.now - STEP * steps)

    @precondition(lambda self: self.model.open is not None and self.model.open.state == "firing")
    @rule(act=st.sampled_from(["acknowledge", "unacknowledge", "snooze", "wake", "resolve"]))
    def an_act(self, *, act: str) -> None:
        episode = self.model.open
        assert episode is not None
        (row,) = self.here.alerts("state = 'firing'")
        alert, con, clock = [row["alert"]], self.here.con, self.now + timedelta(hours=1)
        if act == "acknowledge" and not episode.acknowledged:
            self.model.log.append((clock, "acknowledged"))
        if act == "unacknowledge" and episode.acknowledged:
            self.model.log.append((clock, "unacknowledged"))
        if act in ("acknowledge", "unacknowledge"):
            getattr(acts, act)(con, alert, "ann", clock)
            episode.acknowledged = act == "acknowledge"
        elif act == "snooze":
            until = clock + timedelta(hours=12)
            if episode.snoozed != until:
                self.model.log.append((clock, "snoozed"))
            acts.snooze(con, alert, until, "ann", clock)
            episode.snoozed = until
        elif act == "wake":
            if episode.snoozed is not None:
                self.model.log.append((clock, "woken"))
            acts.wake(con, alert, "ann", clock)
            episode.snoozed = None
        else:
            acts.resolve(con, alert, "ann", clock)
            self.model.resolve(clock)

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "model"):
            return
        expected = [*self.model.past, *([self.model.open] if self.model.open else [])]
        rows = self.here.stock.rows("FROM ops.alerts ORDER BY episode")
        assert [
            (row["pending_since"], row["state"], row["fired_at"], row["resolved_at"], row["episode"]) for row in rows
        ] == [(each.since, each.state, each.fired, each.ended, number) for number, each in enumerate(expected, start=1)]
        assert [(row["acknowledged_at"] is not None, row["snoozed_until"]) for row in rows] == [
            (each.acknowledged, each.snoozed) for each in expected
        ]
        log = self.here.stock.rows("SELECT as_of, event FROM ops.alert_log WHERE event <> 'updated'")
        assert sorted((row["as_of"], row["event"]) for row in log) == sorted(self.model.log)
        assert bool(self.here.stock.rows("FROM ops.silences")) == self.model.is_silent
        assert len({row["alert"] for row in rows}) == len(rows)


Alerting.TestCase.settings = settings(
    max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAlerting = Alerting.TestCase
