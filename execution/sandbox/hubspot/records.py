"""Companies and deals of one world, found and rendered. They are laid out when they are first asked for, and again
after the world moved on."""

from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from execution.sandbox.exchange import Record, encode
from execution.sandbox.hubspot.catalog import COMPANIES, DEALS, DEALS_PER_ACCOUNT, PROBABILITIES
from execution.sandbox.hubspot.deals import CLOSED, WON, Deal, make_deals
from execution.sandbox.hubspot.kinds import Kind
from execution.sandbox.hubspot.wire import STAGES, Dates, owner_id
from execution.sandbox.shelf import Shelf
from execution.sandbox.world import World
from execution.sandbox.world.billing import customer_id
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.moments import DAY, HOUR, MILLISECOND, NEVER, iso_ms
from execution.sandbox.world.words import PLACES

_NO_DATES = Dates(NEVER, NEVER, NEVER, NEVER)


class Wire(Protocol):
    """How records of a kind come out of the world."""

    kind: Kind

    def count(self) -> int:
        """How many numbers there are, those of records that do not exist included."""

    def dates(self, number: int) -> Dates:
        """A record's times, NEVER where there is none; edits by hand aside."""

    def values(self, number: int) -> dict[str, str | None]:
        """Its properties, but for its id and times."""


class RecordIndex:
    """All records of a kind at the world's `now`."""

    def __init__(self, world: World, wire: Wire) -> None:
        self.created, self.modified, self.gone = array("q"), array("q"), array("q")
        for number in range(wire.count()):
            created, modified, gone, _ = wire.dates(number)
            edit = world.edits.records.get((wire.kind.name, number))
            if edit is not None:
                modified, gone = max(modified, edit.changed_at), min(gone, edit.archived_at)
            self.created.append(created)
            self.modified.append(modified // MILLISECOND * MILLISECOND)
            self.gone.append(gone)
        there = [number for number, at in enumerate(self.created) if at <= world.now]
        self.live = array("I", [number for number in there if self.gone[number] > world.now])
        self.archived = array("I", [number for number in there if self.gone[number] <= world.now])
        self.version = 0


class Records:
    """A library (see `kinds.Library`) of companies or of deals."""

    def __init__(self, world: World, wire: Wire) -> None:
        self._world = world
        self._wire = wire
        self._index: RecordIndex | None = None
        self._shelf = Shelf()
        self._moves = 0

    @property
    def index(self) -> RecordIndex:
        """All of them at a glance."""
        if self._index is None:
            self._index = RecordIndex(self._world, self._wire)
            self._index.version = self._moves
        return self._index

    def moved_on(self) -> None:
        """What was laid out and rendered is of another moment."""
        self._index = None
        self._moves += 1
        self._shelf.clear()

    def parts(self, indexes: Sequence[int], names: tuple[str, ...]) -> list[bytes]:
        """Their JSON, comma-separated, in parts."""
        parts = []
        for number in indexes:
            parts += [self._text(number, names), b","]
        return parts[:-1]

    def _text(self, number: int, names: tuple[str, ...]) -> bytes:
        return self._shelf.text((number, names), lambda: encode(self.record(number, names)))

    def record(self, index: int, names: tuple[str, ...]) -> Record:
        """One record as it is now."""
        values, gone = self.values(index), self.index.gone[index]
        record: Record = {
            "id": values["hs_object_id"],
            "properties": {name: values[name] for name in names},
            "createdAt": values["createdate"],
            "updatedAt": values["hs_lastmodifieddate"],
            "archived": gone <= self._world.now,
        }
        if gone <= self._world.now:
            record["archivedAt"] = iso_ms(gone)
        return record

    def values(self, index: int) -> dict[str, str | None]:
        """All properties of one record as they are now."""
        kind = self._wire.kind
        edit = self._world.edits.records.get((kind.name, index))
        return {
            **self._wire.values(index),
            **(edit.properties if edit is not None else {}),
            "createdate": iso_ms(self.index.created[index]),
            "hs_lastmodifieddate": iso_ms(self.index.modified[index]),
            "hs_object_id": str(kind.id_of(index)),
        }


class CompanyWire:
    """Accounts with a domain of their own are companies."""

    kind = COMPANIES

    def __init__(self, world: World, deals: "DealWire") -> None:
        self._world = world
        self._deals = deals

    def count(self) -> int:
        """Of the whole story: companies to come have no dates yet."""
        return self._world.accounts_to_come() if self._world.census.people else 0

    def dates(self, number: int) -> Dates:
        """It changes with the account's milestones; a few were deleted long after."""
        account, now = self._world.account(number), self._world.now
        if account.domain is None or account.started + HOUR > now:
            return _NO_DATES
        dice = Dice(self._world.seed, "company", number)
        gone = account.started + dice.between(200, 900) * DAY if dice.happens(12) else NEVER
        modified = max(milestone.at for milestone in account.milestones if milestone.at <= now)
        created = account.started + HOUR
        return Dates(created, max(created, modified), gone, NEVER)

    def values(self, number: int) -> dict[str, str | None]:
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


class DealWire:
    """Up to four deals of an account, numbered by account and slot."""

    kind = DEALS

    def __init__(self, world: World) -> None:
        self._world = world
        self.of = lru_cache(16_384)(self._make)

    def _make(self, account: int) -> dict[int, Deal]:
        return make_deals(self._world.seed, self._world.account(account), self._world.as_of)

    def deal(self, number: int) -> Deal | None:
        """The deal of a number."""
        account, slot = divmod(number, DEALS_PER_ACCOUNT)
        return self.of(account).get(slot)

    def count(self) -> int:
        """Of the whole story: deals to come have no dates yet."""
        return self._world.accounts_to_come() * DEALS_PER_ACCOUNT if self._world.census.people else 0

    def dates(self, number: int) -> Dates:
        """It changes with its stage."""
        deal = self.deal(number)
        if deal is None or deal.created > self._world.now:
            return _NO_DATES
        return Dates(deal.created, deal.changed_at(self._world.now), deal.archived_at, NEVER)

    def values(self, number: int) -> dict[str, str | None]:
        """The deal's properties; closed ones keep the day they were closed."""
        deal = self.deal(number)
        assert deal is not None  # noqa: S101 - the index has the number
        world = self._world
        account = world.account(number // DEALS_PER_ACCOUNT)
        stage = deal.stage_at(world.now)
        people = len(world.census.people_of(account.number)[:2])
        return {
            "amount": None if deal.amount_cents is None else str(deal.amount_cents // 100),
            "closedate": iso_ms(deal.close_at),
            "closed_lost_reason": (deal.reason or None) if stage in CLOSED - WON else None,
            "deal_currency_code": "USD",
            "dealname": deal.name,
            "dealstage": stage,
            "dealtype": "newbusiness" if deal.is_new else "existingbusiness",
            "description": None,
            "hs_deal_stage_probability": PROBABILITIES[stage],
            "hs_is_closed": "true" if stage in CLOSED else "false",
            "hs_is_closed_won": "true" if stage in WON else "false",
            "hubspot_owner_id": str(owner_id(account.owner % len(world.team))),
            "num_associated_contacts": str(people),
            "pipeline": deal.pipeline,
        }
