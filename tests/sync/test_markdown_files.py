"""Frontmatter as records: `account.md`, the source `workspace`, and every mistake with its place."""

import os
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from execution import store
from execution.directives import Program, load, read_folder
from execution.sync import markdown_files
from execution.sync.results import RunResult
from execution.sync.run import bands_of
from execution.sync.shelf import shelf_of
from tests.sync.conftest import World

SHIPPED = Path(__file__).parents[2]
OVERRIDE = "health_override: {band: at_risk, reason: Champion left, author: Ann, expires: 2026-12-31}"


@cache
def _shipped() -> Program:
    """The shipped source alone, with the entities it feeds and their scores' bands: the rest costs seconds a test."""
    program = load({path: text for path, text in read_folder(SHIPPED).items() if "/local/" not in path}).require_valid()
    return replace(program, sources={"workspace": program.sources["workspace"]})


class Accounts:
    """A workspace with the shipped directives and a folder for accounts."""

    def __init__(self, world: World) -> None:
        world.program = _shipped()
        self.world = world

    def write(self, folder: str, frontmatter: str | bytes) -> Path:
        file = self.world.workspace.customers / folder / "account.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        sent = frontmatter if isinstance(frontmatter, bytes) else f"---\n{frontmatter}\n---\nNotes.\n".encode()
        file.write_bytes(sent)
        age = self.world.now.timestamp() - 1000 + len(sent)
        os.utime(file, (age, age))
        return file

    def sync(self, **options: Any) -> RunResult:  # noqa: ANN401 - passed on to Options
        return self.world.sync("workspace", **options)

    def companies(self, columns: str = "domain, owner") -> list[tuple[Any, ...]]:
        return self.world.rows(f"SELECT {columns} FROM core.companies ORDER BY domain")

    def raw(self, sql: str) -> list[tuple[Any, ...]]:
        with store.writer(self.world.workspace) as con:
            return con.execute(sql).fetchall()


@pytest.fixture
def accounts(world: World) -> Accounts:
    return Accounts(world)


def _said(result: RunResult) -> list[str]:
    return [f"{each.path}:{each.line}:{each.column}: {each.code} {each.message}" for each in result.findings]


def test_no_file_at_all_is_a_state_and_no_failure(accounts: Accounts) -> None:
    result = accounts.sync()
    assert (result.sources[0].status, result.exit_code) == ("not connected", 0)


def test_what_a_person_writes_reaches_the_company(accounts: Accounts) -> None:
    accounts.write("acme", f"account: acme.com\nowner: Ann\nrenewal_date: 2027-03-31\ntags: [vip]\n{OVERRIDE}")
    accounts.write("ann", "account: ann@gmail.com\nowner: Bob")
    assert accounts.sync().exit_code == 0
    columns = "domain, owner, renewal_date::text, tags::text, stated_band, stated_expires::text"
    assert accounts.companies(columns) == [("acme.com", "Ann", "2027-03-31", '["vip"]', "at_risk", "2026-12-31")]
    assert accounts.world.rows("SELECT email, assigned_am FROM core.customers") == [("ann@gmail.com", "Bob")]


