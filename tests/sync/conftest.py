"""A workspace and two vendors to sync it from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from execution import engine, store
from execution.clients import BaseClient
from execution.directives import Program
from execution.directives.model import Source
from execution.settings import Environment
from execution.sync.plan import Options
from execution.sync.results import RunResult
from execution.sync.sync_all import sync_all
from execution.workspace import Workspace
from tests.sync.vendor import FakeClient, Vendor, program

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class World:
    """A workspace, its directives, and what its vendors answer."""

    workspace: Workspace
    program: Program = field(default_factory=program)
    shop: Vendor = field(default_factory=Vendor)
    crm: Vendor = field(default_factory=Vendor)
    now: datetime = NOW
    before_publishing: Callable[[engine.Connection, Program], None] | None = None

    def sync(self, *names: str, **options: Any) -> RunResult:  # noqa: ANN401 - passed on to Options
        """Sync the named sources, or both, a minute after the last time."""
        self.now += timedelta(minutes=1)

        def client(source: Source, _on_bad_page: Callable[[str, bytes, str], None]) -> BaseClient:
            return FakeClient(source, getattr(self, source.name))

        return sync_all(
            self.workspace,
            self.program,
            Environment({}),
            names,
            options=Options(**options),
            clock=lambda: self.now,
            make_client=client,
            before_publishing=self.before_publishing,
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a reader sees."""
        return list(store.query(self.workspace, sql).rows)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(Workspace(tmp_path))
