"""`gtm doctor` as people and programs read it, on a workspace with something wrong in every corner."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from execution import store
from execution.bootstrap import auditing
from execution.runs import crontab, steps
from execution.runs.session import open_session
from execution.workspace import Workspace
from tests.cli.conftest import Gtm
from tests.conftest import Golden

ROOT = Path(__file__).parents[2]
SECRET = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"


@pytest.fixture
def small(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace of two folders, with a published store, on a machine without cron."""
    for name in ("HUBSPOT_TOKEN", "INTERCOM_TOKEN", "STRIPE_API_KEY", "CALENDLY_TOKEN"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setattr(crontab, "read_crontab", lambda: "")
    monkeypatch.setattr("platform.python_version", lambda: "3.12.1")
    with store.writer(workspace, then_publish=True) as con, store.change(con):
        con.execute("CREATE TABLE core.companies AS SELECT 'acme.com' AS domain")
    steps_taken = open_session(workspace)
    store.journal.append(steps_taken.workspace, "context", {"publication": 1, "written": 0})
    for folder in ("sales-toolkit", "workspace-setup", "personal"):
        (workspace.root / folder).mkdir(exist_ok=True)
    notes = workspace.customers / "acme" / "calls"
    notes.mkdir(parents=True)
    (notes.parent / "account.md").write_text("---\naccount: acme.com\n---\n", encoding="utf-8")
    (notes / "2026-06-01_kickoff.md").write_text("See [the account](../account.md).\n", encoding="utf-8")
    return workspace


@pytest.fixture
def messy(small: Workspace) -> Workspace:
    """The same after a careless month."""
    (small.customers / "acme" / "calls" / "renewal.md").write_text(
        f"Their key is {SECRET}, see [plan](../plan.md).\n", encoding="utf-8"
    )
    beta = small.customers / "Beta Ltd" / "context"
    beta.mkdir(parents=True)
    (beta.parent / "account.md").write_text("---\naccount: acme.con\n---\n", encoding="utf-8")
    (beta / "compact.md").write_text("<!-- gtm:begin compact -->\n", encoding="utf-8")
    (small.root / "workspace-setup" / "hubspot.md").write_text(f"HUBSPOT_TOKEN: {SECRET}\n", encoding="utf-8")
    small.env_file.write_text("HUBSPOT_TOKEN=x\n", encoding="utf-8")
    small.env_file.chmod(0o644)
    return small


def shown(out: str) -> str:
    """What was printed, without what depends on the machine."""
    return re.sub(r"\x1b\[\d+m", "", out)


def test_a_sound_workspace_is_excellent(gtm: Gtm, small: Workspace) -> None:
    called = gtm("doctor")
    assert called.code == 0
    assert "100 of 100, excellent" in called.out
    assert not [line for line in called.out.splitlines() if line.startswith(("error", "warning"))]


def test_it_reads_well_and_ends_with_1_where_an_error_is(gtm: Gtm, messy: Workspace, golden: Golden) -> None:
    called = gtm("doctor")
    assert called.code == 1
    assert SECRET not in called.out + called.err
    golden("doctor/messy.txt", shown(called.out))


def test_the_readme_shows_it(gtm: Gtm, messy: Workspace, golden: Golden) -> None:
    block = f"```\n$ gtm doctor\n{shown(gtm('doctor').out).rstrip()}\n```\n"
    file = ROOT / "README.md"
    before, mark, rest = file.read_text(encoding="utf-8").partition("<!-- doctor output -->\n")
    assert mark
    inside, _, after = rest.partition("<!-- /doctor output -->")
    if os.environ.get("GTM_SNAP"):
        file.write_text(f"{before}<!-- doctor output -->\n{block}<!-- /doctor output -->{after}", encoding="utf-8")
    else:
        assert inside == block, "README.md shows another output: `make snap` rewrites it"


def test_fixes_are_told_before_and_after(gtm: Gtm, messy: Workspace) -> None:
    dry = gtm("doctor", "--fix", "--dry-run")
    assert "would let nobody else read .env (600)" in dry.out
    assert messy.env_file.stat().st_mode & 0o777 == 0o644
    done = gtm("doctor", "--fix")
    assert "done: let nobody else read .env (600)" in done.out
    assert messy.env_file.stat().st_mode & 0o777 == 0o600
    assert "nothing to fix by itself" in gtm("doctor", "--fix").out


def test_a_program_gets_every_check(gtm: Gtm, messy: Workspace) -> None:
    data = gtm("doctor", "--json").envelope["data"]
    outcomes = {each["check"]: each for each in data["report"]["outcomes"]}
    assert len(outcomes) == 32
    assert outcomes["env_permissions"]["findings"][0]["path"] == ".env"
    assert outcomes["broken_links"]["findings"][0]["line"] == 1
    assert outcomes["env_in_git"]["status"] == "not checked"
    assert data["report"]["score"] == 100 - 5 * 3 - 2 * 4
    assert [fix["kind"] for fix in data["planned"]] == ["keep private"]


def test_everything_is_shown_on_request(gtm: Gtm, small: Workspace) -> None:
    assert "fine broken_links: Links in Markdown lead somewhere" in gtm("doctor", "--all").out


def test_it_looks_at_a_workspace_whose_directives_do_not_hold(gtm: Gtm, small: Workspace) -> None:
    local = small.directives / "local" / "nope.md"
    local.write_text("---\nextends: nope\nbands: {x: 1}\n---\n", encoding="utf-8")
    called = gtm("doctor")
    assert called.code == 1
    assert "directives/local/nope.md:2: E134 there is no directive named 'nope' to extend" in called.out


def test_without_its_directive_nothing_is_audited(gtm: Gtm, workspace: Workspace) -> None:
    file = workspace.directives / "policies" / "audit.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("bands: {excellent: 90", "bands: {excellent: 900"), encoding="utf-8")
    broken = gtm("doctor")
    assert broken.code == 2
    assert "directives/policies/audit.md" in broken.err
    file.unlink()
    assert "E212 no directive says what is audited" in gtm("doctor").err


def test_what_claude_code_reads_is_looked_at(gtm: Gtm, workspace: Workspace) -> None:
    def found() -> list[str]:
        outcomes = {each["check"]: each for each in gtm("doctor", "--json").envelope["data"]["report"]["outcomes"]}
        assert outcomes["claude_files"]["status"] != "not checked"
        return [each["path"] for each in outcomes["claude_files"]["findings"]]

    assert found() == []
    file = min((workspace.root / ".claude" / "agents").rglob("*.md"))
    file.write_text(file.read_text(encoding="utf-8").replace("\ndescription:", "\ndescriptoin:"), encoding="utf-8")
    assert {*found()} == {file.relative_to(workspace.root).as_posix()}


def test_a_team_s_own_choice_is_an_overlay(gtm: Gtm, messy: Workspace) -> None:
    overlay = "---\nextends: audit\nchecks: {secrets_in_files: 'off', broken_markers: info}\n---\n"
    (messy.directives / "local" / "workspace.md").write_text(overlay, encoding="utf-8")
    outcomes = {each["check"]: each for each in gtm("doctor", "--json").envelope["data"]["report"]["outcomes"]}
    assert outcomes["secrets_in_files"]["status"] == "off"
    assert outcomes["broken_markers"]["severity"] == "info"


def test_briefs_that_were_not_written_since_the_store_changed_are_told(small: Workspace) -> None:
    with store.writer(small, then_publish=True) as con, store.change(con):
        con.execute("INSERT INTO core.companies VALUES ('beta.com')")
    later = datetime.now(UTC).replace(year=datetime.now(UTC).year + 1)
    outcomes = {each.check: each for each in auditing.doctor(small, now=later).report.outcomes}
    assert (
        "last written from publication 1, and there is publication 2" in outcomes["briefs_behind"].findings[0].message
    )
    assert outcomes["store_age"].status == "found"


def test_writing_briefs_is_in_the_journal(small: Workspace) -> None:
    session = open_session(small)
    written = session.program.settings.model_copy(update={"briefs": ("all",)})
    from dataclasses import replace

    steps.write_context(replace(session, program=replace(session.program, settings=written)), datetime.now(UTC))
    entry = next(store.journal.entries(small, "context"))
    assert (entry["publication"], entry["written"]) == (1, 1), "INDEX.md"


def test_nobody_steers_the_terminal(gtm: Gtm, small: Workspace) -> None:
    (small.customers / "a\x1b[2J\u202eb").mkdir()
    out = gtm("doctor").out
    assert "account_folder_names" in out
    assert "\x1b" not in out
    assert "\u202e" not in out
