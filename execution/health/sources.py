"""Where each value behind a score comes from: what gives it, where that is declared, and on which records it rests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from execution.directives.facts import Fact
from execution.directives.locating import Places
from execution.directives.model import Block, Measures
from execution.directives.sql.origins import Origins, origins
from execution.health import records
from execution.health.counted import counted, tables_of
from execution.health.records import Subject, Trace


@dataclass(frozen=True, slots=True)
class Value:
    """One thing that a score was made from. `kind` is column, measure, segment or score; `line` where it is declared;
    `reads` the columns of entities that a measure is made of; `unknown` what it means where there is no value."""

    name: str
    value: Any
    unit: str | None
    meaning: str
    kind: str
    line: str
    reads: tuple[str, ...]
    traces: tuple[Trace, ...]
    unknown: str | None


@dataclass
class Tracing:
    """What is asked for one subject as of a moment. The blocks of a source are read once."""

    subject: Subject
    as_of: datetime
    places: Places
    _streams: dict[str, Origins] = field(default_factory=dict)

    def values(self, given: Mapping[str, Any]) -> dict[str, Value]:
        """Every given fact with where it comes from, by name."""
        facts = self.subject.program.facts(self.subject.entity.name)
        found = {name: self._value(name, given[name], facts.get(name)) for name in given if not name.startswith(".")}
        synced = records.synced(self.subject)
        for name, value in self._traced(found).items():
            dated = tuple(replace(each, synced_at=synced.get(each.source)) for each in value.traces)
            found[name] = replace(value, traces=dated)
        return found

    def _value(self, name: str, value: object, fact: Fact | None) -> Value:
        program, entity = self.subject.program, self.subject.entity
        column, step = entity.columns.get(name), fact.step if fact is not None else None
        unit, meaning, null, line = None, "", "not captured", ""
        if column is not None:
            unit, meaning, null = column.unit, column.meaning, column.null
            line = self.places.shown(entity, "columns", name)
        if step is not None and step.kind == "measures" and (directive := self._measuring(name)) is not None:
            measure = directive.measures[directive.measured(name) or name]
            unit, meaning, null = measure.unit, measure.meaning, measure.null
            line = self.places.shown(directive, "aliases" if name in directive.aliases else "measures", name)
        elif step is not None and step.kind == "quality":
            rules = next(iter(program.quality.values()))
            meaning, null = "How far the record can be relied on", "nothing is known of it"
            line = self.places.shown(rules, "scores", step.name)
        elif step is not None and step.kind == "segment":
            segment = program.segments[step.name]
            meaning, null, line = segment.description, "not placed", self.places.shown(segment, "name")
        elif step is not None and step.kind == "health":
            score = program.health[step.name]
            meaning, null, line = score.title or score.name, "not scored", self.places.shown(score, "name")
        kinds = {"measures": "measure", "quality": "quality", "segment": "segment", "health": "score"}
        kind = kinds[step.kind] if step else "column"
        return Value(name, value, unit, meaning, kind, line, (), (), null if value is None else None)

    def _measuring(self, name: str) -> Measures | None:
        return next((each for each in self._measures() if each.measured(name)), None)

    def _measures(self) -> Iterable[Measures]:
        return (each for each in self.subject.program.measures.values() if each.entity == self.subject.entity.name)

    def _traced(self, values: Mapping[str, Value]) -> dict[str, Value]:
        columns = {name: value for name, value in values.items() if value.kind == "column"}
        found = {name: replace(value, traces=tuple(self._of_column(name))) for name, value in columns.items()}
        tables = tables_of(self.subject.program)
        measured = {name: value.value for name, value in values.items() if value.kind == "measure"}
        for directive, block in self._blocks(measured):
            read = origins(block.text, tables)
            own = {name: value for name, value in measured.items() if name in directive.measures and name in read}
            rows = counted(self.subject, directive, block, read, own, self.as_of)
            for name in own:
                traces = (*rows.get(name, ()), *self._of_columns(read[name].get(self.subject.entity.name, ())))
                reads = tuple(f"{table}.{column}" for table, columns in read[name].items() for column in columns)
                found[name] = replace(values[name], reads=reads, traces=traces)
        return found

    def _blocks(self, measured: Mapping[str, Any]) -> Iterable[tuple[Measures, Block]]:
        for directive in self._measures():
            if not directive.measures.keys().isdisjoint(measured):
                yield from ((directive, block) for block in directive.blocks if block.target == "measures")

    def _of_columns(self, columns: Sequence[str]) -> list[Trace]:
        return [trace for name in columns if name != self.subject.entity.key for trace in self._of_column(name)]

    def _of_column(self, column: str) -> list[Trace]:
        name = records.giver(self.subject, column)
        source = self.subject.program.sources.get(name) if name else None
        if source is None:
            return []
        if source.name not in self._streams:
            self._streams[source.name] = records.streams_of(source, self.subject.entity.name)
        read = self._streams[source.name].get(column, {})
        return records.raw_traces(self.subject, source, read, records.ids_of(self.subject, source.name))
