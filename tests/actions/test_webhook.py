"""Webhooks over a real wire to receivers that misbehave: one effect per id, whatever happens in between."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from execution.actions.channels.webhook import key_of, signature
from execution.errors import CredentialsError
from tests.actions.mailroom import SECRET, Office, item, told
from tests.actions.receivers import Behaviour, receiver

CHANNEL = (
    "  hook: {{type: webhook, enabled: true, url: '{url}', timeout: 500ms, retry: {{attempts: 6, first: 1m}}{more}}}\n"
)


def office_at(root: Path, url: str, more: str = "") -> Office:
    return Office.at(root, CHANNEL.format(url=url, more=more))


@pytest.mark.parametrize(
    ("script", "unclear"),
    [
        (("500",), True),
        (("hang",), True),
        (("drop",), True),
        (("garbage",), True),
        (("500", "drop", "hang"), True),
        (("refuse",), False),
        (("redirect",), False),
    ],
)
def test_whatever_a_receiver_does_each_id_has_one_effect(
    tmp_path: Path, script: tuple[Behaviour, ...], *, unclear: bool
) -> None:
    with receiver(*script) as hook:
        office = office_at(tmp_path, hook.url)
        id_ = office.put(told(), channel="hook")
        for tries in range(len(script)):
            assert office.deliver(after=timedelta(days=tries)).count("again") == 1
            assert str(office.row(id_)["last_error"]).startswith("unclear: ") is unclear
        assert office.deliver(after=timedelta(days=9)).count("done") == 1
    assert hook.effects == {id_: 1}
    assert len(hook.requests) == len(script) + 1
    assert {headers["webhook-id"] for headers, _ in hook.requests} == {id_}
    assert len({body for _, body in hook.requests}) == 1, "one id is one body"


def test_a_slow_one_is_waited_for(tmp_path: Path) -> None:
    with receiver("slow") as hook:
        office = office_at(tmp_path, hook.url)
        office.put(told(), channel="hook")
        assert office.deliver().count("done") == 1


def test_one_that_wants_to_be_left_alone_is(tmp_path: Path) -> None:
    with receiver("429") as hook:
        office = office_at(tmp_path, hook.url)
        ids = [office.put(told(item(f"a{n}")), channel="hook") for n in range(3)]
        assert office.deliver().waiting == 2
        assert office.deliver(after=timedelta(seconds=100)).count("done") == 2
        assert office.deliver(after=timedelta(seconds=200)).count("done") == 1
    assert hook.effects == dict.fromkeys(ids, 1)


def test_redirects_are_not_followed(tmp_path: Path) -> None:
    with receiver("redirect") as hook:
        office = office_at(tmp_path, hook.url)
        id_ = office.put(told(), channel="hook")
        office.deliver()
        assert office.row(id_)["last_error"] == "the address redirects elsewhere (307), which is not followed"


def test_requests_are_signed_as_standard_webhooks_says(tmp_path: Path) -> None:
    with receiver() as hook:
        office = office_at(tmp_path, hook.url, ", secret: env:HOOK_SECRET, headers: {X-Key: env:MAIL_PASSWORD}")
        id_ = office.put(told(), channel="hook", do="post", action="post_it")
        assert office.deliver().count("done") == 1
        ((headers, body),) = hook.requests
    timestamp = headers["webhook-timestamp"]
    assert headers["webhook-signature"] == signature(key_of(SECRET, "x"), id_, timestamp, body)
    assert headers["x-key"] == "p4ssw0rd-of-mail"
    assert (headers["idempotency-key"], headers["content-type"]) == (id_, "application/json")
    assert {name: json.loads(body)[name] for name in ("version", "id", "type", "test")} == {
        "version": 1, "id": id_, "type": "alert.alert", "test": False,
    }  # fmt: skip
    assert "p4ssw0rd" not in office.everything()


def test_the_signature_is_that_of_the_published_example() -> None:
    """The example of the scheme's own documentation."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "x")
    wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}') == wanted
    assert key_of("plain text", "x") == b"plain text"
    with pytest.raises(CredentialsError, match="HOOK is no webhook secret"):
        key_of("whsec_???", "env:HOOK")


@pytest.mark.parametrize("url", ["http://", "http://a b/"])
def test_only_web_addresses(tmp_path: Path, url: str) -> None:
    office = office_at(tmp_path, url)
    id_ = office.put(told(), channel="hook")
    assert office.deliver().count("again") == 1
    assert office.row(id_)["last_error"] == "the address is no web address"


def test_a_header_cannot_be_broken_out_of(tmp_path: Path) -> None:
    with receiver() as hook:
        office = office_at(tmp_path, hook.url, ', headers: {X-Key: "a\\r\\nX-Evil: 1"}')
        office.put(told(), channel="hook")
        assert office.deliver().count("again") == 1
        assert hook.requests == []


def test_as_a_test_it_goes_to_the_test_address(tmp_path: Path) -> None:
    with receiver() as real, receiver() as other:
        office = office_at(tmp_path, real.url, f", test: '{other.url}'")
        office.put(told(), channel="hook")
        assert office.deliver().count("done") == 1
    assert real.requests == []
    assert other.bodies()[0]["test"] is True
    assert other.bodies()[0]["data"]["title"] == "[TEST] Gone quiet"


def test_the_environment_can_make_everything_a_test(tmp_path: Path) -> None:
    with receiver() as real:
        office = Office.at(tmp_path, CHANNEL.format(url=real.url, more=""), {"ALERT_TEST_MODE": "true"})
        office.put(told(), channel="hook")
        assert office.deliver().count("dropped") == 1
    assert real.requests == []
