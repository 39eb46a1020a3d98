"""What looks like a secret, and what does not."""

import time

import pytest

from execution.audit.secrets import Detector, without_long_lines
from tests.audit.world import policy

LONG = "Zk3" + "v9Qx7Lm2Tp8Rw4Yb6Nc1" + "Hd5"


def kinds(text: str) -> list[str]:
    return [leak.kind for leak in Detector(policy().secrets).leaks("a.md", text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pat-na1-" + "0a1b2c3d-1111-2222-3333-" + "0a1b2c3d4e5f", "a HubSpot token"),
        ("sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc", "a Stripe key"),
        ("xoxb-" + "123456789012-abcdefghijkl", "a Slack token"),
        ("ghp_" + "a" * 36, "a GitHub token"),
        ("sk-" + "ant-" + "api03-" + "x" * 30, "an Anthropic key"),
        ("AKIA" + "ABCDEFGHIJKLMNOP", "an AWS key"),
        ("AIza" + "x" * 35, "a Google key"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "a private key"),
        (
            "eyJ" + "hbGciOiJIUzI1NiJ9" + "." + "eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0" + "." + "dozjgNryP4J3jVmN",
            "a JSON web token",
        ),
        ("postgres://app:" + "hunter2hunter2" + "@db.example.com/x", "a password in an address"),
        (f"CALENDLY_TOKEN={LONG}", "a long random value, so named"),
        (f'"api_key": "{LONG}",', "a long random value, so named"),
        (f"the client secret: {LONG}", "a long random value, so named"),
    ],
)
def test_a_secret_is_found_by_its_place_and_kind(text: str, kind: str) -> None:
    (leak,) = Detector(policy().secrets).leaks("notes.md", f"first\n  {text}\nlast\n")
    assert (leak.path, leak.line, leak.kind) == ("notes.md", 2, kind)
    assert text not in repr(leak)


@pytest.mark.parametrize(
    "text",
    [
        "CALENDLY_TOKEN=",
        "token: env:CALENDLY_TOKEN",
        "auth: {type: bearer, token: env:HUBSPOT_TOKEN}",
        "token=your-token-goes-here-please",
        "secret: WEBHOOK_SECRET_OF_THE_TEAM",
        "password: correct-horse-battery-staple",
        "token: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
        f"id: {LONG}",
        f"the token is described at https://example.com/{LONG}",
        "sk_" + "test_" + "4eC39HqLyjWDarjtT1zdp7dc",
        "https://user@example.com/path and https://example.com:8080/a@b",
        "tokens are 300, and secrets of selling are many",
    ],
)
def test_what_names_a_secret_is_none(text: str) -> None:
    assert kinds(text) == []


def test_a_line_is_told_once() -> None:
    assert kinds(f"token=sk_{'live'}_{LONG} and sk_{'live'}_{LONG}") == ["a Stripe key"]


def test_files_whose_values_are_made_up_are_passed_over() -> None:
    detector = Detector(policy().secrets)
    assert detector.is_passed_over("requirements.lock")
    assert detector.is_passed_over("tests/clients/fakes.py")
    assert not detector.is_passed_over("customers/acme/account.md")


def test_lines_of_data_are_left_out_and_the_others_keep_their_number() -> None:
    text = "a\n" + "x" * 30_000 + "\nb"
    assert without_long_lines(text) == "a\n\nb"


@pytest.mark.parametrize("piece", ["token", "token=", "a://", "-----BEGIN A ", "secret: x", "eyJ.", "a:b@"])
def test_no_text_takes_long(piece: str) -> None:
    start = time.process_time()
    kinds(piece * 20_000)
    assert time.process_time() - start < 4
