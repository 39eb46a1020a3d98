"""What is written of somebody whom no other source knows counts for nobody, until one does, or a person says so."""

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from execution.directives import Program, load, read_folder
from execution.sync import markdown_files
from execution.sync.results import RunResult
from execution.sync.shelf import shelf_of
from execution.workspace import Workspace
from tests.sync.conftest import World
from tests.sync.judging import contents, tables

SHIPPED = Path(__file__).parents[2]
CRM = """---
kind: source
name: crm
api: {base_url: "https://crm.example", auth: {type: none}}
streams:
  people:
    path: /people
    records: people
    key: id
    columns: {email: email, name: name}
  firms:
    path: /firms
    records: firms
    key: id
    columns: {domain: domain, name: name}
---
```sql customers
select email, max(name) as name from people where email is not null group by email
```

```sql companies
select domain, max(name) as name from firms where domain is not null group by domain
```

```yaml tests
- name: one
  given: {people: [{id: 1, email: a@acme.com, name: A}]}
  expect: {customers: [{email: a@acme.com, name: A}]}
```
"""
TYPO = (
    "customers/acme/account.md:2:10: E177 no other source knows 'acme.con', so what is written here counts for nobody"
)
SAID = "owner: Ann\nhealth_override: {band: at_risk, reason: Left, author: Ann, since: 2026-01-01, expires: 2026-12-31}"
HELD = ("Ann", "at_risk")


@cache
def _program() -> Program:
    """The shipped source of what people write, and a CRM."""
    texts = {path: text for path, text in read_folder(SHIPPED).items() if "/local/" not in path}
    program = load(texts | {"directives/data-sources/crm-sync.md": CRM.encode()}).require_valid()
    return replace(program, sources={name: program.sources[name] for name in ("workspace", "crm")})


class Team:
    """A workspace, what its people write, and a CRM."""

    def __init__(self, world: World) -> None:
        world.program = _program()
        self.world = world
        self.knows(people=["bob@acme.com", "sue@gmail.com"], firms=["other.com"])

    def knows(self, people: list[str], firms: list[str]) -> None:
        """What the CRM has from now on."""
        self.world.crm.records = {
            "people": [{"id": email, "email": email, "name": "Of the CRM"} for email in people],
            "firms": [{"id": domain, "domain": domain, "name": "Of the CRM"} for domain in firms],
        }

    def write(self, account: str, said: str = SAID, folder: str = "acme") -> Path:
        file = self.world.workspace.customers / folder / "account.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\naccount: {account}\n{said}\n---\nNotes.\n", encoding="utf-8")
        return file

    def sync(self, *names: str, **options: Any) -> RunResult:  # noqa: ANN401 - passed on to Options
        """Sync; what the store has come to say is what a new one says that is synced once."""
        result = self.world.sync(*names, **options)
        if not names:
            root = self.world.workspace.root.parent / f"fresh {self.world.now:%H%M}"
            shutil.copytree(self.world.workspace.customers, root / "customers")
            fresh = World(Workspace(root), self.world.program, crm=self.world.crm, now=self.world.now)
            again = fresh.sync()
            assert [each.code for each in again.findings] == [each.code for each in result.findings]
            said, anew = ({name: contents(rows) for name, rows in tables(of).items()} for of in (self.world, fresh))
            assert {name: said[name] for name in anew} == anew
        return result

    def companies(self) -> dict[str, tuple[Any, ...]]:
        rows = self.world.rows("SELECT domain, owner, stated_band FROM core.companies")
        return {domain: tuple(said) for domain, *said in rows}

    def people(self) -> dict[str, str | None]:
        return dict(self.world.rows("SELECT email, stated_band FROM core.customers"))


@pytest.fixture
def team(world: World) -> Team:
    return Team(world)


@pytest.fixture
def world(tmp_path: Path) -> World:
    root = tmp_path / "team"
    root.mkdir()
    return World(Workspace(root))


def _said(result: RunResult) -> list[str]:
    return [f"{each.path}:{each.line}:{each.column}: {each.code} {each.message}" for each in result.findings]


def test_a_misspelt_account_is_reported_and_counts_for_nobody(team: Team) -> None:
    team.write("acme.con")
    for _ in range(2):
        result = team.sync()
        assert (_said(result), result.exit_code, result.sources[-1].status) == ([TYPO], 1, "ok")
        assert result.findings[0].hint == (
            "did you mean 'acme.com'? Or write new: true if it is a prospect that no source has yet"
        )
        assert team.companies() == {"acme.com": (None, None), "other.com": (None, None)}
    team.write("acme.com")
    result = team.sync()
    assert (_said(result), result.exit_code) == ([], 0)
    assert team.companies()["acme.com"] == HELD


def test_a_name_that_is_like_no_other_has_no_suggestion(team: Team) -> None:
    team.write("something-else.org")
    (found,) = team.sync().findings
    assert found.hint == "write new: true if it is a prospect that no source has yet"


def test_what_is_merged_in_the_same_run_is_known(team: Team) -> None:
    team.write("acme.com")
    team.write("other.com", folder="other")
    assert team.sync().findings == ()
    assert team.companies() == {"acme.com": HELD, "other.com": HELD}


