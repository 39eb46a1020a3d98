"""What a complete sync of Stripe must find: totals over the world itself, not over what the API said."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from execution.sandbox.exchange import Record
from execution.sandbox.stripe.events import RETENTION
from execution.sandbox.world import Account, World
from execution.sandbox.world.ledger import Ledger, Subscription, unit_amount
from execution.sandbox.world.moments import DAY, NEVER, iso_us
from execution.sandbox.world.movements import movements

_FAILURES = 90 * DAY


def truth_of(world: World, events: int) -> Record:
    """Counts, and money in minor units by currency: `paid` less what was refunded, `mrr` at list prices by status;
    and how that of accounts billed in US dollars moved, month by month (see `world.movements`).

    `by_email` has the same per address in lower case, over all its customers, deleted ones left out, and when and why
    the last subscription ended.
    """
    customers: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    invoices: Counter[str] = Counter()
    charges: Counter[str] = Counter()
    money: dict[str, Counter[str]] = {"paid": Counter(), "mrr": Counter()}
    by_email: dict[str, dict[str, Any]] = {}
    for number in range(world.accounts_to_come() if world.census.people else 0):
        ledger = world.ledger(number)
        if min(ledger.since, ledger.earlier) > world.now:
            continue
        told = _of_ledger(ledger, world.now)
        customers.update(told["customers"])
        statuses.update(told["statuses"])
        invoices.update(told["invoices"])
        charges.update(told["charges"])
        money["paid"][ledger.currency] += told["paid"]
        for status, minor in told["mrr"].items():
            money["mrr"][f"{status} {ledger.currency}"] += minor
        if ledger.has_email:
            email = world.person(world.census.people_of(number).start).email.lower()
            by_email[email] = {"currency": ledger.currency, **told}
    return {
        "customers": customers["live"],
        "customers_deleted": customers["deleted"],
        "customers_without_email": customers["nameless"],
        "subscriptions": statuses.total(),
        "statuses": dict(statuses),
        "invoices": invoices.total(),
        "invoice_statuses": dict(invoices),
        "charges": charges.total(),
        "charge_statuses": dict(charges),
        "paid": dict(money["paid"]),
        "mrr": dict(money["mrr"]),
        "movements": movements(_in_dollars(world), world.now),
        "events": events,
        "retention_days": RETENTION // DAY,
        "by_email": by_email,
    }


def _in_dollars(world: World) -> Iterator[Account]:
    for number in range(world.accounts_to_come() if world.census.people else 0):
        if world.ledger(number).currency == "usd":
            yield world.account(number)


def _of_ledger(ledger: Ledger, now: int) -> dict[str, Any]:
    there = [since for since in (ledger.since, ledger.earlier) if since <= now]
    is_deleted = ledger.deleted_at <= now
    own = [one for one in ledger.subscriptions if one.created <= now]
    billed = [one for one in ledger.invoices if one.created <= now]
    tried = [attempt for one in billed for attempt in one.attempts if attempt.at <= now]
    live = len(there) - is_deleted
    refunded = sum(attempt.refunded for attempt in tried if attempt.refunded_at <= now)
    return {
        "customers": {"live": live, "deleted": int(is_deleted), "nameless": 0 if ledger.has_email else live},
        "statuses": dict(Counter(ledger.status_at(one, now) for one in own)),
        "mrr": _mrr(ledger, own, now),
        "invoices": dict(Counter(one.status_at(now) for one in billed)),
        "charges": dict(Counter("succeeded" if attempt.succeeds else "failed" for attempt in tried)),
        "paid": sum(one.total for one in billed if one.total and one.paid_at <= now) - refunded,
        "refunded": refunded,
        **_leaving(ledger, now),
        "is_delinquent": ledger.failing_since(now) < NEVER,
        "failures_90d": sum(not attempt.succeeds and attempt.at > now - _FAILURES for attempt in tried),
    }  # fmt: skip


def _leaving(ledger: Ledger, now: int) -> dict[str, str | None]:
    if not ledger.subscriptions or ledger.current(now).ends_at > now:
        return {"left_at": None, "left_why": None}
    last = ledger.current(now)
    return {"left_at": iso_us(last.ends_at), "left_why": last.reason}


def _mrr(ledger: Ledger, own: list[Subscription], now: int) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in own:
        status = ledger.status_at(one, now)
        if status != "canceled":
            for item, many in one.terms_at(now).items:
                found[status] += unit_amount(item, "month", ledger.currency) * many
    return dict(found)
