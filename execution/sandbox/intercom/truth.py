"""What a complete sync of Intercom must find: totals over the world itself, not over what the API said."""

from collections import Counter
from typing import Any

from execution.sandbox.exchange import Record
from execution.sandbox.intercom.roster import Roster
from execution.sandbox.world import World
from execution.sandbox.world.moments import SECOND


def truth_of(world: World, roster: Roster) -> Record:
    """Counts of contacts, companies and conversations, and per address in lower case how many contacts it has, when
    one was last seen (unix seconds), and the conversations, open ones and ratings of its people."""
    by_email: dict[str, dict[str, Any]] = {}
    roles: Counter[str] = Counter()
    nameless = 0
    contacts = roster.contacts()
    for key in contacts:
        contact = roster.contact(key)
        assert contact is not None  # noqa: S101 - it is there
        account = world.account(contact.person.account)
        is_user = contact.trace is None and account.at(world.now).stage != "lead"
        roles["user" if is_user else "lead"] += 1
        has_email = contact.trace.has_email if contact.trace else is_user or contact.person.has_crm_email
        if not has_email:
            nameless += 1
            continue
        told = by_email.setdefault(
            contact.person.email.lower(),
            {"contacts": 0, "last_seen_at": None, "conversations": 0, "open": 0, "ratings": []},
        )
        told["contacts"] += 1
        if contact.trace is None:
            seen = world.last_seen(contact.person)
            told["last_seen_at"] = None if seen is None else seen // SECOND
    ratings: Counter[int] = Counter()
    topics: Counter[str] = Counter()
    for key in roster.talks():
        talk = roster.talk(key)
        assert talk is not None  # noqa: S101
        rating = talk.rating if talk.rated_at <= world.now else 0
        ratings[rating] += 1
        topics[talk.topic] += 1
        told = by_email.get(world.person(talk.person).email.lower(), {"conversations": 0, "open": 0, "ratings": []})
        told["conversations"] += 1
        told["open"] += talk.is_open_at(world.now)
        told["ratings"] += [rating] if rating else []
    return {
        "contacts": len(contacts),
        "users": roles["user"],
        "leads": roles["lead"],
        "contacts_without_email": nameless,
        "emails_shared": sum(told["contacts"] > 1 for told in by_email.values()),
        "companies": len(roster.companies()),
        "conversations": len(roster.talks()),
        "ratings": {str(rating): number for rating, number in sorted(ratings.items()) if rating},
        "topics": dict(topics),
        "admins": len(world.team),
        "by_email": by_email,
    }
