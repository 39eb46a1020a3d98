"""Every check: what makes it find something, and that it finds nothing where all is well."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest

from execution.audit import audit
from execution.audit.checks import CHECKS
from execution.audit.facts import AccountFolder, Git, Leak, Leftover, SourceState, Unknown
from execution.audit.pages import page_of
from execution.directives.model.audit import CheckName
from execution.errors import Problem
from tests.audit.world import NOW, PUBLISHED, found, policy, sound
from tests.measures.stock import shipped

LONG_AGO = NOW - timedelta(days=400)
GONE = Unknown("it is not there")
FIRST = next(iter(shipped().triggers.values()))


def bare(**changed: Any) -> Any:  # noqa: ANN401 - a Program whose parts are of many kinds
    return replace(shipped(), **changed)


def trigger(**changed: object) -> Any:  # noqa: ANN401
    return bare(triggers={FIRST.name: FIRST.model_copy(update=changed)})


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "secrets_in_files": ({"leaks": (Leak("notes.md", 3, "a Stripe key"),)}, "this looks like a Stripe key"),
    "env_permissions": ({"env_mode": 0o644}, "its permissions are 644"),
    "env_in_git": ({"git": Git(has_env=True, changed={})}, "git has .env"),
    "git_ignores": ({"ignored": (".env",)}, ".gitignore does not keep data/ out of git"),
    "directives_hold": (
        {"program": bare(problems=(Problem("a.md", 2, 1, "E111", "unknown key"),))},
        "E111 unknown key",
    ),
    "dangling_overlays": ({"program": bare(problems=(Problem("a.md", 2, 1, "E134", "nothing"),))}, "E134 nothing"),
    "directives_without_tests": ({"program": trigger(cases=())}, "has no test"),
    "directives_without_owner": ({"program": trigger(owner=None)}, "is nobody's"),
    "long_experimental": (
        {"program": trigger(status="experimental"), "git": Git(has_env=False, changed={FIRST.path: LONG_AGO})},
        "is experimental, unchanged for 400 days",
    ),
    "claude_files": (
        {"claude": (Problem(".claude/agents/a.md", 1, 1, "E246", "is stale", "build it"),)},
        "E246 is stale",
    ),
    "required_folders": ({"folders": frozenset({"customer"})}, "the folder customers/ is missing"),
    "required_files": ({"files": frozenset()}, "the file directives/settings.md is missing"),
    "folder_depth": ({"folders": frozenset({"customers/a/b/c/d/e"})}, "more than 5 deep"),
    "account_folder_names": ({"accounts": (AccountFolder("Acme GmbH", "a.com", None),)}, "not every file system"),
    "dated_file_names": ({"files": frozenset({"customers/acme/calls/kickoff.md"})}, "does not begin with its day"),
    "directive_file_names": ({"program": trigger(path="directives/triggers/other.md")}, f"the trigger '{FIRST.name}'"),
    "orphaned_folders": ({"accounts": (AccountFolder("acme", "acme.con", None),)}, "no source knows the account"),
    "unnamed_folders": ({"accounts": (AccountFolder("acme", None, None, has_briefs=True),)}, "nothing says whose"),
    "twin_folders": (
        {"accounts": (AccountFolder("a", "acme.com", None), AccountFolder("b", None, "acme.com"))},
        "has the folder a too",
    ),
    "broken_links": ({"pages": (page_of("a/b.md", "\nsee [x](gone.md)\n"),)}, "the link gone.md leads nowhere"),
    "broken_markers": ({"pages": (page_of("a.md", "x\n<!-- gtm:begin compact -->\n"),)}, "did not write like this"),
    "conflicts_left": ({"files": frozenset({"customers/a/context/compact.generated.md"})}, "a generated block was"),
    "briefs_behind": (
        {"briefs_from": 6, "now": NOW + timedelta(days=3)},
        "the briefs are last written from publication 6",
    ),
    "sources_not_connected": (
        {"sources": (SourceState("hubspot", "h.md", ("HUBSPOT_TOKEN",), False, None),)},
        "HUBSPOT_TOKEN is not set",
    ),
    "sources_stale": ({"sources": (SourceState("hubspot", "h.md", (), True, LONG_AGO),)}, "last read 2025-05-26"),
    "schedules_not_installed": ({"unscheduled": ("daily",)}, "nothing runs the schedule 'daily'"),
    "store_age": ({"now": NOW + timedelta(days=3)}, "a store of 3 days ago (publication 7)"),
    "store_size": ({"published": replace(PUBLISHED, bytes=3 * 10**10)}, "the store has 30.0 GB"),
    "backup_age": ({"published": replace(PUBLISHED, backup_at=None)}, "there is no backup"),
    "free_disk": ({"free_bytes": 10**6}, "the disk has 1.0 MB left"),
    "leftover_files": ({"leftovers": (Leftover("data/tmp/look-1", LONG_AGO),)}, "left this half-made"),
    "versions": ({"versions": {"python": "3.9.2", "duckdb": "1.5.5"}}, "python is 3.9.2, and 3.11 is the least"),
}


def test_every_check_is_declared_told_and_tested() -> None:
    names = [check.name for check in CHECKS]
    assert sorted(names) == sorted(get_args(CheckName)) == sorted(policy().checks) == sorted(WRONG)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("check", WRONG)
def test_it_finds_what_is_wrong(check: str) -> None:
    changed, said = WRONG[check]
    findings = found(check, **changed)
    assert not isinstance(findings, Unknown)
    assert any(said in finding.message for finding in findings)
    assert all(finding.hint for finding in findings if not finding.message.startswith("E1"))


@pytest.mark.parametrize("check", WRONG)
def test_it_finds_nothing_where_all_is_well(check: str) -> None:
    assert found(check) == []


@pytest.mark.parametrize(
    ("field", "checks"),
    [
        ("git", ["env_in_git", "long_experimental"]),
        ("leaks", ["secrets_in_files"]),
        ("published", ["orphaned_folders", "briefs_behind", "store_age", "store_size", "backup_age"]),
        ("briefs_from", ["briefs_behind"]),
        ("sources", ["sources_not_connected", "sources_stale"]),
        ("unscheduled", ["schedules_not_installed"]),
        ("claude", ["claude_files"]),
    ],
)
def test_what_could_not_be_looked_at_is_not_checked_and_never_fine(field: str, checks: list[str]) -> None:
    unknown: dict[str, Any] = {field: GONE}
    report = audit(replace(sound(), **unknown))
    unchecked = {each.check: each.reason for each in report.outcomes if each.status == "not checked"}
    assert unchecked == dict.fromkeys(checks, GONE.reason)


def test_without_git_nobody_knows_for_how_long_a_trigger_is_experimental() -> None:
    assert found("long_experimental", git=GONE, program=trigger(status="stable")) == []
    assert found("long_experimental", git=GONE, program=trigger(status="experimental")) == GONE


# --- what is none of their business ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        ("orphaned_folders", {"accounts": (AccountFolder("new", "new.com", None, is_new=True),)}),
        ("orphaned_folders", {"accounts": (AccountFolder("none", None, None),)}),
        ("dated_file_names", {"files": frozenset({"customers/acme/calls/README.md", "customers/acme/plan.md"})}),
        (
            "dated_file_names",
            {"files": frozenset({"personal/calls/x.md", "customers/templates/notes/2026-06-01_a.md"})},
        ),
        ("folder_depth", {"folders": frozenset({"customers/a/b/c/d", "elsewhere/a/b/c/d/e/f/g"})}),
        ("leftover_files", {"leftovers": (Leftover("data/tmp/look-1", NOW - timedelta(minutes=5)),)}),
        ("briefs_behind", {"briefs_from": 6}),
        ("env_permissions", {"env_mode": None}),
        ("git_ignores", {"ignored": ("/data/", ".env")}),
        ("account_folder_names", {"accounts": (AccountFolder("muller-sohne-2", "m.de", None),)}),
    ],
)
def test_what_is_as_it_should_be_is_passed_over(check: str, changed: dict[str, Any]) -> None:
    assert found(check, **changed) == []


@pytest.mark.parametrize("name", ["2026-13-01_x.md", "2026-06-01.md", "2026-06-01-x.md", "x_2026-06-01.md"])
def test_a_day_is_one_of_the_calendar(name: str) -> None:
    findings = found("dated_file_names", files=frozenset({f"customers/acme/meetings/{name}"}))
    assert len(findings) == 1  # type: ignore[arg-type]


def test_the_account_that_was_meant_is_suggested() -> None:
    (finding,) = found("orphaned_folders", accounts=(AccountFolder("acme", "acme.con", None),))  # type: ignore[misc]
    assert "did you mean 'acme.com'?" in finding.hint


# --- points ---------------------------------------------------------------------------------------


def test_a_sound_workspace_has_all_points() -> None:
    report = audit(sound())
    assert (report.score, report.band, report.has_errors) == (100, "excellent", False)
    assert {each.status for each in report.outcomes} == {"fine"}


def test_points_are_those_of_the_policy_and_never_below_zero() -> None:
    one = audit(replace(sound(), env_mode=0o644, leaks=(Leak("a", 1, "x"),)))
    assert (one.score, one.band, one.has_errors) == (90, "excellent", True)
    many = audit(replace(sound(), leaks=tuple(Leak("a", n, "x") for n in range(50))))
    assert (many.score, many.band) == (0, None)
    warned = audit(replace(sound(), accounts=(AccountFolder("A B", "acme.com", None),)))
    assert (warned.score, warned.has_errors) == (98, False)
    informed = audit(replace(sound(), unscheduled=("daily",)))
    assert (informed.score, informed.count("info")) == (100, 1)


def test_a_check_that_is_off_or_not_named_looks_at_nothing() -> None:
    quiet = policy().model_copy(update={"checks": {"env_permissions": "off"}})
    report = audit(replace(sound(), policy=quiet, env_mode=0o644))
    assert {each.status for each in report.outcomes} == {"off"}
    assert report.score == 100


def test_findings_stand_in_the_order_of_their_places() -> None:
    report = audit(replace(sound(), leaks=(Leak("b", 1, "x"), Leak("a", 9, "x"), Leak("a", 2, "x"))))
    (leaks,) = [each.findings for each in report.outcomes if each.check == "secrets_in_files"]
    assert [(each.path, each.line) for each in leaks] == [("a", 2), ("a", 9), ("b", 1)]
