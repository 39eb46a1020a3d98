"""Looks at the store's past: what was known then, what came, and that neither knows the other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from execution import engine, health, store
from execution.directives import Program, load
from execution.engine import ident
from execution.errors import StoreError, UsageError
from execution.proof import backtest, ground
from execution.proof.fit import Author, from_history
from execution.proof.ground import Wanted
from execution.workspace import Workspace

DAY = timedelta(days=1)
END = datetime(2026, 11, 1)  # noqa: DTZ001 - the store keeps naive UTC
BEGIN = datetime(2026, 1, 6)  # noqa: DTZ001

PEOPLE = """---
kind: entity
name: people
key: email
rows: shared
past:
  same: [joined]
  columns: {left_at: case when left_at <= $as_of then left_at end}
columns:
  email: {type: text, from: [desk]}
  joined: {type: date, from: [desk]}
  rating: {type: integer, from: [desk]}
  plan: {type: text, from: [desk]}
  left_at: {type: timestamp, from: [desk]}
---
```sql past
select email, max_by(title, (occurred_at, source_id)) as plan from events where kind = 'plan' group by email
```

```yaml tests
- name: what is only known today is empty, a plan is that of then
  as_of: "2026-03-01T00:00:00Z"
  given:
    people: [{email: a@x.com, joined: "2026-01-01", rating: 5, plan: big, left_at: "2026-06-01T00:00:00Z"}]
    events:
      - {source: desk, source_id: p1, email: a@x.com, kind: plan, title: small, occurred_at: "2026-01-01T00:00:00Z"}
      - {source: desk, source_id: p2, email: a@x.com, kind: plan, title: big, occurred_at: "2026-05-01T00:00:00Z"}
  expect: {people: [{email: a@x.com, joined: "2026-01-01", rating: null, plan: small, left_at: null}]}
```
"""

EVENTS = """---
kind: entity
name: events
key: source_id
rows: owned
past: {known_from: occurred_at, same: [email, kind, occurred_at, title]}
columns:
  source_id: {type: text}
  email: {type: text}
  kind: {type: text}
  occurred_at: {type: timestamp}
  title: {type: text}
---
"""

MEASURES = """---
kind: measures
name: activity
entity: people
measures:
  days_quiet: {type: integer, unit: days, meaning: since they were here, "null": never here}
---
```sql measures
select email, date_diff('day', max(occurred_at), $as_of) as days_quiet
from events where kind = 'visit' and occurred_at <= $as_of group by email
```
"""

HEALTH = """---
kind: health
name: people_health
entity: people
components:
  quiet: {weight: 60, needs: [days_quiet], score: case when days_quiet <= 14 then 100 else 0 end}
  plan: {weight: 20, needs: [plan], score: case plan when 'big' then 100 else 40 end}
  rating: {weight: 20, needs: [rating], score: rating * 20}
bands: {green: 70, amber: 40, red: 0}
coverage_floor: 0.5
---
"""

LEFT = """---
kind: outcome
name: left
title: Leaving
entity: people
horizon: 60d
every: 30d
minimum: {rows: 100, events: 20}
---
```sql outcome
select email, left_at as happened_at from people
where joined <= $as_of and (left_at is null or left_at > $as_of)
```

```yaml tests
- name: who has left cannot leave again
  as_of: "2026-03-01T00:00:00Z"
  given:
    people:
      - {email: a@x.com, joined: "2026-01-01", left_at: "2026-02-01T00:00:00Z"}
      - {email: b@x.com, joined: "2026-01-01"}
  expect: {people: [{email: b@x.com, happened_at: null}]}
```
"""

TEXTS = {"people": PEOPLE, "events": EVENTS, "activity": MEASURES, "health": HEALTH, "left": LEFT}


def texts(**changed: str) -> dict[str, bytes]:
    return {f"directives/{name}.md": text.encode() for name, text in (TEXTS | changed).items()}


def program(**changed: str) -> Program:
    return load(texts(**changed)).require_valid()


def leaves(number: int) -> datetime | None:
    """Every third of a hundred people leaves, one after another."""
    return BEGIN + timedelta(days=60 + 2 * number) if number % 3 == 0 else None


def people() -> Iterator[dict[str, Any]]:
    for number in range(100):
        left = leaves(number)
        yield {
            "email": f"p{number:03}@x.com", "joined": "2026-01-01", "rating": 1 if left else 5, "left_at": left,
            "plan": "none" if left else "big",
        }  # fmt: skip


def events() -> Iterator[dict[str, Any]]:
    """A visit every ten days, until forty days before they leave."""
    for number in range(100):
        email, left = f"p{number:03}@x.com", leaves(number)
        yield _event(f"plan-{number}", email, "plan", BEGIN, "big" if number % 2 else "small")
        for visit in range(30):
            at = BEGIN + timedelta(days=10 * visit, hours=number % 24)
            if at < (left - 40 * DAY if left else END):
                yield _event(f"visit-{number}-{visit}", email, "visit", at, "")


def _event(key: str, email: str, kind: str, at: datetime, title: str) -> dict[str, Any]:
    return {"source": "desk", "source_id": key, "email": email, "kind": kind, "occurred_at": at, "title": title}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A published store with ten months of a hundred people; not to be changed."""
    workspace = Workspace(tmp_path_factory.mktemp("past"))
    fill(workspace)
    return workspace


