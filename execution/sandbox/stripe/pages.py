"""Where Stripe's pages keep what faults tamper with."""

from collections.abc import Iterator, MutableMapping
from typing import Any

from execution.sandbox.exchange import Record, Request


class StripePages:
    """The shape of a page (see `exchange.PageShape`). The cursor is the last record's id: nothing names it."""

    def records(self, page: Record) -> list[Record] | None:
        """The data."""
        found = page.get("data")
        return found if isinstance(found, list) and page.get("object") == "list" else None

    def own_cursor(self, request: Request) -> str:
        """The id after which this page began; none for the first."""
        return dict(request.params()).get("starting_after", "")

    def next_cursor(self, page: Record) -> str | None:
        """The last id, if more follows."""
        data = page["data"]
        return data[-1]["id"] if page.get("has_more") and data else None

    def point(self, page: Record, cursor: str, origin: str | None = None) -> None:
        """Say that more follows, after `cursor`: the last record takes its id, which is what a client goes by."""
        page["has_more"] = True
        if origin is not None:
            page["url"] = origin + page["url"]
        elif page["data"]:
            page["data"][-1]["id"] = cursor or page["data"][-1]["id"]

    def texts(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:
        """Names and descriptions."""
        for name in ("name", "description"):
            if isinstance(record.get(name), str):
                yield record, name

    def emails(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:
        """A customer's, an invoice's."""
        for name in ("email", "customer_email"):
            if name in record:
                yield record, name

    def touch(self, record: Record) -> None:
        """Nothing tells when a record was changed; another description."""
        record["description"] = "Changed by hand"
