"""A plan says what edited directives would change, exactly, and changes nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from execution import health, store, triggers
from execution.directives import Program
from execution.errors import GtmError, StoreError, UsageError
from execution.preview import Edit, Mover, PartShift, Plan, plan
from execution.preview.values import ColumnPlan, RowPlan
from execution.workspace import Workspace
from tests.sync.conftest import World
from tests.sync.vendor import CUSTOMERS, SETTINGS, SHOP, program

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)
SHOPPERS = CUSTOMERS.replace("  orders:", "  mrr: {type: decimal, from: [shop]}\n  orders:")
MEASURES = """---
kind: measures
name: shopping
entity: customers
measures: {orders_doubled: {type: integer, unit: orders, meaning: m, null: n}}
---
```sql measures
select email, orders * 2 as orders_doubled from customers
```
"""
HEALTH = """---
kind: health
name: loyalty
entity: customers
components:
  orders: {weight: 60, needs: [orders_doubled], score: "orders_doubled * 10"}
  visits: {weight: 40, needs: [visits], score: "case when visits > 0 then 100 else 0 end"}
bands: {good: 50, poor: 0}
---
"""


def directives(**changed: str) -> Program:
    shop = SHOP.replace("max(o.name) as name,", "max(o.name) as name, sum(o.amount)::decimal(18, 4) as mrr,")
    texts = {"customers": SHOPPERS, "shop": shop, "measures": MEASURES, "health": HEALTH} | changed
    return program(**texts)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Ann ordered twice (for 20), Bob four times (for 4); nobody visited. Scored as of AS_OF."""
    world = World(Workspace(tmp_path), directives())
    orders = [("ann@a.com", 10)] * 2 + [("bob@b.com", 1)] * 4
    world.shop.records["orders"] = [
        {"id": f"o{n}", "email": email, "name": email[:3], "amount": amount, "updated_at": "2026-02-01T00:00:00Z"}
        for n, (email, amount) in enumerate(orders)
    ]
    world.sync()
    with store.writer(world.workspace, then_publish=True) as con:
        health.derive(con, world.program, AS_OF)
    return world.workspace


@pytest.fixture
def planned(workspace: Workspace) -> Callable[..., Plan]:
    def of(after: Program, before: Program | None = None, top: int = 10) -> Plan:
        return plan(workspace, after, before=before, baseline="b", planned="p", top=top)

    return of


def test_the_same_directives_change_nothing(planned: Callable[..., Plan]) -> None:
    for before in (None, directives()):
        found = planned(directives(), before)
        assert found.is_quiet
        assert found.as_of == AS_OF
        assert found.edits == ()


def test_who_moves_and_why_the_greatest_revenue_first(planned: Callable[..., Plan]) -> None:
    heavier = directives(health=HEALTH.replace("weight: 60", "weight: 10").replace("version: 1", "version: 2"))
    found = planned(heavier, directives())
    assert found.edits == (Edit("changed", "health", "loyalty", "directives/data-model/health.md"),)
    (loyalty,) = found.scores
    assert (loyalty.scored, loyalty.changed, loyalty.moved) == ((2, 2), 2, 0)
    assert loyalty.mean == (Decimal("36.000"), Decimal("12.000"))
    assert [(low, before, after) for low, before, after in loyalty.histogram if before or after] == [
        (0, 0, 1), (10, 0, 1), (20, 1, 0), (40, 1, 0)
    ]  # fmt: skip
    assert loyalty.movers[0] == Mover(
        "ann@a.com", "ann", Decimal("20.0000"), "poor", "poor", Decimal("24.000"), Decimal("8.000"),
        (PartShift("orders", Decimal("24.000"), Decimal("8.000")),),
    )  # fmt: skip
    assert [mover.key for mover in loyalty.movers] == ["ann@a.com", "bob@b.com"]


def test_band_changes_are_counted_with_their_revenue(planned: Callable[..., Plan]) -> None:
    found = planned(directives(health=HEALTH.replace("good: 50", "good: 40")), top=0)
    (loyalty,) = found.scores
    assert [(m.from_band, m.to_band, m.rows, m.mrr) for m in loyalty.moves] == [("poor", "good", 1, Decimal("4.0000"))]
    assert loyalty.movers == ()
    assert loyalty.changed == 0


def test_measures_rows_and_columns_that_differ_are_counted(planned: Callable[..., Plan]) -> None:
    found = planned(
        directives(
            measures=MEASURES.replace("orders * 2", "orders * 3"),
            settings=SETTINGS.replace("internal_domains: [us.com]", "internal_domains: [b.com]"),
        )
    )
    assert found.rows == (RowPlan("customers", 0, 1),)
    assert ColumnPlan("measures of customers", "orders_doubled", 1) in found.columns
    (loyalty,) = found.scores
    assert loyalty.scored == (2, 1)


def test_a_new_score_and_one_that_goes(planned: Callable[..., Plan]) -> None:
    other = directives(health=HEALTH.replace("name: loyalty", "name: devotion"))
    found = planned(other, directives())
    assert {(edit.what, edit.name) for edit in found.edits} == {("added", "devotion"), ("removed", "loyalty")}
    scores = {score.score: score for score in found.scores}
    assert scores["devotion"].scored == (0, 2)
    assert scores["devotion"].mean == (None, Decimal("36.000"))
    assert (scores["loyalty"].scored, scores["loyalty"].moved) == ((2, 0), 2)


def test_nothing_is_changed(workspace: Workspace, planned: Callable[..., Plan]) -> None:
    files = {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}
    planned(directives(health=HEALTH.replace("weight: 60", "weight: 1")), directives())
    assert {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()} == files


def test_directives_that_fail_on_the_data_are_an_error_with_a_place(planned: Callable[..., Plan]) -> None:
    failing = directives(measures=MEASURES.replace("orders * 2", "cast(name as integer)"))
    with pytest.raises(GtmError, match="measuring customers failed"):
        planned(failing)


def test_without_a_store_or_a_score_there_is_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing is published"):
        plan(Workspace(tmp_path), directives(), baseline="b", planned="p")
    world = World(Workspace(tmp_path), directives())
    world.shop.records["orders"] = [{"id": "o1", "email": "a@a.com", "amount": 1}]
    world.sync()
    with pytest.raises(UsageError, match="nothing has been scored"):
        plan(world.workspace, directives(), baseline="b", planned="p")


RULE = """---
kind: trigger
name: big
when: mrr >= 10
severity: high
message: "{name} brings {mrr}"
---
"""


def test_alerts_that_an_edit_would_open_and_end_are_told(workspace: Workspace) -> None:
    looked_at = AS_OF + timedelta(hours=3)
    with store.writer(workspace, then_publish=True) as con:
        triggers.run(con, directives(big=RULE), looked_at)
    edited = RULE.replace("mrr >= 10", "mrr < 10").replace("severity: high", "severity: low")
    (found,) = plan(workspace, directives(big=edited), baseline="b", planned="p", as_of=AS_OF).alerts
    assert (found.trigger, found.severity, found.opens, found.ends) == ("big", "low", 1, 1)
    assert found.firing == (1, 1)
    assert [(move.key, move.was, move.state) for move in found.named] == [
        ("ann@a.com", "firing", None),
        ("bob@b.com", None, "firing"),
    ]
    same = plan(workspace, directives(big=RULE), baseline="b", planned="p", as_of=AS_OF)
    assert same.alerts == ()
    gone = plan(workspace, directives(), before=directives(big=RULE), baseline="b", planned="p", as_of=AS_OF)
    assert [(each.trigger, each.severity, each.ends) for each in gone.alerts] == [("big", "gone", 1)]