def fill(workspace: Workspace, *scored: datetime) -> None:
    """Write and publish the store, scored at the moments named."""
    declared = program()
    with store.writer(workspace, then_publish=True) as con:
        for name, rows in (("people", list(people())), ("events", list(events()))):
            types = {column: "VARCHAR" for column in ("source",) if name == "events"}
            types |= {
                column: _TYPES.get(each.type, "VARCHAR") for column, each in declared.entities[name].columns.items()
            }
            engine.load(con, "given", types, [[row.get(column) for column in types] for row in rows])
            with store.change(con):
                con.execute(f"CREATE TABLE {ident('core', name)} AS FROM given")
        with store.change(con):
            con.execute("INSERT INTO meta.sources VALUES ('desk', ?)", [END])
        for moment in scored:
            health.derive(con, declared, moment)


_TYPES = {"timestamp": "TIMESTAMP", "date": "DATE", "integer": "BIGINT"}


def held(workspace: Workspace, declared: Program, wanted: Wanted | None = None) -> backtest.Backtest:
    return backtest.of_history(
        workspace, declared, declared.health["people_health"], declared.outcomes["left"], wanted or Wanted()
    )


# --- the past -----------------------------------------------------------------------------------


def test_looks_go_back_from_the_last_whose_end_is_known(kept: Workspace) -> None:
    found = held(kept, program()).ground
    assert (found.end, found.last) == (END.replace(tzinfo=UTC), END - 60 * DAY)
    assert found.first == END - 60 * DAY - 210 * DAY
    assert (found.moments, found.recorded) == (8, 0)


def test_who_has_left_is_looked_at_no_more_and_leaves_once(kept: Workspace) -> None:
    found = held(kept, program()).sizes
    moments = [END - 60 * DAY - 30 * DAY * back for back in range(8)]
    ends = [leaves(number) for number in range(100)]
    assert found.looks + found.unscored == sum(1 for at in moments for left in ends if left is None or left > at)
    assert found.looks_before_event == sum(1 for at in moments for left in ends if left and at < left <= at + 60 * DAY)
    assert found.events == sum(1 for left in ends if left and any(at < left <= at + 60 * DAY for at in moments))


def test_a_score_that_sees_them_go_quiet_tells(kept: Workspace) -> None:
    found = held(kept, program())
    assert (found.verdict, found.leaks) == ("signal", ())
    assert found.figures is not None
    assert found.figures.auc > 0.65
    assert found.warned is not None
    assert found.warned.median_days is not None
    assert 0 < found.warned.median_days <= 60


def test_today_s_state_is_left_out_and_said_so(kept: Workspace) -> None:
    """The rating of today knows who left; it must not be seen."""
    found = held(kept, program())
    assert [(each.component, each.missing) for each in found.unknown] == [
        ("rating", {"rating": "only what it is today is known"})
    ]
    assert next(each for each in found.components if each.component == "rating").auc is None


def test_taking_today_for_the_past_gives_itself_away(kept: Workspace) -> None:
    found = held(kept, program(), Wanted(with_today=True))
    assert found.unknown == ()
    assert {leak.part for leak in found.leaks} >= {"--with-today"}
    assert found.exit_code == 1


