"""What a stream is read from: a vendor's client, or files."""

from collections.abc import AsyncIterator
from typing import Protocol

from execution.clients import Page
from execution.directives.placeholders import Values


class Reader(Protocol):
    """Pages of records; `BaseClient` is one."""

    def pages(self, stream: str, values: Values, *, resume: str | None = None) -> AsyncIterator[Page]: ...
    async def slices(self, stream: str, values: Values) -> tuple[str | None, ...]: ...
    def shows_all(self, stream: str) -> bool: ...
    async def record(self, stream: str, id_: str, values: Values) -> Page: ...
