"""Clients: the vendors' APIs, read page by page as the source directives say. The only package that imports httpx.

async with client_for(source, environment) as client:
    async for page in client.pages("contacts", {"since": since, "until": until, "now": now}):
        land(page.body)
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from execution.clients.clock import REAL, Clock
from execution.clients.page import Page
from execution.directives.model import Source
from execution.settings import Environment

if TYPE_CHECKING:
    import httpx

    from execution.clients.asking import Stats
    from execution.clients.base_client import BaseClient, OnBadPage

__all__ = ["BaseClient", "Clock", "OnBadPage", "Page", "Stats", "client_class", "client_for"]

# httpx brings its own command line along (click, pygments, rich: half of its import) and does without where it must.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

_WITH_HTTPX = {"BaseClient": "base_client", "OnBadPage": "base_client", "Stats": "asking"}


def __getattr__(name: str) -> object:
    """What brings httpx along comes when it is first named: a dry run only looks at requests."""
    if name not in _WITH_HTTPX:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WITH_HTTPX[name]}"), name)


def client_for(
    source: Source,
    environment: Environment,
    *,
    transport: "httpx.AsyncBaseTransport | None" = None,
    on_bad_page: "OnBadPage | None" = None,
    clock: Clock = REAL,
) -> "BaseClient":
    """The client of a source, of its own class where it has one.

    Raises CredentialsError where the environment lacks its credentials, UsageError for a base URL that is none.
    """
    own = client_class(source.name)
    return own(source, environment, transport=transport, on_bad_page=on_bad_page, clock=clock)


def client_class(source: str) -> "type[BaseClient]":
    """The subclass in `<source>_client.py` beside this file, for an API that is odd; BaseClient for all others."""
    from execution.clients.base_client import BaseClient

    name = f"{__name__}.{source}_client"
    if find_spec(name) is None:
        return BaseClient
    own = (
        value for value in vars(import_module(name)).values() if isinstance(value, type) and value.__module__ == name
    )
    return next((value for value in own if issubclass(value, BaseClient)), BaseClient)
