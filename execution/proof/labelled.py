"""Looks out of a labelled table: each of its rows is one look, with what the table says came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from execution import engine, health, measures, quality, segments, store
from execution.directives import Program
from execution.directives.facts import Step
from execution.directives.model import Entity, Health, Label, Source
from execution.directives.schema import entity_columns
from execution.engine import ident, literal
from execution.errors import UsageError
from execution.health.graph import steps
from execution.measures.relation import facts_select
from execution.measures.stored import Stored
from execution.proof import history, looks, past, tables
from execution.proof.looks import LOOK
from execution.proof.past import Today
from execution.store import migrations

MOST_MOMENTS = 400
_ANY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A table as its directive maps it: the columns given of each entity, and which of the scored entity's are
    measures."""

    source: Source
    entity: Entity
    given: Mapping[str, Sequence[str]]
    stated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, how many records have no label and how many one that is not asked for, how many rows had no
    record to go with them, which measures the table states itself, and all that it gives of the scored entity."""

    loaded: tables.Loaded
    without_label: int
    other_label: int
    unmatched: int
    stated: tuple[str, ...]
    given: tuple[str, ...]


def collect(
    con: engine.Connection,
    program: Program,
    score: Health,
    source: Source,
    root: Path,
    *,
    data: Path | None = None,
    as_of: datetime | None = None,
) -> Reading:
    """Fill the tables of `looks` from a source's files. `con` is a database in memory; nothing else is written.

    A measure that the table states is taken as it is. Others are worked out of what the table gives, as of the moment a
    row was observed, or of `as_of` for all of them; where neither is known they are left empty. Raises UsageError where
    the files, the labels and the score do not go together.
    """
    label, entity = label_of(source), program.entities[score.entity]
    migrations.migrate(con)
    loaded = tables.load(con, source, root, data)
    without_label, other_label = tables.tell_labels(con, program, source, label)
    tables.require_moments(con, source, label, loaded.rejected)
    measured = _measured(program, entity)
    if source.sql(entity.name) is None:
        raise UsageError(
            f"{source.name} gives no {entity.name}, and {score.name} is a score of {entity.name}",
            hint=f"add a ```sql {entity.name} block",
            where=source.path,
            code="E282",
        )
    given = {
        name: tables.project_entity(
            con, program, source, program.entities[name], measured if name == entity.name else {}
        )
        for name in source.feeds
    }
    mapped = _Mapped(source, entity, given, tuple(name for name in given[entity.name] if name in measured))
    unmatched = _link(con, source, entity)
    looks.create(con, looks.fact_types(program, score))
    _fill(con, program, score, mapped, as_of)
    looks.number_customers(con)
    return Reading(loaded, without_label, other_label, unmatched, mapped.stated, tuple(given[entity.name]))


def stream_of(source: Source) -> str:
    """The stream that has the label."""
    return label_of(source).stream or next(iter(source.streams))


def label_of(source: Source) -> Label:
    """What a source says came of its rows. Raises UsageError where it says nothing."""
    if source.label is None:
        message = f"{source.name} does not say what came of its rows"
        raise UsageError(message, hint="add label: to its directive", where=source.path, code="E281")
    return source.label


def _measured(program: Program, entity: Entity) -> dict[str, str]:
    """The measures of an entity and their types, without other names of them."""
    step = Step("measures", entity.name)
    facts = program.facts(entity.name).items()
    return {name: fact.type for name, fact in facts if fact.step == step and fact.column == name}


def _link(con: engine.Connection, source: Source, entity: Entity) -> int:
    """The temporary table of each row with its label; how many rows of the entity go with no record.

    A row goes with the record that has its key for its own key, or for its e-mail.
    """
    given, key = ident("given", entity.name), ident(entity.key)
    rows = engine.count(con, f"FROM {given}")
    ways = {way: engine.count(con, f"FROM {given} g JOIN labels l ON l.{way} = g.{key}") for way in ("record", "email")}
    way = max(ways, key=lambda each: ways[each])
    hint = f"let the block give one row per record (select key as {entity.key}); label: {{customer: …}} says whose"
    if not ways[way]:
        message = f"none of the {rows:,} rows of the {entity.name} block goes with a labelled record"
        raise UsageError(message, hint=hint, where=source.path, code="E281")
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE linked AS
            SELECT
                g.{key} AS key, l.customer, l.observed_at AS moment, l.happened,
                CASE WHEN l.happened THEN l.happened_at END AS happened_at
            FROM {given} g JOIN labels l ON l.{way} = g.{key} WHERE l.happened IS NOT NULL"""
    )
    twice = con.execute("SELECT key, count(*) FROM linked GROUP BY key HAVING count(*) > 1 ORDER BY key LIMIT 1")
    if row := twice.fetchone():
        message = f"{row[1]} labelled records go with the one row for {entity.key} {row[0]!r}"
        raise UsageError(message, hint=hint, where=source.path, code="E281")
    return engine.count(con, f"FROM {given} g ANTI JOIN labels l ON l.{way} = g.{key}")


