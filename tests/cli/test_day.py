"""`gtm day`: whose day it is, what is printed, and what of a kept plan is people's."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from execution import health, store
from execution.runs.session import open_session
from execution.workspace import Workspace
from tests.cli.conftest import Gtm
from tests.measures.stock import Stock

AS_OF = "2026-06-30T12:00Z"


@pytest.fixture
def workspace(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """One with a call of today, and nobody of the team at the keyboard."""
    monkeypatch.delenv("GTM_USER", raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("LOGNAME", "a-stranger")
    subprocess.run(["git", "init", "-q", str(workspace.root)], check=True)  # noqa: S607
    with store.writer(workspace, then_publish=True) as con:
        stock = Stock(open_session(workspace).program, con)
        stock.put("customers", {"email": "a@x.com", "name": "Ada"})
        stock.meeting("a@x.com", "2026-06-30 16:00", title="Review", host="uma.iqbal@northbeam.example")
        health.derive(con, stock.program, datetime(2026, 6, 30, 12, tzinfo=UTC))
    return workspace


def test_the_day_of_a_person_is_printed_or_told_as_json(gtm: Gtm, workspace: Workspace) -> None:
    called = gtm("day", "uma_iqbal", "--as-of", AS_OF)
    assert called.code == 0
    assert called.out.startswith("# Day: Uma Iqbal, 2026-06-30\n")
    assert "1. 16:00 **Review** with Ada" in called.out
    told = gtm("day", "uma.iqbal@northbeam.example", "--as-of", AS_OF, "--no-goals", "--json").envelope["data"]
    assert told["user"] == "uma_iqbal"
    assert told["steps"]["day_brief"]["rows"][0]["meetings"] == 1
    assert "| Goal |" not in told["text"]


def test_it_is_the_day_of_who_calls(gtm: Gtm, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = gtm("day", "--as-of", AS_OF)
    assert (refused.code, refused.err.split()[0]) == (2, "E214")
    assert "gtm day PERSON" in refused.err
    monkeypatch.setenv("GTM_USER", "uma_iqbal")
    assert gtm("day", "--as-of", AS_OF).out.startswith("# Day: Uma Iqbal")


def test_nobody_of_that_name_is_named_with_who_there_is(gtm: Gtm, workspace: Workspace) -> None:
    called = gtm("day", "uma_iqball", "--as-of", AS_OF)
    assert called.code == 2
    assert "uma_iqbal" in called.err


def test_a_plan_is_kept_with_what_its_person_wrote(gtm: Gtm, workspace: Workspace) -> None:
    plan = Path(gtm("day", "uma_iqbal", "--save", "--as-of", AS_OF, "--json").envelope["data"]["path"])
    assert plan == workspace.root / "personal" / "daily-plans" / "uma_iqbal" / "2026-06-30.md"
    first = plan.read_text(encoding="utf-8")
    plan.write_text(first + "\nMy own words.\n", encoding="utf-8")
    gtm("day", "uma_iqbal", "--save", "--as-of", "2026-06-30T18:00Z")
    later = plan.read_text(encoding="utf-8")
    assert later.endswith("\nMy own words.\n")
    assert "As of 2026-06-30 18:00" in later

    plan.write_text(later.replace("Review", "Edited"), encoding="utf-8")
    beside = gtm("day", "uma_iqbal", "--save", "--as-of", AS_OF, "--json").envelope["data"]["path"]
    assert beside.endswith("2026-06-30.generated.md")
    assert "Edited" in plan.read_text(encoding="utf-8")
