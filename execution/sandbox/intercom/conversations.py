"""Conversations in Intercom's words, as they are now: in a list without their parts, alone with them."""

import re

from execution.sandbox.exchange import Record
from execution.sandbox.intercom.roster import talk_key
from execution.sandbox.intercom.view import View
from execution.sandbox.intercom.workspace import tag
from execution.sandbox.world.moments import SECOND
from execution.sandbox.world.support import Conversation, Part
from execution.sandbox.world.team import Member

MOST_PARTS = 500


def conversation(view: View, talk: Conversation) -> Record:
    """A conversation as lists have it, without its parts."""
    now, key = view.world.now, talk_key(talk)
    there, is_open, admin = talk.parts_at(now), talk.is_open_at(now), view.admin(talk.admin)
    is_waiting = is_open and not any(part.is_answer for part in there[-1:])
    return {
        "type": "conversation",
        "id": view.ids.talk(key),
        "title": talk.subject or None,
        "created_at": talk.created // SECOND,
        "updated_at": talk.updated_at(now) // SECOND,
        "waiting_since": talk.replied_at(now) // SECOND if is_waiting else None,
        "snoozed_until": None,
        "open": is_open,
        "state": "open" if is_open else "closed",
        "read": not is_waiting,
        "priority": "priority" if talk.topic == "cancel" else "not_priority",
        "admin_assignee_id": int(view.ids.admin(admin)) if there else None,
        "team_assignee_id": None,
        "tags": {"type": "tag.list", "tags": [_applied(view, talk, admin)] if len(there) > 1 else []},
        "conversation_rating": _rating(view, talk, admin),
        "source": _source(view, talk),
        "contacts": {"type": "contact.list", "contacts": [_reference(view, talk)]},
        "teammates": {"type": "admin.list", "teammates": [{"type": "admin", "id": view.ids.admin(admin)}]},
        "custom_attributes": {},
        "first_contact_reply": {"created_at": talk.created // SECOND, "type": talk.channel, "url": None},
        "sla_applied": None,
        "statistics": _statistics(talk, there),
        "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
        "ai_agent": None,
        "ai_agent_participated": False,
    }


def _source(view: View, talk: Conversation) -> Record:
    """The first message."""
    return {
        "type": talk.channel,
        "id": view.ids.source(talk_key(talk)),
        "delivered_as": "customer_initiated",
        "subject": _html(talk.subject) if talk.subject else "",
        "body": _html(talk.text),
        "author": _customer(view, talk),
        "attachments": [],
        "url": None if talk.channel == "email" else "https://app.northbeam.example/lists",
        "redacted": False,
    }


def _customer(view: View, talk: Conversation) -> Record:
    person = view.world.person(talk.person)
    return {
        "type": "user",
        "id": view.ids.contact(talk.person * 2),
        "name": person.name or None,
        "email": person.email,
    }


def whole(view: View, talk: Conversation, *, is_plain: bool) -> Record:
    """A conversation with its latest 500 parts."""
    record, there = conversation(view, talk), talk.parts_at(view.world.now)
    first = max(0, len(there) - MOST_PARTS)
    parts = [_part(view, talk, first + place, part) for place, part in enumerate(there[first:])]
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


def _part(view: View, talk: Conversation, place: int, part: Part) -> Record:
    admin = view.admin(talk.admin)
    authors: dict[str, Record] = {
        "user": _customer(view, talk),
        "admin": {"type": "admin", "id": view.ids.admin(admin), "name": admin.name, "email": admin.email},
        "bot": {"type": "bot", "id": "814859", "name": "Operator", "email": "operator@intercom.example"},
    }
    at = part.at // SECOND
    is_assignment = part.kind == "assignment"
    return {
        "type": "conversation_part",
        "id": view.ids.part(talk_key(talk), place),
        "part_type": part.kind,
        "body": None if part.text is None else _html(part.text),
        "created_at": at,
        "updated_at": at,
        "notified_at": at,
        "assigned_to": {"type": "admin", "id": view.ids.admin(admin)} if is_assignment else None,
        "author": authors[part.author],
        "attachments": [],
        "external_id": None,
        "redacted": False,
        "state": "closed" if part.kind == "close" else "open",
        "tags": [],
        "app_package_code": None,
    }


def _reference(view: View, talk: Conversation) -> Record:
    is_user = view.is_user(talk.account)
    external = f"user-{talk.person}" if is_user else None
    return {"type": "contact", "id": view.ids.contact(talk.person * 2), "external_id": external}


def _rating(view: View, talk: Conversation, admin: Member) -> Record | None:
    if not talk.rating or talk.rated_at > view.world.now:
        return None
    return {
        "rating": talk.rating,
        "remark": talk.remark or "",
        "created_at": talk.rated_at // SECOND,
        "updated_at": talk.rated_at // SECOND,
        "contact": _reference(view, talk),
        "teammate": {"type": "admin", "id": view.ids.admin(admin)},
    }


def _applied(view: View, talk: Conversation, admin: Member) -> Record:
    applied = {"type": "admin", "id": view.ids.admin(admin)}
    return {**tag(talk.topic), "applied_at": talk.parts[1].at // SECOND, "applied_by": applied}


def _statistics(talk: Conversation, there: tuple[Part, ...]) -> Record:
    answers = [part.at // SECOND for part in there if part.is_answer]
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


def _html(text: str) -> str:
    """Bodies are HTML: paragraphs, and now and then a word in bold."""
    return f"<p>{text.replace('&', '&amp;').replace(chr(10), '<br>')}</p>"


def _plain(body: str) -> str:
    return re.sub(r"<[^>]+>", "", body.replace("<br>", "\n")).replace("&amp;", "&")
