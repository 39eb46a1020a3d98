"""Who and what alerts may be sent to: the names of the team and of the routing, looked up in one place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import Routing, Team
from execution.directives.problems import suggest
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

TEAM = "directives/team.md"
ROUTING = "directives/policies/routing.md"
INBOX = "inbox"
"""The channel that is there without being declared."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The team and the routing as far as they hold; of one that is written and does not hold no name is missing."""

    catalogue: Catalogue
    team: Team | None
    routing: Routing | None
    is_sure: bool

    def people(self) -> set[str] | None:
        """Who is of the team; None where nobody can tell."""
        if self.team is None and _is_written(self.catalogue, "team"):
            return None
        return set(self.team.people) if self.team is not None else set()

    def addressed(self) -> set[str]:
        """Who can be told: words like `owner`, people and groups."""
        found = set(self.routing.recipients) if self.routing is not None else set()
        return found | (self.team.people.keys() | self.team.groups.keys() if self.team is not None else set())

    def nobody(self, document: Document, names: Iterable[str], *at: str | int) -> Iterator[Problem]:
        """Those of the names listed at a place that lead to nobody."""
        hint = f"name people and groups in {TEAM}, words like owner in recipients:"
        yield from self.unknown(document, "nobody", names, self.addressed(), hint, *at)

    def channels(self, document: Document, names: Iterable[str], *at: str | int) -> Iterator[Problem]:
        """Those of the names listed at a place that are no channel."""
        known = {INBOX, *(self.routing.channels if self.routing is not None else ())}
        yield from self.unknown(document, "no channel", names, known, f"declare it in {ROUTING}", *at)

    def unknown(
        self, document: Document, what: str, names: Iterable[str], known: Iterable[str], hint: str, *at: str | int
    ) -> Iterator[Problem]:
        """Those of the names listed at a place that are not `known`, as far as that can be told."""
        known = set(known)
        for number, name in enumerate(names):
            if name not in known and self.is_sure:
                path: KeyPath = (*at, number) if (*at, number) in document.marks else at
                yield document.problem(
                    "E131", f"there is {what} '{name}'", suggest(name, known, otherwise=hint), *path, value=True
                )


def directory(catalogue: Catalogue) -> Directory:
    """What the catalogue has of team and routing; of several the first."""
    team = next((each for _, each in catalogue.of(Team)), None)
    routing = next((each for _, each in catalogue.of(Routing)), None)
    broken = (team is None and _is_written(catalogue, "team")) or (
        routing is None and _is_written(catalogue, "routing")
    )
    return Directory(catalogue, team, routing, is_sure=not broken and not catalogue.unread)


def _is_written(catalogue: Catalogue, kind: str) -> bool:
    return any(entry.document.data.get("kind") == kind for entry in catalogue.entries)
