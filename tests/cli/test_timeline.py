"""`gtm timeline`, and what people write in an account's folder on its way into the store and back."""

from pathlib import Path

import pytest

from execution.workspace import Workspace
from tests.cli.conftest import Gtm
from tests.cli.test_account_files import PEOPLE

ACCOUNT = """---
account: acme.com
---
They hate mail.

## 2026-10-01 Call with Bob
Needs single sign-on.
"""


@pytest.fixture
def root(workspace: Workspace) -> Path:
    """A workspace with one source of files, whose accounts all have a folder."""
    sources = workspace.directives / "data-sources"
    for file in sources.glob("*-sync.md"):
        file.unlink()
    (sources / "people.md").write_text(PEOPLE, encoding="utf-8")
    (workspace.root / "imports").mkdir()
    (workspace.root / "imports/people.csv").write_text("email,name\nbob@acme.com,Bob\nsue@other.com,Sue\n", "utf-8")
    settings = workspace.directives / "settings.md"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("briefs: [paying, open_deals, company_open_deals]", "briefs: all"), "utf-8")
    return workspace.root


def test_what_people_write_comes_back_in_the_timeline(root: Path, gtm: Gtm) -> None:
    folder = root / "customers/our-acme"
    folder.mkdir(parents=True)
    (folder / "account.md").write_text(ACCOUNT, encoding="utf-8")
    (folder / "meetings").mkdir()
    (folder / "meetings/2026-10-02_lunch.md").write_text("Bob was happy.\n", encoding="utf-8")
    (folder / "meetings/lunch.md").write_text("When?\n", encoding="utf-8")
    synced = gtm("sync")
    assert "customers/our-acme/meetings/lunch.md:1:1: E238 what is written here has no day" in synced.err
    gtm("score", "--as-of", "2026-10-05")
    written = gtm("context", "--as-of", "2026-10-05", "--json").envelope["data"]
    assert "customers/our-acme/timeline.md" in written["changed"]
    assert (folder / "context/compact.md").exists()
    there = {path.name for path in (root / "customers").iterdir()}
    assert there == {"INDEX.md", "our-acme", "other-com", "templates", "workflows"}
    text = (folder / "timeline.md").read_text(encoding="utf-8")
    assert "- **2026-10-02** Note, lunch: Bob was happy." in text
    assert "- **2026-10-01** Note, Call with Bob: Needs single sign-on." in text
    rows = gtm("query", "select domain, account_notes from unified_companies", "--json").envelope["data"]["rows"]
    assert {"domain": "acme.com", "account_notes": "They hate mail."} in rows
    found = gtm("timeline", "bob@acme.com", "--as-of", "2026-10-05", "--until", "2026-10-01", "--json")
    assert [each["title"] for each in found.envelope["data"]["entries"]] == ["Call with Bob"]
    assert "Note, lunch" in gtm("timeline", "our-acme", "--kind", "note", "--as-of", "2026-10-05").out
    again = gtm("context", "--as-of", "2026-10-06", "--json").envelope["data"]
    assert again["changed"] == []


def test_a_mistake_is_told_by_check_with_its_line(root: Path, gtm: Gtm) -> None:
    folder = root / "customers/acme"
    folder.mkdir(parents=True)
    (folder / "account.md").write_text("---\naccount: acme.com\nownr: Ann\n---\n", encoding="utf-8")
    called = gtm("check")
    assert called.code == 2
    assert "customers/acme/account.md:3:1: E111 unknown key 'ownr'" in called.out
    assert gtm("check", "customers/acme/account.md").code == 2
    (folder / "account.md").write_text("---\naccount: acme.com\nowner: Ann\n---\n", encoding="utf-8")
    assert gtm("check").code == 0


def test_whom_and_what_is_asked_for_has_to_be_there(root: Path, gtm: Gtm) -> None:
    gtm("sync")
    asked = gtm("timeline", "acmee.com", "--json").envelope["error"]
    assert (asked["code"], asked["hint"]) == ("E224", "do you mean acme.com?")
    assert gtm("timeline", "o").err.startswith("E224 2 accounts match 'o'")
    assert "nothing is known of this account yet" in gtm("timeline", "acme", "--kind", "meeting").err
    assert gtm("timeline", "acme", "--since", "2026-02-01", "--until", "2026-01-01").code == 2
    assert "Nothing is known to have happened yet." in gtm("timeline", "acme").out
