"""Which of somebody's events (or deals, or any rows that a source owns) a measure counts.

Each is left out once, in copies of that customer side by side, and the measure is taken of all copies in one go: what
it is different without, it counts. So no measure has to say it, and none can say it wrongly.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from execution import engine
from execution.directives import Program
from execution.directives.model import Block, Entity, Measures
from execution.directives.schema import BESIDE, DUCKDB, entity_columns
from execution.directives.sql.origins import Origins
from execution.engine import ident, literal
from execution.health import names
from execution.health.records import SHOWN, Record, Subject, Trace
from execution.measures.compile import parameters
from execution.measures.stored import entity_select

_LOOKED_AT = 300
"""The newest rows of one customer that are left out in turn."""

_TIMES = ("occurred_at", "closed_at", "started_at", "created_at")
_TITLES = ("title", "name", "plan_name")
_OWN, _COPIES, _N = (names.own(name) for name in ("rows", "copies", "n"))
_SOURCE, _KEY, _AT, _TITLE = (f".{name}" for name in ("source", "key", "at", "title"))


def tables_of(program: Program) -> dict[str, dict[str, str]]:
    """What measures read, by name: the entities and what is known beside them."""
    entities = {name: entity_columns(entity) for name, entity in program.entities.items()}
    return entities | {name: dict(columns) for name, columns in BESIDE.items()}


def counted(
    subject: Subject,
    directive: Measures,
    block: Block,
    read: Origins,
    values: Mapping[str, Any],
    as_of: datetime,
) -> dict[str, list[Trace]]:
    """The owned rows that each of a block's measures in `values` (name → its value) counts of a subject, by measure.

    `read` is what the block makes its columns of. A measure that does not come out as its value again, out of the
    subject's rows alone, is not told about.
    """
    found: dict[str, list[Trace]] = {}
    for name, owned in subject.program.entities.items():
        wanted = [measure for measure in values if name in read.get(measure, {})]
        has_key = subject.entity.key in subject.stored.columns(f"core.{name}")
        if owned.rows != "owned" or owned.key == subject.entity.key or not wanted or not has_key:
            continue
        rows = _left_out(subject, block, owned, {measure: _measured(directive, measure) for measure in wanted}, as_of)
        for measure, records in _different(rows, wanted, values).items():
            found.setdefault(measure, []).extend(_traces(records, name, read[measure][name]))
    return found


def _measured(directive: Measures, name: str) -> str:
    """A measure as it is stored, of the block's row `b`."""
    value = f"CAST(b.{ident(name)} AS {DUCKDB[directive.measures[name].type]})"
    zero = directive.otherwise.get(name)
    return value if zero is None else f"COALESCE({value}, {zero})"


def _left_out(
    subject: Subject, block: Block, owned: Entity, measured: Mapping[str, str], as_of: datetime
) -> list[dict[str, Any]]:
    """The measures with all of the subject's rows, and then without each of the newest, beside that row."""
    have = subject.stored.columns(f"core.{owned.name}")
    at = next((f"o.{ident(name)}" for name in _TIMES if name in have), "NULL")
    title = next((f"o.{ident(name)}" for name in _TITLES if name in have), "NULL")
    order = f"{at} DESC NULLS LAST, o.source, o.{ident(owned.key)}"
    own = f"({entity_select(owned, subject.stored)}) o WHERE o.{ident(subject.entity.key)} = {literal(subject.key)}"
    numbered = f"SELECT o.*, row_number() OVER (ORDER BY {order}) AS {_N} FROM {own} QUALIFY {_N} <= {_LOOKED_AT}"
    ctes = [
        f"{_OWN} AS MATERIALIZED ({numbered})",
        f"{_COPIES} AS MATERIALIZED (SELECT 0 AS {_N} UNION ALL SELECT {_N} FROM {_OWN})",
        *(f"{ident(name)} AS ({_seen(subject, other, owned)})" for name, other in subject.program.entities.items()),
    ]  # fmt: skip
    selected = [f"{sql} AS {ident(name)}" for name, sql in measured.items()]
    beside = {_SOURCE: "o.source", _KEY: f"o.{ident(owned.key)}", _AT: at, _TITLE: title}
    selected += [f"{sql} AS {ident(name)}" for name, sql in beside.items()]
    sql = (
        f"WITH {', '.join(ctes)}\nSELECT {', '.join(selected)} FROM {_COPIES} c "
        f"LEFT JOIN (\n{block.text}\n) b ON b.{ident(subject.entity.key)} = {_named(subject)} "
        f"LEFT JOIN {_OWN} o ON o.{_N} = c.{_N} ORDER BY c.{_N}"
    )
    try:
        return engine.dicts(subject.con, sql, parameters(sql, as_of))
    except engine.Error:
        return []  # it reads what is not at hand here


def _named(subject: Subject) -> str:
    """What the copy `c` of the subject is called."""
    return f"{literal(subject.key)} || '#' || c.{_N}"


def _seen(subject: Subject, other: Entity, owned: Entity) -> str:
    """What a measure sees of an entity: of the one in question every copy without its row, of others the subject's own
    rows in every copy; whole, where they are nobody's."""
    key, rows = ident(subject.entity.key), entity_select(other, subject.stored)
    if other.name == owned.name:
        columns = [ident(name) for name in entity_columns(owned)]
        own = ", ".join(f"{_named(subject)} AS {key}" if name == key else f"o.{name}" for name in columns)
        copies = f"SELECT {own} FROM {_OWN} o JOIN {_COPIES} c ON c.{_N} <> o.{_N}"
        return f"{copies} UNION ALL BY NAME {_one_of_each(subject, owned, rows)}"
    if subject.entity.key in entity_columns(other):
        return (
            f"SELECT o.* REPLACE ({_named(subject)} AS {key}) FROM ({rows}) o, {_COPIES} c "
            f"WHERE o.{key} = {literal(subject.key)}"
        )
    return rows


def _one_of_each(subject: Subject, owned: Entity, rows: str) -> str:
    """One row of somebody else for each source and kind: whether anybody has any is something that measures ask."""
    by = [name for name in ("source", "kind") if name in entity_columns(owned)]
    others = f"({rows}) o WHERE o.{ident(subject.entity.key)} <> {literal(subject.key)}"
    first = f"SELECT {', '.join(map(ident, by))}, min({ident(owned.key)}) AS k FROM {others} GROUP BY ALL"
    joined = " AND ".join(f"o.{ident(name)} IS NOT DISTINCT FROM f.{ident(name)}" for name in by)
    joined = f"o.{ident(owned.key)} = f.k AND {joined}"
    return f"(SELECT o.* FROM (SELECT * FROM {others}) o JOIN ({first}) f ON {joined})"


def _different(
    rows: Sequence[Mapping[str, Any]], wanted: Sequence[str], values: Mapping[str, Any]
) -> dict[str, list[Mapping[str, Any]]]:
    """The rows without which a measure is different, where with all of them it is what it should be."""
    if not rows:
        return {}
    base, *others = rows
    return {
        name: [row for row in others if row[name] != base[name]] for name in wanted if base[name] == values.get(name)
    }


def _traces(rows: Sequence[Mapping[str, Any]], kind: str, fields: tuple[str, ...]) -> list[Trace]:
    by_source: dict[str, list[Record]] = {}
    for row in rows:
        record = Record(row[_SOURCE], kind, row[_KEY], row[_AT], row[_TITLE])
        by_source.setdefault(row[_SOURCE], []).append(record)
    return [
        Trace(source, kind, fields, tuple(records[:SHOWN]), len(records), None)
        for source, records in sorted(by_source.items())
    ]
