"""`gtm alerts`, `triggers`, `tasks` and `approvals`, from the command line."""

import hmac
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path
from urllib.parse import urlencode

import pytest

from execution import store
from execution.directives import read_folder
from execution.runs import steps
from execution.runs.alerting import alert
from execution.runs.checked import program_of
from execution.runs.session import open_session
from execution.workspace import Workspace

from .conftest import Called, Copied, Gtm

SOURCE = """\
---
kind: source
name: book
files: {folder: imports}
freshness: {warn: 6h, error: 24h}
streams:
  people:
    path: people.csv
    key: id
    columns: {email: email, name: name, mrr: {path: mrr, type: decimal}}
---
```sql customers
select email, max(name) as name, max(mrr) as mrr from people where email is not null group by email
```
"""
RULE = """\
---
kind: trigger
name: big
title: A big one
entity: customers
meaning: They pay more than others
when: mrr >= 500
severity: critical
message: "{name} pays {mrr}"
false_positives: [Paid in advance]
actions: [call, push]
---
"""
ROUTING = """\
---
extends: routing
actions:
  call: {do: task, title: Call them}
  push: {do: set_field, field: nickname, value: whale, approval: {by: mara_voss, expires: 2h}}
---
"""
CUSTOMERS = """\
---
extends: customers
columns:
  nickname: {type: text, from: [workspace], meaning: What we call them}
---
"""
PEOPLE = [("ann", "Ann \x1b[31mLee", 900), ("bob", "Bob", 600), ("cy", "Cy", 10)]


