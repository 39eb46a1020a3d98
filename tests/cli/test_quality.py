"""`gtm quality`, and what a check that blocks does to a run, from the command line."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from execution import store
from execution.directives import read_folder
from execution.runs import steps
from execution.runs.checked import program_of
from execution.runs.session import open_session
from execution.store import journal
from execution.workspace import Workspace

from .conftest import Copied, Gtm

SOURCE = """\
---
kind: source
name: book
files: {folder: imports}
freshness: {warn: 6h, error: 24h}
streams:
  people:
    path: people.csv
    key: id
    columns: {email: email, name: name}
---
```sql customers
select email, max(name) as name from people where email is not null group by email
```
"""
ESCAPE = "\x1b[2J"


def write(workspace: Workspace, *names: str) -> None:
    folder = workspace.root / "imports"
    folder.mkdir(exist_ok=True)
    rows = "".join(f"{n},{name.strip().split(' ')[0].lower()}@acme.com,{name}\n" for n, name in enumerate(names))
    (folder / "people.csv").write_text(f"id,email,name\n{rows}", encoding="utf-8")


@pytest.fixture(scope="module")
def with_book(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a source of its own: a file; not to be changed."""
    workspace = Workspace(tmp_path_factory.mktemp("book") / "ws")
    shutil.copytree(made, workspace.root)
    (workspace.directives / "data-sources" / "book.md").write_text(SOURCE, encoding="utf-8")
    write(workspace, "Ann Lee", "Bob", "Cy", "Di")
    program_of(workspace, read_folder(workspace.root)).require_valid()
    return workspace.root


