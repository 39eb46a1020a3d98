"""`gtm revenue`: what it prints, for people and for programs, and how it ends."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution import engine, revenue, store
from execution.cli.revenue import to_cents
from execution.directives import read_folder
from execution.directives.schema import entity_columns
from execution.engine import ident
from execution.runs.checked import program_of
from execution.workspace import Workspace

from .conftest import Copied, Gtm

AS_OF = datetime(2026, 4, 15, tzinfo=UTC)
BASE = {"source": "stripe", "status": "active", "currency": "USD", "yearly_amount": 100, "changed_at": "2026-04-10"}
ANN = BASE | {"subscription_id": "s1", "email": "ann@acme.com", "started_at": "2026-01-05"}
BOB = BASE | {"subscription_id": "s2", "email": "bob@acme.com", "started_at": "2026-01-06", "status": "canceled"}
BOB |= {"ended_at": "2026-03-02", "cancel_reason": "payment_failed"}
KIM = BASE | {"subscription_id": "s3", "email": "kim@gmail.com", "started_at": "2026-02-05", "currency": "EUR"}
KINDS = ("new", "expansion", "contraction", "churn", "reactivation", "correction")


def put(con: engine.Connection, columns: Mapping[str, str], *rows: Mapping[str, object]) -> None:
    listed = ", ".join(f"{ident(name)} {kind}" for name, kind in columns.items())
    con.execute(f"CREATE TABLE core.subscriptions ({listed}, changed_at TIMESTAMP)")
    for row in rows:
        names, marks = ", ".join(map(ident, row)), ", ".join("?" for _ in row)
        con.execute(f"INSERT INTO core.subscriptions ({names}) VALUES ({marks})", [*row.values()])


@pytest.fixture(scope="module")
def told(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ann pays dollars, Bob left, and Kim pays euros that have no rate; not to be changed."""
    workspace = Workspace(tmp_path_factory.mktemp("told") / "ws")
    shutil.copytree(made, workspace.root)
    program = program_of(workspace, read_folder(workspace.root)).require_valid()
    with store.writer(workspace, then_publish=True) as con:
        with store.change(con):
            put(con, entity_columns(program.entities["subscriptions"]), ANN, BOB, KIM)
        revenue.run(con, program, AS_OF)
    return workspace.root


@pytest.fixture
def published(told: Path, copied: Copied) -> Workspace:
    """A copy of it."""
    return copied(told)


def rated(workspace: Workspace) -> None:
    overlay = "---\nextends: settings\nrates: {EUR: 1.2}\n---\n"
    (workspace.directives / "local" / "settings.md").write_text(overlay, encoding="utf-8")


def test_the_bridge_adds_up_and_names_the_rate_that_is_missing(gtm: Gtm, published: Workspace) -> None:
    called = gtm("revenue", "--as-of", "2026-04-15", "--json")
    assert called.code == 1
    told = called.envelope["data"]
    assert (told["base"], told["entity"], told["first"], told["last"]) == (
        "USD",
        "customers",
        "2026-01-01",
        "2026-04-15",
    )
    assert [row["closing"] for row in told["periods"]] == [16.6666, 16.6666, 8.3333, 8.3333]
    for row in [*told["periods"], told["total"]]:
        assert round(row["opening"] + sum(row[kind] for kind in KINDS) - row["closing"], 8) == 0
    assert told["total"]["customers_closing"] == 2
    assert "nrr" in told["figures"]
    (problem,) = called.envelope["problems"]
    assert (problem["code"], problem["path"]) == ("E372", "directives/settings.md")
    assert problem["message"].startswith("EUR has no rate: 1 subscription of 1 customer, 8.33 EUR a month,")


def test_people_read_cents_that_add_up(gtm: Gtm, published: Workspace) -> None:
    called = gtm("revenue", "--as-of", "2026-04-15", "--by", "quarter")
    (quarter,) = [line.split() for line in called.out.splitlines() if line.lstrip().startswith("2026 Q1")]
    assert quarter[:7] == ["2026", "Q1", "0.00", "16.67", "-8.34", "8.33", "2"]
    assert "E372 EUR has no rate" in called.out
    assert "nobody paid at the opening" in called.out


def test_with_the_rate_written_the_next_run_knows_it(gtm: Gtm, published: Workspace) -> None:
    rated(published)
    stale = gtm("revenue", "--as-of", "2026-04-15")
    assert stale.code == 0
    assert "the definitions have changed since this was worked out: run `gtm score`" in stale.err
    assert gtm("score", "--as-of", "2026-04-15").code == 0
    told = gtm("revenue", "--as-of", "2026-04-15", "--json").envelope["data"]
    assert told["total"]["closing"] == 18.3333
    assert told["notes"] == []
    assert {row["currency"]: row["closing"] for row in told["currencies"]} == {"EUR": 8.3333, "USD": 8.3333}


def test_cohorts_churn_and_one_customer(gtm: Gtm, published: Workspace) -> None:
    rated(published)
    cohorts = gtm("revenue", "cohorts", "--as-of", "2026-04-15")
    assert "2026-01" in cohorts.out
    churned = gtm("revenue", "churn", "--from", "2026-01-01", "--to", "2026-12-31", "--json")
    assert [(row["key"], row["type"], row["mrr"]) for row in churned.envelope["data"]["rows"]] == [
        ("bob@acme.com", "involuntary", 8.3333)
    ]
    assert "1 left; together they paid 8.33 USD a month" in gtm("revenue", "churn", "--as-of", "2026-04-15").out
    assert gtm("revenue", "churn", "--per", "account", "--json").envelope["data"]["rows"] == []
    steps = gtm("revenue", "customer", "Acme.com", "--as-of", "2026-04-15")
    assert steps.out.count("bob@acme.com") == 2
    assert "the source states the day" in steps.out


def test_a_question_without_an_answer_says_why(gtm: Gtm, published: Workspace) -> None:
    assert "E272" in gtm("revenue", "customer", "nobody@x.com").err
    assert "E273" in gtm("revenue", "--from", "2026-05-01", "--to", "2026-04-01").err
    assert gtm("revenue", "--from", "spring").code == 2
    (published.directives / "revenue" / "recurring-revenue.md").unlink()
    assert "E270 no directive says what recurring revenue is" in gtm("revenue").err


def test_before_scoring_there_is_no_ledger(gtm: Gtm, workspace: Workspace) -> None:
    with store.writer(workspace, then_publish=True) as con, store.change(con):
        con.execute("CREATE TABLE core.anything (a INTEGER)")
    called = gtm("revenue")
    assert called.code == 2
    assert "E271" in called.err
    assert "run `gtm score`" in called.err


money = st.integers(-(10**9), 10**9).map(lambda units: Decimal(units) / 10_000)


@given(st.lists(money, min_size=7, max_size=7))
def test_cents_add_up_whatever_the_sums(amounts: list[Decimal]) -> None:
    row = dict(zip(("opening", *KINDS), amounts, strict=True))
    shown = to_cents(row)
    assert sum(shown[name] for name in ("opening", *KINDS)) == shown["closing"]
    assert all(abs(shown[name] - row[name]) <= Decimal("0.01") for name in row)
    assert abs(shown["closing"] - sum(amounts)) <= Decimal("0.005")
