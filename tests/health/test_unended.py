"""A first scoring's states stay in the score's table until they end, and nobody who reads the history can tell."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from execution import health, store
from execution.directives import Program
from execution.errors import GtmError
from execution.health import unended
from execution.measures.stored import Stored
from execution.store import migrations
from tests.measures.stock import Stock
from tests.measures.stock import program as program_of

FIRST = datetime(2026, 6, 1, 6, tzinfo=UTC)
CUSTOMERS = """---
kind: entity
name: customers
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
  mrr: {type: decimal, from: [crm], unit: euros a month, meaning: What they pay}
  seats: {type: integer, from: [crm], unit: seats, meaning: Seats}
---
"""
CARE = """---
kind: health
name: care
title: Care
version: 1
entity: customers
components:
  pay: {weight: 60, needs: [mrr], score: "mrr / 3"}
  seats: {weight: 40, needs: [seats], score: "seats * 10"}
penalties:
  free: {when: mrr = 0, points: "15", reason: They pay nothing}
signals:
  free: {when: mrr = 0, severity: high, message: They pay nothing}
bands: {good: 50, poor: 0}
hysteresis: 3
---
"""
PROGRAMS = {
    name: program_of(customers=CUSTOMERS, care=CARE.replace(old, new)).require_valid()
    for name, old, new in (
        ("as first", "", ""),
        ("other weights", "weight: 60", "weight: 30"),
        ("other parts", "  seats: {weight", "  room: {weight"),
    )
}
PEOPLE = ("ann", "bob", "cid", "dot")


@dataclass
class Shop(Stock):
    """A store of that world; with `settles` every state is put into `score_changes` at once, as stores once were."""

    program: Program = field(default_factory=lambda: PROGRAMS["as first"])
    settles: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.table("customers")
        for number, name in enumerate(PEOPLE[:3]):
            self.has_now(name, number * 90, number or None)

    def has_now(self, name: str, mrr: int | None, seats: int | None) -> None:
        self.con.execute("DELETE FROM core.customers WHERE email = ?", [name])
        self.put("customers", {"email": name, "mrr": mrr, "seats": seats})

    def on(self, days: int) -> None:
        health.score(self.con, self.program, "care", FIRST + timedelta(days=days))
        columns = Stored.read(self.con).columns("derived.score__care")
        if self.settles and unended.is_unended(columns):
            unended.settle(self.con, "derived.score__care", columns, None)
            self.con.execute(f"ALTER TABLE derived.score__care DROP COLUMN {unended.BEGAN}")
            unended.show(self.con)

    def told(self) -> list[list[dict[str, Any]]]:
        """Everything that is known of the score, now and before. (Nothing ended by the first run.)"""
        tables = ["score__care", "score_history", "score_states", "score_splits"]
        tables += ['behind__care WHERE ".run" > 1'] if store.has_table(self.con, "derived", "behind__care") else []
        found = [self.rows(f"SELECT * FROM derived.{table}") for table in tables]
        bare = [[{name: row[name] for name in row if name != ".began"} for row in rows] for rows in found]
        return [sorted(rows, key=str) for rows in bare]


amounts = st.none() | st.integers(0, 4).map(lambda number: number * 75)
steps = st.lists(
    st.tuples(
        st.sampled_from(["put", "go", "nothing"]),
        st.sampled_from(PEOPLE),
        amounts,
        st.none() | st.integers(0, 10),
        st.sampled_from([-3, 0, 0, 1, 2]),
        st.sampled_from(list(PROGRAMS)) | st.just("as first"),
    ),
    min_size=3,
    max_size=4,
)


@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(steps)
def test_whatever_happens_the_history_is_as_if_every_state_had_been_written_at_once(made: list[Any]) -> None:
    lazy, eager = Shop(), Shop(settles=True)
    for each in (lazy, eager):
        each.on(0)
    assert lazy.one("SELECT count(*) FROM derived.score_changes") == (0,)
    assert lazy.told() == eager.told()
    day = 0
    for what, who, mrr, seats, days, directive in made:
        day = max(day, day + days)
        for each in (lazy, eager):
            each.program = PROGRAMS[directive]
            if what == "put":
                each.has_now(who, mrr, seats)
            elif what == "go":
                each.con.execute("DELETE FROM core.customers WHERE email = ?", [who])
            each.on(day + min(days, 0))
        assert lazy.told() == eager.told()


def test_a_state_is_written_when_it_ends_and_the_others_stay_where_they_are() -> None:
    made = Shop()
    made.on(0)
    made.has_now("bob", 150, 9)
    made.on(1)
    assert made.rows("SELECT run, key FROM derived.score_changes ORDER BY ALL") == [
        {"run": 1, "key": "bob"},
        {"run": 2, "key": "bob"},
    ]
    assert made.one("SELECT count(*) FROM derived.score_states") == (4,)


def test_a_first_scoring_that_fails_leaves_nothing_behind() -> None:
    made = Shop()
    made.program = program_of(
        customers=CUSTOMERS, care=CARE.replace('"seats * 10"', "\"cast(email || 'x' as integer) + seats\"")
    ).require_valid()
    with pytest.raises(GtmError, match="the score care failed") as caught:
        made.on(0)
    assert (caught.value.code, caught.value.exit_code) == ("E362", 2)
    assert made.one("SELECT count(*) FROM derived.score_runs") == (0,)
    assert not made.has("derived.score__care")
    made.program = PROGRAMS["as first"]
    made.on(0)
    assert made.one("SELECT count(*) FROM derived.score_history") == (3,)


def test_a_store_that_has_every_state_written_already_goes_on_as_it_is() -> None:
    old, new = Shop(settles=True), Shop()
    for each in (old, new):
        each.on(0)
    for statement in (
        "DROP VIEW derived.score_states",
        """CREATE OR REPLACE VIEW derived.score_history AS
           SELECT r.score, r.entity, c.key, r.as_of, c.* EXCLUDE (run, key), r.directive, r.version
           FROM derived.score_changes c JOIN derived.score_runs r ON r.run = c.run""",
        "DROP SCHEMA ops CASCADE",
        "DELETE FROM meta.migrations WHERE number > 3",
    ):
        old.con.execute(statement)
    assert migrations.migrate(old.con) == tuple(range(4, len(migrations.STEPS) + 1))
    old.settles = False
    for each in (old, new):
        each.has_now("bob", 150, 9)
        each.on(1)
    assert old.told() == new.told()
