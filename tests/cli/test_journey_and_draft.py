"""`gtm journey` and `gtm draft` as they are called, on a store with three accounts."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from execution import store
from execution.runs import steps
from execution.runs.session import open_session
from execution.workspace import Workspace
from tests.measures.stock import Stock

from .conftest import Copied, Gtm

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
ESCAPE = "\x1b[2J"


@pytest.fixture(scope="module")
def accounts(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Acme has a deal under way, Beta and Beta Two only a lead, and one is called what nobody should be; scored."""
    workspace = Workspace(tmp_path_factory.mktemp("accounts") / "ws")
    shutil.copytree(made, workspace.root)
    session = open_session(workspace)
    with store.writer(workspace) as con, store.change(con):
        stock = Stock.__new__(Stock)
        stock.program, stock.con = session.program, con
        stock.put(
            "companies",
            {"domain": "acme.com", "name": f"Acme {ESCAPE}"},
            {"domain": "beta.com", "name": "Beta"},
            {"domain": "beta-two.com", "name": "Beta Two"},
        )
        stock.put(
            "customers",
            {"email": "jane@acme.com", "name": "Jane Roe", "company_domain": "acme.com"},
            {"email": "bo@beta.com", "name": "Bo", "company_domain": "beta.com", "customer_type": "lead"},
            {"email": "di@beta-two.com", "name": "Di", "company_domain": "beta-two.com", "customer_type": "lead"},
        )
        deal = {"source": "hubspot", "deal_id": "1", "company_domain": "acme.com", "name": "Acme", "status": "open"}
        stock.put("deals", deal | {"probability": 60, "amount": 5000, "opened_at": "2026-05-01T00:00:00"})
    steps.score(session, AS_OF)
    return workspace.root


@pytest.fixture
def ws(accounts: Path, copied: Copied) -> Workspace:
    return copied(accounts)


# --- journey --------------------------------------------------------------------------------------------


def test_it_tells_who_stands_where_and_what_is_missing(gtm: Gtm, ws: Workspace) -> None:
    called = gtm("journey", "lead_to_customer")
    assert called.code == 0
    assert "business_case" in called.out
    assert "The deal stands at 80 percent or more (1 not met)" in called.out
    assert "enterprise_deal" not in called.out
    everything = gtm("journey", "--json").envelope["data"]
    assert [each["journey"] for each in everything["journeys"]] == [
        "enterprise_deal", "expansion_path", "lead_to_customer", "onboarding_90", "renewal_path", "small_deal",
    ]  # fmt: skip
    stages = {each["stage"]: each["travellers"] for each in everything["journeys"][2]["stages"]}
    assert {name: count for name, count in stages.items() if count} == {"lead": 2, "business_case": 1}


def test_a_stage_names_who_is_there(gtm: Gtm, ws: Workspace) -> None:
    called = gtm("journey", "lead_to_customer", "--stage", "lead", "--limit", "1")
    assert "beta-two.com" in called.out
    assert "1 more; --limit 0 shows all" in called.err
    assert "nobody stands there now" in gtm("journey", "lead_to_customer", "--stage", "success").err


def test_one_account_is_told_with_its_criteria(gtm: Gtm, ws: Workspace) -> None:
    called = gtm("journey", "lead_to_customer", "acme")
    assert called.code == 0
    assert ESCAPE not in called.out
    assert "business_case, for at least 0 days, usually 14; ae sees to it" in called.out
    assert "not met   The deal stands at 80 percent or more" in called.out
    assert "to judge  The one who holds the budget" in called.out
    assert "next: negotiation" in called.out
    data = gtm("journey", "small_deal", "hubspot/1", "--json").envelope["data"]
    assert (data["traveller"]["stage"], data["following"]["stage"]) == ("business_case", "negotiation")
    assert "in no stage: it is not on this way" in gtm("journey", "renewal_path", "acme").out


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        (("journey", "lead"), "E212", "no journey 'lead'", "lead_to_customer"),
        (("journey", "lead_to_customer", "--stage", "leads"), "E212", "no stage 'leads'", "lead"),
        (("journey", "lead_to_customer", "bet"), "E255", "may be any of 2", "Beta Two (beta-two.com)"),
        (("journey", "lead_to_customer", "Betta"), "E255", "no account 'Betta'", "do you mean Beta (beta.com)"),
        (("draft", "chek-in", "acme"), "E256", "no draft of kind 'chek-in'", "did you mean 'check-in'?"),
        (("draft", "check-in", "nobody"), "E224", "no account matches 'nobody'", "there are: "),
        (("draft", "check-in", "acme", "--to", "joe"), "E255", "no person there 'joe'", "Jane Roe (jane@acme.com)"),
        (("draft", "check-in"), "E220", "for which account?", "gtm draft check-in"),
        (("draft", "check-in", "acme", "--save", "--out", "x.md"), "E220", "two places", "take one"),
    ],
)
def test_what_is_not_there_is_said_with_what_was_meant(
    gtm: Gtm, ws: Workspace, words: tuple[str, ...], code: str, message: str, hint: str
) -> None:
    called = gtm(*words, "--json")
    assert called.code == 2
    error = called.envelope["error"]
    assert error["code"] == code
    assert message in error["message"]
    assert hint in error["hint"]


