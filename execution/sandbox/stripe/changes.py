"""What can be done to customers of the payment provider while the sandbox runs; every vendor shows what comes of it."""

import msgspec

from execution.errors import UsageError
from execution.sandbox.exchange import Record
from execution.sandbox.stripe.vendor import Stripe
from execution.sandbox.world import World
from execution.sandbox.world.edits import AccountEdit


class Churn(msgspec.Struct, tag_field="change", tag="churn", forbid_unknown_fields=True):
    """The account of a customer leaves now: its subscription ends."""

    customer: str

    def apply(self, world: World, stripe: Stripe) -> Record:
        """Do it; the customer."""
        edit = _edit(world, stripe, self.customer)
        edit.churned_at = min(edit.churned_at, world.now)
        world.forget()
        return {"customer": self.customer}


class StopPaying(msgspec.Struct, tag_field="change", tag="stop_paying", forbid_unknown_fields=True):
    """From now on no charge of a customer succeeds."""

    customer: str

    def apply(self, world: World, stripe: Stripe) -> Record:
        """Do it; the customer."""
        edit = _edit(world, stripe, self.customer)
        edit.fails_from = min(edit.fails_from, world.now)
        world.forget()
        return {"customer": self.customer}


class DeleteCustomer(msgspec.Struct, tag_field="change", tag="delete_customer", forbid_unknown_fields=True):
    """A customer is deleted now."""

    customer: str

    def apply(self, world: World, stripe: Stripe) -> Record:
        """Do it; the customer."""
        edit = _edit(world, stripe, self.customer)
        edit.deleted_at = min(edit.deleted_at, world.now)
        world.forget()
        return {"customer": self.customer}


def _edit(world: World, stripe: Stripe, customer: str) -> AccountEdit:
    thing = stripe.customer(customer)
    if thing is None or thing.number:
        raise UsageError(f"advance: there is no customer {customer}", hint="take the id of one with a subscription")
    return world.edits.account(thing.account)
