"""Where a cited value comes from, and since when it is what it is: told of what no longer holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from execution import engine
from execution.directives.locating import Places
from execution.directives.model import Entity
from execution.engine import ident
from execution.health.records import Subject, giver, synced
from execution.health.sources import Tracing, Value
from execution.proof.cells import Ground, kept_figure
from execution.proof.citing import Cell


@dataclass(frozen=True, slots=True)
class Origin:
    """`said` is a sentence's worth: what gives the value, where that is declared, which source was read when. `since`
    is when it last changed, in UTC, as far as the store knows."""

    said: str
    since: datetime | None = None


def origins(ground: Ground, places: Places, rows: Iterable[tuple[Cell, str]], as_of: datetime) -> dict[Cell, Origin]:
    """The origin of each cell, given with its row's key."""
    return {cell: _origin(ground, places, cell, row, as_of) for cell, row in rows}


def _origin(ground: Ground, places: Places, cell: Cell, row: str, as_of: datetime) -> Origin:
    entity = ground.program.entities[cell.entity]
    if entity.rows == "owned":
        return Origin(_of_source(ground, places, entity, cell.column, row))
    subject = Subject(ground.con, ground.program, ground.stored, entity, row)
    value = Tracing(subject, as_of, places).values({cell.column: True}).get(cell.column)
    if value is None:
        return Origin("")
    return Origin(_of_value(subject, value), _since(ground, entity, cell, row))


def _of_source(ground: Ground, places: Places, entity: Entity, column: str, row: str) -> str:
    source = row.partition(":")[0]
    return f"column, {places.shown(entity, 'columns', column)}; {source}{_read_at(_synced(ground).get(source))}"


def _of_value(subject: Subject, value: Value) -> str:
    of = f" of {', '.join(value.reads)}" if value.reads else ""
    source = giver(subject, value.name) if value.kind == "column" else None
    read = synced(subject)
    named = [source] if source else list(dict.fromkeys(trace.source for trace in value.traces))
    said = "".join(f"; {name}{_read_at(read.get(name))}" for name in named)
    return f"{value.kind}, {value.line}{of}{said}"


def _synced(ground: Ground) -> dict[str, datetime]:
    if not ground.stored.columns("meta.sources"):
        return {}
    return dict(ground.con.execute("SELECT source, max(completed_at) FROM meta.sources GROUP BY source").fetchall())


def _read_at(moment: datetime | None) -> str:
    return f" as read {moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _since(ground: Ground, entity: Entity, cell: Cell, row: str) -> datetime | None:
    """When the value last became another: of scores by their history, of a source's columns by when the source last
    had news of the row."""
    if (kept := kept_figure(ground.program, entity, cell.column)) is not None:
        return _since_in_history(ground, kept[0].name, kept[1], row)
    subject = Subject(ground.con, ground.program, ground.stored, entity, row)
    source = giver(subject, cell.column)
    column = f"last_{source}_change"
    if source is None or column not in ground.stored.columns(f"core.{entity.name}"):
        return None
    sql = f"SELECT {ident(column)} FROM {ident('core', entity.name)} WHERE {ident(entity.key)} = ?"
    found = ground.con.execute(sql, [row]).fetchone()
    return _aware(found[0]) if found else None


def _since_in_history(ground: Ground, score: str, figure: str, row: str) -> datetime | None:
    if not ground.stored.columns("derived.score_history"):
        return None
    found = engine.dicts(
        ground.con,
        f"""SELECT max(as_of) AS since FROM (
                SELECT as_of, {ident(figure)} AS now, lag({ident(figure)}) OVER (ORDER BY as_of) AS before,
                       row_number() OVER (ORDER BY as_of) AS number
                FROM derived.score_history WHERE score = ? AND key = ?)
            WHERE number = 1 OR now IS DISTINCT FROM before""",
        [score, row],
    )
    return _aware(found[0]["since"]) if found else None


def _aware(moment: object) -> datetime | None:
    return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else None
