"""Connecting as a new operator does: what is asked, what is written, and what happens when the vendor refuses."""

import os
import stat

import pytest

from execution.bootstrap import connecting, sources
from execution.errors import CredentialsError, UsageError
from execution.settings import load_environment
from execution.workspace import Workspace

from .conftest import GOOD, Vendor, listed, refused


def test_a_good_token_is_tried_kept_and_switched_on(workspace: Workspace, calendly: Vendor) -> None:
    workspace.env_file.write_text("# mine\nOTHER=1\n", encoding="utf-8")
    connected = connecting.connect(workspace, "calendly", {"CALENDLY_TOKEN": GOOD})
    assert connected.exit_code == 0
    assert [(stream.stream, stream.records) for stream in connected.tried.streams] == [("events", 1), ("invitees", 1)]
    assert connected.written == (".env", "directives/local/calendly.md")
    assert workspace.env_file.read_text(encoding="utf-8") == f"# mine\nOTHER=1\nCALENDLY_TOKEN={GOOD}\n"
    assert stat.S_IMODE(workspace.env_file.stat().st_mode) == 0o600
    assert load_environment(workspace, {}).get("CALENDLY_TOKEN") == GOOD
    assert "/scheduled_events/E1/invitees" in calendly.asked


def test_the_environments_token_is_taken_where_none_is_given(
    workspace: Workspace, calendly: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALENDLY_TOKEN", GOOD)
    assert connecting.connect(workspace, "calendly").exit_code == 0
    assert f"CALENDLY_TOKEN={GOOD}" in workspace.env_file.read_text(encoding="utf-8")


def test_a_refused_token_writes_nothing_and_is_never_shown(workspace: Workspace, calendly: Vendor) -> None:
    with pytest.raises(CredentialsError) as caught:
        connecting.connect(workspace, "calendly", {"CALENDLY_TOKEN": "stolen-secret"})
    assert "The access token is invalid" in caught.value.message
    assert "stolen-secret" not in f"{caught.value} {caught.value.hint}"
    assert not workspace.env_file.exists()
    assert not (workspace.directives / "local" / "calendly.md").exists()


def test_a_missing_token_is_named_with_the_ways_to_give_it(workspace: Workspace, calendly: Vendor) -> None:
    with pytest.raises(CredentialsError, match="CALENDLY_TOKEN is not set") as caught:
        connecting.connect(workspace, "calendly")
    assert caught.value.code == "E311"
    assert "--token-stdin" in caught.value.hint
    assert calendly.asked == []


def test_streams_that_may_not_be_read_are_named_and_the_rest_connects(workspace: Workspace, calendly: Vendor) -> None:
    calendly.answers["/scheduled_events/E1/invitees"] = refused(403, "You do not have the invitees scope")
    connected = connecting.connect(workspace, "calendly", {"CALENDLY_TOKEN": GOOD})
    assert connected.exit_code == 1
    (invitees,) = connected.tried.refused
    assert invitees.stream == "invitees"
    assert "invitees scope" in invitees.error
    assert connected.written


def test_nothing_readable_is_no_connection(workspace: Workspace, calendly: Vendor) -> None:
    calendly.answers["/scheduled_events"] = refused(403, "Insufficient permissions")
    with pytest.raises(CredentialsError, match="no stream can be read") as caught:
        connecting.connect(workspace, "calendly", {"CALENDLY_TOKEN": GOOD})
    assert caught.value.where == "calendly/events"
    assert not workspace.env_file.exists()


def test_an_account_without_records_connects_and_says_what_it_could_not_try(
    workspace: Workspace, calendly: Vendor
) -> None:
    calendly.answers["/scheduled_events"] = listed()
    connected = connecting.connect(workspace, "calendly", {"CALENDLY_TOKEN": GOOD})
    assert connected.exit_code == 0
    assert [stream.untried for stream in connected.tried.streams] == ["", "events has no record to read it for"]


def test_a_variable_of_another_source_is_refused(workspace: Workspace, calendly: Vendor) -> None:
    with pytest.raises(UsageError, match="calendly has no credential HUBSPOT_TOKEN"):
        connecting.connect(workspace, "calendly", {"HUBSPOT_TOKEN": "x"})


def test_an_unknown_source_is_answered_with_those_there_are(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="no source 'calendy'") as caught:
        connecting.wanted(workspace, "calendy")
    assert "calendly" in caught.value.hint


def test_wanted_says_what_is_set_already(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALENDLY_TOKEN", raising=False)
    guide = workspace.root / "workspace-setup" / "integrations" / "calendly.md"
    guide.parent.mkdir(parents=True, exist_ok=True)
    guide.touch()
    need = connecting.wanted(workspace, "calendly")
    assert (need.variables, need.present) == (("CALENDLY_TOKEN",), ())
    assert need.guide == "workspace-setup/integrations/calendly.md"
    monkeypatch.setenv("CALENDLY_TOKEN", "x")
    assert connecting.wanted(workspace, "calendly").present == ("CALENDLY_TOKEN",)


# --- source check and fields --------------------------------------------------------------------


def test_check_tells_states_apart(workspace: Workspace, calendly: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    (unconnected,) = sources.check(workspace, ["calendly"])
    assert (unconnected.state, unconnected.missing) == ("not connected", ("CALENDLY_TOKEN",))
    assert sources.exit_code([unconnected]) == 0
    monkeypatch.setitem(os.environ, "CALENDLY_TOKEN", "wrong")
    (failed,) = sources.check(workspace, ["calendly"])
    assert failed.state == "failed"
    assert sources.exit_code([failed]) == 3
    assert sources.exit_code([failed, sources.Checked("other", "connected")]) == 1
    monkeypatch.setitem(os.environ, "CALENDLY_TOKEN", GOOD)
    (connected,) = sources.check(workspace, ["calendly"])
    assert connected.state == "connected"
    sources.switch(workspace, "calendly", on=False)
    assert sources.check(workspace, ["calendly"])[0].state == "disabled"


def test_fields_shows_every_leaf_and_where_it_goes(
    workspace: Workspace, calendly: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALENDLY_TOKEN", GOOD)
    found = {(field.stream, field.path): (field.type, field.column) for field in sources.fields(workspace, "calendly")}
    assert found["events", "uri"] == ("text", "key")
    assert found["events", "location.type"] == ("text", "location")
    assert found["invitees", "email"] == ("text", "email")
    assert found["invitees", "tracking"] == ("null", "")
    assert {field.stream for field in sources.fields(workspace, "calendly", "events")} == {"events"}
    with pytest.raises(UsageError, match="no stream of calendly 'x'"):
        sources.fields(workspace, "calendly", "x")


def test_leaves_are_written_as_directives_write_paths() -> None:
    record = {"a": {"b c": [{"d": 1}, {"e": 2}]}, 'q"': True, "none": [], "f": 1.5}
    assert sources._leaves(record) == [
        ('a."b c"', "list"),
        ('a."b c"[0].d', "integer"),
        ('"q\\""', "boolean"),
        ("none", "list"),
        ("f", "number"),
    ]
