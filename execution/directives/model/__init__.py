"""The kinds of directive, one pydantic model each: data that has been checked."""

from execution.directives.model.entity import Entity, EntityColumn, Texts
from execution.directives.model.health import Action, Component, Expansion, Health, Override, Penalty, Signal
from execution.directives.model.measures import Measure, Measures
from execution.directives.model.money import Rate
from execution.directives.model.negation import Negation
from execution.directives.model.outcome import Label, Outcome, Past
from execution.directives.model.playbook import Move, Playbook
from execution.directives.model.quality import Quality
from execution.directives.model.revenue import Churn, Metric, Revenue
from execution.directives.model.routing import Routing
from execution.directives.model.running import EVERYBODY, Report, Schedule, Settings
from execution.directives.model.segment import Segment
from execution.directives.model.shape import Block, Case, Directive, Moment, parse_duration
from execution.directives.model.source import Api, Column, CursorSync, FeedSync, FullSync, Source, Stream, WindowSync
from execution.directives.model.team import Group, Person, Team
from execution.directives.model.trigger import Called, Keywords, Severity, Trigger

KINDS: dict[str, type[Directive]] = {
    "source": Source,
    "entity": Entity,
    "measures": Measures,
    "segment": Segment,
    "health": Health,
    "revenue": Revenue,
    "outcome": Outcome,
    "quality": Quality,
    "report": Report,
    "schedule": Schedule,
    "settings": Settings,
    "trigger": Trigger,
    "team": Team,
    "routing": Routing,
    "playbook": Playbook,
}

__all__ = [
    "EVERYBODY", "KINDS", "Action", "Api", "Block", "Called", "Case", "Churn", "Column", "Component", "CursorSync",
    "Directive", "Entity", "EntityColumn", "Expansion", "FeedSync", "FullSync", "Group", "Health", "Keywords",
    "Label", "Measure", "Measures", "Metric", "Moment", "Move", "Negation", "Outcome", "Override", "Past", "Penalty",
    "Person",
    "Playbook", "Quality", "Rate", "Report", "Revenue", "Routing", "Schedule", "Segment", "Settings", "Severity",
    "Signal", "Source", "Stream", "Team", "Texts", "Trigger", "WindowSync", "parse_duration",
]  # fmt: skip
