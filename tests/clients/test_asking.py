"""When it asks again, how long it waits, and with which words it gives up."""

import asyncio
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any

import httpx
import pytest

from execution.clients import Page, client_for
from execution.errors import CredentialsError, NetworkError, SourceError, VendorError

from .fakes import ENVIRONMENT, FakeTime, Vendor, answer, raw, read, source

GOOD = {"data": [{"id": 1}]}


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 529])
def test_what_may_heal_is_asked_again(status: int) -> None:
    vendor = Vendor(script=[answer({}, status), answer({}, status), answer(GOOD)])
    result = read(source(), vendor)

    assert result.counts == [1]
    assert len(vendor.asked) == 3


@pytest.mark.parametrize("status", [400, 402, 404, 405, 409, 410, 414, 422, 451, 304])
def test_what_cannot_heal_fails_at_once_in_the_vendors_words(status: int) -> None:
    vendor = Vendor(script=[answer({"message": "The page_token\nis invalid."}, status)])
    result = read(source(error_message="message"), vendor)

    assert isinstance(result.error, VendorError)
    assert str(result.error).startswith(f"vendor/things: E320 GET /v1/things was refused: {status} ")
    assert str(result.error).endswith("The page_token is invalid.")
    assert len(vendor.asked) == 1


def test_a_refused_key_says_where_to_put_a_valid_one() -> None:
    result = read(
        source(error_message="message"), Vendor(script=[answer({"message": "The access token is invalid"}, 401)])
    )

    assert isinstance(result.error, CredentialsError)
    assert (
        str(result.error)
        == "vendor/things: E313 GET /v1/things was refused: 401 Unauthorized: The access token is invalid"
    )
    assert result.error.hint == "put a key that is valid into VENDOR_TOKEN"


def test_a_missing_right_says_so() -> None:
    result = read(
        source(error_message="errors[0].message"),
        Vendor(script=[answer({"errors": [{"message": "needs scope crm.read"}]}, 403)]),
    )

    assert isinstance(result.error, CredentialsError)
    assert "is not allowed: 403 Forbidden: needs scope crm.read" in str(result.error)
    assert result.error.hint == "give the key in VENDOR_TOKEN the right to read this, or turn the stream off"


def test_a_403_that_throttles_is_waited_out() -> None:
    time = FakeTime()
    result = read(source(), Vendor(script=[answer({}, 403, retry_after="3"), answer(GOOD)]), time=time)

    assert result.counts == [1]
    assert time.now == 3.0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", ""),
        (b"<html>Bad Gateway</html>", ""),
        (b'{"message":null}', ""),
        (b'{"message":{"code":7}}', ': {"code":7}'),
        (b'{"message":"a\\u0000b\\u001b[31mred\\u202e\\u200b\\r\\nend"}', ": a b [31mred end"),
        (b'{"message":"' + b"x" * 5000 + b'"}', ": " + "x" * 299 + "…"),
        (b"[" * 50_000, ""),
        (b'{"message":"\xff"}', ""),
    ],
)
def test_the_vendors_words_are_one_safe_line(body: bytes, words: str) -> None:
    result = read(source(error_message="message"), Vendor(script=[raw(body, 400)]))

    assert str(result.error) == f"vendor/things: E320 GET /v1/things was refused: 400 Bad Request{words}"


def test_without_a_path_to_them_the_whole_answer_is_the_words() -> None:
    result = read(source(), Vendor(script=[answer({"code": 401, "message": "no"}, 400)]))

    assert str(result.error).endswith('400 Bad Request: {"code":401,"message":"no"}')


def test_a_huge_error_is_not_read_to_its_end() -> None:
    result = read(
        source(error_message="message"), Vendor(script=[raw(b'{"message":"' + b"x" * 1_000_000 + b'"}', 400)])
    )

    assert isinstance(result.error, VendorError)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("x"), "no connection"),
        (httpx.ConnectTimeout("x"), "no connection in time"),
        (httpx.ReadTimeout("x"), "no answer in time"),
        (httpx.RemoteProtocolError("x"), "the connection was closed before the answer"),
        (httpx.ReadError("x"), "the connection broke off"),
        (httpx.UnsupportedProtocol("x"), "UnsupportedProtocol"),
    ],
)
def test_the_network_is_tried_as_often_as_the_directive_says(error: httpx.TransportError, words: str) -> None:
    vendor = Vendor(script=[error] * 3)
    result = read(source(attempts=3), vendor)

    assert isinstance(result.error, NetworkError)
    assert str(result.error) == (
        f"vendor/things: E330 GET /v1/things was asked 3 times without success; the last time: {words}"
    )
    assert len(vendor.asked) == 3


