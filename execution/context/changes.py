"""What changed at an account, as dated lines, the latest first: revenue, health, deals, alerts, and that they left."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from execution.context import wording
from execution.context.facts import Account
from execution.files.quoting import Markdown, inline


@dataclass(frozen=True, slots=True)
class Change:
    """What changed, in harmless words, and when; `is_lately` where that lies in the window of the settings."""

    at: datetime | date
    what: Markdown
    is_lately: bool


def changes(account: Account, currency: str) -> tuple[Change, ...]:
    """Every change that is known, the latest first."""
    found = [*_revenue(account, currency), *_scores(account), *_deals(account), *_alerts(account), *_churns(account)]
    return tuple(sorted(found, key=lambda change: (change.at.isoformat(), change.what), reverse=True))


def _revenue(account: Account, currency: str) -> Iterator[Change]:
    for move in account.movements:
        after = f"to {wording.money(move.after, currency)} a month" if move.after is not None else ""
        sign = "+" if move.change > 0 else ""
        change = f"{sign}{move.change:,.2f}".removesuffix(".00")
        yield Change(
            move.day, Markdown(f"Revenue, {inline(wording.phrase(move.kind))}: {change} {after}"), move.is_lately
        )


def _scores(account: Account) -> Iterator[Change]:
    states = account.history.rows
    for state, before in pairwise(states):
        if state.milli is None or before.milli is None:
            continue
        points = f"{wording.points(before.milli / 1000)} → {wording.points(state.milli / 1000)}"
        if state.band != before.band:
            was, now = (inline(wording.phrase(each.band) or "no label") for each in (before, state))
            yield Change(state.at, Markdown(f"Health went from {was} → {now} ({points})"), state.is_lately)
        else:
            yield Change(state.at, Markdown(f"Health {points}"), state.is_lately)


def _deals(account: Account) -> Iterator[Change]:
    for deal in account.decided:
        if deal.closed_at:
            worth = wording.money(deal.amount, deal.currency)
            yield Change(
                deal.closed_at, Markdown(f"Deal {inline(deal.status)}: {inline(deal.name)}, {worth}"), deal.is_lately
            )


def _alerts(account: Account) -> Iterator[Change]:
    for alert in (*account.alerts, *account.past_alerts):
        yield Change(alert.at, Markdown(f"Alert, {inline(alert.severity)}: {inline(alert.message)}"), alert.is_lately)


def _churns(account: Account) -> Iterator[Change]:
    for churn in account.churns:
        why = f", {inline(wording.phrase(churn.reason))}" if churn.reason else ""
        back = f"; back on {churn.returned_on.isoformat()}" if churn.returned_on else ""
        yield Change(churn.day, Markdown(f"Left ({inline(wording.phrase(churn.type))}{why}){back}"), is_lately=False)
