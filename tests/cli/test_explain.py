"""`gtm explain` as people and programs read it, on a small store with the shipped directives."""

import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from execution import health, store
from execution.directives import read_folder
from execution.runs.checked import program_of
from execution.workspace import Workspace
from tests.cli.conftest import Gtm
from tests.conftest import Golden
from tests.measures.stock import Stock

ROOT = Path(__file__).parents[2]
FIRST = datetime(2026, 6, 1, 6, tzinfo=UTC)
LAST = datetime(2026, 6, 15, 6, tzinfo=UTC)
JANE = {
    "email": "jane@acme.com",
    "name": "Jane Roe",
    "company_domain": "acme.com",
    "subscription_status": "active",
    "is_delinquent": False,
    "mrr": 240,
    "csat_score": 4.5,
    "signup_date": "2025-01-01",
}


@pytest.fixture(scope="module")
def filled(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Jane, who does worse after a payment fails, her hostile colleague, and somebody of whom nothing is known."""
    workspace = Workspace(tmp_path_factory.mktemp("explained") / "ws")
    shutil.copytree(made, workspace.root)
    with store.writer(workspace, then_publish=True) as con:
        stock = Stock(program=program_of(workspace, read_folder(workspace.root)).require_valid(), con=con)
        stock.put("companies", {"domain": "acme.com", "name": "Acme"}, {"domain": "acme-labs.com", "name": "Acme Labs"})
        stock.put("customers", JANE, {"email": "new@acme-labs.com", "company_domain": "acme-labs.com"})
        stock.put("customers", {**JANE, "email": "eve@acme.com", "name": "Eve\x1b[2J\u202e\nroot", "csat_score": 1})
        con.execute("INSERT INTO meta.sources VALUES ('intercom', TIMESTAMP '2026-06-15 05:00')")
        con.execute("INSERT INTO meta.sources VALUES ('stripe', TIMESTAMP '2026-06-15 05:10')")
        con.execute("CREATE TABLE projected.intercom__customers AS SELECT 'jane@acme.com' AS email, 4.5 AS csat_score")
        con.execute("CREATE TABLE projected.intercom__events AS SELECT 'jane@acme.com' AS email, '2150' AS source_id")
        con.execute(
            "CREATE TABLE raw.intercom__threads AS SELECT '2150' AS key, '{}' AS payload, 5 AS rating, "
            "TIMESTAMP '2026-05-20 10:00' AS last_changed, false AS deleted"
        )
        _events(stock)
        health.derive(con, stock.program, FIRST)
        stock.put("events", _event("ch_2", "payment", "2026-06-12 04:00", "failed", "Invoice 2"))
        con.execute(
            "UPDATE core.customers SET subscription_status = 'past_due', is_delinquent = true WHERE name = 'Jane Roe'"
        )
        health.derive(con, stock.program, LAST)
    return workspace.root


@pytest.fixture
def explained(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The same workspace for all who only read it."""
    monkeypatch.setenv("GTM_WORKSPACE", str(filled))
    return Workspace(filled)


def _event(key: str, kind: str, at: str, status: str | None, title: str) -> dict[str, object]:
    source = "stripe" if kind == "payment" else "intercom"
    return {"source": source, "source_id": key, "email": "jane@acme.com", "kind": kind, "occurred_at": at} | {
        "status": status,
        "title": title,
    }


def _events(stock: Stock) -> None:
    stock.put(
        "events",
        _event("ch_1", "payment", "2026-05-12 04:00", "succeeded", "Invoice 1"),
        _event("2149", "conversation", "2026-05-28 09:00", "closed", "How do I export?"),
        _event("2150", "conversation", "2026-05-30 09:00", "open", "The export stops at 10,000 rows"),
        _event("2151", "conversation", "2026-05-30 09:00", "open", "[click](https://evil.example)\x1b]0;x\x07")
        | {"email": "eve@acme.com"},
    )


def shown(text: str) -> str:
    """The output without the hash of the directive, which every edit of it changes."""
    return re.sub(r"\b[0-9a-f]{8}\)", "12345678)", text)


def test_it_reads_well(gtm: Gtm, explained: Workspace, golden: Golden) -> None:
    called = gtm("explain", "jane@acme.com")
    assert called.code == 0
    golden("explain/jane.txt", shown(called.out))
    assert max(map(len, called.out.splitlines())) <= 100


def test_the_readme_shows_it(gtm: Gtm, explained: Workspace, golden: Golden) -> None:
    out = shown(gtm("explain", "jane@acme.com").out)
    block = f"```\n$ gtm explain jane@acme.com\n{out.rstrip()}\n```\n"
    file = ROOT / "README.md"
    before, mark, rest = file.read_text(encoding="utf-8").partition("<!-- explain output -->\n")
    assert mark
    inside, _, after = rest.partition("<!-- /explain output -->")
    if os.environ.get("GTM_SNAP"):
        file.write_text(f"{before}<!-- explain output -->\n{block}<!-- /explain output -->{after}", encoding="utf-8")
    else:
        assert inside == block, "README.md shows another output: `make snap` rewrites it"


def test_the_shown_contributions_add_up_to_the_shown_score(gtm: Gtm, explained: Workspace) -> None:
    for email in ("jane@acme.com", "eve@acme.com", "new@acme-labs.com"):
        data = gtm("explain", email, "--json").envelope["data"]["explanation"]
        assert sum(part["milli"] or 0 for part in data["parts"]) == (data["milli"] or 0)


def test_a_program_gets_every_line_down_to_the_record(gtm: Gtm, explained: Workspace) -> None:
    found = gtm("explain", "jane@acme.com", "--json").envelope["data"]
    assert (found["kind"], found["key"], found["name"]) == ("person", "jane@acme.com", "Jane Roe")
    values = found["explanation"]["values"]
    (failed,) = values["payment_failures_90d"]["traces"]
    assert (failed["source"], failed["count"], failed["records"][0]["key"]) == ("stripe", 1, "ch_2")
    assert failed["synced_at"] == "2026-06-15T05:10:00Z"
    (rated,) = values["csat_score"]["traces"]
    assert (rated["source"], rated["kind"], rated["fields"]) == ("intercom", "threads", ["rating"])
    assert rated["records"][0]["key"] == "2150"
    line = found["explanation"]["parts"][0]["line"]
    file, _, number = line.rpartition(":")
    assert "activity:" in (explained.root / file).read_text(encoding="utf-8").splitlines()[int(number) - 1]


def test_nobody_steers_the_terminal(gtm: Gtm, explained: Workspace) -> None:
    for who in ("jane@acme.com", "eve@acme.com", "acme.com"):
        out = gtm("explain", who).out
        assert "\x1b" not in out
        assert "\x07" not in out
        assert "\u202e" not in out
        assert "\nroot" not in out


def test_an_account_shows_its_people_the_lowest_score_first(gtm: Gtm, explained: Workspace) -> None:
    for who in ("acme.com", "Acme", "ACME.com"):
        found = gtm("explain", who, "--json").envelope["data"]
        assert (found["kind"], found["key"]) == ("account", "acme.com")
        scores = [person["score"] for person in found["people"]]
        assert scores == sorted(scores)
        assert found["people"][0]["email"] == "jane@acme.com"
    out = gtm("explain", "acme.com").out
    assert "people, the lowest score first (2)" in out
    assert "costs" in out


def test_who_is_meant_has_to_be_clear(gtm: Gtm, explained: Workspace) -> None:
    unknown = gtm("explain", "jane@acme.co")
    assert unknown.code == 2
    assert unknown.err == "E224 no customer is 'jane@acme.co'\n  hint: do you mean jane@acme.com?\n"
    several = gtm("explain", "acme-")
    assert several.code == 0  # one account's domain has it
    both = gtm("explain", "cme")
    assert "E224 2 accounts match 'cme'" in both.err
    assert "no account matches 'zebra'" in gtm("explain", "zebra").err


def test_a_score_has_to_be_of_them(gtm: Gtm, explained: Workspace) -> None:
    assert "E212" in gtm("explain", "jane@acme.com", "--score", "luck").err
    assert "E233" in gtm("explain", "acme.com", "--score", "customer_health").err


def test_what_moved_it_since_a_day(gtm: Gtm, explained: Workspace) -> None:
    found = gtm("explain", "jane@acme.com", "--since", "2026-06-10", "--json").envelope["data"]["explanation"]["moved"]
    assert found["change"] == sum(part["change"] for part in found["parts"]) < 0
    (overdue,) = [each for each in found["values"] if each["name"] == "is_delinquent"]
    assert (overdue["before"], overdue["after"]) == (False, True)


def test_as_of_a_day_in_the_history_and_before_it(gtm: Gtm, explained: Workspace) -> None:
    first = gtm("explain", "jane@acme.com", "--as-of", "2026-06-10", "--json").envelope["data"]["explanation"]
    assert first["scored_at"] == "2026-06-01T06:00:00Z"
    assert first["values"]["is_delinquent"]["value"] is False
    early = gtm("explain", "jane@acme.com", "--as-of", "2026-05-29", "--json").envelope["data"]["explanation"]
    assert early["values"]["intercom_convos_30d"]["value"] == 1
    assert any("known only as of today" in note for note in early["notes"])
    with store.reader(explained) as con:
        assert con.execute("SELECT min(as_of) FROM derived.score_runs").fetchone() == (FIRST.replace(tzinfo=None),)


def test_before_anything_is_scored_it_says_so(gtm: Gtm, workspace: Workspace) -> None:
    with store.writer(workspace, then_publish=True) as con:
        stock = Stock(program=program_of(workspace, read_folder(workspace.root)).require_valid(), con=con)
        stock.put("customers", JANE)
    assert "E233 nothing has been scored yet" in gtm("explain", "jane@acme.com").err


def test_scoring_the_past_says_what_is_only_known_as_of_today(
    gtm: Gtm, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(filled, tmp_path / "own")
    monkeypatch.setenv("GTM_WORKSPACE", str(tmp_path / "own"))
    called = gtm("score", "--as-of", (LAST - timedelta(days=20)).date().isoformat())
    assert "takes as they are today" in called.err
    assert "customers.csat_score  (support)" in called.err
    assert "takes as they are today" not in gtm("score", "--as-of", "2026-06-16").err
