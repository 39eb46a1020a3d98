"""What a report is made from: the store, the directives, the time it is about, and whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from execution import engine
from execution.context.accounts import relations
from execution.directives import Program
from execution.directives.model import Compare, Health, Report, Span
from execution.health import view
from execution.measures import Stored
from execution.reports.kept import Kept
from execution.reports.spans import length
from execution.workspace import Workspace


@dataclass(frozen=True)
class Scene:
    """The store, the program, the report, the moment (aware), the period, and the person of the team whose report it
    is, if it is anybody's."""

    con: engine.Connection
    program: Program
    workspace: Workspace
    report: Report
    as_of: datetime
    span: Span
    stored: Stored
    user: str | None = None
    kept: Kept = field(default_factory=Kept)
    given: str = ""
    """The schema in which a test gives what stands beside the entities; nothing where it is worked out."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.program.settings.time_zone)

    @property
    def health(self) -> Health | None:
        """The health directive that customers are judged by."""
        return view.primary(self.program, "customers") if "customers" in self.program.entities else None

    @property
    def begin(self) -> datetime:
        """When the period begins, as the store keeps times."""
        return engine.naive_utc(self.span.begin)

    @property
    def until(self) -> datetime:
        """Up to when the period has passed, as the store keeps times."""
        return engine.naive_utc(self.span.until)

    @property
    def internal_domains(self) -> list[str]:
        """The team's own: colleagues sit in calls, and are nobody's customers."""
        return [domain.lower() for domain in self.program.settings.internal_domains]

    def before(self, compare: Compare) -> "Scene":
        """The same of the period to compare with, at the moment that corresponds."""
        span = self.span.before(compare)
        return replace(self, span=span, as_of=self.as_of - (self.span.until - span.until))

    def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - whatever the SQL binds
        """The rows of a SELECT over customers, companies, deals and events."""
        ctes = ", ".join(relations(self.program, self.stored))
        return engine.dicts(self.con, f"WITH {ctes} {sql}", params or None)

    def day(self, offset: int = 0) -> datetime:
        """The naive UTC moment at which the team's day begins; `offset` in days from the day of `as_of`."""
        today = self.as_of.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return engine.naive_utc((today + timedelta(days=offset)).replace(tzinfo=self.zone))

    def asked(self) -> Mapping[str, Any]:
        """What a section may ask for as $name; times are naive, in UTC."""
        return {
            "as_of": engine.naive_utc(self.as_of),
            "begin": self.begin,
            "end": engine.naive_utc(self.span.end),
            "until": self.until,
            "today": self.day(),
            "tomorrow": self.day(1),
            "day": self.as_of.astimezone(self.zone).date(),
            "every": length(self.span),
            "user": self.user,
        }