@pytest.fixture(scope="module")
def alerted(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose only rule has fired for two; not to be changed."""
    workspace = Workspace(tmp_path_factory.mktemp("alerted") / "ws")
    shutil.copytree(made, workspace.root)
    for folder in ("triggers", "journeys"):  # journeys name triggers
        shutil.rmtree(workspace.directives / folder)
    for name in ("big", "local/routing", "local/customers", "data-sources/book"):
        text = {"big": RULE, "local/routing": ROUTING, "local/customers": CUSTOMERS, "data-sources/book": SOURCE}[name]
        file = workspace.directives / (f"triggers/{name}.md" if name == "big" else f"{name}.md")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    routing = workspace.directives / "policies" / "routing.md"
    routing.write_text(re.sub(r"inhibit:\n(  .*\n)+", "", routing.read_text(encoding="utf-8")), encoding="utf-8")
    (workspace.root / "imports").mkdir()
    rows = "".join(f"{n},{key}@acme.com,{name},{mrr}\n" for n, (key, name, mrr) in enumerate(PEOPLE))
    (workspace.root / "imports" / "people.csv").write_text(f"id,email,name,mrr\n{rows}", encoding="utf-8")
    program_of(workspace, read_folder(workspace.root)).require_valid()
    now = datetime.now(UTC)
    session = open_session(workspace)
    steps.sync(session, now=now)
    steps.score(session, now, publish_anyway=True)
    alert(session, now)
    return workspace.root


@pytest.fixture
def workspace(alerted: Path, copied: Copied, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("GTM_USER", "mara_voss")
    return copied(alerted)


def ids(gtm: Gtm, *more: str) -> dict[str, str]:
    return {each["key"]: each["alert"] for each in gtm("alerts", "list", "--json", *more).envelope["data"]["alerts"]}


def test_what_is_open_is_listed_and_told_apart(gtm: Gtm, workspace: Workspace) -> None:
    found = ids(gtm)
    assert list(found) == ["ann@acme.com", "bob@acme.com"]
    printed = gtm("alerts", "list").out
    assert "\x1b" not in printed
    assert found["bob@acme.com"][:6] in printed
    assert "Bob pays 600" in printed
    assert ids(gtm, "--account", "bob@acme.com").keys() == {"bob@acme.com"}
    assert not ids(gtm, "--severity", "low")
    assert "1 more" in gtm("alerts", "list", "--limit", "1").err
    assert gtm("alerts", "list", "--state", "pending").out == "no alert\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["list", "--state", "opened"], "E215 'opened' is no state"),
        (["list", "--severity", "grave"], "E215 'grave' is no severity"),
        (["list", "--rule", "biig"], "E212 there is no trigger 'biig'"),
        (["show", "zzz"], "E365 there is no alert 'zzz'"),
        (["ack", "zzz"], "E365 there is no alert 'zzz'"),
        (["ack", "zzz", "--by", "nobody"], "E214 the team has nobody called 'nobody'"),
        (["snooze", "zzz"], "E213 until when?"),
        (["snooze", "zzz", "--for", "a while"], "E216 'a while' is not a duration"),
        (["stats", "--rule", "biig"], "E212 there is no trigger 'biig'"),
    ],
)
def test_what_cannot_be_is_said(gtm: Gtm, workspace: Workspace, args: list[str], said: str) -> None:
    called = gtm("alerts", *args)
    assert called.code == 2
    assert said in called.err
    assert "hint:" in called.err


def test_one_alert_is_told_with_why_and_what_became_of_it(gtm: Gtm, workspace: Workspace) -> None:
    alert_ = ids(gtm)["bob@acme.com"]
    told = gtm("alerts", "show", alert_[:5]).out
    for line in ("critical  A big one", "mrr = 600", "big, directives/triggers/big.md", "Paid in advance", "fired"):
        assert line in told


def test_somebody_takes_it_puts_it_off_and_ends_it(gtm: Gtm, workspace: Workspace) -> None:
    found = ids(gtm)
    ann, bob = found["ann@acme.com"], found["bob@acme.com"]
    assert gtm("alerts", "ack", ann[:6], bob[:6], "--note", "on it").out.count("has it") == 2
    assert "was so already" in gtm("alerts", "ack", ann).out
    states = {each["key"]: each["state"] for each in gtm("alerts", "list", "--json").envelope["data"]["alerts"]}
    assert set(states.values()) == {"acknowledged"}
    assert "until" in gtm("alerts", "snooze", bob, "--for", "24h").out
    assert ids(gtm, "--state", "snoozed").keys() == {"bob@acme.com"}
    assert "woke it" in gtm("alerts", "wake", bob).out
    assert "no longer has it" in gtm("alerts", "unack", bob).out
    assert "resolved it" in gtm("alerts", "resolve", ann, "--outcome", "saved").out
    assert "says it was none" in gtm("alerts", "resolve", bob, "--false-positive").out
    assert not ids(gtm)
    assert "noted it" in gtm("alerts", "note", ann, "They signed again", "--outcome", "renewed").out
    shown = gtm("alerts", "show", ann, "--json").envelope["data"]
    assert shown["alert"]["outcome"] == "renewed"
    assert shown["alert"]["resolved_by"] == "Mara Voss"
    stats = gtm("alerts", "stats", "--json").envelope["data"]["rules"]
    assert [(each["trigger"], each["fired"], each["false_positives"]) for each in stats] == [("big", 2, 1)]
    assert "50%" in gtm("alerts", "stats").out
    called = gtm("triggers", "run")
    assert called.code == 0, called.err
    assert not ids(gtm), "what somebody resolved stays silent while its rule goes on holding"


def test_the_rules_are_listed_looked_at_and_played(gtm: Gtm, workspace: Workspace) -> None:
    (rule,) = gtm("triggers", "list", "--json").envelope["data"]
    assert (rule["trigger"], rule["firing"], rule["rule"]) == ("big", 2, ["mrr >= 500"])
    assert "big" in gtm("triggers", "list").out
    assert "0 passed, 0 failed" in gtm("triggers", "test").out
    before = store.newest(workspace).number
    looked = gtm("triggers", "run")
    assert (looked.code, "0 fired, 0 resolved, 2 open" in looked.out) == (0, True), looked.out + looked.err
    assert store.newest(workspace).number == before, "a run of which nothing came publishes nothing"
    past = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    played = gtm("triggers", "simulate", "--from", past)
    assert played.code == 0, played.err
    assert "a run a day; nothing was changed" in played.out
    assert gtm("triggers", "simulate", "biig", "--from", past).code == 2


def test_tasks_are_listed_and_ticked_off(gtm: Gtm, workspace: Workspace) -> None:
    found = gtm("tasks", "list", "--json").envelope["data"]
    assert sorted(each["title"] for each in found) == ["Call them: Ann \x1b[31mLee", "Call them: Bob"]
    assert "\x1b" not in gtm("tasks", "list").out
    task = next(each["task"] for each in found if each["title"].endswith("Bob"))
    assert "done by Mara Voss" in gtm("tasks", "done", task[:8]).out
    assert "done already" in gtm("tasks", "done", task).out
    assert len(gtm("tasks", "list", "--json").envelope["data"]) == 1
    assert gtm("tasks", "done", "zzz").code == 2
    assert "done" in gtm("alerts", "show", ids(gtm)["bob@acme.com"]).out


def test_an_action_waits_for_somebodys_word(gtm: Gtm, workspace: Workspace) -> None:
    waiting = gtm("approvals", "list", "--json").envelope["data"]
    assert [each["action"] for each in waiting] == ["push", "push"]
    assert "nickname = whale" in gtm("approvals", "list").out
    assert "E368" in gtm("approvals", "approve", waiting[0]["outbox"], "--by", "leo_brandt").err
    assert "denied by Mara Voss" in gtm("approvals", "deny", waiting[0]["outbox"][:8]).out
    assert "approved by Mara Voss" in gtm("approvals", "approve", waiting[1]["outbox"]).out
    would = gtm("alerts", "send", "--dry-run")
    assert "1 would be done" in would.out
    assert gtm("alerts", "send").code == 0
    key = waiting[1]["payload"]["key"]
    told = gtm("query", "--json", f"select nickname from unified_customers where email = '{key}'").envelope["data"]
    assert told["rows"] == [{"nickname": "whale"}]
    assert gtm("approvals", "list").out == "nothing waits for approval\n"


def press(gtm: Gtm, monkeypatch: pytest.MonkeyPatch, *buttons: dict[str, str], who: str, secret: str) -> Called:
    """Call as Slack does."""
    body = urlencode(
        {"payload": json.dumps({"type": "block_actions", "user": {"id": who}, "actions": buttons})}
    ).encode()
    stamp = str(int(datetime.now(UTC).timestamp()))
    signature = "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, "sha256").hexdigest()
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(body)))
    return gtm("alerts", "pressed", "--timestamp", stamp, "--signature", signature)


def test_what_is_pressed_in_slack_is_done_where_slack_signed_it(
    gtm: Gtm, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = ids(gtm)["ann@acme.com"]
    take = {"action_id": "acknowledge", "value": json.dumps({"alert": ann})}
    view = {"action_id": "view", "value": json.dumps({"alert": ann})}
    assert "E217 no Slack channel has a signing secret" in press(gtm, monkeypatch, take, who="U0MARA", secret="s3").err

    routing = workspace.directives / "local" / "routing.md"
    slack = "channels:\n  slack: {enabled: true, signing_secret: env:SLACK_SIGNING_SECRET}\n"
    routing.write_text(ROUTING.replace("actions:\n", f"{slack}actions:\n", 1), encoding="utf-8")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "s3")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    team = "---\nextends: team\npeople:\n  mara_voss: {slack: U0MARA}\n---\n"
    (workspace.directives / "local" / "team.md").write_text(team, encoding="utf-8")
    forged = press(gtm, monkeypatch, take, who="U0MARA", secret="other")
    assert (forged.code, "E217 this is not signed by Slack" in forged.err) == (2, True)
    assert "s3" not in forged.err
    assert "nobody of the team has the Slack id" in press(gtm, monkeypatch, take, who="U0NOBODY", secret="s3").err
    assert ids(gtm, "--state", "acknowledged") == {}
    assert "mrr = 900" in press(gtm, monkeypatch, view, who="U0MARA", secret="s3").out
    assert "has it" in press(gtm, monkeypatch, take, who="U0MARA", secret="s3").out
    assert ids(gtm, "--state", "acknowledged") == {"ann@acme.com": ann}
    assert "no button of ours" in press(gtm, monkeypatch, {"action_id": "other"}, who="U0MARA", secret="s3").out


def test_before_anything_was_published(gtm: Gtm, made: Path, copied: Copied) -> None:
    copied(made)
    assert gtm("triggers", "list").code == 0
    called = gtm("alerts", "list")
    assert called.code == 4
    assert "run `gtm sync` first" in called.err


def test_a_stale_source_makes_its_rules_unknown(gtm: Gtm, workspace: Workspace) -> None:
    later = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    called = gtm("triggers", "run", "--as-of", later)
    assert "big: unknown: " in called.err
    assert "book" in called.err
    assert len(ids(gtm)) == 2
