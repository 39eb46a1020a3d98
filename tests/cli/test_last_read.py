"""When a source was last read is told the same everywhere: when the run began that read it whole."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from execution import quality, store
from execution.bootstrap import pipeline
from execution.runs import steps
from execution.runs.freshness import last_reads
from execution.runs.session import Session, open_session
from execution.store import journal
from execution.sync import known
from execution.workspace import Workspace
from tests.cli.conftest import Gtm

BEGAN = datetime(2026, 6, 1, 6, 0, 7, tzinfo=UTC)
SOURCE = """---
kind: source
name: hubspot
title: The CRM
files: {folder: imports}
freshness: {warn: 6h, error: 24h}
streams:
  people:
    path: people.csv
    key: email
    columns: {email: email, joined: {path: joined, type: date}}
---
```sql customers
select email, joined as signup_date from people
```
"""


@pytest.fixture
def session(workspace: Workspace) -> Session:
    """A workspace whose one connected source is a file."""
    sources = workspace.directives / "data-sources"
    for file in sources.glob("*-sync.md"):
        file.unlink()
    (sources / "people.md").write_text(SOURCE, encoding="utf-8")
    (workspace.root / "imports").mkdir()
    (workspace.root / "imports" / "people.csv").write_text("email,joined\nann@acme.com,2026-01-01\n", encoding="utf-8")
    return open_session(workspace)


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=2)], ids=["with news", "then without"])
def test_all_who_tell_it_agree(session: Session, gtm: Gtm, later: timedelta) -> None:
    workspace, at = session.workspace, BEGAN + later
    steps.sync(session, ["hubspot"], now=BEGAN)
    if later:
        assert steps.sync(session, ["hubspot"], now=at).published is None
    steps.score(session, at + timedelta(minutes=5))
    assert next(journal.entries(workspace, "sync"))["at"] > "2026-06-02", "the clock on the wall is another"

    (source,) = (each for each in pipeline.status(workspace, at).sources if each.source == "hubspot")
    assert (source.last_success, source.age) == (at, timedelta(0))
    assert [stream.last_success for stream in source.streams] == [at]
    assert last_reads(workspace, ["hubspot"]) == {"hubspot": at}
    assert known.last_reads(workspace)["hubspot", "people"].at == at, "from which a dry run reckons"

    with store.reader(workspace) as con:
        standing = quality.standings(con, session.program, at)
        assert [each.read_at for each in standing] == [at.replace(tzinfo=None)]
        seen = con.execute("SELECT last_hubspot_sync FROM unified_customers").fetchall()
    assert seen == [(at.replace(tzinfo=None),)]

    told = gtm("explain", "ann@acme.com", "--json").envelope["data"]
    assert set(_synced(told)) == {f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    (report,) = steps.write_reports(session, ["daily"], at + timedelta(minutes=5)).files
    assert f"The CRM: fresh, last read whole {at:%Y-%m-%d %H:%M} UTC" in report.path.read_text(encoding="utf-8")


def _synced(part: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a JSON document
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "synced_at" and value)
        for each in part.values():
            yield from _synced(each)
    elif isinstance(part, list):
        for each in part:
            yield from _synced(each)
