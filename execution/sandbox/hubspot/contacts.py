"""People in HubSpot's words: contacts, whose properties are all texts or null."""

from execution.sandbox.exchange import Record
from execution.sandbox.hubspot.ids import company_id, contact_id, owner_id
from execution.sandbox.hubspot.kinds import Dates, Values
from execution.sandbox.world import Account, Person, World
from execution.sandbox.world.ledger import customer_id
from execution.sandbox.world.moments import DAY, MILLISECOND, NEVER, iso_ms
from execution.sandbox.world.words import PLACES

_SOURCES = ("ORGANIC_SEARCH", "PAID_SEARCH", "REFERRALS", "DIRECT_TRAFFIC", "EMAIL_MARKETING", "OFFLINE")
_STATUSES = {"lead": "NEW", "trial": "OPEN", "customer": "CONNECTED", "churned": "UNQUALIFIED"}
STAGES = {"lead": "lead", "trial": "opportunity", "customer": "customer", "churned": "other"}
"""The lifecycle stage of an account; who left is moved out of the customers by hand, as teams do."""
_MOST_SHARED = 4096
_LANGUAGES = {"Germany": "de", "Spain": "es", "Brazil": "pt"}


class ContactWire:
    """Renders the contacts of one world as they are at its `now`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._now = world.now
        self._shared: dict[int, Values] = {}

    def dates(self, person: Person) -> Dates:
        """A contact's times: it changes with its person, with its account's milestones, and when somebody edits it."""
        now = self._world.now
        modified, gone, upcoming = person.created, person.archived_at, NEVER
        edits = self._world.edits
        edit = edits.people.get(person.number)
        if edit is not None:
            gone = min(gone, NEVER if edit.archived_at is None else edit.archived_at)
            modified = max(modified, edit.changed_at)
        if gone > now:
            upcoming = gone
        milestones = self._world.account(person.account).milestones
        for changes in (person.changes, [milestone.at for milestone in milestones[1:]]):
            for at in changes:
                if at > now:
                    upcoming = min(upcoming, at)
                    break
                modified = max(modified, at)
        modified = max(modified, edits.bulk_at)
        return Dates(person.created, modified // MILLISECOND * MILLISECOND, gone, upcoming)

    def record(self, person: Person, at: Dates, names: tuple[str, ...]) -> Record:
        """A contact with the properties asked for."""
        values = self.values(person, at)
        is_gone = at.gone <= self._world.now
        record: Record = {
            "id": str(contact_id(person.number)),
            "properties": {name: values[name] for name in names},
            "createdAt": values["createdate"],
            "updatedAt": values["lastmodifieddate"],
            "archived": is_gone,
        }
        if is_gone:
            record["archivedAt"] = iso_ms(at.gone)
        return record

    def values(self, person: Person, at: Dates) -> Values:
        """All forty properties of a contact."""
        now = self._world.now
        email = person.email if person.has_crm_email else None
        values: Values = {
            **self._shared_values(person.account),
            "address": f"{person.visits + 1} Harbour Road",
            "createdate": iso_ms(at.created),
            "email": email,
            "firstname": person.first,
            "hs_additional_emails": person.alias if email else None,
            "hs_analytics_num_page_views": str(person.visits * 3 + person.version_at(now)),
            "hs_analytics_num_visits": str(person.visits),
            "hs_analytics_source": _SOURCES[person.visits % len(_SOURCES)],
            "hs_calculated_merged_vids": None,
            "hs_email_domain": person.email.partition("@")[2] if email else None,
            "hs_email_optout": "true" if person.visits % 29 == 0 else None,
            "hs_merged_object_ids": None,
            "hs_object_id": str(contact_id(person.number)),
            "hs_object_source": "IMPORT" if person.visits % 3 else "FORM",
            "hs_timezone": person.timezone.lower().replace("/", "_slash_"),
            "hubspot_owner_assigneddate": iso_ms(at.created + DAY // 24),
            "jobtitle": None if person.is_role_mailbox else person.title_at(now),
            "lastmodifieddate": iso_ms(at.modified),
            "lastname": person.last,
            "mobilephone": None,
            "phone": person.phone,
        }
        edit = self._world.edits.people.get(person.number)
        if edit is not None:
            values.update(edit.properties)
            values["hs_merged_object_ids"] = ";".join(str(contact_id(loser)) for loser in edit.merged_from) or None
            values["hs_additional_emails"] = self._addresses(values["hs_additional_emails"], edit.merged_from)
        return values

    def _addresses(self, own: str | None, merged: list[int]) -> str | None:
        """A contact's other addresses: its own, and those of whom was merged into it."""
        losers = [self._world.person(loser) for loser in merged]
        found = [own, *(loser.email for loser in losers if loser.has_crm_email)]
        return ";".join(address for address in found if address) or None

    def _shared_values(self, number: int) -> Values:
        """What all people of an account have in common; kept while the world stands still."""
        if self._now != self._world.now or len(self._shared) > _MOST_SHARED:
            self._now = self._world.now
            self._shared.clear()
        values = self._shared.get(number)
        if values is None:
            values = self._shared[number] = self._account_values(self._world.account(number))
        return values

    def _account_values(self, account: Account) -> Values:
        now = self._world.now
        standing = account.at(now)
        city, state, postcode, country, _, _ = PLACES[account.place]
        customer_since = _customer_since(account, now)
        return {
            "annualrevenue": str(account.revenue_usd),
            "associatedcompanyid": str(company_id(account.number)) if account.domain else None,
            "city": city,
            "company": account.name or None,
            "country": country,
            "current_plan": standing.plan,
            "hs_language": _LANGUAGES.get(country, "en"),
            "hs_lead_status": _STATUSES[standing.stage],
            "hs_lifecyclestage_customer_date": None if customer_since is None else iso_ms(customer_since),
            "hs_lifecyclestage_lead_date": iso_ms(account.started),
            "hubspot_owner_id": str(owner_id(account.owner % len(self._world.team))),
            "industry": account.industry,
            "lifecyclestage": STAGES[standing.stage],
            "monthly_recurring_revenue": str(standing.mrr_cents // 100) if standing.mrr_cents else None,
            "numemployees": str(account.employees),
            "state": state or None,
            "stripe_customer_id": None if customer_since is None else customer_id(self._world.seed, account.number),
            "website": account.domain,
            "zip": postcode,
        }


def _customer_since(account: Account, now: int) -> int | None:
    since = [milestone.at for milestone in account.milestones if milestone.stage == "customer" and milestone.at <= now]
    return since[0] if since else None
