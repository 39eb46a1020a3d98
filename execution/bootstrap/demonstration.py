"""`gtm demo` and `gtm sandbox`: the whole path against a local stand-in for the vendors, with nobody's real data."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from execution.bootstrap import env_file, overlays, sources, workspaces
from execution.directives.model import Source
from execution.errors import UsageError
from execution.runs import steps
from execution.runs.alerting import alert
from execution.runs.session import open_session
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.context import Written
    from execution.runs.alerting import Alerted
    from execution.sandbox import Options
    from execution.sandbox.process import Running
    from execution.sync.results import Progress, RunResult

MARK = "Written by `gtm demo`: nothing here opens anything but a local sandbox."
_UNLIMITED = "{requests: 5000, per: 1s, concurrency: 16}"


@dataclass(frozen=True, slots=True)
class World:
    """What the sandbox shows: how many customers, which of the possible worlds."""

    customers: int = 60
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """A demo workspace, filled: what each step gave, and the files worth looking at, relative to the workspace."""

    root: Path
    as_of: datetime
    sync: "RunResult"
    scores: "steps.Scored"
    alerts: "Alerted"
    context: "Written"
    reports: tuple[str, ...]
    briefs: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        return self.sync.exit_code


def demo(
    target: Path,
    world: World | None = None,
    *,
    tell: Callable[[str], None] = lambda _: None,
    watched: Callable[[], "AbstractContextManager[Progress]"] | None = None,
    now: datetime | None = None,
    reports: Sequence[str] = (),
) -> Demonstrated:
    """Make (or refill) the demo workspace `target`: sync, score, context and report against a fresh sandbox; of the
    reports all, or those that are named.

    `tell` hears what is being done, `watched` gives the sync's progress. Directives and notes edited in an earlier demo
    stay; its data goes. Raises UsageError where `target` is anybody's real folder.
    """
    from execution.sandbox import Options, start
    from execution.sandbox.world.team import DOMAIN

    world = world or World()
    as_of = (now or datetime.now(UTC)).replace(second=0, microsecond=0)
    workspace = _prepared(target)
    tell(f"workspace {workspace.root}")
    with start(Options(seed=world.seed, customers=world.customers, as_of=as_of, speed=0)) as running:
        tell(f"sandbox at {running.url}, with {world.customers} customers")
        env_file.write(workspace.env_file, running.environment, heading=MARK)
        _loosen(workspace, set(running.environment))
        overlays.set_keys(workspace, "settings", "settings", {"internal_domains": f"[{DOMAIN}]"})
        session = open_session(workspace)
        with _progress(watched) as progress:
            synced = steps.sync(session, progress=progress, now=as_of)
    tell(f"synced {', '.join(source.source for source in synced.sources if source.status == 'ok')}")
    scored = steps.score(session, as_of)
    alerted = alert(session, as_of)
    written = steps.write_context(session, as_of)
    reported = steps.write_reports(session, reports, as_of)
    root = workspace.root
    briefs = tuple(
        sorted(file.relative_to(root).as_posix() for file in workspace.customers.glob("*/context/compact.md"))
    )
    files = tuple(_relative(file.path, root) for file in reported.files)
    return Demonstrated(root, as_of, synced, scored, alerted, written, files, briefs)


def _prepared(target: Path) -> Workspace:
    """The workspace at `target`, new or emptied of an earlier demo's data."""
    workspace = Workspace(target.expanduser().resolve())
    is_used = workspace.root.exists() and (not workspace.root.is_dir() or any(workspace.root.iterdir()))
    if is_used and not _is_demo(workspace):
        raise UsageError(
            f"{workspace.root} has other things in it", hint="name a new folder: gtm demo DIR", code="E244"
        )
    shutil.rmtree(workspace.data, ignore_errors=True)
    workspaces.init(workspace.root)
    return workspace


def _is_demo(workspace: Workspace) -> bool:
    return workspace.env_file.is_file() and workspace.env_file.read_text(encoding="utf-8").startswith(f"# {MARK}")


def _loosen(workspace: Workspace, variables: set[str]) -> None:
    """Switch on the sources that the sandbox serves, without their vendors' rate limits: it has none."""
    for source in sources.program_of(workspace).sources.values():
        if f"GTM_{source.name.upper()}__BASE_URL" in variables:
            overlays.set_keys(workspace, "source", source.name, {"enabled": "true", **_without_limits(source)})


def _without_limits(source: Source) -> dict[str, str]:
    limited = [name for name, stream in source.streams.items() if stream.rate_limit]
    streams = ", ".join(f"{name}: {{rate_limit: {_UNLIMITED}}}" for name in limited)
    return {"api": f"{{rate_limit: {_UNLIMITED}}}"} | ({"streams": f"{{{streams}}}"} if streams else {})


@contextmanager
def _progress(watched: Callable[[], "AbstractContextManager[Progress]"] | None) -> Iterator["Progress | None"]:
    if watched is None:
        yield None
    else:
        with watched() as progress:
            yield progress


def _relative(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()


def sandbox(options: "Options") -> "AbstractContextManager[Running]":
    """A sandbox that runs until the context ends, or its `max_seconds` do."""
    from execution.sandbox import start

    return start(options)
