"""`kind: settings` and `schedule`: how a team runs the rest."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from execution.directives.model.account_files import EVERYBODY, Role, Segments, Tiers
from execution.directives.model.money import RatesByCurrency
from execution.directives.model.negation import Negation
from execution.directives.model.note_folder import NoteFolder
from execution.directives.model.shape import Directive, Duration, Name, parse_duration


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone: write one of the IANA names, as in Europe/Berlin") from None


TimeZone = Annotated[str, AfterValidator(_known_zone)]


class Settings(Directive):
    """A team's own facts; asked once by `gtm init`.

    `rates` are units of the base currency per unit, always or from a day on. `briefs` are the segments whose accounts
    get a folder, `tiers` which of its context files are written, each within its `…_tokens`. `recent` and `lately` are
    how far back the compact and the standard one look for what is new; who counts is quiet after `quiet_after`, and a
    renewal is a next step from `renewal_soon` before it. `roles` are those that people play in an account's decisions,
    most important first. `timeline_entries` bounds a timeline, `notes` says which events get a note, and beyond
    `index_accounts` the index has a page for each owner. `negations` are the words that deny, by language, for
    keywords. `paying_statuses` is not written here: it is what the revenue directive says counts.
    """

    kind: Literal["settings"]
    time_zone: TimeZone = "UTC"
    base_currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    rates: RatesByCurrency = {}
    fiscal_year_starts: Annotated[int, Field(ge=1, le=12)] = 1
    internal_domains: tuple[str, ...] = ()
    free_mail_domains: tuple[str, ...] = ()
    role_mailboxes: tuple[str, ...] = ()
    briefs: Annotated[Segments, Field(min_length=1)] = (EVERYBODY,)
    tiers: Tiers = Field(default_factory=Tiers)
    compact_tokens: Annotated[int, Field(ge=500)] = 5000
    standard_tokens: Annotated[int, Field(ge=500)] = 40_000
    extended_tokens: Annotated[int, Field(ge=500)] = 200_000
    recent: Duration = parse_duration("7d")
    lately: Duration = parse_duration("30d")
    quiet_after: Duration = parse_duration("45d")
    renewal_soon: Duration = parse_duration("90d")
    roles: dict[Name, Role] = {}
    timeline_entries: Annotated[int, Field(ge=1)] = 200
    notes: dict[Literal["meetings", "calls", "emails"], NoteFolder] = {}
    index_accounts: Annotated[int, Field(ge=1)] = 300
    negations: dict[Name, Negation] = {}
    paying_statuses: tuple[str, ...] = Field(default=("active", "past_due"), exclude=True)


class Schedule(Directive):
    """When `steps` run, in order. `at` is a five-field cron expression in `time_zone`."""

    kind: Literal["schedule"]
    at: str
    time_zone: TimeZone = "UTC"
    steps: Annotated[tuple[Literal["sync", "score", "alerts", "context", "report"], ...], Field(min_length=1)]
    reports: tuple[Name, ...] = ()
    enabled: bool = True
