"""The shipped sources against a sandbox that is disturbed; what comes of it is held against an undisturbed sync.

The store begins as it was three days ago. A disturbed sync and all that follow it have one and the same moment, so that
in the end not even a date may differ.
"""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from execution import engine
from execution.clients import BaseClient, Clock, client_for
from execution.directives import Program, load, read_folder
from execution.directives.model import Source
from execution.sandbox import Running
from execution.settings import Environment
from execution.sync.plan import Options
from execution.sync.results import SourceResult, StreamResult
from execution.sync.sync_all import sync_all
from execution.workspace import Workspace
from tests.sync.judging import Rows, every_row

ROOT = Path(__file__).parents[2]
AS_OF = datetime(2026, 6, 1, 9, tzinfo=UTC)
DAYS = 3
BEGUN = AS_OF + timedelta(minutes=10)
NOW = BEGUN + timedelta(days=DAYS, minutes=10)
VENDORS = ("calendly", "hubspot", "intercom", "stripe")

_HASTE = 2000
HASTY = Clock(lambda: time.monotonic() * _HASTE, sleep=lambda seconds: asyncio.sleep(seconds / _HASTE))
"""Time two thousand times as fast, for limits as for waits."""

_SMALL_PAGES = {
    "calendly": "{events: {params: {count: 5}}}",
    "hubspot": "{contacts: {body: {limit: 5}}, contact_companies: {batch: 4}}",
    "intercom": "{contacts: {body: {pagination: {per_page: 5}}}, conversations: {body: {pagination: {per_page: 2}}}}",
    "stripe": "{events: {params: {limit: 1}}}",
}


def shipped() -> Program:
    """The directives that ship, with pages so small that a small world has several of them."""
    texts = {path: text for path, text in read_folder(ROOT).items() if not path.startswith("directives/local/")}
    for vendor, streams in _SMALL_PAGES.items():
        texts[f"directives/local/{vendor}.md"] = f"---\nextends: {vendor}\nstreams: {streams}\n---\n".encode()
    return load(texts).require_valid()


@dataclass(frozen=True)
class Ended:
    """A sync that ended: what it says, the requests the vendor got, and how often each fault struck."""

    result: SourceResult
    requests: list[str]
    struck: list[int]
    published: int | None

    def stream(self, name: str) -> StreamResult:
        return next(stream for stream in self.result.streams if stream.stream == name)

    @property
    def failed(self) -> dict[str, StreamResult]:
        return {stream.stream: stream for stream in self.result.streams if stream.status == "failed"}


@dataclass(frozen=True)
class Trial:
    """One vendor, and the store as it was `DAYS` ago."""

    running: Running
    program: Program
    folder: Path
    vendor: str

    def store(self, name: str, of: str = "before") -> Workspace:
        """A store of that name; where it is not there yet, as the other one is."""
        root = self.folder / name
        if not root.exists() and name != "before":
            shutil.copytree(self.folder / of, root, ignore=shutil.ignore_patterns("landing", "tmp"))
        return Workspace(root)

    @cached_property
    def undisturbed(self) -> "tuple[Rows, int]":
        """Every row that a sync ends in where nothing disturbs it, and the requests it makes."""
        ended = self.sync(self.store("undisturbed"))
        assert ended.result.status == "ok", ended.result
        return every_row(self.store("undisturbed")), len(ended.requests)

    def sync(
        self,
        workspace: Workspace,
        *faults: Mapping[str, object],
        at: datetime = NOW,
        options: Options | None = None,
        **api: object,
    ) -> Ended:
        """Sync while the faults are in force, with other keys of the API where they are given."""
        seen = len(self.running.log())
        with self._armed(faults):
            result = sync_all(
                workspace, self._saying(api), self._environment, options=options, clock=lambda: at,
                make_client=self._client,
            )  # fmt: skip
            struck = [fault["struck"] for fault in self.running.ask("GET", "faults")]
        requests = [f"{entry['method']} {entry['path']}" for entry in self.running.log(seen)]
        return Ended(result.sources[0], requests, struck, result.published)

    def raw(self, workspace: Workspace) -> dict[str, set[tuple[Any, ...]]]:
        """Key, hash and state of every raw record, by stream. Raises AssertionError where a key stands twice."""
        with engine.read_only(workspace.store_file) as con:
            found = {
                stream: con.execute(f"SELECT key, hash, deleted FROM raw.{self.vendor}__{stream}").fetchall()
                for stream in self.program.sources[self.vendor].streams
            }
        for stream, rows in found.items():
            assert len({row[0] for row in rows}) == len(rows), f"a key stands twice in {stream}"
        return {stream: set(rows) for stream, rows in found.items()}

    @contextmanager
    def _armed(self, faults: tuple[Mapping[str, object], ...]) -> Iterator[None]:
        self.running.arm(*({"vendor": self.vendor, **fault} for fault in faults))
        try:
            yield
        finally:
            self.running.disarm()

    @property
    def _environment(self) -> Environment:
        return Environment(self.running.environment)

    def _saying(self, api: Mapping[str, object]) -> Program:
        source = self.program.sources[self.vendor]
        changed = source.model_copy(update={"api": source.api.model_copy(update=api)})
        return replace(self.program, sources={self.vendor: changed})

    def _client(self, source: Source, on_bad_page: Callable[[str, bytes, str], None]) -> BaseClient:
        return client_for(source, self._environment, on_bad_page=on_bad_page, clock=HASTY)
