"""Recipients → people: who is meant by `owner` or `manager` for a row at a moment, who stands in, and why it is they.

Who has left or is away is replaced by, in this order: who covers for them, whom the recipient names `otherwise`, the
next above them who is there, the routing's `fallback`. Where all that leads to nobody the alert still goes to the
inbox.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from execution.directives.model import Group, Person, Routing, Team
from execution.directives.model.routing import Recipient

Row = Mapping[str, object]
"""The columns of an alert's row that recipients are found by."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom a word stands for: a person or a group by its name in the team, or nobody (`name` is None). `why` says as
    what they are told, or why nobody is there."""

    name: str | None
    why: str
    title: str = ""
    email: str | None = None
    slack: str | None = None
    channel: str | None = None
    zone: str = "UTC"
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Named:
    """What a recipient names before anybody asks who is there: somebody, or why that is nobody."""

    name: str | None
    label: str
    lacking: str = ""


class Directory:
    """A team as it can be asked at any moment. `zone` is the time zone of those who say none."""

    def __init__(self, team: Team | None, routing: Routing, zone: str) -> None:
        self._people: Mapping[str, Person] = team.people if team is not None else {}
        self._groups: Mapping[str, Group] = team.groups if team is not None else {}
        self._recipients: Mapping[str, Recipient] = routing.recipients
        self._fallback = routing.fallback
        self._zone = zone
        self._known = dict(_by_value(self._people))

    def reach(self, word: str, entity: str, row: Row, as_of: datetime) -> Reached:
        """Whom a word of a directive (a recipient, a person or a group) stands for, of a row at a moment."""
        reached = self._reach(word, entity, row, as_of, ())
        if reached.name is not None or self._fallback is None:
            return reached
        last = self._reach(self._fallback, entity, row, as_of, ())
        return replace(last, why=f"for want of another: {reached.why}") if last.name is not None else reached

    def known(self, value: str) -> str | None:
        """The person whom an e-mail, a full name, a CRM's id or a name in the team stands for, whatever its case."""
        return self._known.get(value.strip().casefold())

    def is_there(self, name: str, as_of: datetime) -> bool:
        """Whether a person has not left and is not away."""
        person = self._people[name]
        day = self._day(person, as_of)
        return not _has_left(person, day) and not any(away.first <= day <= away.last for away in person.away)

    def has_left(self, name: str, as_of: datetime) -> bool:
        """Whether a person is gone for good."""
        person = self._people[name]
        return _has_left(person, self._day(person, as_of))

    def everyone(self, name: str) -> tuple[str, ...]:
        """The people whom the name of a person or a group stands for."""
        group = self._groups.get(name)
        return group.members if group is not None else (name,)

    def told(self, name: str | None, why: str) -> Reached:
        """A person or a group as a message needs them; nobody where the team has no such name."""
        if name is None or (name not in self._people and name not in self._groups):
            return Reached(None, why if name is None else f"the team has nobody called {name} any more")
        group = self._groups.get(name)
        if group is not None:
            title = name.replace("_", " ")
            return Reached(name, why, title, group.email, group.slack, group.channel, self._zone, group.members)
        person = self._people[name]
        return Reached(name, why, person.name, person.email, person.slack, None, person.time_zone or self._zone)

    def _reach(self, word: str, entity: str, row: Row, as_of: datetime, seen: tuple[str, ...]) -> Reached:
        if word in seen:
            return Reached(None, f"{' → '.join((*seen, word))} leads back to itself")
        named = self._name(word, entity, row, ())
        lacking = named.lacking
        if named.name is not None:
            there = self._in_place_of(named.name, named.label, as_of)
            if there is not None:
                return there
            lacking = f"{self._people[named.name].name} {self._absence(named.name, as_of)}"
        recipient = self._recipients.get(word)
        if recipient is not None and recipient.otherwise is not None:
            other = self._reach(recipient.otherwise, entity, row, as_of, (*seen, word))
            if other.name is not None:
                return replace(other, why=f"in the place of the {named.label}: {lacking}")
            lacking = f"{lacking}; {other.why}"
        above = self._above(named.name, as_of) if named.name is not None else None
        if above is not None:
            return self.told(above, f"in the place of the {named.label}: {lacking}")
        return Reached(None, lacking)

    def _name(self, word: str, entity: str, row: Row, seen: tuple[str, ...]) -> _Named:
        """Whom a word names, whether or not they are there."""
        recipient = self._recipients.get(word)
        label = (recipient.meaning if recipient is not None else "") or word.replace("_", " ")
        if word in seen:
            return _Named(None, label, f"{' → '.join((*seen, word))} leads back to itself")
        if recipient is None:
            return self._direct(word, label)
        if recipient.name is not None:
            return self._direct(recipient.name, label)
        if recipient.manager_of is not None:
            return self._led_by(
                recipient.manager_of, label, self._name(recipient.manager_of, entity, row, (*seen, word))
            )
        return self._written(recipient.columns.get(entity, ()), label, row)

    def _direct(self, name: str, label: str) -> _Named:
        if name in self._people or name in self._groups:
            return _Named(name, label)
        return _Named(None, label, f"the team has nobody called {name}")

    def _led_by(self, word: str, label: str, led: _Named) -> _Named:
        if led.name is None:
            return _Named(None, label, led.lacking)
        person = self._people.get(led.name)
        if person is None or person.manager is None or person.manager not in self._people:
            return _Named(None, label, f"the {led.label or word} has no manager")
        return _Named(person.manager, label)

    def _written(self, columns: tuple[str, ...], label: str, row: Row) -> _Named:
        values = [str(row[column]) for column in columns if row.get(column) not in (None, "")]
        for value in values:
            name = self.known(value) or (value if value in self._groups else None)
            if name is not None:
                return _Named(name, label)
        lacking = f"the team does not know {values[0]}" if values else f"no {label} is known"
        return _Named(None, label, lacking)

    def _in_place_of(self, name: str, label: str, as_of: datetime) -> Reached | None:
        """Who is there for somebody: they, or who covers for them, or for that one; groups are always there."""
        if name in self._groups or self.is_there(name, as_of):
            return self.told(name, label)
        seen, cover = {name}, self._cover(name, as_of)
        while cover is not None and cover not in seen:
            if cover in self._groups or (cover in self._people and self.is_there(cover, as_of)):
                return self.told(cover, f"stands in for {self._people[name].name}{self._since(name, as_of)}")
            seen.add(cover)
            cover = self._cover(cover, as_of) if cover in self._people else None
        return None

    def _cover(self, name: str, as_of: datetime) -> str | None:
        day = self._day(self._people[name], as_of)
        covers = (away.cover for away in self._people[name].away if away.first <= day <= away.last)
        return next((cover for cover in covers if cover is not None), None)

    def _above(self, name: str, as_of: datetime) -> str | None:
        """The nearest manager above somebody who is there."""
        seen, person = {name}, self._people.get(name)
        while person is not None and person.manager is not None and person.manager not in seen:
            seen.add(person.manager)
            if person.manager in self._people and self.is_there(person.manager, as_of):
                return person.manager
            person = self._people.get(person.manager)
        return None

    def _absence(self, name: str, as_of: datetime) -> str:
        person = self._people[name]
        if _has_left(person, self._day(person, as_of)):
            return "has left"
        return f"is away{self._since(name, as_of)}"

    def _since(self, name: str, as_of: datetime) -> str:
        person = self._people[name]
        day = self._day(person, as_of)
        if _has_left(person, day):
            return ", who has left"
        last = max(away.last for away in person.away if away.first <= day <= away.last)
        return f" until {last.isoformat()}"

    def _day(self, person: Person, as_of: datetime) -> date:
        """The day it is where somebody lives."""
        moment = as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
        return moment.astimezone(ZoneInfo(person.time_zone or self._zone)).date()


def _has_left(person: Person, day: date) -> bool:
    return person.left is not None and day >= person.left


def _by_value(people: Mapping[str, Person]) -> Iterator[tuple[str, str]]:
    """Everything that stands for a person, in small letters; what is surest comes last and wins, the first written."""
    backwards = list(reversed(list(people.items())))
    for name, person in backwards:
        yield person.name.casefold(), name
    for name, person in backwards:
        yield from ((owner.casefold(), name) for owner in person.crm_owner)
        yield name.casefold(), name
    for name, person in backwards:
        yield person.email.casefold(), name
