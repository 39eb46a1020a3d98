"""The program that a workspace's directives make up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from execution.directives.model import Entity, Health, Measures, Report, Schedule, Settings, Source
from execution.errors import DirectiveError, Problem


@dataclass(frozen=True)
class Program:
    """Every directive by name, each kind on its own; a directive that could not be read is only in `problems`.

    `hash` is that of all effective directives; it changes when, and only when, any of their hashes does.
    """

    settings: Settings
    sources: Mapping[str, Source]
    entities: Mapping[str, Entity]
    measures: Mapping[str, Measures]
    health: Mapping[str, Health]
    reports: Mapping[str, Report]
    schedules: Mapping[str, Schedule]
    problems: tuple[Problem, ...]
    hash: str

    def require_valid(self) -> Self:
        """The program itself. Raises DirectiveError with every problem where there is any."""
        if self.problems:
            raise DirectiveError(self.problems)
        return self
