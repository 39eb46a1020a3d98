"""Where HubSpot's pages keep what faults tamper with."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import msgspec

from execution.sandbox.exchange import Record, Request
from execution.sandbox.world import moments

ORIGIN = "https://api.hubapi.com"

_TOUCHED = {
    "lastmodifieddate": None,
    "hs_lastmodifieddate": None,
    "jobtitle": "Head of Everything",
    "name": "Everything, Inc.",
    "dealname": "Everything",
}
"""What an edit sets, by property; None: the moment of the edit."""


class HubspotPages:
    """The shape of a page (see `exchange.PageShape`)."""

    def records(self, page: Record) -> list[Record] | None:
        """The results."""
        found = page.get("results")
        return found if isinstance(found, list) else None

    def own_cursor(self, request: Request) -> str:
        """The `after` of this page, in the query or in the body; 0 for the first."""
        if request.method == "POST":
            return str(msgspec.json.decode(request.body).get("after") or "0")
        return dict(request.params()).get("after", "0")

    def next_cursor(self, page: Record) -> str | None:
        """The next page's `after`."""
        found = page.get("paging", {}).get("next", {}).get("after")
        return found if isinstance(found, str) else None

    def point(self, page: Record, cursor: str, origin: str | None = None) -> None:
        """Name `cursor` as the next page."""
        page["paging"] = {
            "next": {"after": cursor, "link": f"{origin or ORIGIN}/crm/v3/objects/contacts?after={cursor}"}
        }

    def texts(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:
        """The names a person gives."""
        for name in ("firstname", "lastname", "company", "jobtitle"):
            if name in record.get("properties", {}):
                yield record["properties"], name

    def emails(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:
        """The contact's."""
        if "email" in record.get("properties", {}):
            yield record["properties"], "email"

    def touch(self, record: Record) -> None:
        """Another title or name, a second later. What is no object of the CRM says no time: an association, a stage."""
        properties = record.get("properties")
        if properties is None:
            return
        modified = moments.iso_ms((moments.parse(record["updatedAt"]) or 0) + moments.SECOND)
        record["updatedAt"] = modified
        for name, value in _TOUCHED.items():
            if name in properties:
                properties[name] = value or modified
