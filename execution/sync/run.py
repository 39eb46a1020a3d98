"""One run of `gtm sync`: what all of its streams share."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from execution import engine
from execution.directives import Program, facts
from execution.sync.plan import Options
from execution.sync.results import Progress
from execution.workspace import Workspace

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Run:
    """What all streams of a run share. `turn` lets one of them at a time write; `bands` are those that a person may
    name for an account."""

    workspace: Workspace
    id: str
    now: datetime
    options: Options
    progress: Progress
    memory: engine.Connection
    clock: Clock
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    bands: tuple[str, ...] = ()


def bands_of(program: Program) -> tuple[str, ...]:
    """The bands that an override may name: those of the primary scores of companies and of customers."""
    scores = [
        facts.primary(score for score in program.health.values() if score.entity == entity)
        for entity in ("companies", "customers")
    ]
    return tuple(sorted({band for score in scores if score is not None for band in score.bands}))
