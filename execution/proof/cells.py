"""What the store has of the cells that files cite: a query for each entity, however many are asked for.

What cannot be told is told with its reason, and with the nearest name where one is probably meant.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from execution import engine
from execution.directives import Program
from execution.directives.facts import Fact
from execution.directives.model import Entity, Health
from execution.directives.problems import closest, suggest
from execution.engine import ident, literal
from execution.errors import UsageError
from execution.health import view
from execution.identity.normalise import normalise
from execution.measures.stored import Stored, all_columns, entity_select
from execution.proof.citing import Cell
from execution.proof.written import NOT_CAPTURED, Meaning

_CURRENCY = "currency"
"""The column that says in which currency a row's amounts are."""
_BASE = "base currency"
"""How a unit begins that is money of the team's own currency; any other that names a currency is the row's."""

_SUGGESTED = 20
"""Unknown keys for which the nearest are looked up."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value that the store has, and what it is. `row` is the key of its row as the store writes it."""

    value: Any
    meaning: Meaning
    row: str = ""


@dataclass(frozen=True, slots=True)
class Untold:
    """Why a value cannot be told, and what to do."""

    reason: str
    hint: str = ""


Answer = Found | Untold


@dataclass(frozen=True)
class Ground:
    """What references are held against: the published store, and the program. `moment_of` reads a moment."""

    con: engine.Connection
    program: Program
    moment_of: Callable[[str], datetime]

    @cached_property
    def stored(self) -> Stored:
        return Stored.read(self.con)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.program.settings.time_zone)

    def meaning(self, entity: Entity, column: str, currency: str | None = None) -> Meaning:
        """What a column's values are; `currency` is that of the row."""
        unit, null = _told(self.program, entity, column)
        money = (
            self.program.settings.base_currency if unit.startswith(_BASE) else currency if _CURRENCY in unit else None
        )
        return Meaning(unit, money, null, self.zone)


def answers(ground: Ground, cells: Iterable[Cell]) -> dict[Cell, Answer]:
    """What the store has of each cell."""
    found: dict[Cell, Answer] = {}
    asked: dict[tuple[str, str | None], list[Cell]] = defaultdict(list)
    for cell in dict.fromkeys(cells):
        wrong = _wrong(ground, cell)
        if wrong is not None:
            found[cell] = wrong
        else:
            asked[cell.entity, cell.as_of].append(cell)
    for (name, as_of), group in asked.items():
        entity = ground.program.entities[name]
        found |= _now(ground, entity, group) if as_of is None else _then(ground, entity, as_of, group)
    return found


def _wrong(ground: Ground, cell: Cell) -> Untold | None:
    """Why a cell cannot be in the store, whatever is in it."""
    entity = ground.program.entities.get(cell.entity)
    if entity is None:
        return Untold(f"there is no entity '{cell.entity}'", suggest(cell.entity, ground.program.entities))
    columns = _columns(ground, entity)
    if cell.column not in columns:
        otherwise = f'see `gtm query "describe {_table(entity)}"`'
        return Untold(
            f"{entity.name} have no column '{cell.column}'", suggest(cell.column, columns, otherwise=otherwise)
        )
    if not ground.stored.columns(f"core.{entity.name}"):
        return Untold(f"the store has no {entity.name} yet", "run `gtm sync`")
    return None


def _columns(ground: Ground, entity: Entity) -> Mapping[str, object]:
    known: Mapping[str, object] = ground.program.facts(entity.name) if entity.rows == "shared" else {}
    return {**all_columns(entity), **known}


def _table(entity: Entity) -> str:
    return f"unified_{entity.name}" if entity.rows == "shared" else f"core.{entity.name}"


def _told(program: Program, entity: Entity, column: str) -> tuple[str, str]:
    """A column's unit, and what it means where there is no value: as the entity says, or the measure."""
    for measures in program.measures.values():
        if measures.entity == entity.name and (name := measures.measured(column)) is not None:
            return measures.measures[name].unit, measures.measures[name].null or NOT_CAPTURED
    declared = entity.columns.get(column)
    return (declared.unit or "", declared.null) if declared is not None else ("", NOT_CAPTURED)


# --- as it is -------------------------------------------------------------------------------------


def _now(ground: Ground, entity: Entity, cells: Sequence[Cell]) -> dict[Cell, Answer]:
    rows = {cell: _row_of(entity, cell.key) for cell in cells}
    wanted = list(dict.fromkeys(cell.column for cell in cells))
    has_currency = _CURRENCY in _columns(ground, entity)
    columns = list(dict.fromkeys([*wanted, *([_CURRENCY] if has_currency else [])]))
    selected = ", ".join(ident(column) for column in columns)
    key = _key_sql(entity)
    sql = f'SELECT {key} AS ".key", {selected} FROM {_relation(ground, entity)} WHERE list_contains($keys, {key})'
    found = {row[".key"]: row for row in engine.dicts(ground.con, sql, {"keys": sorted(set(rows.values()))})}
    absent = _absent(ground, entity, [cell.key for cell in cells if rows[cell] not in found])
    answered: dict[Cell, Answer] = {}
    for cell in cells:
        row = found.get(rows[cell])
        if row is None:
            answered[cell] = absent[cell.key]
        else:
            meaning = ground.meaning(entity, cell.column, row.get(_CURRENCY))
            answered[cell] = Found(_read(row[cell.column]), meaning, rows[cell])
    return answered


