"""Which sources a rule rests on, and so of which it is not known when one of them cannot be relied on.

Followed from the words of the rule to the columns of entities, through measures, segments and scores; from a column to
the sources whose blocks give it. So a source that is late silences what it feeds, and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from execution.directives import Program, changes
from execution.directives.dependencies import UNIFIED, after, before, words
from execution.directives.facts import Fact
from execution.directives.model import Block, Entity, Trigger
from execution.directives.schema import REVENUE, SENTIMENT, is_derived
from execution.directives.sql.origins import origins
from execution.measures.compile import blocks_of, tables_of
from execution.triggers import constants

_SUBSCRIPTIONS = ("subscriptions", "subscription_changes")
"""What the ledger of recurring revenue is told from."""

_MESSAGES = "messages"
"""Whose texts have a sentiment."""

Sources = frozenset[str]


def unreliable(rests: "Rests", trigger: Trigger, stale: Mapping[str, str]) -> str | None:
    """Why a rule cannot be told, if so; `stale` says it of sources."""
    on = rests.of_rule(trigger) if stale else frozenset()
    return "; ".join(f"{name}: {why}" for name, why in sorted(stale.items()) if name in on) or None


@dataclass
class Rests:
    """What rests on which sources, in one program; each is found out once."""

    program: Program
    _facts: dict[tuple[str, str], Sources] = field(default_factory=dict)
    _asked: dict[Block, Mapping[str, constants.Asked]] = field(default_factory=dict)

    def of_rule(self, trigger: Trigger) -> Sources:
        """The sources that could feed what a rule names, or the texts that its keywords look into."""
        parsed = [changes.parse(text) for text in trigger.expressions().values()]
        named = [each.text for each in parsed]
        named += [f'"{call.of.partition(".")[0]}"' for each in parsed for call in each.changes]
        return self._of_texts(trigger.entity, named) | self._of_keywords(trigger)

    def _of_keywords(self, trigger: Trigger) -> Sources:
        words_ = trigger.keywords
        if words_ is None:
            return frozenset()
        told = [name for name, entity in self.program.entities.items() if entity.texts is not None]
        read = [name for name in told if not words_.entities or name in words_.entities]
        feeding = frozenset[str]().union(*(self._feeding(name) for name in read))
        return feeding & frozenset(words_.sources) if words_.sources else feeding

    def _of_texts(self, entity: str, texts: Iterable[str]) -> Sources:
        """Of expressions over a row of an entity."""
        named = frozenset[str]().union(*map(words, texts))
        facts = self.program.facts(entity)
        return self._of_facts(entity, (name for name in facts if name.lower() in named))

    def _of_facts(self, entity: str, names: Iterable[str]) -> Sources:
        return frozenset[str]().union(*(self._of_fact(entity, name) for name in names))

    def _of_fact(self, entity: str, name: str) -> Sources:
        if (entity, name) not in self._facts:
            self._facts[entity, name] = frozenset()  # so that a circle ends
            fact = self.program.facts(entity).get(name)
            self._facts[entity, name] = self._find(entity, fact) if fact else frozenset()
        return self._facts[entity, name]

    def _find(self, entity: str, fact: Fact) -> Sources:
        if fact.step is None:
            return self._of_column(entity, fact.column)
        match fact.step.kind:
            case "measures":
                return self._of_measure(entity, fact.column)
            case "segment":
                return self._of_texts(entity, self.program.segments[fact.step.name].conditions().values())
            case "health":
                score = self.program.health[fact.step.name]
                return self._of_texts(entity, (before(score) | after(score)).values())
            case "quality":
                rules = self.program.quality.values()
                texts = [text for each in rules for text in each.conditions(entity).values()]
                texts += [f'"{column}"' for each in rules for column in each.columns(entity).values()]
                return self._of_texts(entity, texts)

    # --- columns --------------------------------------------------------------------------------

    def _of_column(self, entity: str, column: str) -> Sources:
        """The sources whose blocks give a column of an entity. The key, and what the system fills, are nobody's."""
        about = self.program.entities[entity]
        declared = about.columns.get(column)
        if column == about.key or declared is None or is_derived(declared.sources):
            return frozenset()
        return frozenset(name for name, block in self._blocks(entity) if constants.gives(block.text, column))

    def _feeding(self, entity: str) -> Sources:
        return frozenset(name for name, _ in self._blocks(entity))

    def _blocks(self, entity: str) -> list[tuple[str, Block]]:
        """Every enabled source that feeds an entity, with the block that does."""
        enabled = [(name, each.sql(entity)) for name, each in self.program.sources.items() if each.enabled]
        return [(name, block) for name, block in enabled if block is not None]

    # --- measures -------------------------------------------------------------------------------

    def _of_measure(self, entity: str, measure: str) -> Sources:
        about = self.program.entities[entity]
        found: Sources = frozenset()
        for directive, block in blocks_of(self.program, entity):
            if measure in directive.measures and measure.lower() in words(block.text):
                found |= self._of_block(about, block, measure)
        return found

    def _of_block(self, entity: Entity, block: Block, measure: str) -> Sources:
        """Of one column of a measures block: the tables it is made of, or all that the block reads where what it is
        made of is only which rows there are."""
        tables = tables_of(self.program, entity)
        if block not in self._asked:
            self._asked[block] = constants.asked(block.text, tables)
        made_of = origins(block.text, tables).get(measure) or {}
        if not made_of:
            named = words(block.text)
            made_of = {
                name: tuple(column for column in columns if column.lower() in named)
                for name, columns in tables.items()
                if name.lower() in named
            }
        asked = self._asked[block].get(measure, {})
        return frozenset[str]().union(*(self._of_table(table, read, asked) for table, read in made_of.items()))

    def _of_table(self, table: str, columns: Iterable[str], asked: constants.Asked) -> Sources:
        if table in REVENUE:
            return frozenset[str]().union(*map(self._feeding, _SUBSCRIPTIONS))
        if table in SENTIMENT:
            return self._feeding(_MESSAGES)
        if table.startswith(UNIFIED):
            return self._of_facts(table.removeprefix(UNIFIED), columns)
        about = self.program.entities[table]
        if about.rows == "shared":
            return frozenset[str]().union(*(self._of_column(table, column) for column in columns))
        return frozenset(name for name, own in self._blocks(table) if constants.may_have(own.text, asked))
