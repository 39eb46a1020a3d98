"""`gtm verify` as people and programs read it, on the store that `gtm explain` is shown on."""

import os
import re
from pathlib import Path

import pytest

from execution.workspace import Workspace
from tests.cli.conftest import Gtm
from tests.cli.test_explain import explained, filled
from tests.conftest import Golden

__all__ = ["explained", "filled"]

ROOT = Path(__file__).parents[2]
NOTE = """\
# Acme before the renewal

Jane pays [USD 240](gtm:customers/jane@acme.com/mrr) and is [healthy](gtm:customers/jane@acme.com/health_status),
at [28.8](gtm:customers/jane@acme.com/health_score) points; two weeks ago they were
[90.3](gtm:customers/jane@acme.com/health_score?as_of=2026-06-10). [3](gtm:#failed) payments failed, and
[12](gtm:customers/jane@acme.com/login_cont_30d) logins came in 30 days.

```sql failed
select count(*) from core.events where kind = 'payment' and status = 'failed'
```
"""


@pytest.fixture
def note(explained: Workspace) -> Path:
    """What an agent wrote of Jane, partly invented."""
    file = explained.root / "customers" / "acme" / "meetings" / "2026-06-15_renewal.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(NOTE, encoding="utf-8")
    return file


def shown(out: str) -> str:
    """What was printed, without when this test made the store."""
    return re.sub(r"(by publication \d+) of .*", r"\1 of 2026-06-15 06:00 UTC", out)


def test_it_reads_well_and_ends_with_1(gtm: Gtm, note: Path, golden: Golden) -> None:
    called = gtm("verify", "customers/acme", "--as-of", "2026-06-15T07:00Z")
    assert called.code == 1
    golden("verify/note.txt", shown(called.out))


def test_the_readme_shows_it(gtm: Gtm, note: Path, golden: Golden) -> None:
    out = shown(gtm("verify", "customers/acme", "--as-of", "2026-06-15T07:00Z").out)
    block = f"```\n$ gtm verify customers/acme\n{out.rstrip()}\n```\n"
    file = ROOT / "README.md"
    before, mark, rest = file.read_text(encoding="utf-8").partition("<!-- verify output -->\n")
    assert mark
    inside, _, after = rest.partition("<!-- /verify output -->")
    if os.environ.get("GTM_SNAP"):
        file.write_text(f"{before}<!-- verify output -->\n{block}<!-- /verify output -->{after}", encoding="utf-8")
    else:
        assert inside == block, "README.md shows another output: `make snap` rewrites it"


def test_a_program_gets_every_reference_and_what_is_wrong(gtm: Gtm, note: Path) -> None:
    envelope = gtm("verify", str(note), "--json").envelope
    (file,) = envelope["data"]["files"]
    assert file["path"] == "customers/acme/meetings/2026-06-15_renewal.md"
    outcomes = [each["outcome"] for each in file["references"]]
    assert outcomes == ["holds", "changed", "holds", "holds", "changed", "unverified"]
    assert {problem["code"] for problem in envelope["problems"]} == {"E263", "E264"}
    assert [each["source"] for each in envelope["data"]["stale"]] == ["intercom", "stripe"]
    changed = file["references"][1]
    assert (changed["written"], changed["now"], changed["since"]) == (
        "healthy",
        "high_risk",
        "2026-06-15T06:00:00+00:00",
    )


def test_what_holds_ends_with_0_and_figures_without_a_source_only_if_asked(gtm: Gtm, note: Path) -> None:
    note.write_text("Jane pays [240](gtm:customers/jane@acme.com/mrr) for 3 seats.\n", encoding="utf-8")
    called = gtm("verify", "customers/acme")
    assert called.code == 0
    assert "1 of 1 references hold; 1 figure cites nothing (--strict lists them)" in called.out
    strict = gtm("verify", "customers/acme", "--strict")
    assert strict.code == 1
    assert "customers/acme/meetings/2026-06-15_renewal.md:1:54: E265 '3' cites nothing" in strict.out


def test_a_path_that_is_not_there_is_a_mistake(gtm: Gtm, explained: Workspace) -> None:
    called = gtm("verify", "customers/nobody")
    assert called.code == 2
    assert "E262 customers/nobody is not there" in called.err
    assert "E220" in gtm("verify").err


def test_before_anything_is_published_it_says_so(gtm: Gtm, workspace: Workspace) -> None:
    (workspace.root / "note.md").write_text("7\n", encoding="utf-8")
    called = gtm("verify", "note.md")
    assert called.code == 4
    assert "E402" in called.err


def test_folders_are_walked_without_what_is_hidden_or_led_away(gtm: Gtm, note: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("8\n", encoding="utf-8")
    folder = note.parent / "more"
    for name in (".hidden", "open"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "a.md").write_text("7\n", encoding="utf-8")
    if not (folder / "away").is_symlink():
        (folder / "away").symlink_to(tmp_path)
    found = gtm("verify", str(folder), "--json").envelope["data"]["files"]
    assert [file["path"] for file in found] == ["customers/acme/meetings/more/open/a.md"]


def test_nobody_steers_the_terminal(gtm: Gtm, note: Path) -> None:
    note.write_text("[\x1b[2J9](gtm:customers/eve@acme.com/name) [1](gtm:customers/\x1b/x)\n", encoding="utf-8")
    out = gtm("verify", str(note)).out
    assert "\x1b" not in out
    assert "\u202e" not in out