def _relation(ground: Ground, entity: Entity) -> str:
    if entity.rows == "shared":
        return f"({view.view_sql(ground.program, entity, ground.stored)})"
    return f"({entity_select(entity, ground.stored)})"


def _key_sql(entity: Entity) -> str:
    """A row's key as references write it: of a row that belongs to a source with that before it."""
    return ident(entity.key) if entity.rows == "shared" else f"source || ':' || {ident(entity.key)}"


def _row_of(entity: Entity, key: str) -> str:
    """A key as the store has it."""
    if entity.rows == "owned":
        return key
    return (normalise(key).email or key.lower()) if "@" in key else key.lower()


def _read(value: object) -> object:
    """JSON as what it says."""
    if not isinstance(value, str) or value[:1] not in "[{":
        return value
    import json

    try:
        return json.loads(value)
    except ValueError:
        return value


def _absent(ground: Ground, entity: Entity, keys: Sequence[str]) -> dict[str, Untold]:
    """Why there is no row with each of the keys, with the nearest that there are."""
    found: dict[str, Untold] = {}
    for number, key in enumerate(dict.fromkeys(keys)):
        reason = f"there is no row '{key}' in {entity.name}"
        if entity.rows == "owned" and ":" not in key:
            found[key] = Untold(reason, f"write the source before it, as in {entity.name}/hubspot:{key}")
            continue
        near = _nearest(ground, entity, key) if number < _SUGGESTED else None
        otherwise = f'`gtm query "select {entity.key} from {_table(entity)}"` lists them'
        found[key] = Untold(reason, f"did you mean '{near}'?" if near else otherwise)
    return found


def _nearest(ground: Ground, entity: Entity, key: str) -> str | None:
    of_row = _key_sql(entity)
    sql = (
        f"SELECT {of_row} FROM {ident('core', entity.name)} WHERE jaro_winkler_similarity({of_row}, $key) >= 0.8 "
        f"ORDER BY jaro_winkler_similarity({of_row}, $key) DESC, 1 LIMIT 5"
    )
    return closest(key, [row[0] for row in ground.con.execute(sql, {"key": key.lower()}).fetchall()])


# --- as it was ------------------------------------------------------------------------------------

_KEPT = frozenset({"score_milli", "low_milli", "high_milli", "coverage_milli", "band", "churn_risk_milli"})
"""What the history of a score keeps of it."""


def kept_figure(program: Program, entity: Entity, column: str) -> tuple[Health, str] | None:
    """The score and the column of its history that a column shows; None where the store keeps no past of it."""
    fact: Fact | None = program.facts(entity.name).get(column) if entity.rows == "shared" else None
    if fact is None or fact.step is None or fact.step.kind != "health" or fact.column not in _KEPT:
        return None
    return program.health[fact.step.name], fact.column


def _then(ground: Ground, entity: Entity, as_of: str, cells: Sequence[Cell]) -> dict[Cell, Answer]:
    try:
        moment = engine.naive_utc(ground.moment_of(as_of))
    except UsageError as error:
        return dict.fromkeys(cells, Untold(error.message, error.hint))
    found: dict[Cell, Answer] = {}
    for column in dict.fromkeys(cell.column for cell in cells):
        those = [cell for cell in cells if cell.column == column]
        kept = kept_figure(ground.program, entity, column)
        if kept is None:
            untold = Untold(f"the store does not keep what {column} was", "only scores have a past; cite a query")
            found |= dict.fromkeys(those, untold)
        else:
            found |= _of_history(ground, entity, *kept, moment, those)
    return found


def _of_history(
    ground: Ground, entity: Entity, health: Health, figure: str, moment: datetime, cells: Sequence[Cell]
) -> dict[Cell, Answer]:
    if not ground.stored.columns("derived.score_runs"):
        return dict.fromkeys(cells, Untold("nothing has been scored yet", "run `gtm score`"))
    first = ground.con.execute("SELECT min(as_of) FROM derived.score_runs WHERE score = ?", [health.name]).fetchone()
    if first is None or first[0] is None or first[0] > moment:
        since = f"begins on {first[0]:%Y-%m-%d}" if first and first[0] is not None else "has not begun"
        return dict.fromkeys(cells, Untold(f"the history of {health.name} {since}", "cite a later moment"))
    rows = {cell: _row_of(entity, cell.key) for cell in cells}
    sql = (
        f"SELECT key, arg_max_null({ident(figure)}, as_of) FROM derived.score_history "
        f"WHERE score = {literal(health.name)} AND as_of <= $moment AND list_contains($keys, key) GROUP BY key"
    )
    past = dict(ground.con.execute(sql, {"moment": moment, "keys": sorted(set(rows.values()))}).fetchall())
    known = _now(ground, entity, cells)
    answered: dict[Cell, Answer] = {}
    for cell, key in rows.items():
        now = known[cell]
        value = past.get(key)
        if value is not None and figure.endswith("_milli"):
            value = Decimal(value) / 1000
        answered[cell] = Found(value, now.meaning, key) if isinstance(now, Found) else now
    return answered
