"""Accounts in HubSpot's words: companies."""

from execution.sandbox.hubspot.contacts import STAGES
from execution.sandbox.hubspot.deals import DealWire
from execution.sandbox.hubspot.ids import owner_id
from execution.sandbox.hubspot.kinds import COMPANIES, NOWHERE, Dates, Values
from execution.sandbox.world import World
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.ledger import customer_id
from execution.sandbox.world.moments import DAY, HOUR, NEVER
from execution.sandbox.world.words import PLACES


class CompanyWire:
    """Accounts with a domain of their own are companies."""

    kind = COMPANIES

    def __init__(self, world: World, deals: DealWire) -> None:
        self._world = world
        self._deals = deals

    def count(self) -> int:
        """Of the whole story: companies to come have no dates yet."""
        return self._world.accounts_to_come() if self._world.census.people else 0

    def dates(self, number: int) -> Dates:
        """It changes with the account's milestones; a few were deleted long after."""
        account, now = self._world.account(number), self._world.now
        if account.domain is None or account.started + HOUR > now:
            return NOWHERE
        dice = Dice(self._world.seed, "company", number)
        gone = account.started + dice.between(200, 900) * DAY if dice.happens(12) else NEVER
        modified = max(milestone.at for milestone in account.milestones if milestone.at <= now)
        created = account.started + HOUR
        return Dates(created, max(created, modified), gone, NEVER)

    def values(self, number: int) -> Values:
        """The account in the words of a company."""
        world, account = self._world, self._world.account(number)
        standing, people = account.at(world.now), world.census.people_of(number)
        city, state, postcode, country, _, prefix = PLACES[account.place]
        deals = [deal for deal in self._deals.of(number).values() if deal.created <= world.now]
        has_paid = any(one.stage == "customer" and one.at <= world.now for one in account.milestones)
        return {
            "annualrevenue": str(account.revenue_usd),
            "city": city,
            "country": country,
            "current_plan": standing.plan,
            "domain": account.domain,
            "hubspot_owner_id": str(owner_id(account.owner % len(world.team))),
            "industry": account.industry,
            "lifecyclestage": STAGES[standing.stage],
            "monthly_recurring_revenue": str(standing.mrr_cents // 100) if standing.mrr_cents else None,
            "name": account.name or None,
            "num_associated_contacts": str(len(people)),
            "num_associated_deals": str(len(deals)) if deals else None,
            "numberofemployees": str(account.employees),
            "phone": f"{prefix} {1000 + number % 9000}",
            "state": state or None,
            "stripe_customer_id": customer_id(world.seed, number) if has_paid else None,
            "website": account.domain,
            "zip": postcode,
        }
