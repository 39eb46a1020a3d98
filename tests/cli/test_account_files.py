"""`account.md` from the file to `gtm sync`, `score`, `explain` and the brief; and files as a source at the door."""

from pathlib import Path

import pytest

from execution.workspace import Workspace
from tests.cli.conftest import Gtm

PEOPLE = """---
kind: source
name: hubspot
files: {folder: imports}
streams:
  people:
    path: people.csv
    key: email
    columns: {email: email, name: name}
---
```sql customers
select email, name from people
```
```yaml tests
- name: one
  given: {people: [{email: a@acme.com, name: A}]}
  expect: {customers: [{email: a@acme.com, name: A}]}
```
"""
ACCOUNT = """---
account: acme.com
owner: Ann Lee
health_override: {band: at_risk, reason: Champion left, author: Ann Lee, since: 2026-01-01, expires: 2099-12-31}
sentiment: {score: 2, by: Ann Lee, on: 2026-01-01}
---
Notes of ours.
"""


@pytest.fixture
def root(workspace: Workspace) -> Path:
    """A workspace with one source of files, and what people write."""
    sources = workspace.directives / "data-sources"
    for file in sources.glob("*-sync.md"):
        file.unlink()
    (sources / "people.md").write_text(PEOPLE, encoding="utf-8")
    (workspace.root / "imports").mkdir()
    return workspace.root


def _write(root: Path, account: str = ACCOUNT) -> None:
    (root / "imports" / "people.csv").write_text("email,name\nbob@acme.com,Bob\nsue@other.com,Sue\n", encoding="utf-8")
    (root / "customers" / "acme").mkdir(parents=True, exist_ok=True)
    (root / "customers" / "acme" / "account.md").write_text(account, encoding="utf-8")


def _give_briefs(root: Path, was: str, to: str) -> None:
    settings = root / "directives" / "settings.md"
    text = settings.read_text(encoding="utf-8")
    assert f"briefs: {was}\n" in text
    settings.write_text(text.replace(f"briefs: {was}\n", f"briefs: {to}\n"), encoding="utf-8")


def test_without_files_nothing_is_connected_and_nothing_fails(root: Path, gtm: Gtm) -> None:
    listed = {each["source"]: each["missing"] for each in gtm("source", "list", "--json").envelope["data"]}
    assert listed == {"hubspot": ["imports/people.csv"], "workspace": ["customers/*/account.md"]}
    called = gtm("sync")
    assert called.code == 0
    assert "workspace: not connected; directives/data-sources/workspace.md says where they belong" in called.err
    assert "hubspot: there is no imports/people.csv; put one there" in gtm("status").err
    assert "hubspot: not connected (there is no imports/people.csv)" in gtm("source", "check").out


def test_what_people_hold_of_an_account_is_told_beside_its_score(root: Path, gtm: Gtm) -> None:
    _write(root)
    plan = gtm("sync", "--dry-run").out
    assert "READ imports/people.csv" in plan
    assert "in all 0 requests" in plan
    assert gtm("source", "check").code == 0
    assert gtm("sync").code == 0
    scored = gtm("score", "--as-of", "2026-06-30")
    assert "overrides in force, beside the scores: acme.com" in scored.out
    for who in ("bob@acme.com", "acme.com"):
        said = gtm("explain", who).out
        assert "held to be at risk until 2099-12-31, says Ann Lee: Champion left" in said
        assert "sentiment 2 of 5, says Ann Lee on 2026-01-01" in said
        beside = gtm("explain", who, "--json").envelope["data"]["beside"]
        assert (beside["override"]["band"], beside["expired"], beside["feeling"]["score"]) == ("at_risk", None, 2)
    assert "beside" not in gtm("explain", "sue@other.com").out
    asked = "select email, health_override_band, health_status, csm_sentiment from unified_customers order by email"
    rows = gtm("query", asked, "--json").envelope["data"]["rows"]
    assert [list(row.values()) for row in rows] == [
        ["bob@acme.com", "at_risk", None, 2],
        ["sue@other.com", None, None, None],
    ]
    _give_briefs(root, "[paying, open_deals, company_open_deals]", "all")
    gtm("context")
    briefs = "".join(file.read_text(encoding="utf-8") for file in root.glob("customers/*/context/compact.md"))
    assert briefs.count("**Held to be:** at risk, until 2099-12-31, says Ann Lee: Champion left") == 1
    assert "**Sentiment:** 2 of 5, says Ann Lee on 2026-01-01" in briefs
    assert "Notes of ours." in (root / "customers" / "acme" / "account.md").read_text(encoding="utf-8")


