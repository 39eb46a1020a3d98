"""Where Calendly's pages keep what faults tamper with."""

from collections.abc import Iterator, MutableMapping
from typing import Any

from execution.sandbox.calendly.ids import ORIGIN
from execution.sandbox.exchange import Record, Request
from execution.sandbox.world import moments


class CalendlyPages:
    """The shape of a page (see `exchange.PageShape`)."""

    def records(self, page: Record) -> list[Record] | None:
        """The collection."""
        found = page.get("collection")
        return found if isinstance(found, list) else None

    def own_cursor(self, request: Request) -> str:
        """The vendor's URL of this page."""
        return f"{ORIGIN}{request.path}{'?' if request.query else ''}{request.query}"

    def next_cursor(self, page: Record) -> str | None:
        """The next page's URL."""
        found = page["pagination"]["next_page"]
        return found if isinstance(found, str) else None

    def point(self, page: Record, cursor: str, origin: str | None = None) -> None:
        """Name `cursor` as the next page."""
        page["pagination"]["next_page"] = cursor if origin is None else cursor.replace(ORIGIN, origin, 1)
        page["pagination"]["next_page_token"] = cursor.partition("page_token=")[2].partition("&")[0] or None

    def texts(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:
        """The name, the answers, and why it was called off."""
        if isinstance(record.get("name"), str):
            yield record, "name"
        for answer in record.get("questions_and_answers", ()):
            yield answer, "answer"
        if "cancellation" in record:
            yield record["cancellation"], "reason"

    def emails(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:
        """The invitee's."""
        if "email" in record:
            yield record, "email"

    def touch(self, record: Record) -> None:
        """Renamed, a second later."""
        if isinstance(record.get("name"), str):
            record["name"] += " (moved)"
        if "updated_at" in record:
            record["updated_at"] = moments.iso_us((moments.parse(record["updated_at"]) or 0) + moments.SECOND)
