"""The invoices of an account while they are laid out: billed, paid or not, refunded, written off."""

from execution.sandbox.world.dice import Dice
from execution.sandbox.world.ledger import (
    EXTRA,
    GRACE,
    Attempt,
    Invoice,
    Ledger,
    Line,
    Subscription,
    Terms,
    unit_amount,
)
from execution.sandbox.world.moments import DAY, HOUR, NEVER, SECOND, months_after

RETRIES = (0, 3 * DAY, 8 * DAY, 15 * DAY)
"""When a payment that fails is tried, counted from the first time."""


class Invoicing:
    """Of one ledger, whose invoices are still to be made. They are numbered in the order in which they are laid out,
    which is that of time."""

    def __init__(self, dice: Dice, ledger: Ledger) -> None:
        self._dice = dice
        self._ledger = ledger
        self.made: list[Invoice] = []

    # --- billing ----------------------------------------------------------------------------------

    def lay_out(self, own: Subscription, until: int) -> None:
        """All of a subscription's, as long as it lasts, before `until`."""
        end = min(own.ends_at, until)
        if own.trial_end:
            nothing = [Line(item, many, 0, 0) for item, many in own.terms[0].items]
            self._add(own, own.created, (own.created, own.trial_end), "subscription_create", nothing)
        anchor = own.trial_end or own.created
        step = 12 if self._ledger.interval == "year" else 1
        cycle, at = 0, anchor
        while at < end:
            following = months_after(anchor, (cycle + 1) * step)
            terms = own.terms_at(at)
            reason = "subscription_cycle" if cycle or own.trial_end else "subscription_create"
            lines = [self._line(own, at, item, many, self._price(item) * many) for item, many in terms.items]
            self._add(own, at, (at, following), reason, lines)
            for change in own.terms:
                if at < change.at < min(following, end):
                    self._prorate(own, terms, change, (at, following))
                    terms = change
            cycle, at = cycle + 1, following

    def _price(self, item: int) -> int:
        return unit_amount(item, self._ledger.interval, self._ledger.currency)

    def _line(self, own: Subscription, at: int, item: int, many: int, amount: int) -> Line:
        is_reduced = self._ledger.is_reduced_at(own, at)
        return Line(item, many, amount, amount * self._ledger.percent_off // 100 if is_reduced else 0)

    def _prorate(self, own: Subscription, old: Terms, new: Terms, period: tuple[int, int]) -> None:
        """What is more is billed at once for what is left of the period; what is less waits for the next one."""
        more = (
            (new.plan, new.seats, self._price(new.plan) * new.seats - self._price(old.plan) * old.seats),
            (EXTRA, new.add_ons, self._price(EXTRA) * (new.add_ons - old.add_ons)),
        )
        left, whole = period[1] - new.at, period[1] - period[0]
        lines = [
            self._line(own, new.at, item, many, amount * left // whole)
            for item, many, amount in more
            if amount * left // whole > 0
        ]
        if lines:
            self._add(own, new.at, (new.at, period[1]), "subscription_update", lines)

    def _add(self, own: Subscription, at: int, period: tuple[int, int], reason: str, lines: list[Line]) -> None:
        first = at + (HOUR if reason == "subscription_cycle" else 2 * SECOND)
        attempts: tuple[Attempt, ...] = ()
        if any(line.amount > line.discount for line in lines):
            failures = self._dice.between(1, 2) if self._dice.happens(40) else 0
            attempts = tuple(Attempt(first + RETRIES[turn], turn == failures) for turn in range(failures + 1))
        self.made.append(Invoice(len(self.made), own.number, at, *period, reason, tuple(lines), attempts))

    # --- what becomes of them ---------------------------------------------------------------------

    def cycle_of(self, moment: int) -> int:
        """When the cycle of a moment began, or the moment itself before the first."""
        before = [invoice.created for invoice in self.made if invoice.created <= moment and invoice.is_of_cycle]
        return before[-1] if before else moment

    def stop_paying(self, own: Subscription, since: int, until: int) -> None:
        """What of a subscription is not paid by `since` is not paid any more, till everything is at `until`.

        While it is unpaid its new invoices stay drafts.
        """
        first: int | None = None
        for place, invoice in enumerate(self.made):
            if invoice.subscription != own.number or not invoice.attempts:
                continue
            if invoice.paid_at < since or invoice.created >= until:
                continue
            begun = invoice.attempts[0].at
            first = begun if first is None else first
            tried = () if begun >= first + GRACE else tuple(Attempt(begun + later, False) for later in RETRIES)  # noqa: FBT003
            kept = tuple(attempt for attempt in tried if attempt.at < min(until, own.ends_at))
            paid = (Attempt(until, True),) if until < NEVER else ()  # noqa: FBT003
            self.made[place] = invoice._replace(attempts=kept + paid)

    def refund(self, dice: Dice, as_of: int) -> None:
        """Now and then somebody gets half of a payment back, and some who asked to leave get their last one."""
        is_kind, place, is_parting = dice.happens(30), dice.below(1 << 20), dice.happens(200)
        paid = [one for one in self.made if one.total and one.paid_at < NEVER]
        past = [one for one in paid if one.paid_at < as_of]
        if is_kind and past:
            invoice = past[place % len(past)]
            self._give_back(invoice, invoice.total // 2, invoice.paid_at + 1 + dice.below(60 * DAY))
        asked = [one for one in self._ledger.subscriptions if one.reason == "cancellation_requested"]
        for own in asked if is_parting and not is_kind else []:
            last = [one for one in paid if one.subscription == own.number and one.paid_at < own.ends_at]
            for invoice in last[-1:]:
                self._give_back(invoice, invoice.total, own.ends_at + dice.between(HOUR, 9 * DAY))

    def _give_back(self, invoice: Invoice, amount: int, at: int) -> None:
        *before, last = invoice.attempts
        refunded = last._replace(refunded=amount, refunded_at=at)
        self.made[invoice.number] = invoice._replace(attempts=(*before, refunded))

    def write_off(self) -> None:
        """What was tried in vain and is owing when its subscription ends; it is not tried again."""
        ends = {one.number: one.ends_at for one in self._ledger.subscriptions}
        for place, invoice in enumerate(self.made):
            end = ends[invoice.subscription]
            if invoice.failed_at < end < invoice.paid_at:
                tried = tuple(attempt for attempt in invoice.attempts if attempt.at < end)
                self.made[place] = invoice._replace(attempts=tried, written_off_at=end)
