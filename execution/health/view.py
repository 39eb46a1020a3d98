"""`unified_customers`, and its like for every shared entity: the stored row with its measures and its score.

Every declared column is there, in the declared order, whoever fills it; what nobody fills yet is NULL of its type.
Measures that the entity does not declare follow at the end.
"""

from datetime import datetime
from hashlib import sha256

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Entity, Health
from execution.engine import ident, literal
from execution.health import names
from execution.health.inputs import same_key
from execution.measures import moments
from execution.measures.compile import measure_columns
from execution.measures.run import table_name
from execution.measures.stored import Stored, all_columns, key_columns

_GRAVITY = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def create(con: engine.Connection, program: Program) -> None:
    """Make the views anew where their text would change."""
    stored = Stored.read(con)
    for name in sorted(program.entities):
        entity = program.entities[name]
        if entity.rows != "shared" or not stored.columns(f"core.{name}"):
            continue
        sql = view_sql(program, entity, stored)
        wanted = sha256(sql.encode()).hexdigest()
        made, view = f"view unified_{name}", f"unified_{name}"
        before = moments.read(con, made)
        if before and before.directive == wanted and store.has_table(con, "main", view):
            continue
        with store.change(con):
            con.execute(f"CREATE OR REPLACE VIEW {ident('main', view)} AS {sql}")
            moments.write(con, made, moments.Moment(_EPOCH, wanted))


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the store keeps naive UTC
"""A view is of no moment; its text is all there is to it."""


def primary(program: Program, entity: str) -> Health | None:
    """The health directive that fills an entity's `from: [health]` columns: the first by name."""
    found = sorted(name for name, health in program.health.items() if health.entity == entity)
    return program.health[found[0]] if found else None


def view_sql(program: Program, entity: Entity, stored: Stored) -> str:
    """SELECT of the unified rows of an entity."""
    types = all_columns(entity)
    measures = measure_columns(program, entity.name)
    health = primary(program, entity.name)
    filled = _system(entity, stored) | _core(entity, stored)
    joins = [f"FROM {ident('core', entity.name)} c"]
    measured = stored.columns(f"derived.{table_name(entity.name)}")
    if measured:
        filled |= {name: f"m.{ident(name)}" for name in measures if name in measured}
        joins.append(f"LEFT JOIN {_derived(table_name(entity.name), 'm', entity)}")
    if health and stored.columns(f"derived.{names.table_name(health.name)}"):
        filled |= _score(health)
        joins.append(f"LEFT JOIN {_derived(names.table_name(health.name), 's', entity)}")
        made = literal(names.table_name(health.name))
        joins.append(f"LEFT JOIN derived.moments t ON t.made = {made}")
    selected = [
        f"{filled.get(name, f'CAST(NULL AS {kind})')} AS {ident(name)}" for name, kind in (types | measures).items()
    ]
    return "SELECT\n    " + ",\n    ".join(selected) + "\n" + "\n".join(joins)


def _derived(table: str, alias: str, entity: Entity) -> str:
    return f"{ident('derived', table)} {alias} ON {same_key(key_columns(entity), alias, 'c')}"


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


def _score(health: Health) -> dict[str, str]:
    filled = {name: names.value(f"s.{ident(column)}", kind) for name, (column, kind) in names.DECLARED.items()}
    filled["recommended_action"] = "s.recommended_action"
    filled["health_calculated_at"] = "t.as_of"
    filled["health_score_components"] = _components(health)
    filled["risk_signals"] = _signals(health)
    return filled


def _components(health: Health) -> str:
    """Each part in points; a component that is not known is null, nothing at all where there is no score."""
    pairs = ", ".join(f"{literal(name)}, s.{column} / 1000" for name, column in names.parts(health).items())
    return f"CASE WHEN s.score_milli IS NOT NULL THEN json_object({pairs}) END"


def _signals(health: Health) -> str:
    """The signals that hold, gravest first, then as written."""
    ordered = sorted(health.signals.items(), key=lambda item: _GRAVITY[item[1].severity])
    each = ", ".join(
        f"CASE WHEN s.{names.signal(name)} THEN "
        f"{{'type': {literal(name)}, 'severity': {literal(signal.severity)}, 'message': {literal(signal.message)}}} END"
        for name, signal in ordered
    )
    held = f"list_filter([{each}], lambda signal: signal IS NOT NULL)" if each else "[]"
    return f"CASE WHEN s.{ident('score_milli')} IS NOT NULL THEN to_json({held}) END"
