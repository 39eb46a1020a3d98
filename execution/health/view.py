"""`unified_customers`, and its like for every shared entity: the stored row with its measures, segments and scores.

Every declared column is there, in the declared order, whoever fills it; what nobody fills yet is NULL of its type.
What the entity does not declare follows at the end.
"""

from datetime import datetime
from hashlib import sha256

from execution import engine
from execution.directives import Program, facts
from execution.directives.model import Entity, Health
from execution.engine import ident, literal
from execution.health import deltas, names
from execution.measures import moments
from execution.measures.relation import same_key, value_of
from execution.measures.stored import Stored, all_columns, key_columns
from execution.measures.work import Work, working

_GRAVITY = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def create(con: engine.Connection, program: Program, work: Work | None = None) -> None:
    """Make the views anew where their text would change. `con` has the store as its current database."""
    with working(con, work) as work:
        stored = work.stored
        for name in sorted(program.entities):
            entity = program.entities[name]
            if entity.rows != "shared" or not stored.columns(f"core.{name}"):
                continue
            sql = view_sql(program, entity, stored)
            wanted = sha256(sql.encode()).hexdigest()
            made, view = f"view unified_{name}", f"unified_{name}"
            before = work.moment(made)
            if before and before.directive == wanted and stored.columns(f"main.{view}"):
                continue
            with work.change():
                con.execute(f"CREATE OR REPLACE VIEW {ident('main', view)} AS {sql}")
                work.note(made, moments.Moment(_EPOCH, wanted))
            work.reshaped()


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the store keeps naive UTC
"""A view is of no moment; its text is all there is to it."""


def primary(program: Program, entity: str) -> Health | None:
    """The score that fills an entity's `from: [health]` columns: the one whose directive says `primary: true`, or the
    only one."""
    return facts.primary(health for health in program.health.values() if health.entity == entity)


def view_sql(program: Program, entity: Entity, stored: Stored) -> str:
    """SELECT of the unified rows of an entity: the declared columns in their order, then what else is known."""
    known = program.facts(entity.name)
    types = all_columns(entity) | {name: fact.type for name, fact in known.items()}
    steps = dict.fromkeys(fact.step for fact in known.values() if fact.step is not None)
    tables = {step: f"t{n}" for n, step in enumerate(steps) if stored.columns(f"derived.{step.table}")}
    filled = _system(entity, stored) | _core(entity, stored)
    filled |= {name: value_of(fact, tables, stored) for name, fact in known.items() if fact.step in tables}
    joins = [f"FROM {ident('core', entity.name)} c"]
    joins += [
        f"LEFT JOIN {ident('derived', step.table)} {alias} ON {same_key(key_columns(entity), alias, 'c')}"
        for step, alias in tables.items()
    ]
    health = primary(program, entity.name)
    score = tables.get(facts.Step("health", health.name)) if health else None
    if health and score and _is_whole(health, stored):
        filled |= {"health_score_components": _components(health, score), "risk_signals": _signals(health, score)}
        filled["health_calculated_at"] = "m.as_of"
        joins.append(f"LEFT JOIN derived.moments m ON m.made = {literal(names.table_name(health.name))}")
    changed = deltas.table_name(entity.name)
    kept = {
        name
        for name in deltas.declared(program, entity.name)
        if f"{name}_milli" in stored.columns(f"derived.{changed}")
    }
    if kept:
        filled |= {name: f"CAST(d.{ident(name + '_milli')} / 1000.0 AS {types[name]})" for name in kept}
        joins.append(f"LEFT JOIN {ident('derived', changed)} d ON {same_key(key_columns(entity), 'd', 'c')}")
    selected = [f"{filled.get(name, f'CAST(NULL AS {kind})')} AS {ident(name)}" for name, kind in types.items()]
    return "SELECT\n    " + ",\n    ".join(selected) + "\n" + "\n".join(joins)


def _core(entity: Entity, stored: Stored) -> dict[str, str]:
    have = stored.columns(f"core.{entity.name}")
    return {name: f"c.{ident(name)}" for name in all_columns(entity) if name in have}


def _system(entity: Entity, stored: Stored) -> dict[str, str]:
    """`last_<source>_sync`: when the source was last read whole, for the rows that it knows."""
    found: dict[str, str] = {}
    have = stored.columns(f"core.{entity.name}")
    if not stored.columns("meta.sources"):
        return found
    for column in entity.columns:
        if column.startswith("last_") and column.endswith("_sync"):
            source = column.removeprefix("last_").removesuffix("_sync")
            if f"last_{source}_change" in have:
                when = f"(SELECT max(completed_at) FROM meta.sources WHERE source = {literal(source)})"
                found[column] = f"CASE WHEN c.{ident(f'last_{source}_change')} IS NOT NULL THEN {when} END"
    return found


def _is_whole(health: Health, stored: Stored) -> bool:
    """Whether a score's table tells its parts and signals. One that a test gives has only what the test says."""
    told = {*names.parts(health).values(), *map(names.signal, health.signals)}
    return {column.strip('"') for column in told} <= {*stored.columns(f"derived.{names.table_name(health.name)}")}


def _components(health: Health, score: str) -> str:
    """Each part in points; a component that is not known is null, nothing at all where there is no score."""
    parts = names.parts(health).items()
    pairs = ", ".join(f"{literal(name)}, {score}.{column} / 1000" for name, column in parts)
    return f"CASE WHEN {score}.score_milli IS NOT NULL THEN json_object({pairs}) END"


def _signals(health: Health, score: str) -> str:
    """The signals that hold, gravest first, then as written."""
    ordered = sorted(health.signals.items(), key=lambda item: _GRAVITY[item[1].severity])
    each = ", ".join(
        f"CASE WHEN {score}.{names.signal(name)} THEN "
        f"{{'type': {literal(name)}, 'severity': {literal(signal.severity)}, 'message': {literal(signal.message)}}} END"
        for name, signal in ordered
    )
    held = f"list_filter([{each}], lambda signal: signal IS NOT NULL)" if each else "[]"
    return f"CASE WHEN {score}.score_milli IS NOT NULL THEN to_json({held}) END"