def test_the_error_tells_the_last_status() -> None:
    result = read(
        source(attempts=2, error_message="message"), Vendor(handler=lambda _: answer({"message": "down"}, 503))
    )

    assert isinstance(result.error, NetworkError)
    assert str(result.error).endswith("asked 2 times without success; the last time: 503 Service Unavailable: down")


# --- how long it waits ------------------------------------------------------------------------------


def waits(*script: httpx.Response | Exception, **api: Any) -> list[float]:  # noqa: ANN401 - a directive's own keys
    """The moments of all requests, with a jitter that always takes the longest."""
    time = FakeTime()
    vendor = Vendor(script=[*script, answer(GOOD)], time=time)
    result = read(source(rate_limit={"requests": 100, "per": "1s"}, **api), vendor, time=time)
    assert result.error is None
    return vendor.times


def test_backoff_doubles() -> None:
    assert waits(*[answer({}, 500)] * 4) == [0, 1, 3, 7, 15]
    assert waits(*[httpx.ConnectError("x")] * 4) == [0, 1, 3, 7, 15]
    assert waits(*[answer({}, 500)] * 9, attempts=10)[-1] == 1 + 2 + 4 + 8 + 16 + 32 + 60 * 3


@pytest.mark.parametrize("status", [429, 503])
def test_the_vendor_is_given_the_time_it_asks_for(status: int) -> None:
    assert waits(answer({}, status, retry_after="7")) == [0, 7]
    in_nine = formatdate(1_700_000_009, usegmt=True)
    assert waits(answer({}, status, retry_after=in_nine)) == [0, 9]
    assert waits(answer({}, status, x_ratelimit_remaining="0", x_ratelimit_reset="12")) == [0, 12]
    assert waits(answer({}, status, x_ratelimit_remaining="0", x_ratelimit_reset="1700000030")) == [0, 30]


def test_a_429_without_a_word_waits_by_the_size_of_the_window() -> None:
    time = FakeTime()
    vendor = Vendor(script=[*[answer({}, 429)] * 4, answer(GOOD)], time=time)
    result = read(source(rate_limit={"requests": 500, "per": "1m"}), vendor, time=time)

    assert result.error is None
    assert vendor.times == pytest.approx([0, 15.15, 45.45, 105.45, 165.45])


def test_a_429_holds_back_every_other_request_too() -> None:
    time = FakeTime()
    script = iter([answer({}, 429, retry_after="30"), answer(GOOD), answer(GOOD)])
    vendor = Vendor(handler=lambda _: next(script), time=time)

    async def run() -> float:
        async with client_for(source(), ENVIRONMENT, transport=vendor, clock=time.clock()) as client:
            await asyncio.gather(anext(client.pages("things", {})), _later(client.pages("things", {})))
            return client.stats.waited_s

    async def _later(pages: AsyncIterator[Page]) -> None:
        await asyncio.sleep(0.01)
        await anext(pages)

    assert asyncio.run(run()) == 30.0
    assert vendor.times == [0, 30, 30]


def test_what_is_left_slows_down_before_there_is_a_429() -> None:
    time = FakeTime()
    vendor = Vendor(
        script=[
            answer({"data": [1], "next": "a"}, x_ratelimit_remaining="1", x_ratelimit_reset="20"),
            answer({"data": [2], "next": "b"}, x_ratelimit_remaining="0", x_ratelimit_reset="20"),
            answer({"data": [3]}, x_ratelimit_remaining="499", x_ratelimit_reset="60"),
        ],
        time=time,
    )
    result = read(source({"paginate": {"cursor": "next", "param": "c"}}), vendor, time=time)

    assert result.counts == [1, 1, 1]
    assert vendor.times == [0, 0, 20]


@pytest.mark.parametrize(
    "headers",
    [
        {"retry_after": "7200"},
        {"retry_after": formatdate(1_700_007_200, usegmt=True)},
        {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "1700007200"},
    ],
)
def test_a_spent_quota_fails_fast_and_says_when_to_come_back(headers: dict[str, str]) -> None:
    time = FakeTime()
    vendor = Vendor(script=[answer({"message": "daily limit"}, 429, **headers)])
    result = read(source(error_message="message"), vendor, time=time)

    assert isinstance(result.error, VendorError)
    assert result.error.code == "E322"
    assert "used up until 2023-11-15 00:13 UTC: 429 Too Many Requests: daily limit" in str(result.error)
    assert result.error.hint.startswith("run it again after 2023-11-15 00:13 UTC")
    assert time.now == 0.0


def test_a_quota_that_never_comes_back_is_still_told() -> None:
    result = read(source(), Vendor(script=[answer({}, 429, retry_after="999999999999999")]))

    assert isinstance(result.error, SourceError)
    assert result.error.code == "E322"
