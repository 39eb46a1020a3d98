"""Slack, against a stand-in in a process of its own: threads, buttons, limits, and never twice."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from execution.sandbox import Options, Running, start
from tests.actions.mailroom import NOW, Hands, Office, item, person, told
from tests.actions.receivers import receiver

CHANNEL = (
    "  slack: {type: slack, enabled: true, token: env:SLACK_BOT_TOKEN, signing_secret: env:SLACK_SIGNING_SECRET,\n"
    "    channel: '#customer-alerts'}\n"
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with start(Options(customers=0, vendors=("slack",), speed=0, max_seconds=200)) as running:
        yield running


@pytest.fixture
def slack(shared: Running) -> Iterator[Running]:
    """The one stand-in, without faults and with all rooms' earlier messages known."""
    shared.disarm()
    yield shared
    shared.disarm()


def office_at(root: Path, slack: Running, channels: str = CHANNEL, **more: str) -> Office:
    return Office.at(root, channels, {**slack.environment, **more})


def messages(slack: Running, *ids: str, room: str = "customer-alerts") -> list[dict[str, Any]]:
    """The messages of these rows, in order."""
    found: list[dict[str, Any]] = slack.truth("slack")[room]
    return [each for each in found if (each.get("metadata") or {}).get("event_payload", {}).get("id") in ids]


def test_an_alert_is_a_message_that_calls_its_owner_and_has_its_buttons(tmp_path: Path, slack: Running) -> None:
    office = office_at(tmp_path, slack)
    id_ = office.put(told(item(quote="we will leave"), to=person(slack="U0ANN")), channel="slack")

    assert office.deliver().count("done") == 1

    (message,) = messages(slack, id_)
    kinds = [block["type"] for block in message["blocks"]]
    assert kinds == ["header", "section", "context", "section", "rich_text", "actions", "context"]
    assert message["blocks"][1]["text"]["text"] == "<@U0ANN>"
    assert message["blocks"][2]["elements"][0]["text"] == "Ann · account owner · high"
    buttons = message["blocks"][5]["elements"]
    assert [(one["action_id"], json.loads(one["value"])) for one in buttons] == [
        ("acknowledge", {"alert": "a1"}),
        ("view", {"alert": "a1"}),
        ("snooze", {"alert": "a1", "hours": 24.0}),
    ]
    receipt = json.loads(office.row(id_)["receipt"])
    assert receipt == {"to": "#customer-alerts", "channel": "C0000000001", "ts": message["ts"], "thread": None}


def test_later_news_of_an_alert_goes_into_its_thread(tmp_path: Path, slack: Running) -> None:
    office = office_at(tmp_path, slack)
    office.alert("t1")
    first = office.put(told(item("t1")), channel="slack")
    office.deliver()
    escalated = office.put(
        told(item("t1"), kind="escalation"), channel="slack", occasion="escalated 15m", recipient="bo"
    )
    second = office.put(told(item("t2")), channel="slack")
    elsewhere = office.put(told(item("t1"), slack_channel="#customer-health"), channel="slack", occasion="again")
    stranger = office.put(told(item("t3", account="other.example")), channel="slack")
    office.deliver(after=timedelta(minutes=1))

    (root,) = messages(slack, first)
    threads = {name: messages(slack, id_)[0].get("thread_ts") for name, id_ in
               {"escalated": escalated, "second": second, "stranger": stranger}.items()}  # fmt: skip
    assert threads == {"escalated": root["ts"], "second": root["ts"], "stranger": None}
    assert messages(slack, elsewhere, room="customer-health")[0].get("thread_ts") is None
    assert json.loads(office.row(escalated)["receipt"])["thread"] == root["ts"]


def test_a_new_alert_of_an_account_whose_thread_is_over_begins_another(tmp_path: Path, slack: Running) -> None:
    office = office_at(tmp_path, slack)
    office.alert("o1", state="resolved")
    office.put(told(item("o1")), channel="slack")
    office.deliver()
    fresh = office.put(told(item("o2")), channel="slack")
    office.deliver(after=timedelta(minutes=1))
    assert messages(slack, fresh)[0].get("thread_ts") is None


