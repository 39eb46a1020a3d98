"""The team's reports and the periodic ones, as they ship: each can be made, agrees with the ledger, and is safe."""

import importlib
import pkgutil
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import reporting
from execution import reports
from execution.directives.model import parse_period
from execution.reports import Composed, Wish
from execution.workspace import Workspace
from reporting.composition import Report
from tests.measures.stock import AS_OF, Stock, shipped

TEAM = ("cro", "cfo", "vp_sales", "sales_ops", "customer_success", "marketing")
PERIODIC = (
    "daily", "weekly", "mrr_monthly", "churn_risk_quarterly", "am_scorecard", "system_health", "business_impact",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a picture looks like has tests of its own."""
    monkeypatch.setattr("execution.charts.draw", lambda *_, **__: "<svg/>", raising=False)


def compose(stock: Stock, name: str, wish: Wish | None = None) -> Composed:
    return reports.compose(stock.con, shipped(), Workspace(Path()), name, AS_OF, wish)


@cache
def world() -> Stock:
    """Three companies that pay, one of them gone and back, one that grew, and a deal with each."""
    stock = Stock()
    for number, domain in enumerate(("x.com", "y.com", "z.com"), start=1):
        stock.put("companies", {"domain": domain, "name": f"Co {number}", "owner_email": "uma.iqbal@northbeam.example"})
        stock.put("customers", {"email": f"a@{domain}", "company_domain": domain, "name": f"Al {number}"})
        stock.put(
            "deals",
            {"source": "hubspot", "deal_id": str(number), "name": f"Deal {number}", "company_domain": domain}
            | {"status": "open", "stage": "Negotiation", "amount": 100 * number, "currency": "USD"},
        )
        stock.meeting(f"a@{domain}", "2026-06-20 10:00")
    for number, (email, amount, began, ended) in enumerate(
        (
            ("a@x.com", 1200, "2026-01-05", None),
            ("a@y.com", 600, "2026-02-10", "2026-06-10"),
            ("a@y.com", 480, "2026-06-25", None),
            ("a@z.com", 2400, "2026-03-01", "2026-06-15"),
            ("a@x.com", 240, "2026-06-12", None),
        )
    ):
        stock.put(
            "subscriptions",
            {"source": "stripe", "subscription_id": f"s{number}", "payer": email, "email": email, "currency": "USD"}
            | {"status": "canceled" if ended else "active", "yearly_amount": amount, "started_at": began}
            | {"ended_at": ended, "cancel_detail": "switched_service" if ended else None},
        )
    stock.score()
    return stock


def figures(stock: Stock, report: str, section: str, period: str) -> dict[str, Any]:
    found = compose(stock, report, Wish(period=parse_period(period))).facts[section]
    (row,) = found["rows"]
    return dict(row)


# --- what ships ------------------------------------------------------------------------------------


def classes() -> Iterator[type[Report]]:
    for area in ("personal", "pulse", "team"):
        package = importlib.import_module(f"{reporting.__name__}.{area}")
        for module in pkgutil.iter_modules(package.__path__):
            found = vars(importlib.import_module(f"{package.__name__}.{module.name}")).values()
            yield from (each for each in found if isinstance(each, type) and issubclass(each, Report))


@pytest.mark.parametrize("name", [*TEAM, *PERIODIC])
def test_a_report_has_a_directive_a_class_and_the_area_it_is_in(name: str) -> None:
    (own,) = {each for each in classes() if each is not Report and each.name == name}
    assert own.__module__.split(".")[1] == shipped().reports[name].area == ("team" if name in TEAM else "pulse")


@pytest.mark.parametrize("name", [*TEAM, *PERIODIC])
@pytest.mark.parametrize("made", [Stock, world])
def test_is_made_of_everything_and_of_nothing(name: str, made: Any) -> None:  # noqa: ANN401
    stock = made()
    first, second = compose(stock, name), compose(stock, name)
    assert first.text == second.text
    assert first.text.startswith(f"# {shipped().reports[name].title}")
    assert len(first.facts) == len(shipped().reports[name].sections)
    assert not {"None", "nan", "NaT"} & set(first.text.split())


@pytest.mark.parametrize("name", TEAM)
def test_a_report_of_the_team_can_be_asked_for_one_of_them(name: str) -> None:
    assert compose(world(), name, Wish("uma_iqbal")).title.endswith(": Uma Iqbal")


def test_a_person_sees_their_own_accounts_only() -> None:
    mine, other = (
        compose(world(), "am_scorecard", Wish(user)).facts["owner_leaderboard"]["rows"]
        for user in ("uma_iqbal", "oscar_klein")
    )
    assert ([row["user"] for row in mine], other) == (["uma_iqbal"], [])


def test_the_reports_of_a_schedule_are_those_that_it_is_about() -> None:
    listed = {name: set(each.reports) for name, each in shipped().schedules.items()}
    assert listed["monthly"] == {"mrr_monthly", "cfo", "marketing", "am_scorecard"}
    assert listed["quarterly"] == {"churn_risk_quarterly", "business_impact"}
    assert {"weekly", "cro"} <= listed["weekly"]


# --- figures agree ----------------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["2026-03", "2026-06", "2026-Q1", "2026"])
def test_revenue_by_sections_is_that_of_the_ledger(period: str) -> None:
    told = figures(world(), "business_impact", "revenue_changes", period)
    kept = figures(world(), "business_impact", "retention", period)
    bridge = compose(world(), "cfo", Wish(period=parse_period(period))).facts["mrr_bridge"]
    steps = {step["label"]: step["amount"] for step in bridge["steps"]}
    ledger = {figure["title"]: figure["value"] for figure in bridge["figures"]}
    assert told["closing"] == steps["after"]
    assert kept["opening"] == steps["before"]
    assert told["new_mrr"] == steps.get("new", 0)
    assert told["upgrade_mrr"] == steps.get("expansion", 0)
    assert told["churned_mrr"] == steps.get("churn", 0)
    assert (kept["nrr"], kept["grr"]) == (ledger["NRR"], ledger["GRR"])


def test_the_months_add_up_to_the_year_and_meet() -> None:
    rows = compose(world(), "mrr_monthly").facts["mrr_by_month"]["rows"]
    assert [after["opening"] for after in rows[1:]] == [before["closing"] for before in rows[:-1]]
    assert all(row["opening"] + row["won"] + row["more"] + row["less"] + row["gone"] == row["closing"] for row in rows)


def test_the_books_of_account_managers_add_up_to_the_whole() -> None:
    wish = Wish(period=parse_period("2026-06"))
    books = compose(world(), "am_scorecard", wish).facts["am_revenue"]
    assert books["sums"]["closing"] == figures(world(), "weekly", "revenue_changes", "2026-06")["closing"]


def test_the_forecast_is_weighted_by_the_chance_that_is_told_deal_by_deal() -> None:
    by_category = compose(world(), "cfo").facts["forecast_by_category"]["sums"]
    by_deal = compose(world(), "cro").facts["win_probability"]["sums"]
    assert by_category["weighted"] == by_deal["weighted"] > 0


# --- what no section directive can test ---------------------------------------------------------------


def test_cohorts_are_a_table_too_and_their_shares_a_picture() -> None:
    found = compose(world(), "mrr_monthly", Wish(period=parse_period("2026-06")))
    told = {row["cohort"]: row for row in found.facts["mrr_cohorts"]["cohorts"]}
    assert list(told) == ["2026-01", "2026-02", "2026-03"]
    assert (told["2026-03"]["now"], told["2026-03"]["paying"]) == (Decimal(0), 0)
    assert told["2026-02"]["after"][3] == Decimal(100)
    assert {cell["share"] for cell in found.facts["mrr_cohorts"]["grid"]} >= {Decimal(0), Decimal(1)}
    assert "| 2026-03 | 1 | USD 200 | 100 % | 0 % |  |  | 0 % | 0 |" in found.text


def test_nobody_who_ever_paid_is_no_bridge_of_zeros() -> None:
    stock = Stock()
    stock.score()
    assert "Not captured: nobody is known to have paid by then." in compose(stock, "cfo").text


def test_what_no_source_tells_finance_is_said() -> None:
    assert (
        "What winning a customer costs (CAC), and how soon it is earned back: not captured."
        in compose(Stock(), "cfo").text
    )


def test_what_the_checks_and_the_sources_lack_is_told() -> None:
    stock = Stock()
    stock.con.execute(
        """CREATE OR REPLACE TABLE derived.quality_checks AS SELECT 'payers' AS check, 'validity' AS dimension,
           'customers' AS about, 'error' AS severity, 'failing' AS verdict, 3 AS failing, 9 AS of, '5%' AS at_most,
           '' AS note"""
    )
    stock.con.execute(
        "CREATE OR REPLACE TABLE derived.quality_sources AS "
        "SELECT 'stripe' AS source, 200 AS records, 1 AS rejects, 3 AS invalid"
    )
    facts = compose(stock, "system_health").facts
    assert [(row["check"], row["wrong"]) for row in facts["data_quality"]["rows"]] == [("payers", 3)]
    stripe = next(row for row in facts["source_volumes"]["rows"] if row["name"] == "stripe")
    assert (stripe["records"], stripe["wrong"]) == (200, Decimal(2))
    assert {row["records"] for row in facts["source_volumes"]["rows"] if row["name"] != "stripe"} == {None}


def test_what_customers_and_the_crm_call_things_stays_text() -> None:
    stock = Stock()
    stock.put("companies", {"domain": "x.com", "name": "[x](https://evil.com)"})
    stock.put(
        "deals",
        {"source": "hubspot", "deal_id": "1", "status": "open", "company_domain": "x.com", "amount": 5}
        | {"name": "![Deal](https://evil.com/a.png) | <script>", "stage": "`x`\n# Do as I say", "currency": "USD"},
    )
    stock.score()
    for name in ("cro", "sales_ops", "vp_sales"):
        text = compose(stock, name).text
        assert "https://evil.com" not in text
        assert "<script" not in text
        assert "\n# Do as I say" not in text
        assert "Deal" in text
