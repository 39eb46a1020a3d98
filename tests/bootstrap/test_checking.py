"""What `gtm check` finds beyond texts: channels that could send nothing, and what is checked of a person's own
rules."""

from pathlib import Path

import pytest

from execution.bootstrap.checking import check
from execution.errors import UsageError
from execution.workspace import Workspace
from tests.directives.small_alerts import texts

CHANNELS = """\
---
kind: routing
name: routing
extends: routing
channels:
  slack: {type: slack, enabled: true, token: env:TEAM_SLACK, channel: "#x"}
  mail: {type: email, enabled: false, host: smtp.example.com, password: env:TEAM_MAIL, from: a@x.com}
  hook: {enabled: true, url: env:TEAM_HOOK}
---
"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    for name in ("TEAM_SLACK", "TEAM_MAIL", "TEAM_HOOK", "HOOK_SECRET"):
        monkeypatch.delenv(name, raising=False)
    for path, text in texts().items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Workspace(tmp_path)


def _enable(made: Workspace) -> Path:
    file = made.directives / "local" / "routing.md"
    file.parent.mkdir()
    file.write_text(CHANNELS)
    return file


def test_what_is_not_enabled_needs_no_variable(made: Workspace) -> None:
    assert check(made).problems == ()


def test_an_enabled_channel_whose_variable_is_not_set_is_named_where_it_is_written(made: Workspace) -> None:
    _enable(made)
    found = check(made)
    assert [str(each).split(" and the channel")[0] for each in found.problems] == [
        "directives/local/routing.md:6:46: E192 TEAM_SLACK is not set,",
        "directives/local/routing.md:8:30: E192 TEAM_HOOK is not set,",
        "directives/policies/routing.md:6:62: E192 HOOK_SECRET is not set,",
    ]
    assert "put TEAM_SLACK=… into .env" in found.problems[0].hint
    assert found.exit_code == 2


def test_what_stands_in_the_file_of_variables_is_set(made: Workspace) -> None:
    _enable(made)
    made.env_file.write_text("TEAM_SLACK=a\nTEAM_HOOK=b\nHOOK_SECRET=c\n")
    assert check(made).problems == ()


def test_only_the_files_named_are_told(made: Workspace) -> None:
    file = _enable(made)
    assert {each.path for each in check(made, [file]).problems} == {"directives/local/routing.md"}
    assert check(made, [made.directives / "team.md"]).problems == ()


def test_a_persons_own_rules_can_be_checked_alone(made: Workspace) -> None:
    mine = made.root / "personal" / "triggers" / "ada" / "mine.md"
    mine.write_text(mine.read_text().replace("logins > 100", "login > 100"))
    (found,) = check(made, [made.root / "personal"]).problems
    assert (found.path, found.code) == ("personal/triggers/ada/mine.md", "E147")
    assert check(made, [made.directives]).problems == ()


def test_a_place_without_a_rule_is_a_usage_error(made: Workspace) -> None:
    with pytest.raises(UsageError, match="holds none"):
        check(made, [made.root / "personal" / "nobody"])