@pytest.mark.parametrize("thread", [False, True])
def test_a_message_that_arrived_though_nobody_said_so_is_not_sent_again(
    tmp_path: Path, slack: Running, *, thread: bool
) -> None:
    office = office_at(tmp_path, slack)
    if thread:
        office.put(told(item(f"u{thread}")), channel="slack", occasion="before", created_at=NOW - timedelta(hours=3))
        office.deliver()
    id_ = office.put(told(item(f"u{thread}"), kind="reminder"), channel="slack")
    slack.arm({"kind": "truncated", "vendor": "slack", "path": "postMessage", "times": 1})
    slack.arm({"kind": "status", "status": 503, "vendor": "slack", "path": "history|replies", "times": 1})

    ends = [office.deliver(after=timedelta(hours=hours)).handled[0].ending for hours in (0, 1, 2)]

    if ends[0] == "done":
        pytest.fail("the answer was to be cut off")
    assert ends == ["again", "again", "done"], "first unclear, then it cannot be told, then it is found"
    assert len(messages(slack, id_)) == 1
    assert json.loads(office.row(id_)["receipt"])["ts"] == messages(slack, id_)[0]["ts"]


def test_a_message_that_did_not_arrive_is_sent_after_all(tmp_path: Path, slack: Running) -> None:
    office = office_at(tmp_path, slack)
    id_ = office.put(
        told(item("lost")), channel="slack", state="sending", attempts=1, claimed_at=NOW - timedelta(days=1)
    )
    assert office.deliver().count("done") == 1
    assert len(messages(slack, id_)) == 1


def test_where_the_token_may_not_look_nothing_is_sent_twice(tmp_path: Path, slack: Running) -> None:
    office = office_at(tmp_path, slack, SLACK_BOT_TOKEN="xoxb-sandbox-unscoped")
    id_ = office.put(
        told(item("blind")), channel="slack", state="sending", attempts=7, claimed_at=NOW - timedelta(days=1)
    )
    done = office.deliver()
    assert [one.ending for one in done.handled] == ["dead"]
    assert "missing_scope (it needs channels:read)" in office.row(id_)["last_error"]
    assert messages(slack, id_) == []


@pytest.mark.parametrize(
    ("token", "channel", "says", "ending"),
    [
        ("xoxb-wrong-s3cr3t", "'#customer-alerts'", "Slack says invalid_auth", "again"),
        ("xoxb-sandbox", "'#nowhere'", "Slack says channel_not_found", "again"),
        ("xoxb-sandbox", "'#board'", "Slack says not_in_channel", "again"),
        ("xoxb-sandbox", "'#archived'", "Slack says is_archived", "again"),
    ],
)
def test_refusals_are_told_in_slacks_words_without_the_token(
    tmp_path: Path, slack: Running, token: str, channel: str, says: str, ending: str
) -> None:
    office = office_at(tmp_path, slack, CHANNEL.replace("'#customer-alerts'", channel), SLACK_BOT_TOKEN=token)
    id_ = office.put(told(), channel="slack")
    assert [one.ending for one in office.deliver().handled] == [ending]
    assert office.row(id_)["last_error"] == says
    assert token not in office.everything()


def test_asked_to_wait_it_waits(tmp_path: Path, slack: Running) -> None:
    office = office_at(tmp_path, slack)
    fault = {
        "kind": "status",
        "status": 429,
        "retry_after": "900",
        "vendor": "slack",
        "path": "postMessage",
        "times": 1,
    }
    slack.arm(fault)
    ids = [office.put(told(item(f"w{n}")), channel="slack") for n in range(3)]
    done = office.deliver()
    assert (done.count("again"), done.count("done"), done.waiting) == (1, 0, 2)
    (failed,) = [row for row in office.rows() if row["attempts"]]
    assert failed["due_at"] >= NOW.replace(tzinfo=None) + timedelta(seconds=900)
    assert office.deliver(after=timedelta(minutes=16)).count("done") == 3
    assert len(messages(slack, *ids)) == 3


def test_a_channel_gets_a_message_a_second(tmp_path: Path, slack: Running) -> None:
    office, hands = office_at(tmp_path, slack), Hands()
    for n in range(3):
        office.put(told(item(f"p{n}")), channel="slack")
    office.put(told(item("p9"), slack_channel="#customer-health"), channel="slack")
    office.deliver(clock=hands.clock())
    assert hands.slept == [1.0, 1.0]


