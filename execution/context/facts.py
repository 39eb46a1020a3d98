"""What the store knows of an account, as plain values: one class for each kind of row that `sections/` gives.

Times are naive UTC, as the store keeps them; money is in the base currency unless a row names its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """Rows, most important first, and how many there really are: of many, only the first ones were read."""

    rows: tuple[Row, ...] = ()
    total: int = 0

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __getitem__(self, index: int) -> Row:
        return self.rows[index]


@dataclass(frozen=True, slots=True)
class Signal:
    """Something a person should know; `severity` is critical, high, medium or low."""

    type: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A health score with its range; points from 0 to 100, coverage from 0 to 1. `of` is an e-mail, or a domain."""

    of: str
    score: Decimal
    low: Decimal
    high: Decimal
    coverage: Decimal
    band: str | None
    churn_risk: Decimal | None
    action: str | None


@dataclass(frozen=True, slots=True)
class Override:
    """What somebody holds the health to be, beside the computed one: a score from 0 to 100, or a band."""

    score: Decimal | None
    band: str | None
    reason: str
    author: str
    expires: date


@dataclass(frozen=True, slots=True)
class Feeling:
    """How the account feels to the one who looks after it, from 1 to 5."""

    score: int
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Person:
    """A contact of an account. `row` are the columns of the unified view that a template names besides."""

    email: str
    name: str | None
    job_title: str | None
    customer_type: str | None
    mrr: Decimal | None
    plan_name: str | None
    subscription_status: str | None
    standing: Standing | None
    signals: tuple[Signal, ...]
    last_contact_at: datetime | None
    is_quiet: bool
    next_call_at: datetime | None
    last_seen_at: datetime | None
    words: tuple[tuple[str, str], ...]
    """What they told us themselves: (about what, their words)."""
    row: SimpleNamespace

    @property
    def called(self) -> str:
        """Their name, or else their address."""
        return self.name or self.email


@dataclass(frozen=True, slots=True)
class Happening:
    """A meeting, a conversation, a payment …; `id` is the record's in its source. `is_recent` and `is_lately` say
    whether it lies in the windows of the settings."""

    at: datetime
    kind: str
    status: str | None
    title: str | None
    detail: str | None
    email: str
    name: str | None
    host: str | None
    rating: int | None
    amount: Decimal | None
    currency: str | None
    id: str
    is_recent: bool
    is_lately: bool
    recent_total: int
    lately_total: int
    total: int

    @property
    def called(self) -> str:
        """With whom: a name, or else an address."""
        return self.name or self.email


@dataclass(frozen=True, slots=True)
class Logins:
    """How often the product was used in a month, and by how many people."""

    month: date
    logins: int
    people: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; `author` is customer, team or bot."""

    conversation: str
    author: str | None
    at: datetime
    text: str | None
    email: str
    name: str | None
    is_lately: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal, open or decided. The amount is in the deal's own currency."""

    name: str | None
    stage: str | None
    status: str
    amount: Decimal | None
    currency: str | None
    probability: Decimal | None
    forecast: str | None
    owner: str | None
    opened_at: datetime | None
    expected_close: date | None
    closed_at: datetime | None
    last_activity_at: datetime | None
    email: str | None
    is_overdue: bool
    is_lately: bool


@dataclass(frozen=True, slots=True)
class Subscription:
    """Something that is or was paid for; the amount is a month's, in its own currency."""

    plan: str | None
    status: str | None
    amount: Decimal | None
    currency: str | None
    every: str | None
    quantity: int | None
    email: str
    name: str | None
    started_at: datetime | None
    trial_ends_at: datetime | None
    canceled_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of what the account pays a month, and what it came to before and after."""

    day: date
    kind: str
    change: Decimal
    before: Decimal | None
    after: Decimal | None
    is_lately: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """The score from a moment on, in thousandths of a point, with the names of the signals that held."""

    at: datetime
    milli: int | None
    band: str | None
    signals: tuple[str, ...]
    is_lately: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that was told of; open while it is not resolved."""

    id: str
    trigger: str
    severity: str
    message: str
    at: datetime
    resolved_at: datetime | None
    resolution: str | None
    taken_by: str | None
    snoozed_until: datetime | None
    is_lately: bool


