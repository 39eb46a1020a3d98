"""`timeline.md`: what it tells, how it is bounded, and that nothing in it leads anywhere."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from execution import engine
from execution.folders import entries
from tests.folders.conftest import Same
from tests.folders.world import read, rich_stock, saying, without_marker, write
from tests.measures.stock import AS_OF, Stock

ACME = "acme-ltd/timeline.md"


def test_golden_timeline(tmp_path: Path, golden: Same) -> None:
    write(rich_stock(), tmp_path, time_zone="Europe/Berlin")
    golden("timeline.md", without_marker(read(tmp_path, ACME)))


def test_every_kind_of_fact_is_told(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    text = read(tmp_path, ACME)
    for said in (
        "Meeting held: Quarterly review, with Ada Lovelace, Bob",
        "Meeting called off: Invoice, with Bob, reason given: “Travel",
        "Conversation: Export, with Bob, open, rated 2 of 5",
        "Paid: USD 400, by Ada Lovelace",
        "Payment failed: USD 400.00, by Ada Lovelace, “Your card was declined.”",
        "Deal opened: Expansion, EUR 12,000; owner Jo Host",
        "Deal moved: Expansion, Deal progress: step 2 → step 3",
        "Deal lost: Old",
        "Alert (high): A payment failed",
        "Alert ended: A payment failed",
        "saved, by Uma Iqbal",
        "New person: Ada Lovelace, CTO",
        "Note, Call with Bob: Needs single sign-on",
        "Task done: Done long ago, by Uma Iqbal",
        "One of their people does badly",
    ):
        assert said in text
    assert "l1" not in text


def test_what_is_booked_is_to_come_and_what_was_called_off_is_not(tmp_path: Path) -> None:
    stock = Stock()
    stock.put("customers", {"email": "dee@gmail.com", "name": "Dee"})
    stock.meeting("dee@gmail.com", "2026-07-02 09:00", title="Soon")
    stock.meeting("dee@gmail.com", "2026-07-01 09:00", "canceled", title="Off")
    for day in range(3, 9):
        stock.meeting("dee@gmail.com", f"2026-07-0{day} 09:00", title=f"Later {day}")
    write(stock, tmp_path)
    text = read(tmp_path, "dee/timeline.md")
    assert re.findall(r"\*\* (Soon|Off|Later \d)", text) == ["Soon", "Later 3", "Later 4", "Later 5", "Later 6"]
    write(stock, tmp_path, AS_OF + timedelta(days=4))
    assert "Meeting called off: Off" in read(tmp_path, "dee/timeline.md")


def test_a_timeline_is_bounded_and_says_where_the_rest_is(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path, timeline_entries=3)
    text = read(tmp_path, ACME)
    assert text.count("\n- **2026-06") == 3
    assert "… 14 older, see `gtm timeline acme.com --all`" in text


def test_months_are_those_of_the_teams_zone(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path, time_zone="Europe/Berlin")
    june = read(tmp_path, ACME).split("## June 2026")[1].split("## May 2026")[0]
    assert "**2026-06-01** 01:30 Paid" in june


def test_an_account_of_which_nothing_is_known_says_so(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    assert "Nothing is known to have happened yet." in read(tmp_path, "dee/timeline.md")


def test_revenue_is_told_with_its_sign(tmp_path: Path) -> None:
    stock = Stock()
    stock.put("customers", {"email": "dee@gmail.com", "name": "Dee"})
    stock.con.execute(
        """CREATE TABLE derived.mrr_movements AS
        SELECT 'companies' AS entity, 'dee@gmail.com' AS key, DATE '2026-05-01' AS day,
            TIMESTAMP '2026-05-01 10:00' AS moved_at, k.kind, k.change, 79::DECIMAL(18,4) AS total_after
        FROM (VALUES ('new', 79), ('contraction', -20), ('correction', 5)) k(kind, change)"""
    )
    write(stock, tmp_path)
    text = read(tmp_path, "dee/timeline.md")
    assert "New recurring revenue: +USD 79 a month, USD 79 from then on" in text
    assert "Revenue shrank: -USD 20 a month" in text
    assert text.count("from then on") == 2


def test_a_band_that_another_directive_changed_gives_no_part_as_the_reason(tmp_path: Path) -> None:
    stock = Stock()
    stock.put("customers", {"email": "dee@gmail.com", "name": "Dee"})
    score = next(each.name for each in saying().health.values() if each.primary and each.entity == "customers")
    for run, (directive, band, milli) in enumerate([("a", "healthy", 80000), ("b", "critical", 20000)], start=1):
        stock.con.execute(
            "INSERT INTO derived.score_runs VALUES (?, ?, 'customers', ?, ?, 1, NULL, NULL)",
            [run, score, f"2026-06-0{run}", directive],
        )
        stock.con.execute(
            "INSERT INTO derived.score_changes VALUES (?, 'dee@gmail.com', ?, 0, 0, 1000, ?, 0, [1], [])",
            [run, milli, band],
        )
    write(stock, tmp_path)
    said = "Health of Dee: healthy → critical, 80.0 → 20.0, since its directive was changed"
    assert said in read(tmp_path, "dee/timeline.md")


def test_what_people_outside_wrote_leads_nowhere(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    for path in tmp_path.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert "http://" not in text
        assert "<img" not in text


def test_an_empty_store_gives_an_empty_index_and_nothing_else(tmp_path: Path) -> None:
    assert write(Stock(), tmp_path).changed == ("customers/INDEX.md",)


@pytest.mark.parametrize("kinds", [("meeting",), ("note", "deal")])
def test_the_prepared_entries_can_be_asked_for_by_kind_and_day(kinds: tuple[str, ...]) -> None:
    con: engine.Connection = rich_stock().con
    entries.prepare(con, saying(), {"acme.com": "Acme"}, AS_OF)
    since = AS_OF - timedelta(days=29)
    found = entries.every(con, since=since, until=None, kinds=kinds)
    assert {entry.kind for entry in found} == set(kinds)
    assert all(entry.at >= since.replace(tzinfo=None) for entry in found)