def test_as_a_test_everything_goes_to_the_test_channel_and_says_so(tmp_path: Path, slack: Running) -> None:
    channels = CHANNEL.replace("enabled: true", "enabled: true, test: '#test-alerts'")
    office = office_at(tmp_path, slack, channels)
    id_ = office.put(told(item("x1"), slack_channel="#customer-health"), channel="slack")
    office.deliver()
    (message,) = messages(slack, id_, room="test-alerts")
    assert message["blocks"][0]["text"]["text"].startswith("[TEST] ")
    assert message["text"].startswith("[TEST] ")


def test_a_digest_tells_the_first_and_how_many_more(tmp_path: Path, slack: Running) -> None:
    office = office_at(tmp_path, slack)
    id_ = office.put(told(*[item(f"d{n}") for n in range(40)], kind="digest"), channel="slack", alert=None)
    assert office.deliver().count("done") == 1
    (message,) = messages(slack, id_)
    assert "And 30 more: gtm alerts list" in json.dumps(message["blocks"])
    assert len(office.rows("FROM ops.alert_log")) == 40


def test_an_incoming_webhook(tmp_path: Path, slack: Running) -> None:
    url = f"{slack.url}/slack/services/T0SANDBOX/B0000SANDBOX/sandboxhook"
    channels = "  hook: {type: slack_webhook, enabled: true, url: env:SLACK_WEBHOOK, retry: {attempts: 2}}\n"
    office = office_at(tmp_path, slack, channels, SLACK_WEBHOOK=url)
    before = len(slack.truth("slack")["customer-alerts"])
    office.put(told(item("h1")), channel="hook")
    assert office.deliver().count("done") == 1
    assert len(slack.truth("slack")["customer-alerts"]) == before + 1

    wrong = office_at(tmp_path, slack, channels, SLACK_WEBHOOK=url.replace("sandboxhook", "s3cr3t"))
    id_ = wrong.put(told(item("h2")), channel="hook")
    wrong.deliver()
    assert wrong.row(id_)["last_error"] == "Slack answered 404: no_service"
    assert "s3cr3t" not in wrong.everything()


def test_a_slack_that_is_not_there_or_is_something_else(tmp_path: Path) -> None:
    gone = Office.at(tmp_path / "a", CHANNEL, {"GTM_SLACK__BASE_URL": "http://127.0.0.1:9"})
    id_ = gone.put(told(), channel="slack")
    gone.deliver()
    assert gone.row(id_)["last_error"] == "127.0.0.1 cannot be reached: no connection"
    with receiver() as other:
        other.effects["any"] += 1
        wrong = Office.at(tmp_path / "b", CHANNEL, {"GTM_SLACK__BASE_URL": other.url})
        id_ = wrong.put(told(), channel="slack")
        wrong.deliver()
        assert str(wrong.row(id_)["last_error"]).startswith("unclear: ")


def test_the_stand_in_refuses_what_slack_would(slack: Running) -> None:
    def post(**body: object) -> dict[str, Any]:
        headers = {"authorization": "Bearer xoxb-sandbox"}
        answer = httpx.post(f"{slack.url}/slack/chat.postMessage", json=body, headers=headers, trust_env=False)
        found: dict[str, Any] = answer.json()
        return found

    long = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    assert post(channel="#test-alerts")["error"] == "no_text"
    assert post(channel="#test-alerts", text="x", blocks=[long])["error"] == "invalid_blocks"
    assert post(channel="#test-alerts", text="x", blocks=[{"type": "what"}])["error"] == "invalid_blocks"
    assert post(channel="#test-alerts", text="x", thread_ts="1.2")["error"] == "thread_not_found"
    with start(Options(customers=0, vendors=("slack",), max_seconds=30)) as strict:
        headers = {"authorization": "Bearer xoxb-sandbox"}
        url = f"{strict.url}/slack/chat.postMessage"
        answers = [httpx.post(url, json={"channel": "#test-alerts", "text": "x"}, headers=headers, trust_env=False)
                   for _ in range(2)]  # fmt: skip
        assert [one.status_code for one in answers] == [200, 429]
        assert int(answers[1].headers["retry-after"]) >= 1
