"""A workspace: the folder that holds one team's directives, data and generated files."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from execution.errors import UsageError

OUTPUT = "reporting/output"
"""Where finished reports are, from a workspace's root."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The places inside one workspace; nothing here touches the disk."""

    root: Path

    @property
    def directives(self) -> Path:
        return self.root / "directives"

    @property
    def data(self) -> Path:
        """Git-ignored: the store and all that comes with it."""
        return self.root / "data"

    @property
    def store_file(self) -> Path:
        """The writer's database; readers open what is in `published`."""
        return self.data / "gtm.duckdb"

    @property
    def lock_file(self) -> Path:
        return self.data / "gtm.lock"

    @property
    def published(self) -> Path:
        return self.data / "published"

    @property
    def landing(self) -> Path:
        return self.data / "landing"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def cache(self) -> Path:
        return self.data / "cache"

    @property
    def customers(self) -> Path:
        return self.root / "customers"

    @property
    def env_file(self) -> Path:
        return self.root / ".env"


def find_workspace(
    explicit: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    cwd: Path | None = None,
) -> Workspace:
    """The workspace asked for: `--workspace`, then `GTM_WORKSPACE`, then the nearest folder upwards
    that has a `directives/`.

    Raises UsageError where there is none.
    """
    named = explicit or (Path(environ["GTM_WORKSPACE"]) if environ.get("GTM_WORKSPACE") else None)
    if named is not None:
        root = named.expanduser().resolve()
        if not (root / "directives").is_dir():
            raise UsageError(
                f"{root} is not a workspace: it has no directives/ folder",
                hint=f"make one with `gtm init {named}`",
                code="E201",
            )
        return Workspace(root)
    start = (cwd or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "directives").is_dir():
            return Workspace(folder)
    raise UsageError(
        f"no workspace found in {start} or above it",
        hint="run inside a workspace, pass --workspace DIR, or make one with `gtm init DIR`",
        code="E201",
    )