def _fill(con: engine.Connection, program: Program, score: Health, mapped: _Mapped, as_of: datetime | None) -> None:
    """Derive what the score needs and look: at all rows at once, or moment by moment where the moment counts."""
    needed = history.narrowed(program, score)
    depended = [use for use in history.depended_on(program, score) if use.used.kind == "measures"]
    used = {program.facts(use.used.name)[use.word].column for use in depended}
    is_stated = used <= {*mapped.stated}
    for moment in _moments(con, mapped.source, needed, is_stated=is_stated):
        at = moment or as_of
        _show(con, mapped, moment)
        if at is not None:
            _show_others(con, program, mapped, at)
        for step in steps(needed):
            if step.kind == "quality":
                quality.rate(con, needed, step.name, at or _ANY)
            elif step.kind == "segment":
                segments.run(con, needed, step.name, at or _ANY)
            elif step.kind == "health":
                health.score(con, needed, step.name, at or _ANY)
            else:
                if at is not None and not is_stated:
                    measures.measure(con, needed, step.name, at)
                if step.name == mapped.entity.name:
                    _state(con, mapped, step)
        _look(con, program, score, mapped.entity, moment)


def _moments(con: engine.Connection, source: Source, needed: Program, *, is_stated: bool) -> list[datetime | None]:
    """The moments to be worked out one by one; [None] where all rows can be at once."""
    texts = [text for segment in needed.segments.values() for text in segment.conditions().values()]
    texts += [component.score for each in needed.health.values() for component in each.components.values()]
    if is_stated and not any("$as_of" in text for text in texts):
        return [None]
    found = [row[0] for row in con.execute("SELECT DISTINCT moment FROM linked ORDER BY moment").fetchall()]
    if len(found) > MOST_MOMENTS:
        raise UsageError(
            f"the rows were observed at {len(found):,} moments, and measures are worked out for each",
            hint=f"state the measures in the table, or round its moments to at most {MOST_MOMENTS} (a day, a month)",
            where=f"{source.path}: label.observed_at",
            code="E281",
        )
    return found


def _show(con: engine.Connection, mapped: _Mapped, moment: datetime | None) -> None:
    """Make the scored entity's table that of the rows of a moment, or of all."""
    entity = mapped.entity
    columns = [name for name in mapped.given[entity.name] if name in entity_columns(entity)]
    then = "true" if moment is None else f"l.moment = {literal(moment)}"
    con.execute(
        f"CREATE OR REPLACE TABLE {ident('core', entity.name)} AS "
        f"SELECT {', '.join(f'g.{ident(name)}' for name in columns)} FROM {ident('given', entity.name)} g "
        f"JOIN linked l ON l.key = g.{ident(entity.key)} WHERE {then}"
    )


def _show_others(con: engine.Connection, program: Program, mapped: _Mapped, at: datetime) -> None:
    """Make the tables of the other entities what was known of them at a moment."""
    today = {}
    for name in mapped.given.keys() - {mapped.entity.name}:
        types = entity_columns(program.entities[name])
        have = {column: kind for column, kind in types.items() if column in mapped.given[name] or column == "source"}
        rows = ["*", *(f"CAST(NULL AS {kind}) AS {ident(c)}" for c, kind in types.items() if c not in have)]
        rows += [f"{literal(mapped.source.name)} AS source"] if "source" in types else []
        today[name] = Today(f"SELECT {', '.join(rows)} FROM {ident('given', name)}", have)
    past.show(con, program, today, at, with_today=True)


def _state(con: engine.Connection, mapped: _Mapped, step: Step) -> None:
    """Put the measures that the table states in the place of those that were worked out."""
    if not mapped.stated:
        return
    key, made = ident(mapped.entity.key), ident("derived", step.table)
    stated = ", ".join(f"g.{ident(name)}" for name in mapped.stated)
    joins = f"JOIN {ident('given', mapped.entity.name)} g ON g.{key} = c.{key}"
    others = ""
    if store.has_table(con, "derived", step.table):
        others = f", m.* EXCLUDE ({', '.join(map(ident, (mapped.entity.key, *mapped.stated)))})"
        joins += f" LEFT JOIN {made} m ON m.{key} = c.{key}"
    con.execute("CREATE SCHEMA IF NOT EXISTS derived")
    con.execute(
        f"CREATE OR REPLACE TABLE {made} AS SELECT c.{key}, {stated}{others} "
        f"FROM {ident('core', mapped.entity.name)} c {joins}"
    )


def _look(con: engine.Connection, program: Program, score: Health, entity: Entity, moment: datetime | None) -> None:
    """Add the looks of one moment, or of all, to both tables."""
    first = engine.count(con, "FROM looks")
    then = "true" if moment is None else f"moment = {literal(moment)}"
    con.execute(
        f"""INSERT INTO looks
            SELECT {first} + row_number() OVER (ORDER BY key), moment, key, customer, NULL, happened, happened_at
            FROM linked WHERE {then}"""
    )
    facts = list(looks.fact_types(program, score))
    known = facts_select(program, entity, facts, Stored.read(con))
    columns = "".join(f", f.{ident(name)}" for name in facts)
    con.execute(
        f"INSERT INTO facts BY NAME SELECT l.look AS {LOOK}{columns} FROM looks l "
        f"JOIN ({known}) f ON f.{ident(entity.key)} = l.key WHERE l.look > {first}"
    )
