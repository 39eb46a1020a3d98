"""The program that a workspace's directives make up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self, TypeVar

from execution.directives.dependencies import Use, uses
from execution.directives.facts import Fact, facts_of
from execution.directives.hashing import program_hash
from execution.directives.model import (
    Audit,
    Directive,
    Entity,
    Goals,
    Health,
    Journey,
    Measures,
    Outcome,
    Playbook,
    Quality,
    Report,
    Revenue,
    Routing,
    Schedule,
    Section,
    Segment,
    Settings,
    Source,
    Team,
    Trigger,
)
from execution.errors import DirectiveError, Problem

Kind = TypeVar("Kind", bound=Directive)


@dataclass(frozen=True)
class Program:
    """Every directive by name, each kind on its own; a directive that could not be read is only in `problems`.

    `labelled` are the sources that are tables to hold scores against; nothing is synced from them.
    `hash` is that of all effective directives; it changes when, and only when, any of their hashes does.
    """

    settings: Settings
    sources: Mapping[str, Source]
    entities: Mapping[str, Entity]
    measures: Mapping[str, Measures]
    segments: Mapping[str, Segment]
    health: Mapping[str, Health]
    revenue: Mapping[str, Revenue]
    outcomes: Mapping[str, Outcome]
    quality: Mapping[str, Quality]
    labelled: Mapping[str, Source]
    sections: Mapping[str, Section]
    reports: Mapping[str, Report]
    schedules: Mapping[str, Schedule]
    triggers: Mapping[str, Trigger]
    playbooks: Mapping[str, Playbook]
    team: Team | None
    goals: Goals | None
    routing: Routing
    audit: Audit | None
    problems: tuple[Problem, ...]
    hash: str

    @classmethod
    def of(cls, directives: Sequence[Directive], problems: Iterable[Problem] = ()) -> Self:
        """The program of these directives; of two with one name the first counts."""
        settings = next(iter(_by_name(directives, Settings).values()), Settings(kind="settings", name="settings"))
        sources = _by_name(directives, Source)
        revenue = _by_name(directives, Revenue)
        counts = next((each.counts for each in revenue.values()), None)
        return cls(
            settings=settings.model_copy(update={"paying_statuses": counts}) if counts else settings,
            sources={name: each for name, each in sources.items() if each.label is None},
            entities=_by_name(directives, Entity),
            measures=_by_name(directives, Measures),
            segments=_by_name(directives, Segment),
            health=_by_name(directives, Health),
            revenue=revenue,
            outcomes=_by_name(directives, Outcome),
            quality=_by_name(directives, Quality),
            labelled={name: each for name, each in sources.items() if each.label is not None},
            sections=_by_name(directives, Section),
            reports=_by_name(directives, Report),
            schedules=_by_name(directives, Schedule),
            triggers=_by_name(directives, Trigger),
            playbooks=_by_name(directives, Playbook),
            team=next(iter(_by_name(directives, Team).values()), None),
            goals=next(iter(_by_name(directives, Goals).values()), None),
            routing=next(iter(_by_name(directives, Routing).values()), Routing(kind="routing", name="routing")),
            audit=next(iter(_by_name(directives, Audit).values()), None),
            problems=tuple(sorted(set(problems))),
            hash=program_hash({f"{each.kind} {each.name}": each.hash for each in directives}),
        )

    def directives(self) -> Iterator[Directive]:
        """Every directive that stands in a file, kind by kind."""
        alone = (self.settings, self.team, self.routing, self.goals, self.audit)
        yield from (each for each in alone if each is not None and each.path)
        derived = (self.revenue, self.measures, self.quality, self.segments, self.health)
        about = (self.triggers, self.playbooks, self.sections, self.reports, self.schedules)
        for kind in (self.sources, self.labelled, self.entities, *derived, self.outcomes, *about):
            yield from kind.values()

    @property
    def journeys(self) -> Mapping[str, Journey]:
        """The segments that are journeys."""
        return {name: each for name, each in self.segments.items() if isinstance(each, Journey)}

    def facts(self, entity: str) -> Mapping[str, Fact]:
        """What an expression over one row of an entity may name."""
        return self._facts[entity]

    @cached_property
    def _facts(self) -> Mapping[str, Mapping[str, Fact]]:
        derived = (self.measures.values(), self.segments.values(), self.health.values(), self.quality.values())
        return {name: facts_of(entity, *derived) for name, entity in self.entities.items()}

    @cached_property
    def uses(self) -> Sequence[Use]:
        """Every use of one step of deriving by another."""
        derived = (self.measures.values(), self.segments.values(), self.health.values(), self.quality.values())
        return uses(self.entities, *derived)

    def require_valid(self) -> Self:
        """The program itself. Raises DirectiveError with every problem where there is any."""
        if self.problems:
            raise DirectiveError(self.problems)
        return self


def _by_name(directives: Sequence[Directive], kind: type[Kind]) -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for directive in directives:
        if isinstance(directive, kind):
            found.setdefault(directive.name, directive)
    return found
