"""Contacts in Intercom's words, as they are now."""

from execution.sandbox.exchange import Record
from execution.sandbox.intercom.attributes import of_payer
from execution.sandbox.intercom.roster import Contact
from execution.sandbox.intercom.view import View
from execution.sandbox.intercom.workspace import WORKSPACE
from execution.sandbox.world import Account
from execution.sandbox.world.moments import SECOND
from execution.sandbox.world.words import PLACES

_SUBLIST = 10
"""So many companies, tags and notes come with a contact; the rest are at a URL."""
_ANIMALS = ("Otter", "Heron", "Lynx", "Badger", "Finch")
_CONTACT: Record = {
    "has_hard_bounced": False, "marked_email_as_spam": False, "last_email_opened_at": None,
    "last_email_clicked_at": None, "language_override": None, "browser": "chrome", "browser_version": "129.0",
    "browser_language": "en", "os": "OS X 10.15.7", "android_app_name": None, "android_app_version": None,
    "android_device": None, "android_os_version": None, "android_sdk_version": None, "android_last_seen_at": None,
    "ios_app_name": None, "ios_app_version": None, "ios_device": None, "ios_os_version": None,
    "ios_sdk_version": None, "ios_last_seen_at": None, "avatar": None,
    "social_profiles": {"type": "list", "data": []}, "unsubscribed_from_sms": False,
}  # fmt: skip


def contact(view: View, of: Contact) -> Record:
    """A contact that is there."""
    world, key = view.world, of.key
    account = world.account(of.person.account)
    id_, is_trace = view.ids.contact(key), of.trace is not None
    seen = of.created if is_trace else world.last_seen(of.person)
    city, region, _, country, _, _ = PLACES[account.place]
    return {
        "type": "contact",
        "id": id_,
        "workspace_id": WORKSPACE,
        **_CONTACT,
        **_identity(view, of, account),
        "owner_id": None if is_trace else int(view.ids.admin(view.admin(account.owner))),
        "unsubscribed_from_emails": of.person.visits % 29 == 0,
        "created_at": of.created // SECOND,
        "updated_at": view.roster.updated_s(key),
        "last_seen_at": None if seen is None else seen // SECOND,
        **_spoken(view, of),
        "tags": _sublist([], f"/contacts/{id_}/tags"),
        "notes": _sublist([], f"/contacts/{id_}/notes"),
        "companies": _sublist(company_links(view, of), f"/contacts/{id_}/companies"),
        "location": {"type": "location", "country": country, "region": region or None, "city": city},
        "custom_attributes": _custom(view, of),
    }


def _identity(view: View, of: Contact, account: Account) -> Record:
    """Who they are: a user once the account tried the product; a trace stays a lead."""
    person, trace = of.person, of.trace
    if trace is not None:
        name = None if person.number % 3 == 0 else f"{_ANIMALS[person.number % len(_ANIMALS)]} from the web"
        return _named(person.email if trace.has_email else None, person.name if trace.has_email else name)
    is_user = view.is_user(account.number)
    email = person.email if is_user or person.has_crm_email else None
    if not is_user:
        return {**_named(email, person.name or None), "phone": person.phone}
    tried = min(milestone.at for milestone in account.milestones if milestone.stage != "lead")
    return {
        **_named(email, person.name or None),
        "role": "user",
        "external_id": f"user-{person.number}",
        "phone": person.phone,
        "signed_up_at": max(person.created, tried) // SECOND,
    }


def _named(email: str | None, name: str | None) -> Record:
    """A lead."""
    return {
        "role": "lead",
        "external_id": None,
        "email": email,
        "email_domain": email.partition("@")[2] if email else None,
        "name": name,
        "phone": None,
        "signed_up_at": None,
    }


def _spoken(view: View, of: Contact) -> Record:
    """When they last wrote to us and we to them."""
    now, person = view.world.now, of.person
    talks = [] if of.trace else [
        talk for talk in view.world.conversations(person.account)
        if talk.person == person.number and talk.created <= now
    ]  # fmt: skip
    answered = [part.at for talk in talks for part in talk.parts_at(now) if part.is_answer]
    replied = max((talk.replied_at(now) for talk in talks), default=None)
    return {
        "last_replied_at": None if replied is None else replied // SECOND,
        "last_contacted_at": max(answered) // SECOND if answered else None,
    }


def company_links(view: View, of: Contact) -> list[Record]:
    """The companies that a contact belongs to: one or none."""
    account = view.world.account(of.person.account)
    if of.trace is not None or not view.roster.is_company(account):
        return []
    id_ = view.ids.company(account.number)
    return [{"id": id_, "type": "company", "url": f"/companies/{id_}"}]


def _custom(view: View, of: Contact) -> Record:
    """The attributes that we set: what is known of the payments of an account, at its main contact."""
    edit = view.world.edits.contacts.get(of.key)
    by_hand = edit.attributes if edit is not None else {}
    if of.trace is not None or not view.roster.is_main(of.person):
        return by_hand
    ledger = view.world.ledger(of.person.account)
    return {**(of_payer(view.world, ledger) if ledger.has_email else {}), **by_hand}


def _sublist(records: list[Record], url: str) -> Record:
    return {
        "type": "list",
        "data": records[:_SUBLIST],
        "url": url,
        "total_count": len(records),
        "has_more": len(records) > _SUBLIST,
    }
