"""The relationship map: who plays which part in an account's decisions, who is missing, and who has gone quiet.

Which roles there are, which spellings and titles mean them, and which are wanted, the settings say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from execution.context.facts import Account, Person, Standing
from execution.directives.model import Role


@dataclass(frozen=True, slots=True)
class Stakeholder:
    """Somebody who counts. `roles` are the titles of those the settings know, `written` the role as people wrote it;
    `is_listed` where people did, not where a job title says so. `is_known` where the store knows them."""

    name: str
    email: str | None
    roles: tuple[str, ...]
    written: str | None
    job_title: str | None
    is_listed: bool
    is_known: bool
    is_wanted: bool
    last_contact_at: datetime | None
    is_quiet: bool
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A role that is wanted and that nobody has, and what to do about it."""

    role: str
    todo: str


@dataclass(frozen=True, slots=True)
class Relations:
    """Who counts, in the order of the roles; the gaps; and those of the wanted roles who have gone quiet."""

    stakeholders: tuple[Stakeholder, ...]
    gaps: tuple[Gap, ...]
    quiet: tuple[Stakeholder, ...]


def relations(account: Account, roles: Mapping[str, Role]) -> Relations:
    """The map of one account. A person alone has none of the gaps: there is nobody else to know."""
    people = {person.email: person for person in account.people}
    found: list[tuple[tuple[str, ...], Stakeholder]] = []
    listed = set()
    for entry in account.head.stakeholders:
        email = _text(entry.get("email"))
        person = people.get((email or "").strip().lower())
        if person is not None:
            listed.add(person.email)
        found.append(_listed(entry, email, person, roles))
    for person in account.people:
        had = _by_title(person.job_title, roles)
        if had and person.email not in listed:
            found.append((had, _stakeholder(person, had, roles)))
    order = {name: place for place, name in enumerate(roles)}
    found.sort(key=lambda each: min((order[name] for name in each[0]), default=len(order)))
    covered = {name for had, _ in found for name in had}
    gaps = [] if account.head.domain is None else [
        Gap(role.title, role.missing) for name, role in roles.items() if role.wanted and name not in covered
    ]  # fmt: skip
    stakeholders = tuple(each for _, each in found)
    return Relations(
        stakeholders, tuple(gaps), tuple(each for each in stakeholders if each.is_quiet and each.is_wanted)
    )


def _listed(
    entry: Mapping[str, object], email: str | None, person: Person | None, roles: Mapping[str, Role]
) -> tuple[tuple[str, ...], Stakeholder]:
    written = _text(entry.get("role"))
    title = _text(entry.get("title")) or (person.job_title if person else None)
    had = _by_words(written, roles) or _by_title(title, roles)
    return had, Stakeholder(
        name=_text(entry.get("name")) or (person.called if person else None) or email or "somebody without a name",
        email=person.email if person else email,
        roles=tuple(roles[name].title for name in had),
        written=written,
        job_title=title,
        is_listed=True,
        is_known=person is not None,
        is_wanted=any(roles[name].wanted for name in had),
        last_contact_at=person.last_contact_at if person else None,
        is_quiet=person is not None and person.is_quiet,
        standing=person.standing if person else None,
    )


def _stakeholder(person: Person, had: Sequence[str], roles: Mapping[str, Role]) -> Stakeholder:
    return Stakeholder(
        name=person.called,
        email=person.email,
        roles=tuple(roles[name].title for name in had),
        written=None,
        job_title=person.job_title,
        is_listed=False,
        is_known=True,
        is_wanted=any(roles[name].wanted for name in had),
        last_contact_at=person.last_contact_at,
        is_quiet=person.is_quiet,
        standing=person.standing,
    )


def _by_words(written: str | None, roles: Mapping[str, Role]) -> tuple[str, ...]:
    if not written:
        return ()
    return tuple(
        name
        for name, role in roles.items()
        if _says(written, (*role.spelled, name.replace("_", " "), role.title)) and not _says(written, role.unless)
    )


def _by_title(title: str | None, roles: Mapping[str, Role]) -> tuple[str, ...]:
    if not title:
        return ()
    return tuple(name for name, role in roles.items() if _says(title, role.titles) and not _says(title, role.unless))


def _says(text: str, phrases: tuple[str, ...]) -> bool:
    return bool(phrases) and _pattern(phrases).search(" ".join(text.replace("_", " ").split())) is not None


@lru_cache(maxsize=256)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """One of the phrases, as whole words, in any case."""
    either = "|".join(re.escape(" ".join(phrase.split())) for phrase in phrases)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
