"""Who a report is mailed to: the people behind the words of `recipients:`, each once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from execution.actions.deeds import addressee
from execution.actions.people import Directory, Reached
from execution.directives import Program
from execution.directives.model import Team
from execution.directives.model.delivery import USER


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, by a name that tells them from others: a person or group, a room of Slack, a folder below another.
    `lacking` says why nothing can be brought to them."""

    name: str
    to: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    room: str | None = None
    folder: str = ""
    lacking: str | None = None


def readers(program: Program, words: tuple[str, ...], user: str | None, now: datetime) -> Iterator[Reader]:
    """The readers that the words name, in their order; a group without an address is its people. `user` is whose
    report it is. Who has left is nobody's reader any more."""
    directory = Directory(program.team, program.routing, program.settings.time_zone)
    seen: set[str] = set()
    for word in words:
        for name, reached in _reached(program.team, directory, _meant(program.team, word, user)):
            if reached.name is None or reached.email is None:
                yield Reader(name, lacking=reached.why or "they have no address")
            elif not reached.members and directory.has_left(reached.name, now):
                yield Reader(name, lacking=f"{reached.title} has left")
            elif reached.email not in seen:
                seen.add(reached.email)
                yield Reader(name, addressee(reached), reached.why)


def _meant(team: Team | None, word: str, user: str | None) -> str | None:
    """The name in the team that a word stands for; an address is somebody's."""
    if word == USER:
        return user
    if "@" not in word or team is None:
        return word
    people = (name for name, person in team.people.items() if person.email == word)
    groups = (name for name, group in team.groups.items() if group.email == word)
    return next(chain(people, groups), word)


def _reached(team: Team | None, directory: Directory, name: str | None) -> Iterator[tuple[str, Reached]]:
    if name is None:
        yield USER, Reached(None, "the report is of nobody in particular")
        return
    group = team.groups.get(name) if team is not None else None
    if group is None or group.email is not None:
        yield name, directory.told(name, "")
        return
    for member in group.members:
        yield member, directory.told(member, name.replace("_", " "))
