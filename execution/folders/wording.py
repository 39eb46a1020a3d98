"""What a timeline says of each entry: one line of harmless Markdown, in the team's zone and currency."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from execution.directives import Program
from execution.directives.model import Health
from execution.files.quoting import code, inline
from execution.folders.entries import Entry, Someone

LONGEST_DETAIL = 160
_LONGEST_NOTE = 400
_NAMED = 4
"""People and reasons that one line names."""
_REASONS = 2

_OF_A_DAY = ("note", "person")
"""Of these the day is known, and no hour."""

_MEETING = {"booked": "held", "no_show": "missed", "canceled": "called off", "rescheduled": "moved to another day"}
_DEAL = {"opened": "Deal opened", "moved": "Deal moved", "won": "Deal won", "lost": "Deal lost"}
_PAYMENT = {"succeeded": "Paid", "failed": "Payment failed", "refunded": "Payment refunded"}
_REVENUE = {
    "new": "New recurring revenue", "expansion": "Revenue grew", "contraction": "Revenue shrank",
    "churn": "Recurring revenue ended", "reactivation": "Recurring revenue came back",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tongue:
    """What words depend on beside the entry: the team's zone and currency, the names of our people by e-mail and by
    name in the team, and how the parts of each score are called."""

    zone: ZoneInfo
    currency: str
    ours: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, program: Program) -> "Tongue":
        people = program.team.people if program.team is not None else {}
        ours = {key: person.name for key, person in people.items()}
        ours |= {person.email: person.name for person in people.values()}
        parts = {name: _labels(score) for name, score in program.health.items()}
        return cls(ZoneInfo(program.settings.time_zone), program.settings.base_currency, ours, parts)

    def local(self, at: datetime) -> datetime:
        """A stored moment, naive UTC, in the team's zone."""
        return at.replace(tzinfo=UTC).astimezone(self.zone)

    def person(self, who: str | None) -> str:
        """One of us, by the name that people know."""
        known = self.ours.get(who or "")
        return code(who) if known is None and "@" in (who or "") else inline(known or who or None)


def _labels(score: Health) -> dict[str, str]:
    labels = {name: component.label or name.replace("_", " ") for name, component in score.components.items()}
    return labels | {f"penalty.{name}": penalty.reason for name, penalty in score.penalties.items()}


def line(entry: Entry, tongue: Tongue) -> str:
    """The entry in one line, without its day: `10:00 Meeting held: Quarterly review, with Ada Lovelace; host Jo`."""
    said = _SAID.get(entry.kind, _other)(entry, tongue)
    return said if entry.kind in _OF_A_DAY else f"{tongue.local(entry.at):%H:%M} {said}"


def people(who: tuple[Someone, ...]) -> str:
    """`Ada, Bob and 2 more`, each as people know them."""
    named = [inline(each.name or each.email) for each in who[:_NAMED]]
    more = f" and {len(who) - _NAMED} more" if len(who) > _NAMED else ""
    return ", ".join(named) + more


def money(amount: Decimal | None, currency: str | None) -> str:
    """`USD 1,200`, with cents where there are any."""
    if amount is None:
        return inline(None)
    figure = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return f"{inline(currency) if currency else 'currency not captured,'} {figure}"


def meeting_state(state: str | None, *, is_past: bool = True) -> str:
    """How a meeting stands, in people's words."""
    if state == "booked" and not is_past:
        return "booked"
    return _MEETING.get(state or "", inline(state))


# --- each kind ----------------------------------------------------------------------------------


def _meeting(entry: Entry, tongue: Tongue) -> str:
    parts = [f"Meeting {meeting_state(entry.state)}: {inline(entry.title)}", *_with(entry)]
    if entry.state != "booked" and entry.detail:
        parts.append(f"reason given: “{inline(entry.detail, LONGEST_DETAIL)}”")
    return _and_host(", ".join(parts), entry, tongue)


def _conversation(entry: Entry, tongue: Tongue) -> str:
    said = f"Conversation: {inline(entry.title or entry.detail, LONGEST_DETAIL)}"
    rated = [f"rated {entry.amount:.0f} of 5"] if entry.amount is not None else []
    return _and_host(", ".join([said, *_with(entry), *_state(entry), *rated]), entry, tongue)


