"""How fresh sources are, from the journal alone and with a store."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from execution import store
from execution.runs import freshness
from execution.runs.session import Session, open_session
from execution.store import journal
from execution.workspace import Workspace

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def session(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("CALENDLY_TOKEN", "x")
    return open_session(workspace)


def synced(workspace: Workspace, ago: timedelta, source: Mapping[str, Any]) -> None:
    """One sync in the journal that began so long ago."""
    entry = {"started": NOW - ago, "sources": [{"source": "calendly", **source}]}
    journal.append(workspace, "sync", entry)


def ok(*streams: str) -> dict[str, Any]:
    return {"status": "ok", "streams": [{"stream": name, "status": "ok"} for name in streams]}


def failed(error: str) -> dict[str, Any]:
    stream = {"stream": "invitees", "status": "failed", "error": error, "hint": "try"}
    return {
        "status": "failed",
        "error": error,
        "hint": "try",
        "streams": [{"stream": "events", "status": "ok"}, stream],
    }


def calendly(session: Session) -> freshness.SourceStatus:
    (found,) = (source for source in freshness.status(session, NOW).sources if source.source == "calendly")
    return found


@pytest.mark.parametrize(("hours", "state", "exit_code"), [(1, "fresh", 0), (7, "late", 0), (25, "overdue", 1)])
def test_age_is_held_against_the_directive(session: Session, hours: int, state: str, exit_code: int) -> None:
    synced(session.workspace, timedelta(hours=hours), ok("events", "invitees"))
    assert calendly(session).state == state
    assert calendly(session).age == timedelta(hours=hours)
    assert freshness.status(session, NOW).exit_code == exit_code


def test_a_source_never_read_is_a_state(session: Session) -> None:
    assert calendly(session).state == "never"
    assert freshness.status(session, NOW).publication is None
    assert freshness.status(session, NOW).exit_code == 0


def test_a_failure_keeps_the_last_success_and_says_what_is_wrong(session: Session) -> None:
    synced(session.workspace, timedelta(hours=5), ok("events", "invitees"))
    synced(session.workspace, timedelta(hours=3), failed("older"))
    synced(session.workspace, timedelta(hours=1), failed("newest"))
    source = calendly(session)
    assert (source.state, source.error, source.hint) == ("failed", "newest", "try")
    assert source.last_success == NOW - timedelta(hours=5)
    events, invitees = source.streams
    assert (events.last_success, events.error) == (NOW - timedelta(hours=1), "")
    assert (invitees.last_success, invitees.error) == (NOW - timedelta(hours=5), "newest")
    assert freshness.status(session, NOW).exit_code == 1


def test_a_later_success_forgives(session: Session) -> None:
    synced(session.workspace, timedelta(hours=2), failed("gone"))
    synced(session.workspace, timedelta(hours=1), ok("events", "invitees"))
    assert (calendly(session).state, calendly(session).error) == ("fresh", "")


def test_without_credentials_it_is_not_connected(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALENDLY_TOKEN", raising=False)
    source = calendly(open_session(workspace))
    assert (source.state, source.missing) == ("not connected", ("CALENDLY_TOKEN",))


def test_rows_are_those_of_the_publication_that_are_not_deleted(session: Session) -> None:
    """A stream never read has no number, an emptied one has 0; a table that no stream has any more is passed over."""
    with store.writer(session.workspace, then_publish=True) as con, store.change(con):
        con.execute("CREATE TABLE raw.calendly__events AS SELECT unnest([false, false, true]) AS deleted")
        con.execute("CREATE TABLE raw.calendly__of_old AS SELECT 1 AS key")
    assert [(stream.stream, stream.rows) for stream in calendly(session).streams] == [("events", 2), ("invitees", None)]
    with store.writer(session.workspace, then_publish=True) as con, store.change(con):
        con.execute("UPDATE raw.calendly__events SET deleted = true")
    assert calendly(session).streams[0].rows == 0
    assert freshness.status(session, NOW).publication == 2
