"""The files that `gtm` writes for people: a new workspace, overlays, `.env`."""

import json
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from execution.bootstrap import env_file, overlays, sources, workspaces
from execution.bootstrap.workspaces import Answers
from execution.errors import UsageError
from execution.workspace import Workspace

# --- init ---------------------------------------------------------------------------------------


def test_a_new_workspace_holds(tmp_path: Path) -> None:
    made = workspaces.init(tmp_path / "new")
    assert not made.kept
    assert {"directives/settings.md", "directives/data-sources/calendly-sync.md", ".gitignore", ".env.example"} <= set(
        made.written
    )
    assert {
        "sales-toolkit/playbooks/discovery.md", "sales-toolkit/templates/email/check-in.md.j2",
        "customers/workflows/renewal.md", "workspace-setup/compliance/access.md",
        "workspace-setup/integrations/alerts.md", "personal/daily-plans/morning-plan.md.j2",
        "directives/journeys/lead-to-customer.md",
    } <= set(made.written)  # fmt: skip
    assert not any(path.startswith("workspace-setup/decisions") for path in made.written)
    assert not any(path.startswith(("reporting/output", "data/", "directives/local/c")) for path in made.written)
    assert sources.program_of(Workspace(made.root)).settings.time_zone == "UTC"
    assert ".env" in (made.root / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_what_somebody_wrote_for_themselves_goes_into_no_new_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = workspaces.init(tmp_path / "first").root
    (root / "personal" / "triggers" / "mine.md").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(workspaces, "seed_root", lambda: root)
    made = workspaces.init(tmp_path / "second")
    assert "personal/triggers/README.md" in made.written
    assert "personal/triggers/mine.md" not in made.written


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "directives" / "settings.md"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    made = workspaces.init(tmp_path)
    assert made.kept == ("directives/settings.md",)
    assert mine.read_text(encoding="utf-8") == "mine"
    again = workspaces.init(tmp_path)
    assert again.written == ()
    assert set(again.kept) == {*made.written, *made.kept}


def test_answers_become_the_overlay_once(tmp_path: Path) -> None:
    answers = Answers("Europe/Berlin", "eur", 4, ("Acme.com", " acme.de "))
    made = workspaces.init(tmp_path, answers)
    settings = sources.program_of(Workspace(made.root)).settings
    assert (settings.time_zone, settings.base_currency, settings.fiscal_year_starts) == ("Europe/Berlin", "EUR", 4)
    assert settings.internal_domains == ("acme.com", "acme.de")
    assert workspaces.has_settings(tmp_path)
    before = (tmp_path / "directives" / "local" / "settings.md").read_bytes()
    assert "directives/local/settings.md" in workspaces.init(tmp_path, Answers("Asia/Tokyo")).kept
    assert (tmp_path / "directives" / "local" / "settings.md").read_bytes() == before


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        (Answers(time_zone="Berlin"), "time-zone.*'Berlin' is not a time zone"),
        (Answers(base_currency="euros"), "base-currency"),
        (Answers(fiscal_year_starts=13), "fiscal-year-starts"),
    ],
)
def test_an_answer_that_cannot_be_writes_nothing(tmp_path: Path, answers: Answers, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        workspaces.init(tmp_path / "new", answers)
    assert not (tmp_path / "new").exists()


def test_a_file_is_no_place_for_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        workspaces.init(tmp_path / "file")


# --- overlays -----------------------------------------------------------------------------------

OVERLAY = """---
kind: source
extends: calendly    # the product's
enabled: false
streams:
  events: {description: ours}
after:
- hubspot
---
# Why
enabled: this is prose
"""


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        ("enabled", "true", "enabled: false\nstreams", "enabled: true\nstreams"),
        ("streams", "{}", "streams:\n  events: {description: ours}\n", "streams: {}\n"),
        ("after", "[]", "after:\n- hubspot\n", "after: []\n"),
        ("phase", "3", "- hubspot\n---", "- hubspot\nphase: 3\n---"),
    ],
)
def test_one_key_is_set_and_the_rest_left(key: str, value: str, old: str, new: str) -> None:
    assert overlays.with_key(OVERLAY, key, value) == OVERLAY.replace(old, new)


@pytest.mark.parametrize("text", ["", "no frontmatter", "---\nkind: source\n"])
def test_a_file_without_frontmatter_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no frontmatter"):
        overlays.with_key(text, "a", "b")


def test_the_overlay_that_is_there_is_the_one_edited(workspace: Workspace) -> None:
    ours = workspace.directives / "local" / "team" / "bookings.md"
    ours.parent.mkdir()
    ours.write_text("---\nkind: source\nextends: calendly\n---\nOur reasons.\n", encoding="utf-8")
    switched = sources.switch(workspace, "calendly", on=False)
    assert switched.overlay == "directives/local/team/bookings.md"
    assert (
        ours.read_text(encoding="utf-8") == "---\nkind: source\nextends: calendly\nenabled: false\n---\nOur reasons.\n"
    )
    assert not sources.declared(workspace, "calendly").enabled
    sources.switch(workspace, "calendly", on=True)
    assert sources.declared(workspace, "calendly").enabled


def test_an_edit_that_would_not_hold_is_undone(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(text: str, *_: str) -> str:
        return text.replace("kind", "kin")

    monkeypatch.setattr(overlays, "with_key", spoil)
    with pytest.raises(UsageError, match="as it was"):
        sources.switch(workspace, "calendly", on=False)
    assert not (workspace.directives / "local" / "calendly.md").exists()


def test_lists_what_is_declared(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALENDLY_TOKEN", raising=False)
    (calendly,) = (listed for listed in sources.listing(workspace) if listed.source == "calendly")
    assert calendly.missing == ("CALENDLY_TOKEN",)
    assert calendly.streams == ("events", "invitees")
    assert calendly.file == "directives/data-sources/calendly-sync.md"


# --- .env ---------------------------------------------------------------------------------------


def test_a_variable_is_replaced_and_other_lines_stay(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# notes\nexport TOKEN='old\nof two lines'\n\nOTHER=1 # why", encoding="utf-8")
    env_file.write(file, {"TOKEN": "new"})
    assert file.read_text(encoding="utf-8") == "# notes\n\nOTHER=1 # why\nTOKEN=new\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_new_file_has_its_heading(tmp_path: Path) -> None:
    env_file.write(tmp_path / ".env", {"A": "1"}, heading="why")
    assert (tmp_path / ".env").read_text(encoding="utf-8") == "# why\nA=1\n"
    assert env_file.read(tmp_path / ".env") == {"A": "1"}
    assert env_file.read(tmp_path / "none") == {}


@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")))
def test_any_value_comes_back_as_it_was(value: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("env") / ".env"
    env_file.write(file, {"A": value, "B": "after"})
    assert dotenv_values(file, interpolate=False) == {"A": value, "B": "after"}


def test_the_envelope_of_made_is_json(tmp_path: Path) -> None:
    from execution.cli.encoding import to_json

    assert json.loads(to_json(workspaces.init(tmp_path)))["root"] == tmp_path.as_posix()
