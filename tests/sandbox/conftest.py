"""One running sandbox for the tests that only read, and callers for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from execution.sandbox import Options, Running, start
from execution.sandbox.options import CALENDLY_TOKEN, HUBSPOT_TOKEN, INTERCOM_TOKEN, STRIPE_API_KEY

CALENDLY = "https://api.calendly.com"


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls one vendor of a sandbox with a token."""

    client: httpx.Client
    base: str
    token: str

    version: tuple[str, str] | None = None

    def _headers(self) -> dict[str, str]:
        named = {self.version[0]: self.version[1]} if self.version else {}
        return {"authorization": f"Bearer {self.token}", **named}

    def get(self, path: str, **params: str | int) -> httpx.Response:
        """GET a path, or one of the vendor's own URLs, which is re-rooted."""
        url = self.base + path.removeprefix(CALENDLY)
        return self.client.get(url, params=params or None, headers=self._headers())

    def post(self, path: str, body: Any) -> httpx.Response:  # noqa: ANN401 - any JSON
        """POST JSON."""
        return self.client.post(self.base + path, json=body, headers=self._headers())

    def collect(self, path: str, **params: str | int) -> list[dict[str, Any]]:
        """Every record of a Calendly listing, page by page."""
        answer = self.get(path, **params).json()
        records: list[dict[str, Any]] = answer["collection"]
        while answer["pagination"]["next_page"]:
            answer = self.get(answer["pagination"]["next_page"]).json()
            records = records + answer["collection"]
        return records


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Running]:
    """Shared: tests must leave it as they found it."""
    with start(Options(customers=60, speed=0)) as running:
        yield running


@pytest.fixture
def own_sandbox() -> Iterator[Running]:
    """For the test alone."""
    with start(Options(customers=60, speed=0, max_seconds=120)) as running:
        yield running


def calendly_of(running: Running, client: httpx.Client, token: str = CALENDLY_TOKEN) -> Caller:
    return Caller(client, f"{running.url}/calendly", token)


def hubspot_of(running: Running, client: httpx.Client, token: str = HUBSPOT_TOKEN) -> Caller:
    return Caller(client, f"{running.url}/hubspot", token)


def stripe_of(
    running: Running, client: httpx.Client, token: str = STRIPE_API_KEY, version: str = "2023-08-16"
) -> Caller:
    return Caller(client, f"{running.url}/stripe", token, ("stripe-version", version))


def intercom_of(running: Running, client: httpx.Client, token: str = INTERCOM_TOKEN) -> Caller:
    return Caller(client, f"{running.url}/intercom", token, ("intercom-version", "2.14"))


@pytest.fixture
def stripe(sandbox: Running, client: httpx.Client) -> Caller:
    return stripe_of(sandbox, client)


@pytest.fixture
def intercom(sandbox: Running, client: httpx.Client) -> Caller:
    return intercom_of(sandbox, client)


@pytest.fixture
def calendly(sandbox: Running, client: httpx.Client) -> Caller:
    return calendly_of(sandbox, client)


@pytest.fixture
def hubspot(sandbox: Running, client: httpx.Client) -> Caller:
    return hubspot_of(sandbox, client)


@pytest.fixture(scope="session")
def organization(sandbox: Running, client: httpx.Client) -> str:
    """The organization's URI."""
    found: str = calendly_of(sandbox, client).get("/users/me").json()["resource"]["current_organization"]
    return found
