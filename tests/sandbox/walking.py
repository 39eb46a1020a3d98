"""Every page of every list of a sandbox in this process, as bytes."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from execution.sandbox.app import App
from execution.sandbox.exchange import Request, Vendor
from execution.sandbox.options import VENDORS

Pages = dict[tuple[str, ...], bytes]
STRIPE = ("customers", "subscriptions?status=all", "invoices", "charges", "events")
KINDS = ("contacts", "companies", "deals")


class Walker:
    """Reads the lists of an application."""

    def __init__(self, app: App) -> None:
        self._vendors: Mapping[str, Vendor] = app._vendors
        self._control = app._control
        self.pages: Pages = {}

    def advance(self, days: float, *changes: Mapping[str, Any]) -> None:
        """Move the world on."""
        body = msgspec.json.encode({"days": days, "changes": changes})
        assert self._control.answer(Request("POST", "/advance", "", {}, body)).status == 200

    def ask(self, vendor: str, method: str, url: str, body: object = None, version: str = "") -> Any:  # noqa: ANN401 - JSON
        """One page, which is kept."""
        path, _, query = url.partition("?")
        headers = {b"authorization": f"Bearer {VENDORS[vendor][1]}".encode()}
        if version:
            headers[b"stripe-version"] = version.encode()
        text = msgspec.json.encode(body) if body is not None else b""
        reply = self._vendors[vendor].answer(Request(method, path, query, headers, text))
        assert reply.status == 200, reply.body
        self.pages[vendor, method, url, text.decode(), version] = bytes(reply.body)
        return msgspec.json.decode(reply.body)

    def everything(self) -> Pages:
        """The pages of every list, read from its beginning."""
        self.pages = {}
        for walk in (self._stripe(), self._intercom(), self._calendly(), self._hubspot()):
            for _ in walk:
                continue
        return self.pages

    def _stripe(self) -> Iterator[None]:
        for version in ("2023-08-16", "2025-03-31.basil"):
            for resource in STRIPE:
                url = f"/v1/{resource}{'&' if '?' in resource else '?'}limit=60"
                page = self.ask("stripe", "GET", url, version=version)
                while page["has_more"]:
                    after = f"{url}&starting_after={page['data'][-1]['id']}"
                    page = self.ask("stripe", "GET", after, version=version)
                    yield

    def _intercom(self) -> Iterator[None]:
        for name in ("contacts", "conversations"):
            pagination: dict[str, Any] | None = {"per_page": 50}
            while pagination:
                body = {"query": {"field": "created_at", "operator": ">", "value": 0}, "pagination": pagination}
                page = self.ask("intercom", "POST", f"/{name}/search", body)
                pagination = page["pages"].get("next")
                yield
        for number in range(1, 9):
            self.ask("intercom", "POST", f"/companies/list?per_page=9&page={number}", {})

    def _calendly(self) -> Iterator[None]:
        ours = self.ask("calendly", "GET", "/users/me")["resource"]["current_organization"]
        url = f"/scheduled_events?organization={quote(ours, safe='')}&count=50"
        while url:
            url = (self.ask("calendly", "GET", url)["pagination"]["next_page"] or "").removeprefix(
                "https://api.calendly.com"
            )
            yield

    def _hubspot(self) -> Iterator[None]:
        for kind in KINDS:
            names = [one["name"] for one in self.ask("hubspot", "GET", f"/crm/v3/properties/{kind}")["results"]]
            for chosen in (names, names[::3]):
                for archived in ("false", "true"):
                    url = f"/crm/v3/objects/{kind}?limit=40&archived={archived}&properties={','.join(chosen)}"
                    after: dict[str, Any] = {"after": "0"}
                    while after:
                        page = self.ask("hubspot", "GET", f"{url}&after={after['after']}")
                        after = page.get("paging", {}).get("next", {})
                        yield