@pytest.fixture(scope="module")
def with_scores(with_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with customers of whom something is wrong, scored; not to be changed."""
    workspace = Workspace(tmp_path_factory.mktemp("scored") / "ws")
    shutil.copytree(with_book, workspace.root)
    write(workspace, f"Ann {ESCAPE} http://evil.example", "Bob", "Cy", "Di")
    session = open_session(workspace)
    steps.sync(session, ["book"])
    with store.writer(workspace) as con, store.change(con):
        con.execute("UPDATE core.customers SET mrr = -5 WHERE email = 'ann@acme.com'")
        con.execute("UPDATE core.customers SET mrr = 50, location_country = 'UK' WHERE email = 'bob@acme.com'")
        con.execute("INSERT INTO core.customers (email, name, mrr) VALUES ('bob+x@acme.com', 'Bob', 10)")
    assert steps.score(session, datetime.now(UTC)).held is None
    return workspace.root


@pytest.fixture
def book(with_book: Path, copied: Copied) -> Workspace:
    """A copy of the workspace with the book."""
    return copied(with_book)


@pytest.fixture
def scored(with_scores: Path, copied: Copied) -> Workspace:
    """A copy of the scored one."""
    return copied(with_scores)


def seen(gtm: Gtm) -> list[str]:
    """The customers that readers see."""
    data = gtm("query", "select email from core.customers order by email", "--json").envelope["data"]
    return [row["email"].partition("@")[0] for row in data["rows"]]


def test_a_sync_that_loses_most_customers_is_held_back_until_it_is_mended(gtm: Gtm, book: Workspace) -> None:
    assert gtm("sync", "book").code == 0
    assert seen(gtm) == ["ann", "bob", "cy", "di"]
    write(book, "Ann Lee")
    called = gtm("sync", "book")
    assert called.code == 4
    assert "E381 held back since" in called.err
    assert "readers keep publication 1 of" in called.err
    assert "customers_stay: 3 of 4 fail, at most 50% may" in called.err
    assert "4 at the last publication, 1 now" in called.err
    assert "hint: A source went quiet" in called.err
    assert seen(gtm) == ["ann", "bob", "cy", "di"], "the last good publication stays"
    status = gtm("status")
    assert (status.code, "customers_stay: 3 of 4 fail" in status.err) == (1, True)
    held = gtm("status", "--json").envelope["data"]["held"]
    assert (held["publication"], held["reasons"][0]["check"]) == (1, "customers_stay")
    again = gtm("sync", "book", "--json")
    assert (again.code, again.envelope["data"]["held"]["reasons"][0]["failing"]) == (4, 3)
    write(book, "Ann Lee", "Bob", "Eve")
    assert gtm("sync", "book").code == 0
    assert seen(gtm) == ["ann", "bob", "eve"]
    assert gtm("status", "--json").envelope["data"]["held"] is None
    kinds = [entry["kind"] for entry in journal.entries(book)]
    assert kinds.count("held back") == 2


def test_a_mended_directive_publishes_what_was_held_back(gtm: Gtm, book: Workspace) -> None:
    gtm("sync", "book")
    write(book, "Ann Lee")
    assert gtm("sync", "book").code == 4
    own = "---\nextends: quality\nchecks: {customers_stay: {at_most: 90%}}\n---\n"
    (book.directives / "local" / "quality.md").write_text(own, encoding="utf-8")
    assert gtm("sync", "book").code == 0
    assert seen(gtm) == ["ann"]


def test_it_is_published_anyway_where_one_says_so_and_the_journal_knows(gtm: Gtm, book: Workspace) -> None:
    gtm("sync", "book")
    write(book, "Ann Lee")
    assert gtm("sync", "book").code == 4
    called = gtm("sync", "book", "--publish-anyway")
    assert (called.code, "published although these failed: customers_stay" in called.err) == (0, True)
    assert seen(gtm) == ["ann"]
    entry = next(journal.entries(book, "published anyway"))
    assert (entry["step"], "customers_stay: 3 of 4" in entry["checks"][0]) == ("sync", True)


def test_scoring_does_not_publish_what_a_sync_could_not(gtm: Gtm, book: Workspace) -> None:
    gtm("sync", "book")
    write(book, "Ann Lee")
    assert gtm("sync", "book").code == 4
    called = gtm("score")
    assert (called.code, "E381 held back" in called.err) == (4, True)
    assert seen(gtm) == ["ann", "bob", "cy", "di"]
    assert gtm("score", "--publish-anyway").code == 0
    assert seen(gtm) == ["ann"]


def test_a_schedule_stops_where_a_sync_is_held_back(gtm: Gtm, book: Workspace) -> None:
    gtm("sync", "book")
    write(book, "Ann Lee")
    called = gtm("run", "daily", "--json")
    assert called.code == 4
    steps = called.envelope["data"]["steps"]
    assert [step["step"] for step in steps] == ["sync"]
    assert "E381 held back, publication 1 stays: customers_stay: 3 of 4 fail" in steps[0]["summary"]


def test_before_scoring_nothing_is_known(gtm: Gtm, book: Workspace) -> None:
    gtm("sync", "book")
    called = gtm("quality")
    assert (called.code, "E229" in called.err, "run `gtm score` first" in called.err) == (2, True, True)


def test_every_check_every_source_and_the_worst_customers(gtm: Gtm, scored: Workspace) -> None:
    called = gtm("quality")
    assert called.code == 1, "a check of severity error fails"
    lines = {line.split()[1]: line.split() for line in called.out.splitlines() if len(line.split()) > 5}
    assert lines["money_is_not_negative"][2:] == ["1", "of", "3", "0", "error", "failing"]
    assert "not enough history" in called.out
    assert "freshness 62.5/62.5, validity 37.5/37.5, anomaly unknown" in called.out
    assert "hxxp[:]//evil.example" in called.out
    assert ESCAPE not in called.out
    data = gtm("quality", "--json").envelope["data"]
    assert [each["key"] for each in data["worst"]][:2] == ["bob@acme.com", "bob+x@acme.com"]
    (source,) = data["sources"]
    assert (source["source"], source["score_milli"], source["fresh"]) == ("book", 100_000, "fresh")
    assert {each["verdict"] for each in data["checks"]} >= {"ok", "failing", "unknown"}
    assert data["held"] is None


def test_one_check_with_its_examples(gtm: Gtm, scored: Workspace) -> None:
    called = gtm("quality", "money_is_not_negative")
    assert called.code == 1
    assert "1 of 3 fail, at most 0 may: failing" in called.out
    assert "to do: A discount is taken twice" in called.out
    assert "ann@acme.com" in called.out
    assert ESCAPE not in called.out
    candidates = gtm("quality", "one_mailbox", "--json")
    assert candidates.code == 0, "it is worth knowing, and no error"
    assert candidates.envelope["data"]["groups"] == [["bob+x@acme.com", "bob@acme.com"]]
    assert "bob+x@acme.com, bob@acme.com" in gtm("quality", "one_mailbox").out
    fine = gtm("quality", "sources_are_fresh")
    assert (fine.code, "0 of 1 fail" in fine.out) == (0, True)
    unknown = gtm("quality", "nonsense")
    assert (unknown.code, "E212" in unknown.err, "customers_stay" in unknown.err) == (2, True, True)


def test_one_customer_and_what_would_raise_their_points(gtm: Gtm, scored: Workspace) -> None:
    called = gtm("quality", "--email", "Ann@acme.com")
    assert called.code == 0
    assert "ann@acme.com:" in called.out
    assert "surely_them: address" in called.out
    assert "fails: customers_are_known, money_is_not_negative" in called.out
    data = gtm("quality", "--email", "ann@acme.com", "--json").envelope["data"]["quality"]
    parts = {part["dimension"]: part for part in data["parts"]}
    assert sum(part["milli"] or 0 for part in parts.values()) == data["score_milli"]
    assert [gain["milli"] for gain in data["gains"]] == sorted((gain["milli"] for gain in data["gains"]), reverse=True)
    short = sum(part["most_milli"] - part["milli"] for part in parts.values() if part["milli"] is not None)
    assert abs(sum(gain["milli"] for gain in data["gains"]) - short) < 10
    columns = {gain["what"] for gain in data["gains"] if gain["check"] == "customers_are_known"}
    assert columns >= {"know company_name", "know last_seen_at"}
    assert "know name" not in columns
    assert gtm("quality", "--email", "nobody@acme.com").code == 2


def test_as_it_was_is_worked_out_aside_and_leaves_no_trace(gtm: Gtm, scored: Workspace) -> None:
    before = store.current(scored)
    then = gtm("quality", "--as-of", "2026-01-31", "--json").envelope["data"]
    assert then["as_of"] == "2026-01-31T23:59:59.999999+00:00"
    (fresh,) = (each for each in then["checks"] if each["check"] == "sources_are_fresh")
    assert (fresh["verdict"], fresh["of"]) == ("unknown", 0), "how old a source was then is not known"
    assert store.current(scored) == before
