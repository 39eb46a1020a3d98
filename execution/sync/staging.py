"""From landed pages to staging files: Parquet, batch by batch, in a thread while fetching goes on.

The files lie beside the pages they came from. Parquet rather than a table in memory: a slice of any size then costs no
memory, and inserting 100,000 records from it takes a third of the time.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from execution import engine
from execution.directives.model import Stream
from execution.engine import literal
from execution.errors import PageError
from execution.sync import decode

BATCH_BYTES = 16 << 20
"""Landed bytes (as sent) decoded at once: enough to use both cores, little enough to stay small."""
BATCH_PAGES = 1000
SOON_BYTES = 1 << 20
"""Landed bytes with which a decoder that is idle begins: where the network is slow, little is left to do at the end."""

_PAGE = {"filename": "VARCHAR", "parent_key": "VARCHAR", "read_at": "TIMESTAMP", "page": "BIGINT"}


@dataclass(frozen=True, slots=True)
class Landed:
    """One page on disk: its file, its size as sent, when and as the how-manieth of its stream it was read."""

    file: Path
    size: int
    parent_key: str | None
    read_at: datetime
    number: int


@dataclass(slots=True)
class Staging:
    """The pages of one slice on their way into staging files in `folder`."""

    memory: engine.Connection
    stream: Stream
    folder: Path
    where: str
    bytes: int = 0
    _files: list[Path] = field(default_factory=list)
    _batch: list[Landed] = field(default_factory=list)
    _batch_bytes: int = 0
    _decoding: asyncio.Task[None] | None = None
    _written: int = 0

    async def add(self, pages: Sequence[Landed]) -> None:
        """Take pages in; a full batch starts being decoded once the one before is through, less if none is under way.

        Raises PageError, here or later, for a page that DuckDB cannot read.
        """
        self._batch += pages
        size = sum(page.size for page in pages)
        self.bytes += size
        self._batch_bytes += size
        is_full = self._batch_bytes >= BATCH_BYTES or len(self._batch) >= BATCH_PAGES
        if is_full or (self._batch_bytes >= SOON_BYTES and self._is_idle):
            await self._decode()

    @property
    def _is_idle(self) -> bool:
        return self._decoding is None or self._decoding.done()

    async def take(self) -> tuple[Path, ...]:
        """Finish what is under way and hand over the slice's files; the next slice begins empty."""
        await self._decode()
        await self._decoded()
        files, self._files, self.bytes = tuple(self._files), [], 0
        return files

    async def abandon(self) -> None:
        """Wait for a batch that is still being decoded, whatever becomes of it: the slice is not wanted any more."""
        if self._decoding is not None:
            await asyncio.wait([self._decoding])
            self._decoding.exception()
            self._decoding = None

    async def _decode(self) -> None:
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        await self._decoded()
        if batch:
            self._written += 1
            file = self.folder / f"staged-{self._written:04d}.parquet"
            self._files.append(file)
            self._decoding = asyncio.create_task(asyncio.to_thread(self._write, batch, file))

    async def _decoded(self) -> None:
        if self._decoding is not None:
            decoding, self._decoding = self._decoding, None
            await decoding

    def _write(self, batch: list[Landed], file: Path) -> None:
        cursor = self.memory.cursor()
        try:
            rows = [(str(page.file), page.parent_key, page.read_at, page.number) for page in batch]
            engine.load(cursor, "landed", _PAGE, rows)
            records = decode.pages_sql([row[0] for row in rows], self.stream, max(page.size for page in batch))
            joined = (
                "SELECT p.payload, l.parent_key, l.read_at, l.page, p.position "
                f"FROM ({records}) p JOIN landed l USING (filename)"
            )
            staged = decode.staged_sql(self.stream, joined)
            cursor.execute(f"COPY ({staged}) TO {literal(str(file))} (FORMAT parquet, COMPRESSION lz4)")
        except engine.Error as error:
            raise PageError(
                f"a page could not be decoded: {str(error).splitlines()[0]}",
                hint=f"nothing of this slice was stored; its pages lie in {self.folder}",
                where=self.where,
                code="E341",
            ) from None
        finally:
            cursor.close()
