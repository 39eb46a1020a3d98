"""The verbs as they are called: what they print, for people and for programs, and their exit codes."""

import io
import stat

import pytest

from execution import engine, store
from execution.workspace import Workspace

from .conftest import Gtm


@pytest.fixture
def published(workspace: Workspace) -> Workspace:
    """A workspace with a little in its store."""
    with store.writer(workspace, then_publish=True) as con, store.change(con):
        con.execute(
            "CREATE TABLE core.people AS SELECT * FROM (VALUES ('a|b', 1.50::DECIMAL(9,2)), ('c', NULL)) t(name, mrr)"
        )
    return workspace


def test_check_finds_every_mistake(gtm: Gtm, workspace: Workspace) -> None:
    assert gtm("check").out.startswith("no problems in ")
    bad = workspace.directives / "data-sources" / "bad.md"
    bad.write_text("---\nkind: source\nname: bad\nnope: 1\n---\n", encoding="utf-8")
    called = gtm("check", "--json")
    assert called.code == 2
    problems = called.envelope["problems"]
    assert {problem["path"] for problem in problems} == {"directives/data-sources/bad.md"}
    assert any(problem["code"] == "E111" and problem["line"] == 4 for problem in problems)
    said = gtm("check", "directives/data-sources/bad.md")
    assert "directives/data-sources/bad.md:4:1: E111" in said.out
    assert gtm("check", "directives/health").code == 0
    assert gtm("check", "nowhere").code == 2
    assert "only a git ref" in gtm("check", "--as", "HEAD").err
    assert gtm("check", "--as", "git:HEAD").code == 2


def test_test_runs_the_directives_own_tests(gtm: Gtm, workspace: Workspace) -> None:
    passed = gtm("test", "directives/segments", "--json")
    assert passed.code == 0
    assert len(passed.envelope["data"]["cases"]) > 3
    source = workspace.directives / "data-sources" / "calendly-sync.md"
    wrong = "\n```yaml tests\n- name: nobody called\n  given: {invitees: [{uri: i, email: a@x.com}]}\n"
    wrong += "  expect: {customers: [{email: b@x.com}]}\n```\n"
    source.write_text(source.read_text(encoding="utf-8") + wrong, encoding="utf-8")
    failed = gtm("test", str(source))
    assert failed.code == 1
    assert "nobody called" in failed.out
    assert "1 failed" in failed.out


def test_query_prints_rows_in_every_form(gtm: Gtm, published: Workspace) -> None:
    sql = "select name, mrr from core.people order by name"
    assert "a|b" in gtm("query", sql).out
    assert gtm("query", sql, "--format", "csv").out == "name,mrr\na|b,1.5\nc,\n"
    assert gtm("query", sql, "-f", "json").out == '[{"name": "a|b", "mrr": 1.5}, {"name": "c", "mrr": null}]\n'
    assert gtm("query", sql, "-f", "markdown").out.splitlines()[2] == "| a\\|b | 1.50 |"
    envelope = gtm("query", sql, "--limit", "1", "--json").envelope
    assert envelope["data"] == {"columns": ["name", "mrr"], "rows": [{"name": "a|b", "mrr": 1.5}], "more": True}
    assert "only the first 1 rows" in gtm("query", sql, "--limit", "1").err


