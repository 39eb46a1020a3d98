"""The kinds of directive, one pydantic model each: data that has been checked."""

from execution.directives.model.account_files import EVERYBODY, Role, Tier, Tiers
from execution.directives.model.audit import Audit
from execution.directives.model.entity import Entity, EntityColumn, Texts
from execution.directives.model.goals import Goal, Goals
from execution.directives.model.health import Action, Component, Expansion, Health, Override, Penalty, Signal
from execution.directives.model.journey import Criterion, Journey, Stage
from execution.directives.model.measures import Measure, Measures
from execution.directives.model.money import Rate
from execution.directives.model.negation import Negation
from execution.directives.model.outcome import Label, Outcome, Past
from execution.directives.model.period import COMPARISONS, Compare, Period, Span, parse_period
from execution.directives.model.playbook import Move, Playbook
from execution.directives.model.quality import Quality
from execution.directives.model.report import Area, Report
from execution.directives.model.revenue import Churn, Metric, Revenue
from execution.directives.model.routing import Routing
from execution.directives.model.running import Schedule, Settings
from execution.directives.model.section import Picture, Section, Shown
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
    "journey": Journey,
    "health": Health,
    "revenue": Revenue,
    "outcome": Outcome,
    "quality": Quality,
    "section": Section,
    "goals": Goals,
    "report": Report,
    "schedule": Schedule,
    "settings": Settings,
    "trigger": Trigger,
    "team": Team,
    "routing": Routing,
    "playbook": Playbook,
    "audit": Audit,
}

__all__ = [
    "COMPARISONS", "EVERYBODY", "KINDS", "Action", "Api", "Area", "Audit", "Block", "Called", "Case", "Churn",
    "Column", "Compare", "Component", "Criterion", "CursorSync", "Directive", "Entity", "EntityColumn", "Expansion",
    "FeedSync", "FullSync", "Goal", "Goals", "Group", "Health", "Journey", "Keywords", "Label", "Measure",
    "Measures", "Metric", "Moment", "Move", "Negation", "Outcome", "Override", "Past", "Penalty", "Period",
    "Person", "Picture", "Playbook", "Quality", "Rate", "Report", "Revenue", "Role", "Routing", "Schedule",
    "Section", "Segment", "Settings", "Severity", "Shown", "Signal", "Source", "Span", "Stage", "Stream", "Team",
    "Texts", "Tier", "Tiers", "Trigger", "WindowSync", "parse_duration", "parse_period",
]  # fmt: skip
