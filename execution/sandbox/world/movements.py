"""How recurring revenue moved: what a revenue report or a backtest over the world must come to."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from execution.sandbox.world.accounts import Account
from execution.sandbox.world.courses import Milestone
from execution.sandbox.world.moments import day


def movements(accounts: Iterable[Account], now: int) -> dict[str, dict[str, int]]:
    """US cents a month at list prices, by calendar month in UTC and kind: new, expansion, contraction, churn,
    reactivation. Trials move nothing."""
    found: dict[str, Counter[str]] = {}
    for account in accounts:
        has_paid = False
        for old, new in pairwise(account.milestones):
            if new.at <= now and new.mrr_cents != old.mrr_cents:
                month = found.setdefault(day(new.at)[:7], Counter())
                month[_kind(old, new, has_paid=has_paid)] += new.mrr_cents - old.mrr_cents
                has_paid = True
    return {month: dict(kinds) for month, kinds in sorted(found.items())}


def _kind(old: Milestone, new: Milestone, *, has_paid: bool) -> str:
    if not old.mrr_cents:
        return "reactivation" if has_paid else "new"
    if not new.mrr_cents:
        return "churn"
    return "expansion" if new.mrr_cents > old.mrr_cents else "contraction"