def test_an_account_counts_as_soon_as_another_source_knows_it(team: Team) -> None:
    team.write("late.com")
    assert [each.code for each in team.sync().findings] == ["E177"]
    team.knows(people=["bob@acme.com", "eve@late.com"], firms=["other.com"])
    assert team.sync("crm").exit_code == 0
    assert team.companies()["late.com"] == HELD, "the company of a person, and nothing else was read"
    assert team.sync().findings == ()
    team.knows(people=["bob@acme.com"], firms=["late.com"])
    assert team.sync().findings == ()
    assert team.companies()["late.com"] == HELD, "a company of its own"


def test_when_the_last_other_source_lets_go_it_is_nobodys(team: Team) -> None:
    team.write("acme.com")
    team.sync()
    team.knows(people=["sue@gmail.com"], firms=["other.com"])
    assert [each.code for each in team.sync().findings] == ["E177"]
    assert "acme.com" not in team.companies()
    team.knows(people=["bob@acme.com"], firms=["other.com"])
    assert team.sync().findings == ()
    assert team.companies()["acme.com"] == HELD


def test_of_a_gone_account_the_form_that_nobody_filled_in_is_no_finding(team: Team) -> None:
    form = "---\n# Yours.\naccount: {}\n# owner: Ann\n---\n\n# Acme\n\n## Checklist\n\n- [ ] Who decides\n\n## Notes\n"
    file = team.write("acme.com")
    file.write_text(form.format("acme.com"), encoding="utf-8")
    assert team.sync().findings == ()
    team.knows(people=["sue@gmail.com"], firms=["other.com"])
    assert team.sync().findings == ()
    assert team.companies().keys() == {"other.com"}
    for written in ("- [x] Who decides\n", "They asked for a discount.\n"):
        file.write_text(form.format("acme.com") + written, encoding="utf-8")
        assert [each.code for each in team.sync().findings] == ["E177"]


def test_a_prospect_counts_while_its_file_says_that_it_is_new(team: Team) -> None:
    team.write("soon.com", f"new: true\n{SAID}")
    assert team.sync().findings == ()
    assert team.companies()["soon.com"] == HELD
    team.write("soon.com", f"new: false\n{SAID}")
    assert [each.code for each in team.sync().findings] == ["E177"]
    assert "soon.com" not in team.companies()
    team.write("soon.com", f"new: soon\n{SAID}")
    (found,) = team.world.sync().findings
    assert (found.line, found.column, found.code, found.message) == (3, 6, "E113", "'soon' is not true or false")


def test_a_person_is_known_by_the_e_mail(team: Team) -> None:
    team.write("sue@gmail.con")
    (found,) = team.sync().findings
    assert (found.code, found.hint.partition("?")[0]) == ("E177", "did you mean 'sue@gmail.com'")
    assert team.people() == {"bob@acme.com": None, "sue@gmail.com": None}
    team.write("sue@gmail.com")
    assert team.sync().findings == ()
    assert team.people()["sue@gmail.com"] == "at_risk"
    team.knows(people=["bob@acme.com"], firms=[])
    assert [each.code for each in team.sync(allow_empty=True).findings] == ["E177"]
    assert team.people() == {"bob@acme.com": None}
    team.write("sue@gmail.com", f"new: true\n{SAID}")
    assert team.sync().findings == ()
    assert team.people() == {"bob@acme.com": None, "sue@gmail.com": "at_risk"}


def test_before_any_other_source_is_read_every_account_counts(team: Team) -> None:
    team.write("acme.con")
    team.write("sue@gmail.con", folder="sue")
    result = team.sync("workspace")
    assert (result.findings, result.exit_code) == ((), 0)
    assert (team.companies(), team.people()) == (
        {"acme.con": HELD, "gmail.con": (None, None)},
        {"sue@gmail.con": "at_risk"},
    )
    assert [each.code for each in team.sync().findings] == ["E177", "E177"]
    assert team.companies().keys() == {"acme.com", "other.com"}
    assert team.people().keys() == {"bob@acme.com", "sue@gmail.com"}


def test_a_source_that_is_switched_off_knows_nobody(team: Team) -> None:
    team.write("acme.com")
    team.write("acme.con", folder="typo")
    team.sync()
    sources = team.world.program.sources
    off = {**sources, "crm": sources["crm"].model_copy(update={"enabled": False})}
    team.world.program = replace(team.world.program, sources=off)
    assert team.sync().findings == ()
    assert team.companies() == {"acme.com": HELD, "acme.con": HELD}, "nobody is left to know anybody"


def test_a_file_that_does_not_hold_is_told_of_that_alone(team: Team) -> None:
    team.write("acme.con")
    team.sync()
    team.write("acme.con", "ownr: Ann")
    result = team.world.sync()
    assert [each.code for each in result.findings] == ["E111"]
    assert "acme.con" not in team.companies()


def test_a_place_is_the_file_where_it_has_changed_since(team: Team) -> None:
    file = team.write("acme.con")
    found = markdown_files.unknown(
        shelf_of(team.world.workspace.root, team.world.program.sources["workspace"], "accounts"),
        file,
        team.world.program.sources["workspace"].streams["accounts"],
        "other.con",
        None,
    )
    assert found is not None
    assert (found.path, found.line, found.column) == ("customers/acme/account.md", 1, 1)
