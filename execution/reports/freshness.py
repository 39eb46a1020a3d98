"""How fresh each enabled source is, as of a report's moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from execution import engine
from execution.reports.scene import Scene


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a source was last read whole (naive UTC), and whether that is `fresh`, `ageing` or `stale` against what its
    directive allows; `never read` where it was not."""

    source: str
    title: str
    read_at: datetime | None
    state: str


def states(scene: Scene) -> tuple[Freshness, ...]:
    """Every enabled source by its name."""
    read: Mapping[str, datetime] = {}
    if scene.stored.columns("meta.sources"):
        read = dict(scene.con.execute("SELECT source, max(completed_at) FROM meta.sources GROUP BY source").fetchall())
    return tuple(
        Freshness(name, source.title or name, read.get(name), _state(scene, name, read.get(name)))
        for name, source in sorted(scene.program.sources.items())
        if source.enabled
    )


def _state(scene: Scene, name: str, at: datetime | None) -> str:
    if at is None:
        return "never read"
    freshness = scene.program.sources[name].freshness
    age = engine.naive_utc(scene.as_of) - at
    if freshness and age > freshness.error:
        return "stale"
    return "ageing" if freshness and age > freshness.warn else "fresh"
