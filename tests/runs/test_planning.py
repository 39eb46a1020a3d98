"""The dry run: what would be asked, without asking."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from execution import store
from execution.errors import UsageError
from execution.runs.planning import Probed, planned, survey
from execution.runs.session import Session, open_session
from execution.settings import Environment
from execution.store import journal, migrations
from execution.sync.forecast import Forecast, StreamForecast
from execution.sync.known import last_reads
from execution.sync.plan import Options
from execution.workspace import Workspace

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def session(workspace: Workspace, environment: Mapping[str, str]) -> Session:
    """The workspace's session, with nothing in its environment but what is given."""
    return replace(open_session(workspace), environment=Environment(environment))


def forecast(
    workspace: Workspace,
    names: Sequence[str],
    options: Options | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Forecast:
    made = session(workspace, environment)
    return planned(made, survey(made, names, options or Options(), NOW))


def streams(found: Forecast) -> dict[str, StreamForecast]:
    return {each.stream: each for source in found.sources for each in source.streams}


def test_a_first_sync_reaches_back_as_far_as_the_directive_says(workspace: Workspace) -> None:
    found = forecast(workspace, ["calendly"], environment={"CALENDLY_TOKEN": "t"})
    events, invitees = streams(found).values()
    assert (found.publication, found.requests, found.at_least) == (None, 2, 2)
    assert found.not_known == ("calendly/events", "calendly/invitees")
    assert events.backfill
    assert (events.since, events.backfill.reach) == (NOW - timedelta(days=365), timedelta(days=365))
    assert (events.requests, events.at_least, events.page_size) == (None, 1, 100)
    assert events.request.params["min_start_time"] == "2025-06-01T12:00:00.000000Z"
    assert events.request.params["organization"] == "{account.organization}"
    assert (invitees.reads, invitees.request.path) == ("per parent", "{events.uri}/invitees")


def test_without_credentials_nothing_of_a_source_is_counted(workspace: Workspace) -> None:
    found = forecast(workspace, ["calendly", "intercom"], environment={"INTERCOM_TOKEN": "t"})
    calendly, intercom = found.sources
    assert (calendly.connected, calendly.missing, calendly.requests) == (False, ("CALENDLY_TOKEN",), 2)
    assert (intercom.connected, found.requests) == (True, intercom.requests)


def test_no_secret_is_in_it(workspace: Workspace) -> None:
    environment = {
        "CALENDLY_TOKEN": "tok-3cr3t",
        "GTM_CALENDLY__BASE_URL": "https://user:pa55word@proxy.example:8443/calendly",
    }
    found = forecast(workspace, ["calendly"], environment=environment)
    assert found.sources[0].base_url == "https://proxy.example:8443/calendly"
    assert "tok-3cr3t" not in repr(found)
    assert "pa55word" not in repr(found)


def test_only_the_streams_asked_for_and_what_they_need(workspace: Workspace) -> None:
    options = Options(streams=("events",), since=NOW - timedelta(days=2))
    (events,) = streams(forecast(workspace, ["calendly"], options)).values()
    assert events.since == NOW - timedelta(days=2)
    assert list(streams(forecast(workspace, ["intercom"], Options(streams=("threads",))))) == [
        "conversations",
        "threads",
    ]
    every = forecast(workspace, [], Options(streams=("events",)))
    assert [source.source for source in every.sources] == ["calendly", "stripe"], "those that have such a stream"


def test_an_unknown_source_or_stream_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="calendy"):
        forecast(workspace, ["calendy"])
    with pytest.raises(UsageError, match="no stream 'evnts'") as unknown:
        forecast(workspace, ["calendly"], Options(streams=("evnts",)))
    assert "events, invitees" in unknown.value.hint


def test_a_store_that_is_to_be_migrated_tells_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.writer(workspace, then_publish=True) as con, store.change(con):
        con.execute("INSERT INTO meta.cursors VALUES ('calendly', 'events', '2026-05-31T12:00:00', NULL, NULL)")
    assert streams(forecast(workspace, ["calendly"]))["events"].since == NOW - timedelta(days=31)
    assert forecast(workspace, ["calendly"]).publication == 1
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, ("SELECT 1",)))
    later = forecast(workspace, ["calendly"])
    assert (later.publication, streams(later)["events"].since) == (None, NOW - timedelta(days=365))


def test_what_the_vendor_counts_goes_into_it(workspace: Workspace) -> None:
    made = session(workspace, {"HUBSPOT_TOKEN": "t"})
    told = Probed({("hubspot", "contacts"): 1_000_000}, 4, {"hubspot": ("deals was not counted: no",)})
    found = planned(made, survey(made, ["hubspot"], Options(), NOW), told)
    contacts, links = streams(found)["contacts"], streams(found)["contact_companies"]
    assert (contacts.requests, contacts.seconds) == (5000, 1249)
    assert (links.requests, links.basis) == (1000, "all 1,000,000 contacts by the vendor's count, 1,000 a request")
    assert found.seconds == 1249 + 90, "associations are read after contacts, at 10 a second"
    assert (found.asked, found.sources[0].warnings) == (4, ("deals was not counted: no",))


def entry(**stream: object) -> dict[str, Any]:
    streams = [{"source": "x", "stream": "a", "status": "ok", "pages": 3, **stream}]
    return {"started": str(NOW), "sources": [{"source": "x", "status": "ok", "streams": streams}]}


def test_the_journal_tells_when_a_stream_was_last_read_to_its_end(workspace: Workspace) -> None:
    assert last_reads(workspace) == {}
    journal.append(workspace, "sync", entry(pages=7))
    journal.append(workspace, "sync", entry(status="failed", pages=1))
    journal.append(workspace, "sync", {"started": "no time", "sources": entry()["sources"]})
    journal.append(workspace, "sync", {})
    (found,) = last_reads(workspace).items()
    assert (found[0], found[1].at, found[1].pages) == (("x", "a"), NOW, 7)


def test_it_is_made_without_the_network_library(workspace: Workspace) -> None:
    code = (
        "import sys; from execution.cli.root import run; code = run(['sync', '--dry-run', '--json']); "
        "print('loaded:', *(name for name in sys.modules if '.' not in name), file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"GTM_WORKSPACE": str(workspace.root)}
    )
    loaded = set(done.stderr.split("loaded:")[1].split())
    assert json.loads(done.stdout)["data"]["asked"] == 0
    assert loaded & {"httpx", "rich", "zstandard", "uvicorn"} == set()
    assert "duckdb" in loaded
