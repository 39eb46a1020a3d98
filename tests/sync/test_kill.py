"""`kill -9` at any instant: the next run ends exactly where an undisturbed one does."""

import multiprocessing
import os
import random
import signal
import time
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from execution.directives import Program
from execution.directives.model import Source
from execution.settings import Environment
from execution.sync import reading
from execution.sync.sync_all import sync_all
from execution.workspace import Workspace
from tests.sync.judging import Rows, every_row
from tests.sync.vendor import FakeClient, Record, Vendor, program

KILLS = 50
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

ADDRESSES = {f"c{n % 30}@x{n % 9}.com" for n in range(40)} | {
    f"c{n}@x{n % 9}.com" if n % 7 else f"c{n}@x.com" for n in range(60)
}


def vendors() -> dict[str, Vendor]:
    """Two vendors with enough pages for several slices, and children that take a while."""
    orders: list[Record] = [
        {
            "id": f"o{n}",
            "email": f"c{n % 30}@x{n % 9}.com",
            "name": f"C{n}",
            "amount": n,
            "updated_at": "2026-01-01T00:00:00Z",
        }
        for n in range(40)
    ]
    people: list[Record] = [
        {
            "id": f"p{n}",
            "email": f"C{n}@X{n % 9}.com" if n % 7 else f"N{n} <c{n}@x.com>",
            "name": f"P{n}",
            "changed": "2026-02-01T00:00:00Z",
        }
        for n in range(60)
    ]
    shop = Vendor({"orders": orders}, size=5)
    for n in range(40):
        shop.records[f"visits/o{n}"] = [{"id": f"v{n}-{k}", "at": 1772000000 + k} for k in range(n % 4)]
    return {"shop": shop, "crm": Vendor({"people": people}, size=5)}


def sync(root: Path, directives: Program) -> None:
    """One run on small slices, with a clock that stands still so that times cannot differ."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "SLICE_BYTES", 4000)
        _sync(root, directives)


def _sync(root: Path, directives: Program) -> None:
    made = vendors()
    result = sync_all(
        Workspace(root),
        directives,
        Environment({}),
        clock=lambda: NOW,
        make_client=lambda source, _bad: _client(source, made),
    )
    assert result.exit_code == 0, result


def _client(source: Source, made: dict[str, Vendor]) -> FakeClient:
    return FakeClient(source, made[source.name])


def _in_child(root: str) -> None:
    os.setpgid(0, 0)
    sync(Path(root), program())


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """Processes that start with everything imported and nothing open."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.sync.test_kill"])
    return made


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """What a run that nobody disturbs ends in."""
    root = tmp_path_factory.mktemp("undisturbed")
    sync(root, program())
    return every_row(Workspace(root))


@pytest.fixture(scope="module")
def length(context: ForkServerContext, tmp_path_factory: pytest.TempPathFactory) -> float:
    """Seconds that an undisturbed run takes in a child process, the second time."""
    seconds = 0.0
    for _ in range(2):
        child = context.Process(target=_in_child, args=(str(tmp_path_factory.mktemp("measured")),))
        began = time.monotonic()
        child.start()
        child.join()
        assert child.exitcode == 0
        seconds = time.monotonic() - began
    return seconds


@pytest.mark.parametrize("batch", range(5))
def test_killed_at_many_instants(
    tmp_path: Path, context: ForkServerContext, undisturbed: Rows, length: float, batch: int
) -> None:
    assert len(undisturbed["core.customers"]) == len(ADDRESSES)
    dice = random.Random(batch)
    directives, met, started = program(), 0, 0
    while met < KILLS // 5:
        started += 1
        assert started < KILLS, "the kills keep missing: the run is over before them"
        root = tmp_path / str(started)
        child = context.Process(target=_in_child, args=(str(root),))
        child.start()
        assert child.pid is not None
        time.sleep(dice.uniform(0.02, 0.98) * length)
        if child.is_alive():
            os.kill(child.pid, signal.SIGKILL)
            met += 1
        child.join()
        sync(root, directives)
        assert every_row(Workspace(root)) == undisturbed, f"kill {met} of batch {batch}"