@dataclass(frozen=True, slots=True)
class Task:
    """Something on somebody's list; `why` is what the alert behind it says."""

    title: str
    note: str | None
    assignee: str | None
    due_at: datetime | None
    created_at: datetime
    done_at: datetime | None
    done_by: str | None
    why: str | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Churn:
    """That the account stopped to pay."""

    day: date
    type: str
    reason: str | None
    detail: str | None
    returned_on: date | None
    mrr: Decimal | None


@dataclass(frozen=True, slots=True)
class Membership:
    """That the account, or some of its people, are in a segment; `part` is the group, where it has groups."""

    segment: str
    part: str | None
    people: int | None
    """None where the account itself is."""


@dataclass(frozen=True, slots=True)
class Known:
    """A source that knows the account, and when it last changed something there."""

    source: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Parts:
    """What makes the score of the account, in thousandths: every part by name, None where it is not known. `segment` is
    the override of the directive that applies."""

    score: str
    segment: str | None
    parts: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Head:
    """An account as a whole."""

    account: str
    name: str
    domain: str | None
    industry: str | None
    company_size: str | None
    country: str | None
    city: str | None
    website: str | None
    owner: str | None
    stage: str | None
    renewal_date: date | None
    renews_soon: bool | None
    is_renewal_past: bool | None
    mrr: Decimal | None
    arr: Decimal | None
    last_contact_at: datetime | None
    next_call_at: datetime | None
    people_count: int
    people_with_mrr: int
    people_with_arr: int
    people_with_band: int
    is_calendar_known: bool
    standing: Standing | None
    """That of the account as a whole; None where no directive scores companies, or nothing is known."""
    weakest: Standing | None
    override: Override | None
    feeling: Feeling | None
    signals: tuple[Signal, ...]
    """What holds for the account as a whole."""
    potential: str | None
    potential_reason: str | None
    tags: tuple[str, ...]
    stakeholders: tuple[Mapping[str, Any], ...]
    """Who counts there, as people wrote it: name, email, role, title."""
    row: SimpleNamespace | None
    """The columns of the unified view of companies that a template names besides; None where it is no company."""

    @property
    def key(self) -> str:
        """The domain, or a person's address."""
        return self.account


@dataclass(frozen=True, slots=True)
class Account:
    """One account with its people and all that goes on with it, most important first."""

    head: Head
    folder: str
    people: Listed[Person] = field(default_factory=Listed)
    interactions: Listed[Happening] = field(default_factory=Listed)
    payments: Listed[Happening] = field(default_factory=Listed)
    upcoming: Listed[Happening] = field(default_factory=Listed)
    logins: Listed[Logins] = field(default_factory=Listed)
    messages: Listed[Message] = field(default_factory=Listed)
    deals: Listed[Deal] = field(default_factory=Listed)
    decided: Listed[Deal] = field(default_factory=Listed)
    subscriptions: Listed[Subscription] = field(default_factory=Listed)
    movements: Listed[Movement] = field(default_factory=Listed)
    history: Listed[Scored] = field(default_factory=Listed)
    alerts: Listed[Alert] = field(default_factory=Listed)
    past_alerts: Listed[Alert] = field(default_factory=Listed)
    tasks: Listed[Task] = field(default_factory=Listed)
    done_tasks: Listed[Task] = field(default_factory=Listed)
    churns: Listed[Churn] = field(default_factory=Listed)
    segments: Listed[Membership] = field(default_factory=Listed)
    known: Listed[Known] = field(default_factory=Listed)
    parts: Listed[Parts] = field(default_factory=Listed)
