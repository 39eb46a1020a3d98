"""The world in Intercom's words: contacts, companies, admins and conversations as they are now."""

import re

from execution.sandbox.exchange import Record
from execution.sandbox.intercom.attributes import of_payer
from execution.sandbox.intercom.roster import Contact, Roster, talk_key
from execution.sandbox.sealing import Seal
from execution.sandbox.world import Account, World
from execution.sandbox.world.accounts import PLANS
from execution.sandbox.world.moments import SECOND
from execution.sandbox.world.support import Conversation, Part
from execution.sandbox.world.team import Member
from execution.sandbox.world.words import PLACES

WORKSPACE, TIMEZONE = "nb4xq7zt", "America/New_York"
MOST_PARTS = 500
TAGS = ("question", "bug", "feature", "meeting", "praise", "complaint", "billing", "cancel")

_TALK_BASE = 215_000_000
_FOUNDED_S = 1_672_531_200
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


class Wire:
    """Renders the things of one world as they are at its `now`."""

    def __init__(self, world: World, roster: Roster) -> None:
        self._world = world
        self._roster = roster
        self._seal = Seal(world.seed, "intercom")

    # --- ids --------------------------------------------------------------------------------------

    def contact_id(self, key: int) -> str:
        """24 hexadecimal digits."""
        return self._seal.of("contact", key)

    def contact_key(self, id_: str) -> int | None:
        """The number of a contact's id."""
        return self._seal.read("contact", id_)

    def company_id(self, account: int) -> str:
        """24 hexadecimal digits."""
        return self._seal.of("company", account)

    def talk_id(self, key: int) -> str:
        """Decimal digits."""
        return str(_TALK_BASE + key)

    def talk_key(self, id_: str) -> int | None:
        """The number of a conversation's id."""
        return int(id_) - _TALK_BASE if id_.isdecimal() and int(id_) >= _TALK_BASE else None

    @staticmethod
    def admin_id(member: Member) -> str:
        """Decimal digits."""
        return str(814_860 + member.number * 7)

    def _admin(self, number: int) -> Member:
        return self._world.team[number % len(self._world.team)]

    # --- the workspace ----------------------------------------------------------------------------

    def admin(self, member: Member) -> Record:
        """One of us."""
        return {
            "type": "admin",
            "id": self.admin_id(member),
            "name": member.name,
            "email": member.email,
            "job_title": "Account manager",
            "away_mode_enabled": False,
            "away_mode_reassign": False,
            "away_status_reason_id": None,
            "has_inbox_seat": True,
            "team_ids": [],
            "avatar": None,
            "team_priority_level": {"primary_team_ids": [], "secondary_team_ids": []},
        }

    def me(self) -> Record:
        """Whose token it is, and the workspace."""
        app = {
            "type": "app", "id_code": WORKSPACE, "name": "Northbeam", "region": "US", "timezone": TIMEZONE,
            "created_at": _FOUNDED_S, "identity_verification": True,
        }  # fmt: skip
        admin = self.admin(self._world.team[0])
        del admin["team_priority_level"], admin["away_status_reason_id"]
        avatar = {"type": "avatar", "image_url": None}
        return {**admin, "avatar": avatar, "email_verified": True, "app": app}

    @staticmethod
    def tag(name: str) -> Record:
        """A tag."""
        return {"type": "tag", "id": str(7_522_900 + TAGS.index(name)), "name": name}

    # --- contacts ---------------------------------------------------------------------------------

    def contact(self, contact: Contact) -> Record:
        """A contact that is there."""
        world, key = self._world, contact.key
        account = world.account(contact.person.account)
        id_ = self.contact_id(key)
        seen = world.last_seen(contact.person) if contact.trace is None else contact.created
        city, region, _, country, _, _ = PLACES[account.place]
        edit = world.edits.contacts.get(key)
        return {
            "type": "contact",
            "id": id_,
            "workspace_id": WORKSPACE,
            **_CONTACT,
            **self._identity(contact, account),
            "owner_id": int(self.admin_id(self._admin(account.owner))) if contact.trace is None else None,
            "unsubscribed_from_emails": contact.person.visits % 29 == 0,
            "created_at": contact.created // SECOND,
            "updated_at": self._roster.updated_s(key),
            "last_seen_at": None if seen is None else seen // SECOND,
            **self._spoken(contact),
            "tags": _sublist([], f"/contacts/{id_}/tags"),
            "notes": _sublist([], f"/contacts/{id_}/notes"),
            "companies": _sublist(self._company_links(contact), f"/contacts/{id_}/companies"),
            "location": {"type": "location", "country": country, "region": region or None, "city": city},
            "custom_attributes": {
                **self._custom(contact),
                **(edit.attributes if edit is not None else {}),
            },
        }

    def _identity(self, contact: Contact, account: Account) -> Record:
        """Who they are: a user once the account tried the product; a trace stays a lead."""
        person, trace = contact.person, contact.trace
        if trace is not None:
            name = None if person.number % 3 == 0 else f"{_ANIMALS[person.number % len(_ANIMALS)]} from the web"
            email = person.email if trace.has_email else None
            return {"role": "lead", "external_id": None, "email": email, "email_domain": _domain(email),
                    "name": person.name if trace.has_email else name, "phone": None,
                    "signed_up_at": None}  # fmt: skip
        is_user = account.at(self._world.now).stage != "lead"
        email = person.email if is_user or person.has_crm_email else None
        tried = [milestone.at for milestone in account.milestones if milestone.stage != "lead"]
        signed_up = max(person.created, tried[0]) if is_user else None
        return {
            "role": "user" if is_user else "lead",
            "external_id": f"user-{person.number}" if is_user else None,
            "email": email,
            "email_domain": _domain(email),
            "name": person.name or None,
            "phone": person.phone,
            "signed_up_at": None if signed_up is None else signed_up // SECOND,
        }

    def _spoken(self, contact: Contact) -> Record:
        """When they last wrote to us and we to them."""
        now, person = self._world.now, contact.person
        talks = [] if contact.trace else [
            talk for talk in self._world.conversations(person.account)
            if talk.person == person.number and talk.created <= now
        ]  # fmt: skip
        answered = [part.at for talk in talks for part in talk.parts_at(now) if _is_answer(part)]
        replied = max((talk.replied_at(now) for talk in talks), default=None)
        return {
            "last_replied_at": None if replied is None else replied // SECOND,
            "last_contacted_at": max(answered) // SECOND if answered else None,
        }

    def _company_links(self, contact: Contact) -> list[Record]:
        account = self._world.account(contact.person.account)
        if contact.trace is not None or not self._roster.is_company(account):
            return []
        id_ = self.company_id(account.number)
        return [{"id": id_, "type": "company", "url": f"/companies/{id_}"}]

    def _custom(self, contact: Contact) -> Record:
        if contact.trace is not None or not self._roster.is_main(contact.person):
            return {}
        ledger = self._world.ledger(contact.person.account)
        return of_payer(self._world, ledger) if ledger.has_email else {}

    # --- companies --------------------------------------------------------------------------------

    def company(self, number: int) -> Record:
        """An account as a company."""
        world, account = self._world, self._world.account(number)
        standing, users = account.at(world.now), self._roster.users(number)
        started = world.ledger(number).since // SECOND
        seen = self._roster.requested_s(number)
        plan = next((place for place, (name, _) in enumerate(PLANS) if name == standing.plan), None)
        made: Record = {
            "type": "company",
            "id": self.company_id(number),
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
            "custom_attributes": {
                "domain": account.domain,
                "account_manager": self._admin(account.owner).email,
            },
        }
        if seen:
            made["last_request_at"] = seen
        return made

    # --- conversations ----------------------------------------------------------------------------

    def talk(self, talk: Conversation) -> Record:
        """A conversation as lists have it, without its parts."""
        now, key = self._world.now, talk_key(talk)
        there, person = talk.parts_at(now), self._world.person(talk.person)
        is_open = talk.is_open_at(now)
        admin = self._admin(talk.admin)
        id_, contact = self.talk_id(key), self.contact_id(talk.person * 2)
        name = person.name or None
        is_waiting = is_open and not any(_is_answer(part) for part in there[-1:])
        return {
            "type": "conversation",
            "id": id_,
            "title": talk.subject or None,
            "created_at": talk.created // SECOND,
            "updated_at": talk.updated_at(now) // SECOND,
            "waiting_since": talk.replied_at(now) // SECOND if is_waiting else None,
            "snoozed_until": None,
            "open": is_open,
            "state": "open" if is_open else "closed",
            "read": not is_waiting,
            "priority": "priority" if talk.topic == "cancel" else "not_priority",
            "admin_assignee_id": int(self.admin_id(admin)) if there else None,
            "team_assignee_id": None,
            "tags": {"type": "tag.list", "tags": [self._applied(talk, admin)] if len(there) > 1 else []},
            "conversation_rating": self._rating(talk, admin),
            "source": {
                "type": talk.channel,
                "id": str(_TALK_BASE * 2 + key),
                "delivered_as": "customer_initiated",
                "subject": _html(talk.subject) if talk.subject else "",
                "body": _html(talk.text),
                "author": {"type": "user", "id": contact, "name": name, "email": person.email},
                "attachments": [],
                "url": None if talk.channel == "email" else "https://app.northbeam.example/lists",
                "redacted": False,
            },
            "contacts": {
                "type": "contact.list",
                "contacts": [self._reference(talk)],
            },
            "teammates": {"type": "admin.list", "teammates": [{"type": "admin", "id": self.admin_id(admin)}]},
            "custom_attributes": {},
            "first_contact_reply": {
                "created_at": talk.created // SECOND, "type": talk.channel, "url": None,
            },
            "sla_applied": None,
            "statistics": _statistics(talk, there),
            "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
            "ai_agent": None,
            "ai_agent_participated": False,
        }  # fmt: skip

    def whole_talk(self, talk: Conversation, *, is_plain: bool) -> Record:
        """A conversation with its latest 500 parts."""
        record, there = self.talk(talk), talk.parts_at(self._world.now)
        first = max(0, len(there) - MOST_PARTS)
        parts = [self._part(talk, first + place, part) for place, part in enumerate(there[first:])]
        if is_plain:
            bodied: list[Record] = [record["source"], *parts]
            for holder in bodied:
                holder["body"] = _plain(holder["body"]) if holder["body"] else holder["body"]
        record["conversation_parts"] = {
            "type": "conversation_part.list",
            "conversation_parts": parts,
            "total_count": len(there),
        }
        return record

    def _part(self, talk: Conversation, place: int, part: Part) -> Record:
        admin, person = self._admin(talk.admin), self._world.person(talk.person)
        authors: dict[str, Record] = {
            "user": {
                "type": "user",
                "id": self.contact_id(talk.person * 2),
                "name": person.name or None,
                "email": person.email,
            },
            "admin": {"type": "admin", "id": self.admin_id(admin), "name": admin.name, "email": admin.email},
            "bot": {"type": "bot", "id": "814859", "name": "Operator", "email": "operator@intercom.example"},
        }
        at = part.at // SECOND
        is_assignment = part.kind == "assignment"
        return {
            "type": "conversation_part",
            "id": str(_TALK_BASE * 40 + talk_key(talk) * 1000 + place),
            "part_type": part.kind,
            "body": None if part.text is None else _html(part.text),
            "created_at": at,
            "updated_at": at,
            "notified_at": at,
            "assigned_to": {"type": "admin", "id": self.admin_id(admin)} if is_assignment else None,
            "author": authors[part.author],
            "attachments": [],
            "external_id": None,
            "redacted": False,
            "state": "closed" if part.kind == "close" else "open",
            "tags": [],
            "app_package_code": None,
        }

    def _reference(self, talk: Conversation) -> Record:
        is_user = self._world.account(talk.account).at(self._world.now).stage != "lead"
        external = f"user-{talk.person}" if is_user else None
        return {"type": "contact", "id": self.contact_id(talk.person * 2), "external_id": external}

    def _rating(self, talk: Conversation, admin: Member) -> Record | None:
        if not talk.rating or talk.rated_at > self._world.now:
            return None
        return {
            "rating": talk.rating,
            "remark": talk.remark or "",
            "created_at": talk.rated_at // SECOND,
            "updated_at": talk.rated_at // SECOND,
            "contact": self._reference(talk),
            "teammate": {"type": "admin", "id": self.admin_id(admin)},
        }

    def _applied(self, talk: Conversation, admin: Member) -> Record:
        applied = {"type": "admin", "id": self.admin_id(admin)}
        return {**self.tag(talk.topic), "applied_at": talk.parts[1].at // SECOND, "applied_by": applied}


def _is_answer(part: Part) -> bool:
    return part.author == "admin" and part.kind == "comment"


def _statistics(talk: Conversation, there: tuple[Part, ...]) -> Record:
    answers = [part.at // SECOND for part in there if _is_answer(part)]
    closed = [part.at // SECOND for part in there if part.kind == "close"]
    created = talk.created // SECOND
    made: Record = {
        "type": "conversation_statistics",
        "first_contact_reply_at": created,
        "last_contact_reply_at": max((p.at // SECOND for p in there if p.author == "user"), default=created),
        "count_reopens": 0,
        "count_assignments": 1 if there else 0,
        "count_conversation_parts": len(there),
    }
    if answers:
        made |= {"time_to_admin_reply": answers[0] - created, "first_admin_reply_at": answers[0],
                 "last_admin_reply_at": answers[-1]}  # fmt: skip
    if closed:
        made |= {"time_to_first_close": closed[0] - created, "first_close_at": closed[0], "last_close_at": closed[-1],
                 "time_to_last_close": closed[-1] - created}  # fmt: skip
    return made


def _sublist(records: list[Record], url: str) -> Record:
    return {
        "type": "list",
        "data": records[:10],
        "url": url,
        "total_count": len(records),
        "has_more": len(records) > 10,
    }


def _domain(email: str | None) -> str | None:
    return email.partition("@")[2] if email else None


def _html(text: str) -> str:
    """Bodies are HTML: paragraphs, and now and then a word in bold."""
    return f"<p>{text.replace('&', '&amp;').replace(chr(10), '<br>')}</p>"


def _plain(body: str) -> str:
    return re.sub(r"<[^>]+>", "", body.replace("<br>", "\n")).replace("&amp;", "&")
