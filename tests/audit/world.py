"""Facts of a workspace in which nothing is wrong, to be changed by one thing at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from execution.audit.checks import CHECKS
from execution.audit.facts import AccountFolder, Facts, Finding, Git, Published, SourceState, Unknown
from execution.audit.pages import page_of
from execution.directives.model import Audit
from tests.measures.stock import shipped

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
PUBLISHED = Published(10**6, 7, NOW - timedelta(hours=1), NOW - timedelta(days=1), frozenset({"acme.com"}))


def policy() -> Audit:
    """The audit directive as it ships."""
    found = shipped().audit
    assert found is not None
    return found


@cache
def sound() -> Facts:
    """A workspace of one account, published an hour ago."""
    files = {*policy().files, "customers/acme/account.md", "customers/acme/calls/2026-06-01_kickoff.md"}
    folders = {*policy().folders, "customers/acme", "customers/acme/calls"}
    files |= {directive.path for directive in shipped().directives()}
    return Facts(
        policy=policy(),
        program=shipped(),
        now=NOW,
        files=frozenset(files),
        folders=frozenset(folders),
        pages=(page_of("customers/acme/calls/2026-06-01_kickoff.md", "See [the account](../account.md).\n"),),
        accounts=(AccountFolder("acme", "acme.com", "acme.com", has_briefs=True),),
        ignored=policy().ignored,
        env_mode=0o600,
        leftovers=(),
        free_bytes=10**12,
        versions={"python": "3.12.1", "duckdb": "1.5.5"},
        git=Git(has_env=False, changed={}),
        leaks=(),
        published=PUBLISHED,
        briefs_from=7,
        sources=(SourceState("hubspot", "directives/data-sources/hubspot-sync.md", (), False, NOW),),
        unscheduled=(),
        claude=(),
    )


def found(check: str, **changed: Any) -> list[Finding] | Unknown:  # noqa: ANN401 - whatever the field has
    """What one check says of the sound workspace with something changed."""
    look = next(each.look for each in CHECKS if each.name == check)
    answer = look(replace(sound(), **changed))
    return answer if isinstance(answer, Unknown) else list(answer)
