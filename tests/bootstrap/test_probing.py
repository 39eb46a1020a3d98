"""`gtm sync --dry-run --probe`: one page of every stream that tells its total, and no more."""

from datetime import UTC, datetime

import pytest

from execution.bootstrap import pipeline
from execution.sync.forecast import SourceForecast
from execution.sync.plan import Options
from execution.workspace import Workspace

from .conftest import GOOD, Vendor, refused

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SHOP = """---
kind: source
name: shop
api:
  base_url: https://shop.example
  auth: {type: bearer, token: env:SHOP_TOKEN}
  account: {path: /me, team: team.id}
  paginate: {page: page, size: 50}
  attempts: 1
streams:
  orders:
    path: /orders
    params: {team: "{account.team}"}
    records: items
    key: id
    total: total
    columns: {name: name}
  lines: {each: orders, path: "/orders/{orders.id}/lines", records: items, key: id, columns: {name: name}}
  refunds: {path: /refunds, records: items, key: id, total: total, columns: {name: name}}
  tags: {path: /tags, records: items, key: id, columns: {name: name}}
---
"""


@pytest.fixture
def shop(workspace: Workspace, calendly: Vendor, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    """A shop of 12,480 orders that gives nothing away of its refunds."""
    (workspace.directives / "data-sources" / "shop-sync.md").write_text(SHOP, encoding="utf-8")
    items = [{"id": number, "name": "n"} for number in range(50)]
    calendly.answers = {
        "/me": (200, {"team": {"id": "T1"}}),
        "/orders": (200, {"items": items, "total": 12_480}),
        "/refunds": refused(403, "not for you"),
    }
    monkeypatch.setenv("GTM_SHOP__BASE_URL", calendly.url)
    monkeypatch.setenv("SHOP_TOKEN", GOOD)
    return calendly


def forecast(workspace: Workspace, *, probe: bool) -> SourceForecast:
    (source,) = pipeline.sync_plan(workspace, ["shop"], Options(), NOW, probe=probe).sources
    return source


def test_without_it_nobody_is_asked(workspace: Workspace, shop: Vendor) -> None:
    assert forecast(workspace, probe=False).not_known == ("orders", "lines", "refunds", "tags")
    assert shop.asked == []


def test_a_total_tells_what_its_stream_and_its_children_take(workspace: Workspace, shop: Vendor) -> None:
    orders, lines, refunds, _ = forecast(workspace, probe=True).streams
    assert (orders.requests, orders.records, orders.basis) == (250, 12_480, "12,480 by the vendor's count, 50 a page")
    assert (lines.requests, lines.basis) == (12_480, "all 12,480 orders by the vendor's count")
    assert (refunds.requests, refunds.at_least) == (None, 1)
    assert shop.asked == ["/me", "/orders", "/refunds"]


def test_one_that_does_not_answer_is_forecast_without(workspace: Workspace, shop: Vendor) -> None:
    (warning,) = forecast(workspace, probe=True).warnings
    assert warning.startswith("refunds was not counted: ")
    assert "not for you" in warning
    shop.answers["/me"] = refused(500, "broken")
    source = forecast(workspace, probe=True)
    (warning,) = source.warnings
    assert warning.startswith("nothing was counted: ")
    assert source.not_known == ("orders", "lines", "refunds", "tags")


def test_a_source_that_is_not_connected_is_not_asked(
    workspace: Workspace, shop: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_TOKEN")
    assert not forecast(workspace, probe=True).connected
    assert shop.asked == []
    found = pipeline.sync_plan(workspace, [], Options(), NOW, probe=True)
    assert found.asked == 0