def test_what_a_block_tells_of_then_is_seen_instead_of_today(kept: Workspace) -> None:
    declared = program()
    score, outcome = declared.health["people_health"], declared.outcomes["left"]
    with ground.looked_back(kept, declared, score, outcome, Wanted()) as (con, _):
        assert con.execute("SELECT DISTINCT plan FROM facts ORDER BY 1").fetchall() == [("big",), ("small",)]
        quiet = con.execute(
            "SELECT days_quiet FROM facts f JOIN looks l ON l.look = f.\".look\" WHERE l.key = 'p001@x.com'"
        ).fetchall()
    assert all(0 <= days <= 10 for (days,) in quiet)


def test_nothing_is_written(kept: Workspace) -> None:
    files = {file: file.stat().st_mtime_ns for file in kept.root.rglob("*") if file.is_file()}
    held(kept, program())
    assert {file: file.stat().st_mtime_ns for file in kept.root.rglob("*") if file.is_file()} == files


def test_since_and_as_of_bound_the_looks(kept: Workspace) -> None:
    found = held(kept, program(), Wanted(as_of=END - 90 * DAY, since=END - 220 * DAY)).ground
    assert found.end == END - 90 * DAY
    assert found.last == END - 150 * DAY
    assert found.moments == 3


def test_scores_that_were_given_then_are_taken_as_they_were(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    given = [END - 60 * DAY - 30 * DAY * back - DAY for back in (2, 1, 0)]
    fill(workspace, *given)
    found = held(workspace, program())
    assert (found.ground.moments, found.ground.recorded) == (8, 3)
    changed = program(health=HEALTH.replace("weight: 60", "weight: 61"))
    assert held(workspace, changed).ground.recorded == 0


# --- learning -----------------------------------------------------------------------------------


def test_weights_are_tested_on_later_events_than_they_were_learned_from(kept: Workspace) -> None:
    written = texts(left=LEFT.replace("minimum: {rows: 100, events: 20}", "minimum: {rows: 100, events: 10}"))
    declared = load(written).require_valid()
    author = Author(written, declared)
    found = from_history(kept, author, declared.health["people_health"], declared.outcomes["left"], Wanted())
    learn, test = found.parts.learn, found.parts.test
    assert learn.last is not None
    assert test.first is not None
    assert test.first - learn.last >= 60 * DAY
    assert found.unlearned in ((), ("rating",))
    assert found.verdict in ("proposal", "nothing better")


# --- what does not hold -------------------------------------------------------------------------


def refused(workspace: Workspace, declared: Program, wanted: Wanted | None = None) -> UsageError:
    with pytest.raises(UsageError) as caught:
        held(workspace, declared, wanted)
    assert caught.value.exit_code == 2
    return caught.value


def test_a_store_that_says_nothing_of_its_past(kept: Workspace) -> None:
    no_past = EVENTS.replace("past: {known_from: occurred_at, same: [email, kind, occurred_at, title]}\n", "")
    error = refused(kept, program(events=no_past))
    assert (error.code, error.message) == ("E283", "the store has no past: nothing in it says since when it is known")


def test_a_store_younger_than_the_horizon(kept: Workspace) -> None:
    error = refused(kept, program(), Wanted(as_of=BEGIN + 30 * DAY))
    assert error.code == "E283"
    assert error.message.startswith("the store begins 2026-01-06, so no moment has 60 days after it until 2026-02-05")


def test_an_outcome_with_two_rows_for_one_key(kept: Workspace) -> None:
    doubled = LEFT.replace("from people\nwhere", "from people p join (values (1), (2)) v(n) on true\nwhere", 1)
    error = refused(kept, program(left=doubled))
    assert (error.code, error.hint) == ("E283", "its block gives one row per key: group by it")
    assert error.where.startswith("directives/left.md:")


def test_a_score_of_which_nothing_was_known(kept: Workspace) -> None:
    only = HEALTH.partition("components:")[0] + (
        "components:\n  rating: {weight: 20, needs: [rating], score: rating * 20}\nbands: {green: 70, red: 0}\n---\n"
    )
    error = refused(kept, program(health=only))
    assert error.code == "E282"
    assert "rating needs rating: only what it is today is known" in error.hint


def test_before_the_first_publication(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        held(Workspace(tmp_path), program())
    assert caught.value.code == "E402"


def test_shipped_tests_of_past_and_outcome_run(kept: Workspace) -> None:
    from execution.proof import run_cases

    results = run_cases(program(), ["directives/people.md", "directives/left.md"])
    assert [(result.name, result.differences) for result in results] == [
        ("what is only known today is empty, a plan is that of then", ()),
        ("who has left cannot leave again", ()),
    ]
