"""Whatever happens between plannings, in whatever order: nothing is lost, and nobody is told the same twice."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from .bureau import NOON, ROUTING, Office, office, trigger

pytestmark = pytest.mark.timeout(600)  # a failure is made small before it is shown

KEYS = st.sampled_from(["x@x.com", "y@y.com", "z@z.com"])
TRIGGERS = st.sampled_from(["quiet", "late", "cancel", "sold"])
SEVERITIES = st.sampled_from(["critical", "high", "medium", "low"])
HOW_MANY = st.integers(0, 9)


class Interleaved(RuleBasedStateMachine):
    """People, rows and the clock do as they please; now and then somebody plans, and now and then something is sent."""

    it: Office

    @initialize()
    def begin(self) -> None:
        text = ROUTING.replace("repeat: 24h", 'quiet_hours: {from: "20:00", until: "07:00"}\ncap: {alerts: 2, per: 1h}')
        late = trigger("late", actions=["call", "rescue", "forecast"])
        self.it = office(routing=text, late=late)
        self.it.con.execute("SET threads = 1")
        self.count = 0

    def _some(self, number: int) -> str | None:
        rows = self.it.con.execute("SELECT alert FROM ops.alerts WHERE state = 'firing' ORDER BY alert").fetchall()
        return str(rows[number % len(rows)][0]) if rows else None

    @rule(key=KEYS, name=TRIGGERS, severity=SEVERITIES)
    def fire(self, key: str, name: str, severity: str) -> None:
        self.count += 1
        self.it.fire(name, key, severity, item=str(self.count), alert=f"a{self.count:011d}")

    @rule(number=HOW_MANY)
    def resolve(self, number: int) -> None:
        if name := self._some(number):
            self.it.resolve(name)

    @rule(number=HOW_MANY, hours=st.integers(1, 30))
    def snooze(self, number: int, hours: int) -> None:
        if name := self._some(number):
            self.it.change(name, snoozed_until=self.it.at + timedelta(hours=hours))

    @rule(number=HOW_MANY, is_taken_back=st.booleans())
    def acknowledge(self, number: int, is_taken_back: bool) -> None:
        if name := self._some(number):
            self.it.change(name, acknowledged_at=None if is_taken_back else self.it.at)

    @rule(key=KEYS, to=st.sampled_from(["ada@us.example", "cy", None]))
    def hand_over(self, key: str, to: str | None) -> None:
        self.it.con.execute("UPDATE core.customers SET am_email = ? WHERE email = ?", [to, key])

    @rule(minutes=st.sampled_from([1, 20, 70, 600, 3000]))
    def wait(self, minutes: int) -> None:
        self.it.later(minutes=minutes)

    @rule()
    def plan(self) -> None:
        self.it.plan()
        for row in self.it.rows("\"do\" = 'notify' AND state = 'due' AND payload LIKE '%\"turn\"%'"):
            assert row["due_at"] >= self.it.at

    @rule()
    def plan_and_send(self) -> None:
        self.it.plan()
        self.it.send()

    @invariant()
    def nobody_is_told_the_same_twice(self) -> None:
        told = Counter(
            (item["alert"], row["channel"], row["recipient"], row["occasion"])
            for row in self.it.rows("\"do\" = 'notify' AND state = 'done'")
            for item in row["payload"]["items"]
        )
        assert not [each for each, times in told.items() if times > 1]

    @invariant()
    def never_more_than_two_an_hour(self) -> None:
        turns = sorted(
            {
                (row["due_at"], row["payload"]["turn"]["of"])
                for row in self.it.rows("\"do\" = 'notify' AND state = 'done'")
                if "turn" in row["payload"]
            }
        )
        for at, _of in turns:
            assert sum(at - timedelta(hours=1) < each <= at for each, _of in turns) <= 2

    def teardown(self) -> None:
        """In the end every alert that is still open, put off by nobody and silenced by none, is told to somebody."""
        it = self.it
        it.con.execute("UPDATE ops.alerts SET snoozed_until = NULL")
        it.con.execute("UPDATE ops.alerts SET state = 'resolved' WHERE trigger = 'cancel'")
        it.later(days=8)
        while True:
            it._plan(it.program)
            due = it.con.execute("SELECT min(due_at) FROM ops.outbox WHERE state = 'due'").fetchone()
            if due is None or due[0] is None:
                break
            it.at = max(it.at, due[0])
            assert it.at < NOON + timedelta(days=400), "the queue never ends"
            it.send()
        open_ = {row[0] for row in it.con.execute("SELECT alert FROM ops.alerts WHERE state = 'firing'").fetchall()}
        told = {item["alert"] for row in it.rows("state = 'done'") for item in row["payload"].get("items", ())}
        assert open_ <= told
        resolved = {
            row[0] for row in it.con.execute("SELECT alert FROM ops.alerts WHERE state = 'resolved'").fetchall()
        }
        left = it.rows("state = 'due' AND attempts = 0 AND \"do\" <> 'notify'")
        assert not {row["alert"] for row in left} & resolved
        self.nobody_is_told_the_same_twice()
        it.con.close()


TestInterleaved = Interleaved.TestCase
TestInterleaved.settings = settings(
    max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