def test_one_that_ran_out_is_reported_and_no_longer_shown_as_in_force(root: Path, gtm: Gtm) -> None:
    _write(root, ACCOUNT.replace("2099-12-31", "2026-06-30"))
    gtm("sync")
    scored = gtm("score", "--as-of", "2026-06-30")
    assert "the override of acme.com by Ann Lee expired on 2026-06-30: renew it, or take it out" in scored.err
    assert "in force" not in scored.out
    expired = gtm("score", "--as-of", "2026-07-01", "--json").envelope["data"]["standing"]["expired"]
    assert [(each["account"], each["author"], each["expires"]) for each in expired] == [
        ("acme.com", "Ann Lee", "2026-06-30")
    ]
    said = gtm("explain", "bob@acme.com").out
    assert "expired on 2026-06-30, no longer in force: at risk, by Ann Lee: Champion left" in said
    assert "held to be" not in said


def test_looking_back_an_override_that_was_written_later_is_in_no_measure(root: Path, gtm: Gtm) -> None:
    asked = "select health_override_band, health_override_expired from unified_companies where domain = 'acme.com'"

    def held(as_of: str) -> list[object]:
        gtm("score", "--as-of", as_of)
        (row,) = gtm("query", asked, "--json").envelope["data"]["rows"]
        return [*row.values()]

    _write(root, ACCOUNT.replace("since: 2026-01-01, ", ""))
    gtm("sync")
    assert held("2026-06-30") == [None, None]
    assert held("2098-06-30") == ["at_risk", None]
    _write(root, ACCOUNT.replace("2099-12-31", "2026-06-30"))
    gtm("sync")
    assert held("2098-06-30") == [None, "2026-06-30"]


def test_an_account_that_nobody_knows_is_a_finding_and_has_no_brief(root: Path, gtm: Gtm) -> None:
    said = "customers/acme/account.md:2:10: E177 no other source knows 'acme.con'"
    _write(root, ACCOUNT.replace("acme.com", "acme.con"))
    assert gtm("source", "check", "workspace").code == 0, "nothing was ever read that could know it"
    called = gtm("sync")
    assert called.code == 1
    assert said in called.err
    assert "hint: did you mean 'acme.com'? Or write new: true" in called.err
    assert "E177" in gtm("sync").err, "and again, though nothing is new"
    assert "overrides in force" not in gtm("score", "--as-of", "2026-06-30").out
    gtm("context")
    briefs = [file.read_text(encoding="utf-8") for file in root.glob("customers/*/context/*.md")]
    assert not [brief for brief in briefs if "acme.con" in brief or "Champion left" in brief]

    checked = gtm("source", "check", "workspace")
    assert checked.code == 1
    assert said.replace("E177 ", "") in checked.out + checked.err
    assert "did you mean 'acme.com'?" in checked.out + checked.err
    _write(root, ACCOUNT.replace("acme.com", "acme.con\nnew: true"))
    assert gtm("source", "check", "workspace").code == 0
    _write(root)
    assert gtm("source", "check", "workspace").code == 0
    assert gtm("sync").code == 0
    assert "overrides in force, beside the scores: acme.com" in gtm("score", "--as-of", "2026-06-30").out


def test_a_mistake_in_a_file_ends_a_sync_with_findings(root: Path, gtm: Gtm) -> None:
    _write(root, ACCOUNT.replace("reason: Champion left, ", ""))
    called = gtm("sync")
    assert called.code == 1
    assert "customers/acme/account.md:4:1: E112 key 'reason' is missing" in called.err
    assert "hint: add reason:" in called.err
    checked = gtm("source", "check", "workspace")
    assert (checked.code, "workspace: limited" in checked.out) == (1, True)
    (root / "imports" / "people.csv").write_text("email\nbob@acme.com\n", encoding="utf-8")
    called = gtm("sync", "hubspot")
    assert called.code == 3
    assert "imports/people.csv:1: E378 its heading has no column 'name'" in called.err


def test_who_gets_no_brief_any_more_is_named(root: Path, gtm: Gtm) -> None:
    _write(root)
    for step in ("sync", "score"):
        assert gtm(step).code == 0
    assert gtm("context").out == "1 written, 0 unchanged in customers/\n", "INDEX.md"
    _give_briefs(root, "[paying, open_deals, company_open_deals]", "all")
    assert gtm("context").out == "10 written, 0 unchanged in customers/\n"
    _give_briefs(root, "all", "[paying]")
    told = gtm("context")
    assert told.code == 0
    assert told.out.splitlines() == [
        "1 written, 0 unchanged in customers/",
        "2 left as last written, of accounts that get no brief any more: acme, other-com",
    ]
    left = gtm("context", "--json").envelope["data"]["left"]
    assert left == [
        f"customers/{name}/context/{tier}.md" for name in ("acme", "other-com") for tier in ("compact", "standard")
    ]
