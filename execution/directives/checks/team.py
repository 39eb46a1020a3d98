"""The team: who leads whom, who stands in for whom, and that nobody is there twice."""

from collections.abc import Iterator

from execution.directives.catalogue import Catalogue
from execution.directives.checks.names import circle
from execution.directives.document import Document
from execution.directives.model import Team
from execution.directives.problems import suggest
from execution.errors import Problem


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong between the people of a team."""
    for document, team in catalogue.of(Team):
        yield from _managers(document, team)
        yield from _covers(document, team)
        yield from _groups(document, team)
        yield from _twice(document, team)


def _managers(document: Document, team: Team) -> Iterator[Problem]:
    leads = {name: [person.manager] if person.manager else [] for name, person in team.people.items()}
    for name, person in team.people.items():
        at = ("people", name, "manager")
        if person.manager is None:
            continue
        if person.manager == name:
            yield document.problem("E133", f"'{name}' leads '{name}'", "leave manager: out", *at, value=True)
        elif person.manager not in team.people:
            hint = suggest(person.manager, team.people.keys() - {name})
            yield document.problem("E131", f"there is nobody '{person.manager}'", hint, *at, value=True)
        elif way := circle(leads, name):
            message = f"they lead each other: {' → '.join(way)}"
            yield document.problem("E133", message, "somebody has no manager: leave it out there", *at, value=True)


def _covers(document: Document, team: Team) -> Iterator[Problem]:
    for name, person in team.people.items():
        for number, away in enumerate(person.away):
            at = ("people", name, "away", number)
            if away.cover == name:
                hint = "name somebody else, or leave cover: out"
                yield document.problem("E184", f"'{name}' cannot stand in for '{name}'", hint, *at, "cover", value=True)
            elif away.cover is not None and away.cover not in team.people:
                hint = suggest(away.cover, team.people.keys() - {name})
                yield document.problem("E131", f"there is nobody '{away.cover}'", hint, *at, "cover", value=True)
            for earlier in person.away[:number]:
                if earlier.first <= away.last and away.first <= earlier.last:
                    message = f"'{name}' is away twice from {max(earlier.first, away.first)} on"
                    yield document.problem("E184", message, "let the days not overlap", *at, "from", value=True)


def _groups(document: Document, team: Team) -> Iterator[Problem]:
    for name, group in team.groups.items():
        if name in team.people:
            message = f"'{name}' is a person and a group"
            yield document.problem("E184", message, "name one otherwise", "groups", name)
        for number, member in enumerate(group.members):
            at = ("groups", name, "members", number)
            if member not in team.people:
                hint = "a group has people in it, no groups" if member in team.groups else suggest(member, team.people)
                yield document.problem("E131", f"there is nobody '{member}'", hint, *at, value=True)
            elif member in group.members[:number]:
                yield document.problem("E113", f"'{member}' stands twice", "name each once", *at, value=True)


def _twice(document: Document, team: Team) -> Iterator[Problem]:
    """An address, an id of Slack and a name in a CRM each belong to one person."""
    seen: dict[tuple[str, str], str] = {}
    for name, person in team.people.items():
        told = [("email", person.email), *(("slack", person.slack) for _ in [0] if person.slack)]
        for key, value in told:
            if other := seen.get((key, str(value))):
                at = ("people", name, key)
                message = f"'{value}' is also that of '{other}'"
                yield document.problem("E184", message, "give each person their own", *at, value=True)
            seen.setdefault((key, str(value)), name)
        for number, alias in enumerate(person.crm_owner):
            place = ("people", name, "crm_owner", number)
            at_owner = place if place in document.marks else place[:-1]
            if other := seen.get(("crm_owner", alias.casefold())):
                message = f"'{alias}' is also that of '{other}'" if other != name else f"'{alias}' stands twice"
                yield document.problem("E184", message, "let it lead to one person", *at_owner, value=True)
            seen.setdefault(("crm_owner", alias.casefold()), name)