def _payment(entry: Entry, tongue: Tongue) -> str:  # noqa: ARG001 - all kinds are said alike
    said = _PAYMENT.get(entry.state or "", f"Payment, {inline(entry.state)}")
    sum_ = money(entry.amount, entry.currency) if entry.amount is not None else inline(entry.title)
    why = [f"“{inline(entry.detail, LONGEST_DETAIL)}”"] if entry.detail else []
    return ", ".join([f"{said}: {sum_}", *(f"by {people(entry.who)}" for _ in entry.who[:1]), *why])


def _deal(entry: Entry, tongue: Tongue) -> str:
    said = _DEAL.get(entry.state or "", f"Deal, {inline(entry.state)}")
    parts = [f"{said}: {inline(entry.title)}", *([inline(entry.detail.replace("_", " "))] if entry.detail else [])]
    parts += [money(entry.amount, entry.currency)] if entry.amount is not None else []
    return ", ".join(parts) + (f"; owner {tongue.person(entry.host)}" if entry.host else "")


def _person(entry: Entry, tongue: Tongue) -> str:  # noqa: ARG001
    title = f", {inline(entry.title)}" if entry.title else ""
    return f"New person: {people(entry.who)}{title}"


def _health(entry: Entry, tongue: Tongue) -> str:
    was, _, moved = (entry.detail or "").partition(";")
    whose = f" of {people(entry.who)}" if entry.who else ""
    said = f"Health{whose}: {inline((entry.state or '').replace('_', ' '))}, {_points(was)} → {entry.amount:.1f}"
    if not moved:
        return f"{said}, since its directive was changed"
    labels = tongue.parts.get(entry.source or "", {})
    reasons = [part.rpartition("=")[::2] for part in moved.split(",")[:_REASONS]]
    return f"{said}: " + "; ".join(f"{inline(labels.get(part, part))} {_points(by):+}" for part, by in reasons)


def _points(milli: str) -> Decimal:
    return (Decimal(int(milli or 0)) / 1000).quantize(Decimal("0.1"))


def _revenue(entry: Entry, tongue: Tongue) -> str:
    said = _REVENUE.get(entry.state or "", f"Revenue, {inline(entry.state)}")
    amount = entry.amount or Decimal(0)
    by = f"{'+' if amount > 0 else '-' if amount < 0 else ''}{money(abs(amount), tongue.currency)}"
    return f"{said}: {by} a month, {money(Decimal(entry.detail or 0), tongue.currency)} from then on"


def _alert(entry: Entry, tongue: Tongue) -> str:
    if entry.state != "resolved":
        return f"Alert ({inline(entry.state)}): {inline(entry.title)}"
    by = f", by {tongue.person(entry.host)}" if entry.host else ""
    came = f", {inline(entry.detail)}" if entry.detail else ""
    return f"Alert ended: {inline(entry.title)}{came}{by}"


def _task(entry: Entry, tongue: Tongue) -> str:
    by = f", by {tongue.person(entry.host)}" if entry.host else ""
    by = ", ticked in its list" if (entry.host or "").endswith("/tasks.md") else by
    return f"Task done: {inline(entry.title)}{by}"


def _note(entry: Entry, tongue: Tongue) -> str:  # noqa: ARG001
    about = f", {inline(entry.title)}" if entry.title else ""
    return f"Note{about}: {inline(entry.detail, _LONGEST_NOTE)}"


def _other(entry: Entry, tongue: Tongue) -> str:
    kind = inline(entry.kind.replace("_", " ")).capitalize()
    parts = [f"{kind}: {inline(entry.title or entry.detail, LONGEST_DETAIL)}", *_with(entry), *_state(entry)]
    return _and_host(", ".join(parts), entry, tongue)


def _with(entry: Entry) -> list[str]:
    return [f"with {people(entry.who)}"] if entry.who else []


def _state(entry: Entry) -> list[str]:
    return [inline(entry.state.replace("_", " "))] if entry.state else []


def _and_host(said: str, entry: Entry, tongue: Tongue) -> str:
    return f"{said}; host {tongue.person(entry.host)}" if entry.host else said


_SAID = {
    "meeting": _meeting, "conversation": _conversation, "payment": _payment, "deal": _deal, "person": _person,
    "health": _health, "revenue": _revenue, "alert": _alert, "task": _task, "note": _note,
}  # fmt: skip
