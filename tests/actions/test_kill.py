"""`kill -9` at any instant of evaluating, planning and delivering: nothing is lost, nothing told twice."""

import multiprocessing
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from execution import actions, store, triggers
from execution.files import managed
from execution.sandbox import Options, Running, start
from tests.actions.mailroom import NOW, Office
from tests.actions.receivers import Mailbag, Receiver, mail_server, receiver

KILLS = 50
BATCHES = 5
ALERTS = 2
TOLD_OF = ("slack", "hook", "mail", "inbox")


@dataclass(frozen=True)
class Around:
    """What is around the workspace: receivers that keep what they are told."""

    slack: Running
    hook: Receiver
    mail: Mailbag

    @property
    def channels(self) -> str:
        return (
            "  slack: {type: slack, enabled: true, token: env:SLACK_BOT_TOKEN, channel: C0000000001}\n"
            f"  hook: {{type: webhook, enabled: true, url: '{self.hook.url}'}}\n"
            f"  mail: {{type: email, enabled: true, host: 127.0.0.1, port: {self.mail.port}, security: none, "
            "from: a@us.example}\n  inbox: {type: inbox}\n"
        )


@pytest.fixture(scope="module")
def around() -> Iterator[Around]:
    with ExitStack() as stack:
        slack = stack.enter_context(start(Options(customers=0, vendors=("slack",), speed=0, max_seconds=3600)))
        yield Around(slack, stack.enter_context(receiver()), stack.enter_context(mail_server()))


RULE = """\
---
kind: trigger
name: quiet
title: Gone quiet
when: name is not null
severity: high
message: "{name} has gone quiet"
actions: [tell, call, guess, look]
---
"""
TEAM = """\
---
kind: team
name: team
people:
  ann: {name: Ann Lee, email: ann@us.example, slack: U0ANN}
---
"""
ROUTING = """\
recipients:
  owner: {name: ann}
severities:
  high: {channels: [slack, hook, mail, inbox]}
actions:
  tell: {do: notify, to: owner}
  call: {do: task, title: Call them, to: owner}
  guess: {do: set_field, field: forecast, value: at risk}
  look: {do: agent_task, to: owner, prompt: Look}
"""


def office_at(root: Path, channels: str, environment: dict[str, str]) -> Office:
    return Office.at(root, channels + ROUTING, environment, quiet=RULE, team=TEAM)


def evaluate(office: Office, trial: str) -> None:
    """Look at the rule, which holds of a few customers: what the first evaluation opens, later ones find."""
    with store.writer(office.workspace) as con:
        with store.change(con):
            con.execute("CREATE TABLE IF NOT EXISTS core.customers (email VARCHAR, name VARCHAR, forecast VARCHAR)")
            con.execute("DELETE FROM core.customers")
            for n in range(ALERTS):
                row = (f"{trial}-{n}@x.example", f"Customer {n}")
                con.execute("INSERT INTO core.customers (email, name) VALUES (?, ?)", row)
        triggers.run(con, office.program, NOW, then=lambda: actions.plan(con, office.program, NOW, now=NOW))


def run(root: str, channels: str, environment: dict[str, str], trial: str, hours: int = 0) -> None:
    office = office_at(Path(root), channels, environment)
    evaluate(office, trial)
    office.deliver(after=timedelta(hours=hours))


def in_child(root: str, channels: str, environment: dict[str, str], trial: str) -> None:
    os.setpgid(0, 0)
    run(root, channels, environment, trial)


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """Processes that start with everything imported and nothing open."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.actions.test_kill", "execution.actions.channels.slack"])
    return made


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, around: Around) -> Path:
    """A workspace with an empty store, to be copied for each try."""
    root = tmp_path_factory.mktemp("prepared")
    office_at(root, around.channels, around.slack.environment)
    return root


@pytest.fixture(scope="module")
def length(
    context: ForkServerContext, prepared: Path, around: Around, tmp_path_factory: pytest.TempPathFactory
) -> float:
    """Seconds that an undisturbed run takes, the second time."""
    seconds = 0.0
    for n in range(2):
        root = tmp_path_factory.mktemp("measured") / "w"
        shutil.copytree(prepared, root)
        arguments = (str(root), around.channels, around.slack.environment, f"m{n}{os.getpid()}")
        child = context.Process(target=in_child, args=arguments)
        began = time.monotonic()
        child.start()
        child.join()
        assert child.exitcode == 0
        seconds = time.monotonic() - began
    return seconds


@pytest.mark.parametrize("batch", range(BATCHES))
def test_killed_at_many_instants(
    tmp_path: Path, context: ForkServerContext, prepared: Path, around: Around, length: float, batch: int
) -> None:
    chance = random.Random(batch)
    killed = 0
    for number in range(KILLS // BATCHES):
        trial = f"k{batch}n{number}"
        root = tmp_path / trial
        shutil.copytree(prepared, root)
        child = context.Process(
            target=in_child, args=(str(root), around.channels, around.slack.environment, trial), daemon=True
        )
        child.start()
        child.join(chance.uniform(0, length))
        if child.pid is not None and child.is_alive():
            os.kill(child.pid, signal.SIGKILL)
            killed += 1
        child.join()
        run(str(root), around.channels, around.slack.environment, trial, hours=2)
        assert_all_told_once(root, around, trial)
    assert killed, "some of them were in the middle"


def assert_all_told_once(root: Path, around: Around, trial: str) -> None:
    office = office_at(root, around.channels, around.slack.environment)
    alerts = office.rows("FROM ops.alerts")
    assert Counter(alert["state"] for alert in alerts) == {"firing": ALERTS}, trial
    events = office.rows("SELECT event, count(*) AS n FROM ops.alert_log WHERE event = 'fired' GROUP BY event")
    assert events == [{"event": "fired", "n": ALERTS}], trial
    rows = office.rows()
    assert Counter((row["do"], row["state"]) for row in rows) == {
        ("notify", "done"): ALERTS * len(TOLD_OF), ("task", "done"): ALERTS, ("set_field", "done"): ALERTS,
        ("agent_task", "done"): ALERTS,
    }, trial  # fmt: skip
    wanted = {channel: {row["id"] for row in rows if row["channel"] == channel} for channel in TOLD_OF}
    posts = [each["metadata"]["event_payload"]["id"] for each in around.slack.truth("slack")["customer-alerts"]]
    assert Counter(id_ for id_ in posts if id_ in wanted["slack"]) == dict.fromkeys(wanted["slack"], 1), trial
    effects = {id_: count for id_, count in around.hook.effects.items() if id_ in wanted["hook"]}
    assert effects == dict.fromkeys(wanted["hook"], 1), trial
    mails = {str(mail["Message-ID"]) for mail in around.mail.mails}
    assert {f"<{id_}@us.example>" for id_ in wanted["mail"]} <= mails, trial
    assert len(office.rows("FROM ops.tasks")) == len({row["task"] for row in office.rows("FROM ops.tasks")}) == ALERTS
    assert len(office.rows("FROM ops.fields")) == ALERTS
    assert len(list((root / "personal" / "ann" / "inbox").glob("*.md"))) == ALERTS
    block = managed.parse(office.text(), "inbox")
    assert block is not None
    assert block.is_untouched
    assert all(f"`{alert['alert']}`" in block.block for alert in alerts), trial
    assert not [path.name for path in root.rglob("*.partial")], trial
