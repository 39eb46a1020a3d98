"""Keys go where the directive says, and are seen nowhere else."""

import asyncio
import base64
import logging
from collections.abc import Mapping
from typing import Any

import pytest

from execution.clients import client_for
from execution.clients.credentials import credentials
from execution.directives.model.source import BearerAuth
from execution.errors import CredentialsError
from execution.settings import Environment

from .fakes import BASE, ENVIRONMENT, TOKEN, Vendor, answer, read, source

AUTHS: Mapping[str, Mapping[str, str]] = {
    "bearer": {"type": "bearer", "token": "env:VENDOR_TOKEN"},
    "basic": {"type": "basic", "username": "env:VENDOR_TOKEN"},
    "header": {"type": "api_key", "key": "env:VENDOR_TOKEN", "header": "X-Api-Key"},
    "query": {"type": "api_key", "key": "env:VENDOR_TOKEN", "query": "api_key"},
}


def sent(auth: str) -> Any:  # noqa: ANN401 - an httpx request
    vendor = Vendor(handler=lambda _: answer({"data": []}))
    assert read(source({"params": {"a": "b c"}}, auth=AUTHS[auth]), vendor).error is None
    return vendor.asked[0]


def test_each_kind_goes_where_it_belongs() -> None:
    assert sent("bearer").headers["authorization"] == f"Bearer {TOKEN}"
    assert sent("basic").headers["authorization"] == "Basic " + base64.b64encode(f"{TOKEN}:".encode()).decode()
    assert sent("header").headers["x-api-key"] == TOKEN
    assert dict(sent("query").url.params) == {"a": "b c", "api_key": TOKEN}
    assert "authorization" not in sent("query").headers


def test_none_sends_none() -> None:
    vendor = Vendor(handler=lambda _: answer({"data": []}))
    assert read(source(auth={"type": "none"}), vendor, environment=Environment({})).error is None
    assert "authorization" not in vendor.asked[0].headers


def test_headers_of_the_directive_are_sent_and_may_come_from_the_environment() -> None:
    vendor = Vendor(handler=lambda _: answer({"data": []}))
    read(source(headers={"Vendor-Version": "2.14", "X-Workspace": "env:VENDOR_TOKEN"}), vendor)

    assert vendor.asked[0].headers["vendor-version"] == "2.14"
    assert vendor.asked[0].headers["x-workspace"] == TOKEN


def test_a_missing_key_is_named() -> None:
    with pytest.raises(CredentialsError) as caught:
        client_for(source(), Environment({}))

    assert str(caught.value) == "vendor: E311 VENDOR_TOKEN is not set"


@pytest.mark.parametrize("auth", AUTHS)
@pytest.mark.parametrize("token", ["pasted\nTWICE", "“quoted-KEY”", "with\x00nul"])
def test_a_key_that_cannot_be_sent_is_named_not_shown(auth: str, token: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        client_for(source(auth=AUTHS[auth]), Environment({"VENDOR_TOKEN": token}))

    assert caught.value.code == "E312"
    assert "VENDOR_TOKEN has a character" in str(caught.value)
    assert token[-3:] not in repr(caught.value)


@pytest.mark.parametrize("auth", AUTHS)
@pytest.mark.parametrize("status", [200, 401, 403, 400, 500])
def test_no_key_in_errors_logs_or_reprs(auth: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Even where the vendor quotes it in its answer."""
    caplog.set_level(logging.DEBUG)
    pair = base64.b64encode(f"{TOKEN}:".encode()).decode()
    said = f"Invalid key {TOKEN} / tok-3cr3t%2F%2B%3D / {pair}"
    vendor = Vendor(handler=lambda _: answer({"message": said}, status))
    result = read(source(auth=AUTHS[auth], error_message="message", attempts=2), vendor)

    error = result.error
    assert error is not None
    shown = " ".join(
        [str(error), repr(error), str(vars(error)), repr(error.__cause__), repr(vars(result.client)), caplog.text]
    )
    assert "3cr3t" not in shown
    if auth == "basic":
        assert pair not in shown
    assert "Invalid key [hidden]" in shown


def test_a_key_the_vendor_repeats_in_its_links_is_taken_out() -> None:
    link = f"{BASE}/things?api_key=tok-3cr3t%2F%2B%3D&page=2"
    vendor = Vendor(script=[answer({"data": [1], "next": link}), answer({"data": []})])
    result = read(source({"paginate": {"next_url": "next"}}, auth=AUTHS["query"]), vendor)

    assert result.pages[0].resume == f'"{BASE}/things?page=2"'
    assert vendor.asked[1].url.params.get_list("api_key") == [TOKEN]


def test_credentials_do_not_show_themselves() -> None:
    assert TOKEN not in repr(credentials(BearerAuth(type="bearer", token="env:VENDOR_TOKEN"), ENVIRONMENT))


def test_a_client_that_was_never_asked_closes_cleanly() -> None:
    async def run() -> int:
        async with client_for(source(auth=AUTHS["query"]), ENVIRONMENT) as client:
            pass
        return client.stats.requests

    assert asyncio.run(run()) == 0
