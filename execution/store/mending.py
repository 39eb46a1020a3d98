"""After a writer that was killed: the block of the store's file that it was in the middle of writing.

DuckDB never writes over what its last checkpoint needs, but for one thing: a block of metadata is written again whole,
under one checksum, with new pieces beside those that are needed. A writer that is killed within that write leaves what
is needed as it was and the checksum wrong, and DuckDB then refuses the whole file. Here such a block gets the checksum
of what stands in it. That is done only after a writer that died, only to metadata, and only where no more than one
block is concerned: anything else is damage of another kind, and is for `gtm db restore`.
"""

import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from execution import engine
from execution.store import journal
from execution.workspace import Workspace

_HEADERS = (4096, 8192)
_FIRST = 12288
"""Where the first block begins: after the file's header and the two of the database."""
_HEADER = struct.Struct("<8xQqq8xQ")
"""Of a database header: its iteration, where the metadata and the list of free blocks begin, the size of a block."""
_BLOCK_OF = (1 << 56) - 1
_WORD = struct.Struct("<Q")
_SEED, _FACTOR, _MASK = 5381, 0xBF58476D1CE4E5B9, (1 << 64) - 1


def mend(workspace: Workspace) -> None:
    """Put the checksum of a half-written block of metadata right, if there is one. Call under the write lock, before
    the store is opened and only where the last writer died."""
    file = workspace.store_file
    if not file.exists() or file.stat().st_size < _FIRST:
        return
    wrong = dict(_wrong(file, _roots(file)))
    if not wrong:
        wrong = dict(_wrong(file, _metadata(file)))
    if len(wrong) != 1:
        return
    ((at, (stored, computed)),) = wrong.items()
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(_WORD.pack(computed))
        opened.flush()
        os.fsync(opened.fileno())
    journal.append(workspace, "mend", {"at": at, "was": stored, "is": computed})


def _roots(file: Path) -> set[int]:
    """The blocks that both headers begin with."""
    found = set[int]()
    with file.open("rb") as opened:
        for at in _HEADERS:
            _, meta, free, _ = _header(opened, at)
            found |= {pointer & _BLOCK_OF for pointer in (meta, free) if pointer >= 0}
    return found


def _metadata(file: Path) -> set[int]:
    """All blocks of metadata, as the engine has them; none where it cannot open the file."""
    con = engine.memory()
    try:
        with engine.attached(con, file, "store"):
            con.execute("USE store")
            return {block for (block,) in con.execute("SELECT block_id FROM pragma_metadata_info()").fetchall()}
    except engine.Error:
        return set()
    finally:
        con.close()


def _wrong(file: Path, blocks: Iterable[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Where those of the blocks begin whose checksum is not theirs: the one that stands there, and theirs."""
    with file.open("rb") as opened:
        size = max(_header(opened, at) for at in _HEADERS)[3]
        for block in sorted(blocks):
            at = _FIRST + block * size
            content = os.pread(opened.fileno(), size, at)
            if len(content) == size:
                (stored,) = _WORD.unpack_from(content)
                computed = _checksum(content[_WORD.size :])
                if stored != computed:
                    yield at, (stored, computed)


def _checksum(content: bytes) -> int:
    found = _SEED
    for (word,) in _WORD.iter_unpack(content):
        found ^= word * _FACTOR & _MASK
    return found


def _header(opened: BinaryIO, at: int) -> tuple[int, int, int, int]:
    iteration, meta, free, size = _HEADER.unpack(os.pread(opened.fileno(), _HEADER.size, at))
    return iteration, meta, free, size
