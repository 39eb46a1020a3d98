"""All directives that were read, valid or not: what the checks between them look names up in."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from execution.directives.dependencies import UNIFIED
from execution.directives.document import Document
from execution.directives.facts import Fact, facts_of
from execution.directives.model import Directive, Entity, Health, Measures, Quality, Segment
from execution.directives.schema import BESIDE, BUILT_IN, DUCKDB, REPORTED, entity_columns

Kind = TypeVar("Kind", bound=Directive)
About = TypeVar("About", Measures, Segment, Health)
Found = TypeVar("Found")


@dataclass(frozen=True)
class Entry:
    """A document and, if it holds by itself, the directive it is. Of one that does not there may be a `remnant`: what
    is left without the values that are wrong, so that the rest of it can be checked in the same breath."""

    document: Document
    directive: Directive | None
    remnant: Directive | None = None


@dataclass(frozen=True)
class Catalogue:
    """The entries of a program, in the order of their paths.

    `unread` are the names of directives so broken that not even their kind is sure. What every check asks for again is
    put together once: with eighty sections that is most of the time it takes to check them.
    """

    entries: tuple[Entry, ...]
    unread: frozenset[str] = frozenset()
    _found: dict[Hashable, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def _once(self, asked: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` gives, found once for what was asked. Nobody changes it."""
        if asked not in self._found:
            self._found[asked] = find()
        return cast("Found", self._found[asked])

    def of(self, kind: type[Kind]) -> Iterator[tuple[Document, Kind]]:
        """Every valid directive of a kind, with its document."""
        yield from self._once(
            ("of", kind), lambda: [(e.document, e.directive) for e in self.entries if isinstance(e.directive, kind)]
        )

    def readable(self, kind: type[Kind]) -> Iterator[tuple[Document, Kind]]:
        """Every directive of a kind that holds, or of which something is left."""
        readable = ((entry.document, entry.directive or entry.remnant) for entry in self.entries)
        yield from self._once(
            ("readable", kind), lambda: [(document, each) for document, each in readable if isinstance(each, kind)]
        )

    def names(self, kind: str) -> set[str]:
        """The names that are declared, by directives that hold or not: a broken one is not also a missing one."""
        return set(self._once(("names", kind), lambda: self._names(kind)))

    def _names(self, kind: str) -> set[str]:
        written = [entry.document.data for entry in self.entries]
        names = {str(data["name"]) for data in written if data.get("kind") == kind and "name" in data}
        return names | {name.lower() for name in names} | self.unread

    def knows_all(self, *kinds: str) -> bool:
        """Whether every directive of these kinds can be read, by default of all that give facts: so that a name which
        is not found is not there."""
        wanted = frozenset(kinds or ("measures", "segment", "health"))
        return self._once(("knows all", wanted), lambda: self._knows_all(wanted))

    def _knows_all(self, kinds: frozenset[str]) -> bool:
        wanted = kinds | {"journey"} if "segment" in kinds else kinds
        about = [e.directive or e.remnant for e in self.entries if str(e.document.data.get("kind")) in wanted]
        known = self.names("entity")
        holding = (Measures, Segment, Health)
        return not self.unread and all(isinstance(each, holding) and each.entity in known for each in about)

    def knows_quality(self) -> bool:
        """Whether what is said of quality holds."""
        about = [e.directive for e in self.entries if e.document.data.get("kind") == "quality"]
        return not self.unread and all(isinstance(each, Quality) for each in about)

    def entity(self, name: str) -> Entity | None:
        """The entity of that name, if it holds and has its key."""
        found = (entity for _, entity in self.of(Entity) if entity.name == name)
        return next((entity for entity in found if entity.key in entity.columns), None)

    def tables(self) -> dict[str, dict[str, str]]:
        """What measures see: the stored columns of every entity, and what is known beside them."""
        stored = self._once("stored", lambda: {each.name: entity_columns(each) for _, each in self.of(Entity)})
        return BESIDE | stored

    def broken_tables(self) -> frozenset[str]:
        """Entities that are declared and do not hold, so that nobody knows their columns."""
        return frozenset(self.names("entity") - set(self.tables()))

    def measured(self, entity: str) -> dict[str, str]:
        """The measures of an entity, name → DuckDB type; those of an entity that is not there may be meant for it."""
        return {name: DUCKDB[m.type] for each in self._about(entity, Measures) for name, m in each.measures.items()}

    def facts(self, entity: Entity) -> dict[str, Fact]:
        """What is known of one row of an entity: its stored columns, measures, segments and scores."""
        return {**self._facts(entity)}

    def _facts(self, entity: Entity) -> Mapping[str, Fact]:
        """Two entities may have one name, which is a problem of its own; each has its facts."""
        _, facts = self._once(("facts", id(entity)), lambda: (entity, self._find_facts(entity)))
        return facts

    def _find_facts(self, entity: Entity) -> dict[str, Fact]:
        name = entity.name
        derived = (self._about(name, Measures), self._about(name, Segment), self._about(name, Health))
        return facts_of(entity, *derived, [quality for _, quality in self.of(Quality)])

    def types(self, entity: Entity) -> dict[str, str]:
        """What an expression about one row of an entity sees: every fact and its DuckDB type."""
        return {name: fact.type for name, fact in self._facts(entity).items()}

    def unified(self, besides: str) -> dict[str, dict[str, str]]:
        """What measures of one entity may read of the others: their rows with everything known of them."""
        others = (entity for _, entity in self.of(Entity) if entity.rows == "shared" and entity.name != besides)
        return {f"{UNIFIED}{entity.name}": self.types(entity) for entity in others}

    def reported(self, *, with_derived: bool) -> dict[str, dict[str, str]]:
        """What sections of reports see: every entity, with everything known and shown of its rows or only what sources
        write, and what is known beside them."""
        columns = self._shown if with_derived else entity_columns
        entities = self._once(
            ("reported", with_derived), lambda: {entity.name: columns(entity) for _, entity in self.of(Entity)}
        )
        return BUILT_IN | BESIDE | REPORTED | entities

    def _shown(self, entity: Entity) -> dict[str, str]:
        """The columns of an entity as people see it: the declared ones, and every fact beside them."""
        if entity.key not in entity.columns:
            return entity_columns(entity)
        declared = entity_columns(entity) | {name: DUCKDB[column.type] for name, column in entity.columns.items()}
        return declared | self.types(entity)

    def scores(self, entity: str) -> list[tuple[Document, Health]]:
        """The scores of an entity, by name."""
        found = [(document, health) for document, health in self.readable(Health) if health.entity == entity]
        return sorted(found, key=lambda each: each[1].name)

    def groups(self, segment: str) -> list[str]:
        """The groups that a segment has; none where there is no such segment, or it has none."""
        return [group for _, each in self.of(Segment) if each.name == segment for group in each.groups]

    def _about(self, entity: str, kind: type[About]) -> list[About]:
        """The directives of a kind about an entity, with those about one that is not there."""
        return [
            each if each.entity == entity else each.model_copy(update={"entity": entity})
            for _, each in self.readable(kind)
            if each.entity == entity or each.entity not in self.names("entity")
        ]
