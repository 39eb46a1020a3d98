"""The daily pulse: facts from the store in the team's own day, and nothing else."""

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from execution import engine, health, reports, store
from execution.directives import Program
from execution.directives.model import Report
from execution.errors import UsageError
from execution.measures import Stored
from execution.reports.built_in import SECTIONS, at_risk, calls, sources, summary
from execution.reports.scene import Scene
from execution.workspace import Workspace
from reporting.pulse.daily import DailyPulse
from tests.measures.stock import AS_OF, ROOT, Stock, shipped

GOLDEN = Path(__file__).parent / "golden"


@cache
def busy_stock() -> Stock:
    """What `filled` gives, for tests that only read."""
    return filled()


def filled() -> Stock:
    """Twelve customers in trouble, one who is well, one of whom nothing is known; calls around the day."""
    stock = Stock()
    stock.put(
        "customers", {"email": "well@x.com", "name": "Well", "mrr": 900, "csat_score": 5, "last_seen_at": "2026-06-30"}
    )
    stock.con.execute("UPDATE core.customers SET subscription_status = 'active', assigned_am = 'Jo'")
    for n in range(12):
        stock.put(
            "customers",
            {"email": f"r{n:02d}@y.com", "name": f"Risk {n}", "subscription_status": "unpaid", "csat_score": 3}
            | {"mrr": None if n == 3 else 500 - n, "last_seen_at": "2026-06-30", "is_delinquent": n % 2 == 0},
        )
    stock.put("customers", {"email": "new@z.com"})
    stock.meeting("r00@y.com", "2026-06-29 15:00", "no_show", title="Invoice | <b>now</b>")
    stock.meeting("r01@y.com", "2026-06-28 15:00", "no_show")
    stock.meeting("well@x.com", "2026-06-30 14:30")
    stock.meeting("r02@y.com", "2026-06-30 22:30")
    stock.meeting("new@z.com", "2026-07-01 09:00")
    stock.meeting("new@z.com", "2026-07-01 10:00", "canceled")
    stock.con.execute("INSERT INTO meta.sources VALUES ('calendly', TIMESTAMP '2026-06-30 03:00')")
    stock.score()
    return stock


def in_zone(program: Program, zone: str) -> Program:
    settings = program.settings.model_copy(update={"time_zone": zone})
    return replace(program, settings=settings)


def scene(stock: Stock, as_of: datetime = AS_OF, zone: str = "UTC") -> Scene:
    program = in_zone(stock.program, zone)
    report = program.reports["daily"]
    span = report.period.span(as_of, ZoneInfo(zone))
    return Scene(stock.con, program, Workspace(ROOT), report, as_of, span, Stored.read(stock.con))


def render(con: engine.Connection, program: Program, workspace: Workspace, name: str, as_of: datetime) -> str:
    return reports.compose(con, program, workspace, name, as_of).text


def write(con: engine.Connection, program: Program, workspace: Workspace, name: str, as_of: datetime) -> Path:
    return reports.write(workspace, reports.compose(con, program, workspace, name, as_of)).path


