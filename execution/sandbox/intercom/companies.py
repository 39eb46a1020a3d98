"""Accounts as companies in Intercom's words, as they are now."""

from execution.sandbox.exchange import Record
from execution.sandbox.intercom.view import View
from execution.sandbox.intercom.workspace import WORKSPACE
from execution.sandbox.world.courses import PLANS
from execution.sandbox.world.moments import SECOND


def company(view: View, number: int) -> Record:
    """A company."""
    world, account = view.world, view.world.account(number)
    standing, users = account.at(world.now), view.roster.users(number)
    started = world.ledger(number).since // SECOND
    seen = view.roster.requested_s(number)
    plan = next((place for place, (name, _) in enumerate(PLANS) if name == standing.plan), None)
    made: Record = {
        "type": "company",
        "id": view.ids.company(number),
        "company_id": f"acct-{number}",
        "app_id": WORKSPACE,
        "name": account.name or account.domain,
        "remote_created_at": started,
        "created_at": started,
        "updated_at": max(started, seen, *(m.at // SECOND for m in account.milestones if m.at <= world.now)),
        "monthly_spend": standing.mrr_cents // 100,
        "session_count": sum(world.person(key // 2).visits for key in users),
        "user_count": len(users),
        "size": account.employees,
        "website": f"https://{account.domain}",
        "industry": account.industry,
        "tags": {"type": "tag.list", "tags": []},
        "segments": {"type": "segment.list", "segments": []},
        "plan": {} if plan is None else {"type": "plan", "id": str(269_315 + plan), "name": PLANS[plan][0]},
        "custom_attributes": {"domain": account.domain, "account_manager": view.admin(account.owner).email},
    }
    if seen:
        made["last_request_at"] = seen
    return made
