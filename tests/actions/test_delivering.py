"""The outbox: who is told when, how often it is tried, and what is kept of it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from execution import store
from execution.actions.channels.telling import NotSentError
from execution.actions.outbox import Row
from execution.actions.pace import wait_before
from execution.directives.model.routing import Retry
from execution.store import publishing
from tests.actions.mailroom import NOW, Hands, Office, item, told
from tests.actions.receivers import receiver

HOOKS = (
    "  hook: {type: webhook, enabled: true, url: 'http://127.0.0.1:9/', retry: {attempts: 3, first: 1m, jitter: 0}}\n"
)


class Scripted:
    """A sender that does as told and remembers."""

    def __init__(self, *script: Exception | None) -> None:
        self.script = list(script)
        self.rows: list[Row] = []

    def send(self, row: Row) -> dict[str, str]:
        self.rows.append(row)
        step = self.script.pop(0) if self.script else None
        if step is not None:
            raise step
        return {"sent": row.id}


def test_what_is_due_is_sent_once_and_noted(tmp_path: Path) -> None:
    office, sender = Office.at(tmp_path, HOOKS), Scripted()
    office.alert("a1")
    id_ = office.put(told(), channel="hook")
    later = office.put(told(item("a2")), channel="hook", due_at=NOW + timedelta(hours=1))

    first = office.deliver(make=lambda _: sender)
    again = office.deliver(make=lambda _: sender)

    assert (first.count("done"), again.handled, first.waiting) == (1, (), 0)
    assert [row.id for row in sender.rows] == [id_]
    row = office.row(id_)
    assert (row["state"], row["attempts"], json.loads(row["receipt"]), row["last_error"]) == (
        "done", 1, {"sent": id_}, None,
    )  # fmt: skip
    assert office.row(later)["state"] == "due"
    (line,) = office.rows("FROM ops.alert_log")
    assert (line["alert"], line["event"], json.loads(line["detail"])["outbox"]) == ("a1", "delivered", id_)


def test_what_a_killed_run_did_is_published_by_the_next_though_it_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office.at(tmp_path, HOOKS)
    id_ = office.put(told(), channel="hook")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(publishing, "publish", killed)
        office.deliver(make=lambda _: Scripted())
    assert publishing.current(office.workspace) is None

    assert office.deliver(make=lambda _: Scripted()).handled == ()
    seen = store.query(office.workspace, "SELECT id, state FROM ops.outbox").rows
    assert [tuple(row) for row in seen] == [(id_, "done")]


def test_a_failure_is_tried_again_later_and_later_and_then_is_dead_for_all_to_see(tmp_path: Path) -> None:
    office = Office.at(tmp_path, HOOKS)
    id_ = office.put(told(), channel="hook")
    sender = Scripted(*(NotSentError("answered 500", is_unclear=True) for _ in range(3)))

    ends, waits = [], []
    after = timedelta(0)
    for _ in range(3):
        done = office.deliver(after=after, make=lambda _: sender, clock=Hands().clock())
        ends += [one.ending for one in done.handled]
        assert office.deliver(after=after + timedelta(seconds=1), make=lambda _: sender).handled == ()
        after = office.row(id_)["due_at"] - NOW.replace(tzinfo=None)
        waits.append(after)

    assert ends == ["again", "again", "dead"]
    assert waits[:2] == [timedelta(minutes=1), timedelta(minutes=4)]
    row = office.row(id_)
    assert (row["state"], row["attempts"], row["last_error"]) == ("dead", 3, "unclear: answered 500")
    assert [line["event"] for line in office.rows("FROM ops.alert_log ORDER BY as_of")] == ["failed", "failed", "dead"]
    assert [row.is_unclear for row in sender.rows] == [False, True, True]


def test_the_wait_grows_up_to_a_bound_and_its_jitter_is_always_the_same() -> None:
    retry = Retry(first=timedelta(seconds=10), factor=2, longest=timedelta(minutes=1), jitter=0.2)
    waits = [wait_before(retry, "x", attempts).total_seconds() for attempts in range(1, 7)]
    for wait, plain in zip(waits, (10, 20, 40, 60, 60, 60), strict=True):
        assert 0.8 * plain <= wait <= 1.2 * plain
    assert waits == [wait_before(retry, "x", attempts).total_seconds() for attempts in range(1, 7)]
    assert len({wait_before(retry, str(n), 1) for n in range(20)}) == 20
    assert wait_before(retry, "x", 1, timedelta(hours=2)) == timedelta(hours=2)
    assert wait_before(retry, "x", 1, timedelta(days=9)) == timedelta(days=1)
    assert wait_before(retry, "x", 100_000) <= timedelta(seconds=72)


def test_one_channel_that_fails_costs_no_other_its_messages(tmp_path: Path) -> None:
    office = Office.at(tmp_path, HOOKS + HOOKS.replace("hook", "other", 1))
    for n in range(5):
        office.put(told(item(f"a{n}")), channel="hook")
        office.put(told(item(f"a{n}")), channel="other")
    bad, good = Scripted(NotSentError("no connection", stops=True)), Scripted()

    done = office.deliver(make=lambda way: bad if way == "hook" else good)

    assert (done.count("done"), done.count("again"), done.waiting) == (5, 1, 4)
    assert len(bad.rows) == 1, "once it shows that it is not to be had, the rest waits for another run"
    left = [row for row in office.rows() if row["channel"] == "hook" and row["state"] == "due"]
    assert sorted(row["attempts"] for row in left) == [0, 0, 0, 0, 1]


def test_a_bug_in_a_channel_is_no_end_of_the_run(tmp_path: Path) -> None:
    office = Office.at(tmp_path, HOOKS)
    id_ = office.put(told(), channel="hook")
    done = office.deliver(make=lambda _: Scripted(ValueError("the token is xoxb-sandbox")))
    assert done.count("again") == 1
    assert office.row(id_)["last_error"] == "unclear: a bug: ValueError"
    assert "xoxb" not in office.everything()


def test_a_claim_whose_run_died_is_taken_up_again_when_its_lease_ends(tmp_path: Path) -> None:
    office, sender = Office.at(tmp_path, HOOKS), Scripted()
    id_ = office.put(told(), channel="hook", state="sending", attempts=1, claimed_at=NOW - timedelta(minutes=5))

    assert office.deliver(make=lambda _: sender).handled == ()
    assert office.deliver(after=timedelta(minutes=6), make=lambda _: sender).count("done") == 1
    assert sender.rows[0].is_unclear
    assert office.row(id_)["attempts"] == 2


def test_a_claim_by_a_clock_that_was_wrong_does_not_last_for_ever(tmp_path: Path) -> None:
    office, sender = Office.at(tmp_path, HOOKS), Scripted()
    office.put(told(), channel="hook", state="sending", attempts=1, claimed_at=NOW + timedelta(days=400))
    assert office.deliver(make=lambda _: sender).count("done") == 1


def test_nobody_hears_of_an_end_before_the_beginning(tmp_path: Path) -> None:
    office = Office.at(tmp_path, HOOKS)
    sender = Scripted(NotSentError("answered 500"))
    office.put(told(), channel="hook", created_at=NOW - timedelta(hours=2))
    resolved = office.put(told(kind="resolved"), channel="hook", occasion="resolved")
    other = office.put(told(), channel="hook", recipient="bo")

    office.deliver(make=lambda _: sender)
    assert office.row(resolved)["state"] == "due"
    assert office.row(other)["state"] == "done"
    office.deliver(after=timedelta(hours=1), make=lambda _: sender)
    assert office.states() == ["done"] * 3
    assert [row.occasion for row in sender.rows] == ["fired", "fired", "fired", "resolved"]


def test_the_gravest_goes_first_and_no_more_than_the_limit_allows(tmp_path: Path) -> None:
    channel = HOOKS.replace("enabled: true", "enabled: true, rate_limit: {messages: 3, per: 1h}")
    office, sender = Office.at(tmp_path, channel), Scripted()
    for n, severity in enumerate(("low", "critical", "medium", "high", "low")):
        office.put(told(item(f"a{n}", severity=severity)), channel="hook")

    first = office.deliver(make=lambda _: sender)
    assert [row.payload["severity"] for row in sender.rows] == ["critical", "high", "medium"]
    assert (first.count("done"), first.waiting) == (3, 2)
    assert office.deliver(after=timedelta(minutes=30), make=lambda _: sender).waiting == 2
    assert office.deliver(after=timedelta(minutes=62), make=lambda _: sender).count("done") == 2


def test_at_most_so_many(tmp_path: Path) -> None:
    office, sender = Office.at(tmp_path, HOOKS), Scripted()
    for n in range(4):
        office.put(told(item(f"a{n}")), channel="hook")
    assert office.deliver(limit=3, make=lambda _: sender).count("done") == 3
    assert len(sender.rows) == 3


def test_a_run_that_takes_long_gives_back_what_it_cannot_tell_in_time(tmp_path: Path) -> None:
    office, hands = Office.at(tmp_path, HOOKS), Hands()
    for n in range(10):
        office.put(told(item(f"a{n}")), channel="hook")

    class Slow(Scripted):
        def send(self, row: Row) -> dict[str, str]:
            hands.sleep(240)
            return super().send(row)

    sender = Slow()
    office.deliver(make=lambda _: sender, clock=hands.clock(), limit=10)
    assert len(sender.rows) == len({row.id for row in sender.rows})
    assert 1 <= len(sender.rows) < 10
    assert {row["state"] for row in office.rows()} == {"done", "due"}
    assert {row["attempts"] for row in office.rows() if row["state"] == "due"} == {0}


@pytest.mark.parametrize(
    ("channels", "channel", "more", "why"),
    [
        (HOOKS.replace("enabled: true, ", ""), "hook", {}, "channel not enabled"),
        (HOOKS, "nowhere", {}, "there is no such channel"),
        (HOOKS, None, {}, "there is no such channel"),
        (HOOKS, "hook", {"test": True}, "test mode, and the channel names no test: address"),
    ],
)
def test_what_may_not_go_out_is_dropped_and_still_in_the_inbox(
    tmp_path: Path, channels: str, channel: str | None, more: dict[str, Any], why: str
) -> None:
    office = Office.at(tmp_path, channels)
    id_ = office.put(told(), channel=channel)
    done = office.deliver(make=lambda _: Scripted(AssertionError()), **more)
    assert [(one.ending, one.error) for one in done.handled] == [("dropped", why)]
    assert (office.row(id_)["state"], office.row(id_)["last_error"]) == ("dropped", why)
    assert "Gone quiet" in office.text()


def test_a_dry_run_tells_and_changes_nothing(tmp_path: Path) -> None:
    office = Office.at(tmp_path, HOOKS)
    office.put(told(), channel="hook")
    office.put(told(), channel="nowhere")
    before = (office.rows(), sorted(path.name for path in tmp_path.rglob("*")))
    done = office.deliver(dry_run=True, make=lambda _: Scripted(AssertionError()))
    assert sorted(one.ending for one in done.handled) == ["dropped", "would"]
    assert (office.rows(), sorted(path.name for path in tmp_path.rglob("*"))) == before


def test_a_key_that_is_not_set_is_told_by_its_name_and_tried_again(tmp_path: Path) -> None:
    office = Office.at(
        tmp_path, "  hook: {type: webhook, enabled: true, url: 'https://x.example/', secret: env:NOT_SET}\n"
    )
    id_ = office.put(told(), channel="hook")
    assert office.deliver().count("again") == 1
    assert "NOT_SET is not set" in office.row(id_)["last_error"]


def test_readers_see_what_was_done(tmp_path: Path) -> None:
    from execution import store

    office = Office.at(tmp_path, HOOKS)
    office.put(told(), channel="hook")
    office.deliver(make=lambda _: Scripted())
    with store.reader(office.workspace) as con:
        assert con.execute("SELECT state FROM ops.outbox").fetchall() == [("done",)]
    published = store.current(office.workspace)
    office.deliver(make=lambda _: Scripted())
    assert store.current(office.workspace) == published, "nothing happened, so nothing is published"


def test_over_the_wire(tmp_path: Path) -> None:
    with receiver() as hook:
        office = Office.at(tmp_path, f"  hook: {{type: webhook, enabled: true, url: '{hook.url}'}}\n")
        id_ = office.put(told(), channel="hook")
        assert office.deliver().count("done") == 1
        assert json.loads(office.row(id_)["receipt"]) == {"status": 204}
        assert hook.bodies()[0]["data"]["items"][0]["name"] == "Bob Ray"
