"""Two syncs and five readers at once: none fails, none waits longer than it may, no reader sees half a run."""

import multiprocessing
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from execution import store
from execution.errors import StoreError
from execution.workspace import Workspace
from tests.sync.judging import every_row
from tests.sync.test_kill import ADDRESSES, sync
from tests.sync.vendor import program

SYNCS, READERS = 2, 5


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.sync.test_kill"])
    return made


def _sync(root: str) -> None:
    sync(Path(root), program())


def _read(root: str, until: float) -> None:
    """Ask all the time; every answer must be a whole run's: either nobody yet, or everybody."""
    whole = 0
    while time.monotonic() < until or not whole:
        try:
            with store.reader(Workspace(Path(root))) as con:
                row = con.execute("SELECT count(*) FROM core.customers").fetchone()
        except StoreError:
            time.sleep(0.01)
            continue
        assert row is not None
        assert row[0] == len(ADDRESSES), f"{row[0]} of {len(ADDRESSES)} customers"
        whole += 1


def test_two_syncs_and_five_readers(tmp_path: Path, context: ForkServerContext) -> None:
    until = time.monotonic() + 3
    root = str(tmp_path / "shared")
    jobs = [context.Process(target=_sync, args=(root,)) for _ in range(SYNCS)]
    jobs += [context.Process(target=_read, args=(root, until)) for _ in range(READERS)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(60)
    assert [job.exitcode for job in jobs] == [0] * len(jobs)
    sync(tmp_path / "alone", program())
    assert every_row(Workspace(tmp_path / "shared")) == every_row(Workspace(tmp_path / "alone"))
