"""What a complete sync of HubSpot must find: totals over the world itself, not over what the API said."""

from collections import Counter
from collections.abc import Mapping

from execution.sandbox.exchange import Record
from execution.sandbox.hubspot.kinds import Library
from execution.sandbox.world import World, moments


def truth_of(world: World, libraries: Mapping[str, Library]) -> Record:
    """Counts; the newest change of a contact; the deals by stage, and their amounts (whole dollars) by stage."""
    contacts, companies, deals = (libraries[name].index for name in ("contacts", "companies", "deals"))
    newest = max((contacts.modified[i] for i in contacts.live), default=None)
    stages: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    for number in deals.live:
        values = libraries["deals"].values(number)
        stage = values["dealstage"] or ""
        stages[stage] += 1
        amounts[stage] += int(values["amount"] or 0)
    return {
        "contacts": len(contacts.live),
        "archived": len(contacts.archived),
        "last_modified": None if newest is None else moments.iso_ms(newest),
        "owners": len(world.team),
        "companies": len(companies.live),
        "companies_archived": len(companies.archived),
        "deals": len(deals.live),
        "deals_archived": len(deals.archived),
        "deal_stages": dict(stages),
        "deal_amounts": dict(amounts),
    }
