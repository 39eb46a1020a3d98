"""`kind: settings`, `report` and `schedule`: how a team runs the rest."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from execution.directives.model.money import RatesByCurrency
from execution.directives.model.negation import Negation
from execution.directives.model.segment import SegmentName
from execution.directives.model.shape import Directive, Duration, Name


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone: write one of the IANA names, as in Europe/Berlin") from None


TimeZone = Annotated[str, AfterValidator(_known_zone)]


EVERYBODY = "all"
"""What `briefs` says where no segment is to say who gets one."""


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Settings(Directive):
    """A team's own facts; asked once by `gtm init`.

    `rates` are units of the base currency per unit, always or from a day on. `briefs` are the segments whose accounts
    get one. `negations` are the words that deny, by language, for keywords. `paying_statuses` is not written here: it
    is what the revenue directive says counts.
    """

    kind: Literal["settings"]
    time_zone: TimeZone = "UTC"
    base_currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    rates: RatesByCurrency = {}
    fiscal_year_starts: Annotated[int, Field(ge=1, le=12)] = 1
    internal_domains: tuple[str, ...] = ()
    free_mail_domains: tuple[str, ...] = ()
    role_mailboxes: tuple[str, ...] = ()
    briefs: Annotated[tuple[SegmentName, ...], BeforeValidator(_listed), Field(min_length=1)] = (EVERYBODY,)
    compact_tokens: Annotated[int, Field(ge=500)] = 5000
    negations: dict[Name, Negation] = {}
    paying_statuses: tuple[str, ...] = Field(default=("active", "past_due"), exclude=True)


class Report(Directive):
    """A report: who it is for, what period it covers, which sections it has, in order.

    `leave_out` is a condition over customers: for whom it holds is on none of its lists of whom to act on.
    """

    kind: Literal["report"]
    audience: str
    period: Duration
    sections: Annotated[tuple[Name, ...], Field(min_length=1)]
    leave_out: str | None = None
    limit: Annotated[int, Field(ge=1)] = 10


class Schedule(Directive):
    """When `steps` run, in order. `at` is a five-field cron expression in `time_zone`."""

    kind: Literal["schedule"]
    at: str
    time_zone: TimeZone = "UTC"
    steps: Annotated[tuple[Literal["sync", "score", "alerts", "context", "report"], ...], Field(min_length=1)]
    reports: tuple[Name, ...] = ()
    enabled: bool = True
