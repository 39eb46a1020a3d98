"""`gtm sync`, `score`, `context`, `report` and `status`: one step each, on the files as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from execution.errors import UsageError
from execution.runs import steps
from execution.runs.session import open_session
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.context import Written
    from execution.runs.freshness import Status
    from execution.runs.planning import Planned
    from execution.sync.plan import Options
    from execution.sync.results import Progress, RunResult


def sync(
    workspace: Workspace,
    sources: Sequence[str] = (),
    *,
    options: "Options | None" = None,
    progress: "Progress | None" = None,
    now: datetime | None = None,
) -> "RunResult":
    """Bring the sources into the store. A source that fails is in the result; the others are committed."""
    return steps.sync(open_session(workspace), sources, options=options, progress=progress, now=now)


def sync_plan(
    workspace: Workspace, sources: Sequence[str], options: "Options", now: datetime | None = None
) -> tuple["Planned", ...]:
    """What `sync` would read, without asking anybody."""
    from execution.runs import planning

    return planning.planned(open_session(workspace), sources, options, now or datetime.now(UTC))


def score(
    workspace: Workspace, as_of: datetime | None = None, *, timeout_s: float = steps.DEFAULT_TIMEOUT_S
) -> steps.Scored:
    """Measures and health scores as of a moment, by default now."""
    return steps.score(open_session(workspace), as_of or datetime.now(UTC), timeout_s=timeout_s)


def context(workspace: Workspace, as_of: datetime | None = None) -> "Written":
    """The accounts' context files."""
    return steps.write_context(open_session(workspace), as_of or datetime.now(UTC))


def report(workspace: Workspace, names: Sequence[str] = (), as_of: datetime | None = None) -> steps.Reported:
    """The named reports, by default all."""
    return steps.write_reports(open_session(workspace), names, as_of or datetime.now(UTC))


def status(workspace: Workspace, now: datetime | None = None) -> "Status":
    """How fresh each source is."""
    from execution.runs import freshness

    return freshness.status(open_session(workspace), now or datetime.now(UTC))


def moment(text: str | None) -> datetime | None:
    """`2026-01-31`, `2026-01-31T12:00`, `…+02:00` or `…Z` as an aware time, a bare date its end of day in UTC.

    Raises UsageError for anything else.
    """
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is not a time", hint="write it as 2026-01-31 or 2026-01-31T12:00:00Z", code="E223"
        ) from None
    if len(text) <= len("2026-01-31"):
        parsed = parsed.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Brief:
    """One account's context as it was last written: its slug, the file, the text."""

    account: str
    file: str
    text: str


def brief(workspace: Workspace, wanted: str) -> Brief:
    """The compact context of the account that `wanted` names: its folder, part of its name, an address or domain.

    Raises UsageError where none or several are meant, naming the nearest.
    """
    files = {file.parent.parent.name: file for file in workspace.customers.glob("*/context/compact.md")}
    if not files:
        raise UsageError("no account has been written yet", hint="run `gtm context`", code="E224")
    found = _meant(wanted, files)
    if len(found) != 1:
        from difflib import get_close_matches

        near = sorted(found)[:5] or get_close_matches(_slug(wanted), files, n=3, cutoff=0.5)
        what = f"{len(found)} accounts match" if found else "no account matches"
        hint = f"do you mean {', '.join(near)}?" if near else "`ls customers` shows them all"
        raise UsageError(f"{what} {wanted!r}", hint=hint, code="E224")
    account = found[0]
    file = files[account]
    return Brief(account, file.relative_to(workspace.root).as_posix(), file.read_text(encoding="utf-8"))


def _meant(wanted: str, files: Mapping[str, Path]) -> list[str]:
    slug = _slug(wanted)
    if slug in files:
        return [slug]
    by_name = [account for account in files if slug and slug in account]
    if by_name and "@" not in wanted:
        return by_name
    needle = wanted.strip().lower()
    return [
        account
        for account, file in files.items()
        if needle and needle in file.read_text(encoding="utf-8", errors="replace").lower()
    ]


def _slug(text: str) -> str:
    return "-".join("".join(char if char.isalnum() else " " for char in text.lower()).split())