def test_an_exact_name_goes_before_parts_of_others(gtm: Gtm, ws: Workspace) -> None:
    assert gtm("journey", "lead_to_customer", "Beta", "--json").envelope["data"]["key"] == "beta.com"
    assert gtm("draft", "check-in", "di@beta-two.com", "--json").envelope["data"]["draft"]["account"] == "beta-two.com"


def test_before_the_first_scoring_a_journey_says_so(gtm: Gtm, made: Path, copied: Copied) -> None:
    workspace = copied(made)
    with store.writer(workspace, then_publish=True):
        pass
    called = gtm("journey", "lead_to_customer")
    assert (called.code, "lead_to_customer was not worked out yet, so run `gtm score`" in called.err) == (0, True)


# --- draft ----------------------------------------------------------------------------------------------


def test_a_draft_is_printed_with_what_is_left_to_do(gtm: Gtm, ws: Workspace) -> None:
    called = gtm("draft", "check-in", "acme.com")
    assert called.code == 0
    assert "Hi Jane," in called.out
    assert "to fill in: " in called.err
    assert ESCAPE not in called.out + called.err
    assert not (ws.customers / "acme").exists()


def test_it_is_saved_into_the_accounts_folder_and_never_over_a_file(gtm: Gtm, ws: Workspace) -> None:
    data = gtm("draft", "check-in", "beta.com", "--save", "--json").envelope["data"]
    assert data["file"] == "customers/beta/drafts/2026-06-30_check-in.md"
    file = ws.root / data["file"]
    assert file.read_text(encoding="utf-8") == data["draft"]["text"]
    file.write_text("mine", encoding="utf-8")
    refused = gtm("draft", "check-in", "beta.com", "--save", "--json")
    assert (refused.code, refused.envelope["error"]["code"]) == (2, "E257")
    assert file.read_text(encoding="utf-8") == "mine"


def test_it_is_written_where_it_is_wanted(gtm: Gtm, ws: Workspace, tmp_path: Path) -> None:
    target = tmp_path / "mail.md"
    assert gtm("draft", "win-back", "beta.com", "--out", str(target)).code == 0
    assert "What has changed since you left" in target.read_text(encoding="utf-8")
    assert "is there already" in gtm("draft", "win-back", "beta.com", "--out", str(target)).err
    assert "there is no folder" in gtm("draft", "win-back", "beta.com", "--out", str(tmp_path / "no" / "x.md")).err


def test_the_list_says_what_each_is_for(gtm: Gtm, ws: Workspace) -> None:
    listed = gtm("draft", "--list", "--json").envelope["data"]
    assert {"check-in", "proposal", "business-review", "mutual-action-plan", "win-back"} <= {
        each["kind"] for each in listed
    }
    assert all(each["about"] for each in listed)
    assert "check-in" in gtm("draft").out


def test_check_finds_what_is_wrong_in_a_template(gtm: Gtm, ws: Workspace) -> None:
    assert gtm("check").code == 0
    template = ws.root / "sales-toolkit" / "templates" / "mine.md.j2"
    template.write_text("Hi\n{{ account.mmr }}\n", encoding="utf-8")
    called = gtm("check")
    assert called.code == 2
    assert "sales-toolkit/templates/mine.md.j2:2:1: E197 companies has no column 'mmr'" in called.out
    assert gtm("draft", "mine", "acme.com").code == 2
