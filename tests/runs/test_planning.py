"""The dry run: what would be asked, without asking."""

from datetime import UTC, datetime, timedelta

import pytest

from execution.errors import UsageError
from execution.runs.planning import _page_size, planned
from execution.runs.session import open_session
from execution.sync.plan import Options
from execution.workspace import Workspace

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_a_first_sync_reaches_back_as_far_as_the_directive_says(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALENDLY_TOKEN", raising=False)
    events, invitees = planned(open_session(workspace), ["calendly"], Options(), NOW)
    assert (events.source, events.stream, events.request) == ("calendly", "events", "GET /scheduled_events")
    assert events.since == NOW - timedelta(days=365)
    assert (events.requests, events.duration) == (None, None)
    assert not events.connected
    assert invitees.reads == "per parent"


def test_only_the_streams_asked_for(workspace: Workspace) -> None:
    options = Options(streams=("events",), since=NOW - timedelta(days=2))
    (events,) = planned(open_session(workspace), ["calendly"], options, NOW)
    assert events.since == NOW - timedelta(days=2)


def test_an_unknown_source_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="calendy"):
        planned(open_session(workspace), ["calendy"], Options(), NOW)


def test_the_page_size_is_what_the_request_asks_for(workspace: Workspace) -> None:
    source = open_session(workspace).program.sources["calendly"]
    assert _page_size(source, source.streams["events"]) == 100
