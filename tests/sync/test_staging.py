"""When landed pages are decoded, and what becomes of those that cannot be."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from execution import engine
from execution.errors import PageError
from execution.sync import decode, staging
from execution.sync.landing import Landing
from execution.sync.staging import Landed, Staging
from tests.sync.conftest import NOW
from tests.sync.vendor import program

STREAM = program().sources["shop"].streams["orders"]


@pytest.fixture
def memory() -> Iterator[engine.Connection]:
    con = engine.memory()
    yield con
    con.close()


def pages(landing: Landing, count: int) -> list[Landed]:
    """So many pages of two orders each, on disk."""
    bodies = [json.dumps({"items": [{"id": f"o{n}-{k}"} for k in range(2)]}).encode() for n in range(count)]
    return [Landed(landing.write(body), len(body), None, NOW, at) for at, body in enumerate(bodies, 1)]


def keys(con: engine.Connection, files: tuple[Path, ...]) -> int:
    row = con.execute(f"SELECT count(DISTINCT key) FROM ({decode.staged_files_sql(STREAM, files)})").fetchone()
    return int(row[0]) if row else 0


def test_a_decoder_that_is_idle_does_not_wait_for_a_full_batch(
    tmp_path: Path, memory: engine.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed = pages(Landing(tmp_path), 6)
    monkeypatch.setattr(staging, "SOON_BYTES", 2 * landed[0].size)

    async def read() -> tuple[int, tuple[Path, ...]]:
        stage = Staging(memory, STREAM, tmp_path, "shop/orders")
        for page in landed:
            await stage.add([page])
            if page.number == 2:
                await asyncio.wait_for(decoded(tmp_path), 60)
        early = len(list(tmp_path.glob("staged-*")))
        return early, await stage.take()

    early, files = asyncio.run(read())
    assert early >= 1
    assert keys(memory, files) == 12


async def decoded(folder: Path) -> None:
    """Wait until there is a staging file, though nobody has asked for the slice."""
    while not list(folder.glob("staged-*")):
        await asyncio.sleep(0.001)


def test_little_is_decoded_in_one_piece(tmp_path: Path, memory: engine.Connection) -> None:
    async def read() -> tuple[Path, ...]:
        stage = Staging(memory, STREAM, tmp_path, "shop/orders")
        for page in pages(Landing(tmp_path), 6):
            await stage.add([page])
        return await stage.take()

    files = asyncio.run(read())
    assert len(files) == 1
    assert keys(memory, files) == 12


def test_a_page_that_cannot_be_decoded_fails_its_slice_however_early(
    tmp_path: Path, memory: engine.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = Landing(tmp_path)
    bad = b'{"items": [{"id": "o1"'
    broken = Landed(landing.write(bad), len(bad), None, NOW, 1)
    good = pages(landing, 3)
    monkeypatch.setattr(staging, "SOON_BYTES", 1)

    async def read() -> None:
        stage = Staging(memory, STREAM, tmp_path, "shop/orders")
        for page in [broken, *good]:
            await stage.add([page])
        await stage.take()

    with pytest.raises(PageError, match="could not be decoded") as raised:
        asyncio.run(read())
    assert raised.value.code == "E341"
    assert raised.value.where == "shop/orders"
