"""All directives that were read, valid or not: what the checks between them look names up in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from execution.directives.document import Document
from execution.directives.model import Directive, Entity, Measures
from execution.directives.schema import DUCKDB, entity_columns

Kind = TypeVar("Kind", bound=Directive)


@dataclass(frozen=True)
class Entry:
    """A document and, if it holds by itself, the directive it is."""

    document: Document
    directive: Directive | None


@dataclass(frozen=True)
class Catalogue:
    """The entries of a program, in the order of their paths.

    `unread` are the names of directives so broken that not even their kind is sure.
    """

    entries: tuple[Entry, ...]
    unread: frozenset[str] = frozenset()

    def of(self, kind: type[Kind]) -> Iterator[tuple[Document, Kind]]:
        """Every valid directive of a kind, with its document."""
        for entry in self.entries:
            if isinstance(entry.directive, kind):
                yield entry.document, entry.directive

    def names(self, kind: str) -> set[str]:
        """The names that are declared, by directives that hold or not: a broken one is not also a missing one."""
        written = [entry.document.data for entry in self.entries]
        names = {str(data["name"]) for data in written if data.get("kind") == kind and "name" in data}
        return names | {name.lower() for name in names} | self.unread

    @property
    def knows_all_measures(self) -> bool:
        """Whether every measures directive holds, so that a measure that is not found is not there."""
        measures = [e.directive for e in self.entries if e.document.data.get("kind") == "measures"]
        known = self.names("entity")
        return not self.unread and all(isinstance(each, Measures) and each.entity in known for each in measures)

    def entity(self, name: str) -> Entity | None:
        """The entity of that name, if it holds and has its key."""
        found = (entity for _, entity in self.of(Entity) if entity.name == name)
        return next((entity for entity in found if entity.key in entity.columns), None)

    def tables(self) -> dict[str, dict[str, str]]:
        """What measures see: the stored columns of every entity."""
        return {entity.name: entity_columns(entity) for _, entity in self.of(Entity)}

    def broken_tables(self) -> frozenset[str]:
        """Entities that are declared and do not hold, so that nobody knows their columns."""
        return frozenset(self.names("entity") - set(self.tables()))

    def measured(self, entity: str) -> dict[str, str]:
        """The measures of an entity, name → DuckDB type; those of an entity that is not there may be meant for it."""
        found: dict[str, str] = {}
        for _, directive in self.of(Measures):
            if directive.entity == entity or directive.entity not in self.names("entity"):
                found |= {name: DUCKDB[measure.type] for name, measure in directive.measures.items()}
        return found

    def facts(self, entity: Entity) -> dict[str, str]:
        """What an expression about one row of an entity sees: its stored columns and its measures."""
        return entity_columns(entity) | self.measured(entity.name)

    def outcomes(self, entity: Entity) -> dict[str, str]:
        """The columns of an entity that a score fills."""
        return {name: DUCKDB[c.type] for name, c in entity.columns.items() if "health" in c.sources}
