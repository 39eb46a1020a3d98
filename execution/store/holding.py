"""Why the store may not be published at the moment. While there is a reason, readers keep the last good publication.

The reasons are in the store, beside the data they are about; a copy lies beside the publications for readers, who
never open the store that is written to.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from execution import engine
from execution.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reason:
    """One check that keeps the store from being published: how many of how many fail it, and what to do."""

    check: str
    meaning: str
    failing: int
    of: int
    at_most: str
    examples: tuple[str, ...]
    remedy: str

    def __str__(self) -> str:
        return f"{self.check}: {self.failing:,} of {self.of:,} fail, at most {self.at_most} may ({self.meaning})"


@dataclass(frozen=True, slots=True)
class Held:
    """What readers are told: since when, why, and which publication stays (None where there was none yet)."""

    since: datetime
    reasons: tuple[Reason, ...]
    publication: int | None
    published_at: datetime | None
    code: str = "E381"


def hold(con: engine.Connection, reasons: Sequence[Reason], now: datetime) -> None:
    """Make these the reasons why the store, current on `con`, is not published; none sets it free.

    Since when it is held is kept while there is any.
    """
    row = con.execute("SELECT min(since) FROM meta.held").fetchone()
    since = row[0] if row and row[0] is not None else engine.naive_utc(now)
    with engine.transaction(con):
        con.execute("DELETE FROM meta.held")
        for reason in reasons:
            con.execute("INSERT INTO meta.held VALUES (?, ?)", [since, json.dumps(asdict(reason), ensure_ascii=False)])


def reasons(con: engine.Connection) -> tuple[datetime, tuple[Reason, ...]] | None:
    """Since when and why the store, current on `con`, is held back; None where it is not."""
    rows = con.execute("SELECT since, reason FROM meta.held ORDER BY reason").fetchall()
    return (rows[0][0], tuple(_reason(json.loads(text)) for _, text in rows)) if rows else None


def _reason(written: dict[str, object]) -> Reason:
    return Reason(**{**written, "examples": tuple(written["examples"])})  # type: ignore[arg-type]


def _file(workspace: Workspace) -> Path:
    return workspace.published / "held"


def tell(workspace: Workspace, held: Held | None) -> None:
    """Put before readers why the store is held back, in one step; None takes it away."""
    if held is None:
        _file(workspace).unlink(missing_ok=True)
        return
    workspace.published.mkdir(parents=True, exist_ok=True)
    partial = _file(workspace).with_suffix(".partial")
    partial.write_text(json.dumps(asdict(held), default=str, ensure_ascii=False), encoding="utf-8")
    partial.replace(_file(workspace))


def told(workspace: Workspace) -> Held | None:
    """Why readers do not have what was last synced; None where they have it."""
    try:
        written = json.loads(_file(workspace).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    published_at = written["published_at"]
    return Held(
        datetime.fromisoformat(written["since"]),
        tuple(_reason(each) for each in written["reasons"]),
        written["publication"],
        datetime.fromisoformat(published_at) if published_at else None,
    )