def test_unchanged_files_are_not_opened(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.write("acme", "account: acme.com")
    accounts.sync()
    monkeypatch.setattr("execution.sync.markdown_files.read", lambda *_: pytest.fail("it was read"))
    again = accounts.sync()
    assert (again.exit_code, again.published) == (0, None)


@pytest.mark.parametrize(
    ("frontmatter", "said"),
    [
        ("account: bad.com\nownr: x", "3:1: E111 unknown key 'ownr'"),
        ("owner: x", "E112 key 'account' is missing"),
        ("account: Bad Company", "2:10: E113 'Bad Company' is no account"),
        ("account: eu.bad.co.uk", "2:10: E113 no account goes by the name of 'eu.bad.co.uk'"),
        ("account: Bad.com", "2:10: E113 no account goes by the name of 'Bad.com'"),
        ("account: bad.com\naccount: other.com", "3:1: E115"),
        ("account: bad.com\nowner: [", "E114"),
        ("account: bad.com\nrenewal_date: 2026-02-30", "3:15: E113 '2026-02-30' is not a day"),
        ("account: bad.com\nrenewal_date: 20260230", "3:15: E113 '20260230' is not a day"),
        ("account: bad.com\nstakeholders: [{role: champion}]", "3:16: E113 a stakeholder has neither name nor email"),
        ("account: bad.com\nstakeholders: [{name: Bob}]", "3:16: E112 key 'role' is missing"),
        ("account: bad.com\nowner_email: ann", "3:14: E113 'ann' is not an e-mail"),
        (
            "account: bad.com\nhealth_override: {score: 5, author: A, expires: 2026-12-31}",
            "E112 key 'reason' is missing",
        ),
        (
            "account: bad.com\nhealth_override: {score: 5, reason: x, expires: 2026-12-31}",
            "E112 key 'author' is missing",
        ),
        ("account: bad.com\nhealth_override: {score: 5, reason: x, author: A}", "3:1: E112 key 'expires' is missing"),
        (
            "account: bad.com\nhealth_override: {reason: x, author: A, expires: 2026-12-31}",
            "has neither score nor band",
        ),
        (
            "account: bad.com\nhealth_override: {score: 5, band: at_risk, reason: x, author: A, expires: 2026-12-31}",
            "has both score and band",
        ),
        (
            "account: b.com\nhealth_override: {score: 5, reason: x, author: A, since: 2027-02-01, expires: 2027-01-01}",
            "it ends on 2027-01-01 and begins on 2027-02-01",
        ),
        (
            "account: bad.com\nhealth_override: {score: 101, reason: x, author: A, expires: 2026-12-31}",
            "3:26: E113 101",
        ),
        ("account: bad.com\nhealth_override: {score: -1, reason: x, author: A, expires: 2026-12-31}", "3:26: E113 -1"),
        (
            "account: bad.com\nhealth_override: {score: yes, reason: x, author: A, expires: 2026-12-31}",
            "3:26: E113 'yes'",
        ),
        (
            "account: bad.com\nhealth_override: {score: 5, reason: ' ', author: A, expires: 2026-12-31}",
            "3:37: E113 an empty",
        ),
        (
            "account: bad.com\nhealth_override: {band: on_fire, reason: x, author: A, expires: 2026-12-31}",
            "3:25: E176 the score has no band 'on_fire'",
        ),
        (
            "account: bad.com\nsentiment: {score: 0, by: A, on: 2026-01-01}",
            "3:20: E113 0 is not between 1 and 5",
        ),
        ("account: bad.com\nsentiment: {score: 6, by: A, on: 2026-01-01}", "3:20: E113 6 is not between 1 and 5"),
        ("account: bad.com\nsentiment: {score: 3.5, by: A, on: 2026-01-01}", "3:20: E113 '3.5' is not a whole number"),
        (
            "account: bad.com\nsentiment: {score: true, by: A, on: 2026-01-01}",
            "3:20: E113 'True' is not a whole number",
        ),
        ("account: bad.com\nsentiment: {score: 3, on: 2026-01-01}", "3:1: E112 key 'by' is missing"),
        ("account: bad.com\nsentiment: {score: 3, by: A}", "3:1: E112 key 'on' is missing"),
        (b"Only notes.\n", "1:1: E110 a directive begins with its frontmatter"),
        (b"---\naccount: bad.com\n", "1:1: E110 the frontmatter is never closed"),
        (b"---\nowner: \xff\n---\n", "2:8: E102 the file is not UTF-8 text"),
        (b"---\nowner: a\0b\n---\n", "E103 the file has a NUL byte in it"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_a_hint(tmp_path: Path, frontmatter: str | bytes, said: str) -> None:
    folder = tmp_path / "customers" / "bad"
    folder.mkdir(parents=True)
    text = frontmatter if isinstance(frontmatter, bytes) else f"---\n{frontmatter}\n---\n".encode()
    (folder / "account.md").write_bytes(text)
    source = _shipped().sources["workspace"]
    bands = bands_of(_shipped())
    read = markdown_files.read(shelf_of(tmp_path, source, "accounts"), source.streams["accounts"], "account", bands)
    assert read.records == ()
    found = [f"{each.path}:{each.line}:{each.column}: {each.code} {each.message}" for each in read.problems]
    assert len(found) == 1
    assert said in found[0]
    assert all(each.path == "customers/bad/account.md" and each.hint for each in read.problems)


def test_a_file_that_does_not_hold_keeps_what_was_said_and_the_others_are_read(accounts: Accounts) -> None:
    accounts.write("good", "account: good.com\nowner: Ann")
    accounts.write("bad", "account: bad.com\nowner: Bob")
    accounts.sync()
    accounts.write("good", "account: good.com\nowner: Cid")
    accounts.write("bad", "account: bad.com\nowner: Dan\nsentiment: {score: 9, by: Dan, on: 2026-01-01}")
    for _ in range(2):
        result = accounts.sync()
        assert (result.exit_code, result.sources[0].status) == (1, "ok")
        assert _said(result) == ["customers/bad/account.md:4:20: E113 9 is not between 1 and 5"]
        assert accounts.companies() == [("bad.com", "Bob"), ("good.com", "Cid")]


def test_every_mistake_of_every_file_at_once(accounts: Accounts) -> None:
    accounts.write("a", "account: a.com\nownr: x\nsentiment: {score: 9}")
    accounts.write("b", "stage: x")
    found = _said(accounts.sync())
    assert [each.split(":")[0] for each in found] == ["customers/a/account.md"] * 4 + ["customers/b/account.md"]


def test_two_files_of_one_account_are_both_refused(accounts: Accounts) -> None:
    accounts.write("acme", "account: acme.com\nowner: Ann")
    accounts.sync()
    accounts.write("acme-2", "owner: Bob\naccount: acme.com")
    assert sorted(_said(accounts.sync())) == [
        "customers/acme-2/account.md:3:10: E377 account 'acme.com' is said by customers/acme/account.md too",
        "customers/acme/account.md:2:10: E377 account 'acme.com' is said by customers/acme-2/account.md too",
    ]
    assert accounts.companies() == [("acme.com", "Ann")]


def test_a_file_that_is_taken_away_takes_its_words_along_but_not_the_last(accounts: Accounts) -> None:
    accounts.write("a", "account: a.com\nowner: Ann")
    accounts.write("b", "account: b.com\nowner: Bob")
    accounts.sync()
    (accounts.world.workspace.customers / "a" / "account.md").unlink()
    accounts.sync()
    assert ("b.com", "Bob") in accounts.companies()
    assert all(owner != "Ann" for _, owner in accounts.companies())
    (accounts.world.workspace.customers / "b" / "account.md").unlink()
    assert "--allow-empty" in accounts.sync().sources[0].streams[0].warnings[0]
    assert ("b.com", "Bob") in accounts.companies()
    accounts.sync(allow_empty=True)
    assert all(owner != "Bob" for _, owner in accounts.companies())


def test_the_history_of_overrides_stays(accounts: Accounts) -> None:
    accounts.write("acme", f"account: acme.com\n{OVERRIDE}")
    accounts.sync()
    first = accounts.world.now
    accounts.world.now += timedelta(days=1)
    accounts.write("acme", f"account: acme.com\n{OVERRIDE.replace('at_risk', 'critical')}")
    accounts.sync()
    accounts.world.now += timedelta(days=1)
    accounts.write("acme", "account: acme.com")
    accounts.sync()
    rows = accounts.raw("SELECT band, first_seen, deleted FROM raw.workspace__overrides ORDER BY first_seen")
    assert [(band, deleted) for band, _, deleted in rows] == [("at_risk", True), ("critical", True)]
    assert rows[0][1] == first.replace(tzinfo=None)
    assert accounts.companies("stated_band") == [(None,)]


def test_an_override_is_stated_since_it_was_first_read_however_often_it_is_read_again(accounts: Accounts) -> None:
    accounts.write("acme", f"account: acme.com\n{OVERRIDE}")
    accounts.sync()
    first = accounts.world.now.replace(tzinfo=None)
    accounts.world.now += timedelta(days=1)
    accounts.write("acme", f"account: acme.com\nowner: Ann\n{OVERRIDE}")
    accounts.sync()
    accounts.sync(full=True)
    assert accounts.companies("domain, owner, stated_since") == [("acme.com", "Ann", first)]
    accounts.raw("DROP TABLE projected.workspace__companies")
    accounts.raw("DELETE FROM meta.steps")
    accounts.write("other", "account: other.com")
    accounts.sync()
    assert accounts.companies("domain, stated_since") == [("acme.com", first), ("other.com", None)]
    accounts.world.now += timedelta(days=1)
    accounts.write("acme", f"account: acme.com\nowner: Ann\n{OVERRIDE.replace('at_risk', 'critical')}")
    accounts.sync()
    assert accounts.companies("stated_since")[0] == (accounts.world.now.replace(tzinfo=None),), "it is another one"
