"""The kinds of directive, one pydantic model each: data that has been checked."""

from execution.directives.model.entity import Entity, EntityColumn
from execution.directives.model.health import Action, Component, Health, Penalty, Signal
from execution.directives.model.measures import Measure, Measures
from execution.directives.model.running import Report, Schedule, Settings
from execution.directives.model.shape import Block, Case, Directive, parse_duration
from execution.directives.model.source import Api, Column, CursorSync, FeedSync, FullSync, Source, Stream, WindowSync

KINDS: dict[str, type[Directive]] = {
    "source": Source,
    "entity": Entity,
    "measures": Measures,
    "health": Health,
    "report": Report,
    "schedule": Schedule,
    "settings": Settings,
}

__all__ = [
    "KINDS", "Action", "Api", "Block", "Case", "Column", "Component", "CursorSync", "Directive", "Entity",
    "EntityColumn", "FeedSync", "FullSync", "Health", "Measure", "Measures", "Penalty", "Report", "Schedule",
    "Settings", "Signal", "Source", "Stream", "WindowSync", "parse_duration",
]  # fmt: skip
