"""Where Intercom's pages keep what faults tamper with."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import msgspec

from execution.sandbox.exchange import Record, Request


class IntercomPages:
    """The shape of a page (see `exchange.PageShape`)."""

    def records(self, page: Record) -> list[Record] | None:
        """Contacts and companies are `data`, conversations go by their name."""
        for name in ("data", "conversations"):
            if isinstance(page.get(name), list) and "total_count" in page:
                found: list[Record] = page[name]
                return found
        return None

    def own_cursor(self, request: Request) -> str:
        """The `starting_after` of this page, in the query or in the body; none for the first."""
        if request.method == "POST" and request.body:
            body = msgspec.json.decode(request.body)
            return str((body.get("pagination") or {}).get("starting_after") or "")
        return dict(request.params()).get("starting_after", "")

    def next_cursor(self, page: Record) -> str | None:
        """The next page's `starting_after`."""
        following = (page.get("pages") or {}).get("next") or {}
        found = following.get("starting_after") if isinstance(following, dict) else None
        return found if isinstance(found, str) else None

    def point(self, page: Record, cursor: str, origin: str | None = None) -> None:
        """Name `cursor` as the next page. Nothing of a page is a URL, so no `origin` can be smuggled in."""
        del origin
        pages = page.setdefault("pages", {"type": "pages"})
        pages["next"] = {"per_page": pages.get("per_page", 50), "starting_after": cursor or None}

    def texts(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:
        """Names, and what people write."""
        if isinstance(record.get("name"), str):
            yield record, "name"
        if "source" in record:
            yield record["source"], "body"
            yield record["source"], "subject"

    def emails(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:
        """The contact's."""
        if "email" in record:
            yield record, "email"

    def touch(self, record: Record) -> None:
        """Changed a second later."""
        if isinstance(record.get("updated_at"), int):
            record["updated_at"] += 1
        if isinstance(record.get("name"), str):
            record["name"] += " (edited)"