@pytest.mark.golden
def test_golden_daily(tmp_path: Path) -> None:
    text = render(busy_stock().con, in_zone(shipped(), "Europe/Berlin"), Workspace(tmp_path), "daily", AS_OF)
    golden = GOLDEN / "daily.md"
    if os.environ.get("GTM_SNAP"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_customers_and_revenue_by_band_best_first_and_unknown_last() -> None:
    found = summary(scene(busy_stock()))
    assert [row["band"] for row in found["bands"]] == ["healthy", "at_risk", "high_risk", None]
    assert sum(row["customers"] for row in found["bands"]) == found["customers"] == 14
    assert (found["with_mrr"], float(found["mrr"])) == (12, 900 + sum(500 - n for n in range(12) if n != 3))


def test_revenue_of_nobody_is_unknown_and_not_zero() -> None:
    stock = Stock()
    stock.put("customers", {"email": "a@x.com"})
    stock.score()
    assert summary(scene(stock))["mrr"] is None


@pytest.mark.parametrize(
    ("zone", "today", "tomorrow"),
    [
        ("UTC", ["well@x.com", "r02@y.com"], ["new@z.com"]),
        ("Europe/Berlin", ["well@x.com"], ["r02@y.com", "new@z.com"]),
        ("Pacific/Auckland", ["well@x.com", "r02@y.com", "new@z.com"], []),
    ],
)
def test_today_is_the_teams_own_day(zone: str, today: list[str], tomorrow: list[str]) -> None:
    as_of = AS_OF + timedelta(hours=3) if zone == "Pacific/Auckland" else AS_OF
    found = calls(scene(busy_stock(), as_of, zone))
    assert ([c["email"] for c in found["today"]], [c["email"] for c in found["tomorrow"]]) == (today, tomorrow)


def test_a_day_that_is_an_hour_short_ends_when_its_clocks_say() -> None:
    """On 29 March 2026 Berlin's day has 23 hours."""
    there = scene(Stock(), datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Berlin")
    assert there.day(1) - there.day(0) == timedelta(hours=23)


def test_risk_is_ordered_by_revenue_with_the_unknown_last_and_says_why() -> None:
    found = SECTIONS["at_risk"](scene(busy_stock()))
    assert found["total"] == 12
    assert [row["email"] for row in found["rows"]][:4] == ["r00@y.com", "r01@y.com", "r02@y.com", "r04@y.com"]
    assert len(found["rows"]) == 10
    first = found["rows"][0]
    assert first["reasons"][0].reason == "An invoice is overdue"
    milli = [loss.milli for loss in first["reasons"]]
    assert milli == sorted(milli, reverse=True)


def test_who_has_left_is_not_to_be_saved_and_who_may_have_is() -> None:
    stock = filled()
    for email, status in (("r00@y.com", "'canceled'"), ("r01@y.com", "NULL")):
        stock.con.execute(f"UPDATE core.customers SET subscription_status = {status} WHERE email = '{email}'")
    before = at_risk(scene(stock))
    stock.score()
    found = at_risk(scene(stock))
    assert "r00@y.com" in {row["email"] for row in before["rows"]}
    assert "r00@y.com" not in {row["email"] for row in found["rows"]}
    assert found["total"] == 11


def test_leaving_out_by_what_was_never_worked_out_says_what_to_do() -> None:
    stock = filled()
    stock.con.execute("CREATE OR REPLACE VIEW main.unified_customers AS SELECT email FROM core.customers")
    with pytest.raises(UsageError, match="leave_out names what was not worked out yet") as raised:
        at_risk(scene(stock))
    assert (raised.value.code, raised.value.hint) == ("E234", "run `gtm score`")


def test_colleagues_are_nobodys_customers() -> None:
    at = scene(busy_stock())
    settings = at.program.settings.model_copy(update={"internal_domains": ("X.com",)})
    ours = replace(at, program=replace(at.program, settings=settings))
    assert "well@x.com" in {call["email"] for call in calls(at)["today"]}
    assert "well@x.com" not in {call["email"] for call in calls(ours)["today"]}
    assert calls(ours)["tomorrow"] == calls(at)["tomorrow"]


def test_only_missed_calls_of_the_period_are_told() -> None:
    found = SECTIONS["no_shows"](scene(busy_stock()))
    assert [row["email"] for row in found["rows"]] == ["r00@y.com"]


def test_what_is_missing_most_often_comes_first() -> None:
    found = SECTIONS["unknown"](scene(busy_stock()))
    assert found["total"] == 1
    assert {part["customers"] for part in found["missing"]} == {1}


@pytest.mark.parametrize(
    ("hours", "state"), [(5, "fresh"), (6, "fresh"), (6.1, "ageing"), (24, "ageing"), (24.1, "stale")]
)
def test_a_source_ages_by_its_own_measure(hours: float, state: str) -> None:
    as_of = datetime(2026, 6, 30, 3, tzinfo=UTC) + timedelta(hours=hours)
    rows = {row["name"]: row["state"] for row in sources(scene(busy_stock(), as_of))["rows"]}
    assert rows["Calendly"] == state


def test_a_source_that_was_never_read_says_so() -> None:
    assert {row["state"] for row in sources(scene(Stock()))["rows"]} == {"never read"}


def test_an_empty_store_gives_a_report_of_nothing(tmp_path: Path) -> None:
    text = render(Stock().con, shipped(), Workspace(tmp_path), "daily", AS_OF)
    assert "| **all** | 0 | not captured |" in text
    assert "Nobody with enough data is below the best band." in text
    assert "Customers with too little data for a label: 0." in text


def test_text_of_customers_stays_text(tmp_path: Path) -> None:
    stock = filled()
    stock.con.execute("UPDATE core.customers SET name = '[Risk](https://evil.com) | <img>' WHERE email = 'r00@y.com'")
    text = render(stock.con, shipped(), Workspace(tmp_path), "daily", AS_OF)
    assert r"\[Risk\](hxxps\[:\]//evil.com) \| &lt;img&gt;" in text
    assert "<" not in text


def test_the_same_store_and_moment_give_the_same_text(tmp_path: Path) -> None:
    first, second = filled(), filled()
    workspace = Workspace(tmp_path)
    one = render(first.con, shipped(), workspace, "daily", AS_OF)
    assert one == render(second.con, shipped(), workspace, "daily", AS_OF)


def test_it_is_written_under_the_teams_date_and_once(tmp_path: Path) -> None:
    stock, workspace = busy_stock(), Workspace(tmp_path)
    late = datetime(2026, 6, 30, 23, tzinfo=UTC)
    path = write(stock.con, in_zone(shipped(), "Europe/Berlin"), workspace, "daily", late)
    assert path == tmp_path / "reporting" / "output" / "daily" / "2026-07-01.md"
    os.utime(path, (1, 1))
    assert write(stock.con, in_zone(shipped(), "Europe/Berlin"), workspace, "daily", late) == path
    assert path.stat().st_mtime == 1


def test_an_edited_report_is_kept_and_the_new_one_stands_beside(tmp_path: Path) -> None:
    stock, workspace = busy_stock(), Workspace(tmp_path)
    path = write(stock.con, shipped(), workspace, "daily", AS_OF)
    path.write_text(path.read_text().replace("Daily pulse", "My pulse"))
    assert write(stock.con, shipped(), workspace, "daily", AS_OF).name == "2026-06-30.generated.md"
    assert "My pulse" in path.read_text()


def test_a_report_with_broken_markers_is_refused_with_the_line(tmp_path: Path) -> None:
    stock, workspace = busy_stock(), Workspace(tmp_path)
    path = write(stock.con, shipped(), workspace, "daily", AS_OF)
    path.write_text("x\n<!-- gtm:end report -->\n")
    with pytest.raises(UsageError) as caught:
        write(stock.con, shipped(), workspace, "daily", AS_OF)
    assert caught.value.where == "reporting/output/daily/2026-06-30.md:2"


def test_an_unknown_report_or_section_is_named_with_what_there_is(tmp_path: Path) -> None:
    stock, workspace = Stock(), Workspace(tmp_path)
    with pytest.raises(UsageError, match="no report 'dayly'") as caught:
        render(stock.con, shipped(), workspace, "dayly", AS_OF)
    assert "daily" in caught.value.hint
    odd = shipped().reports["daily"].model_copy(update={"sections": ("summary", "weather")})
    program = replace(stock.program, reports={"daily": odd})
    with pytest.raises(UsageError, match="no section 'weather'") as caught:
        render(stock.con, program, workspace, "daily", AS_OF)
    assert "at_risk" in caught.value.hint


def test_the_directive_orders_the_sections(tmp_path: Path) -> None:
    stock = busy_stock()
    odd: Report = shipped().reports["daily"].model_copy(update={"sections": ("sources", "summary")})
    program = replace(stock.program, reports={"daily": odd})
    text = render(stock.con, program, Workspace(tmp_path), "daily", AS_OF)
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## How fresh this is", "## Where customers stand"]


def test_a_report_can_be_asked_for_from_python(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "directives", tmp_path / "directives", ignore=shutil.ignore_patterns("local"))
    workspace = Workspace(tmp_path)
    with store.writer(workspace, then_publish=True) as con:
        con.execute("CREATE TABLE core.customers AS SELECT 'a@x.com' AS email, 'Ada' AS name")
        health.derive(con, shipped(), AS_OF)
    text = DailyPulse().generate({"workspace": tmp_path, "as_of": "2026-06-30T12:00:00+00:00"})
    with store.reader(workspace, locked_down=True) as con:
        assert text == render(con, shipped(), workspace, "daily", AS_OF)
    assert "| **all** | 1 |" in text


def test_readers_need_no_write_access(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with store.writer(workspace, then_publish=True) as con:
        health.derive(con, shipped(), AS_OF)
    with store.reader(workspace, locked_down=True) as con:
        assert "# Daily pulse" in render(con, shipped(), workspace, "daily", AS_OF)
        with pytest.raises(engine.Error):
            con.execute("CREATE TABLE x (i INTEGER)")