def test_query_takes_values_and_stdin(gtm: Gtm, published: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    found = gtm("query", "select mrr from core.people where name = $who", "--param", "who=a|b", "-f", "csv")
    assert found.out == "mrr\n1.5\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("select 42 as n"))
    assert gtm("query", "-", "-f", "csv").out == "n\n42\n"
    assert gtm("query", "select 1", "--param", "nonsense").code == 2
    assert "core" in gtm("query").out


@pytest.mark.parametrize(
    "sql",
    [
        "drop table core.people",
        "select 1; select 2",
        "from read_csv('/etc/passwd')",
        "select nope",
        "attach 'x.db'",
        "set threads = 1",
    ],
)
def test_query_only_reads_the_store(gtm: Gtm, published: Workspace, sql: str) -> None:
    assert gtm("query", sql, "--json").envelope["error"]["code"] in {"E204", "E205"}


def test_before_the_first_sync_a_query_says_what_to_do(gtm: Gtm, workspace: Workspace) -> None:
    called = gtm("query", "select 1")
    assert called.code == 4
    assert "gtm sync" in called.err


def test_backup_and_restore(gtm: Gtm, published: Workspace) -> None:
    saved = gtm("db", "backup", "--json").envelope["data"]["file"]
    assert gtm("db", "backup", saved).code == 2
    with store.writer(published, then_publish=True) as con, store.change(con):
        con.execute("DELETE FROM core.people")
    assert gtm("db", "restore", saved).code == 0
    with store.reader(published) as con:
        assert engine.dicts(con, "SELECT count(*) AS n FROM core.people") == [{"n": 2}]
    info = gtm("db", "info", "--json").envelope["data"]
    assert any(table["table"] == "people" for table in info["tables"])
    assert len(info["backups"]) == 2
    assert "publication" in gtm("db", "info").out


def test_status_of_a_workspace_that_was_never_synced(gtm: Gtm, workspace: Workspace) -> None:
    called = gtm("status")
    assert called.code == 0
    assert "not connected" in called.out
    assert "gtm connect calendly" in called.err
    (source, *_) = gtm("status", "--json").envelope["data"]["sources"]
    assert source["state"] == "not connected"


def test_sync_without_credentials_is_no_failure(gtm: Gtm, workspace: Workspace) -> None:
    called = gtm("sync")
    assert called.code == 0
    assert "not connected" in called.err
    assert gtm("sync", "--dry-run", "--json").envelope["data"]["requests"] == 0
    assert "calendly" in gtm("sync", "--dry-run").out


def test_sync_of_a_vendor_that_is_not_there_fails(
    gtm: Gtm, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALENDLY_TOKEN", "secret-token")
    monkeypatch.setenv("GTM_CALENDLY__BASE_URL", "http://127.0.0.1:9")
    overlay = workspace.directives / "local" / "calendly.md"
    overlay.write_text("---\nkind: source\nextends: calendly\napi: {attempts: 1}\n---\n", encoding="utf-8")
    called = gtm("sync")
    assert called.code == 3
    assert "calendly" in called.err
    assert "secret-token" not in called.out + called.err
    assert gtm("status").code == 1


def test_a_moment_has_to_be_one(gtm: Gtm, workspace: Workspace) -> None:
    for args in (["sync", "--since", "yesterday"], ["score", "--as-of", "2026-13-01"]):
        called = gtm(*args)
        assert called.code == 2
        assert "is not a time" in called.err


def test_brief_finds_the_account_that_is_meant(gtm: Gtm, workspace: Workspace) -> None:
    assert "gtm context" in gtm("brief", "acme").err
    for slug, text in {"acme": "# Acme\njane@acme.com\x1b[2J", "acme-labs": "# Labs", "zeta": "# Zeta"}.items():
        file = workspace.customers / slug / "context" / "compact.md"
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
    assert gtm("brief", "Acme").out == "# Acme\njane@acme.com�[2J\n"
    assert gtm("brief", "labs").out == "# Labs\n"
    assert gtm("brief", "JANE@acme.com", "--json").envelope["data"]["account"] == "acme"
    assert "2 accounts match 'ac'" in gtm("brief", "ac").err
    assert "zeta" in gtm("brief", "zetta").err
    assert gtm("brief", "").code == 2


def test_init_makes_a_workspace_without_asking(gtm: Gtm, workspace: Workspace) -> None:
    target = workspace.root.parent / "new"
    made = gtm("init", str(target), "--time-zone", "Europe/Paris", "--internal-domain", "x.com", "--json")
    assert "directives/local/settings.md" in made.envelope["data"]["written"]
    again = gtm("init", str(target))
    assert again.code == 0
    assert "kept directives/settings.md" in again.err
    assert gtm("check", "-w", str(target)).code == 0


def test_connect_reads_the_credential_from_a_pipe(
    gtm: Gtm, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GTM_CALENDLY__BASE_URL", "http://127.0.0.1:9")
    overlay = workspace.directives / "local" / "calendly.md"
    overlay.write_text("---\nkind: source\nextends: calendly\napi: {attempts: 1}\n---\n", encoding="utf-8")
    assert gtm("connect", "calendly", "--json").envelope["error"]["code"] == "E311"
    monkeypatch.setattr("sys.stdin", io.StringIO("piped-token\n"))
    unreachable = gtm("connect", "calendly", "--token-stdin", "--json")
    assert unreachable.code == 3
    assert "piped-token" not in unreachable.out
    assert not workspace.env_file.exists()
    monkeypatch.setattr("sys.stdin", io.StringIO("OTHER=1\n"))
    assert gtm("connect", "calendly", "--token-stdin").code in {2, 3}


def test_source_switches(gtm: Gtm, workspace: Workspace) -> None:
    assert "directives/local/calendly.md" in gtm("source", "disable", "calendly").out
    listed = {source["source"]: source["enabled"] for source in gtm("source", "list", "--json").envelope["data"]}
    assert (listed["calendly"], listed["hubspot"]) == (False, True)
    assert gtm("sync", "calendly").code == 2
    assert gtm("source", "enable", "calendly").code == 0
    assert "calendly: not connected" in gtm("source", "check").out
    assert gtm("source", "enable", "calendy").code == 2


def test_schedules_are_listed_and_printed_for_cron(gtm: Gtm, workspace: Workspace) -> None:
    listed = gtm("schedule", "list", "--json").envelope["data"]
    assert [each["name"] for each in listed] == ["alerts", "daily", "monthly", "quarterly", "weekly"]
    assert {each["last_run"] for each in listed} == {None}
    assert "daily" in gtm("schedule", "list").out
    assert gtm("schedule", "print-cron").out.endswith("run weekly --scheduled --if-due >/dev/null\n")


def test_run_says_why_it_did_not(gtm: Gtm, workspace: Workspace) -> None:
    (workspace.root / "directives/local/daily.md").write_text(
        "---\nkind: schedule\nextends: daily\nenabled: false\n---\n"
    )
    called = gtm("run", "daily", "--scheduled", "--if-due", "--json")
    assert called.code == 0
    assert called.envelope["data"]["skipped"] == "it is not enabled"
    assert gtm("run", "nightly").code == 2


def test_the_files_that_hold_secrets_are_their_owners_alone(workspace: Workspace) -> None:
    from execution.bootstrap import env_file

    env_file.write(workspace.env_file, {"A": "b"})
    assert stat.S_IMODE(workspace.env_file.stat().st_mode) == 0o600
