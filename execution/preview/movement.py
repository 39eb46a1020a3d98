"""How one score moves between two stores that are attached as `before` and `after`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from execution import engine
from execution.directives import Program
from execution.directives.model import Health
from execution.engine import ident, literal
from execution.health import names
from execution.measures.relation import same_key
from execution.measures.stored import key_columns
from execution.preview.scratch import AFTER, BEFORE

WORTH = "mrr"
"""What accounts are ranked by where it is known."""

_PARTS = ("component.", "penalty.")


@dataclass(frozen=True, slots=True)
class Move:
    """How many rows go from one band to another (None: no label), and what those of them with known revenue bring."""

    from_band: str | None
    to_band: str | None
    rows: int
    mrr: Decimal | None


@dataclass(frozen=True, slots=True)
class PartShift:
    """One part of a score, in points: of one row, or on average over `rows` whose part differs. None: not known or not
    part of it."""

    part: str
    before: Decimal | None
    after: Decimal | None
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Mover:
    """One row whose band or score changes, with the parts that make the difference, the greatest first."""

    key: str
    name: str | None
    mrr: Decimal | None
    from_band: str | None
    to_band: str | None
    from_score: Decimal | None
    to_score: Decimal | None
    parts: tuple[PartShift, ...]


@dataclass(frozen=True, slots=True)
class ScorePlan:
    """What becomes of one score. `histogram` counts rows by ten points, (from, before, after); scores that nobody has
    on one side count there as None."""

    score: str
    entity: str
    scored: tuple[int, int]
    mean: tuple[Decimal | None, Decimal | None]
    labelled: tuple[int, int]
    changed: int
    moves: tuple[Move, ...]
    histogram: tuple[tuple[int, int, int], ...]
    parts: tuple[PartShift, ...]
    movers: tuple[Mover, ...]

    @property
    def moved(self) -> int:
        """How many rows change band, label or no label among them."""
        return sum(move.rows for move in self.moves)


def compare(con: engine.Connection, before: Program | None, after: Program, name: str, top: int) -> ScorePlan | None:
    """The movement of the score of that name, None where neither store has it. At most `top` movers are named."""
    old, new = before.health.get(name) if before else None, after.health.get(name)
    health = new or old
    if health is None:
        return None
    sides = [
        _parts(con, BEFORE, name) if old or before is None else None,
        _parts(con, AFTER, name) if new else None,
    ]
    if sides == [None, None]:
        return None
    _join(con, after if new else before or after, health, sides)
    return ScorePlan(
        score=name,
        entity=health.entity,
        scored=_pair(con, "count({}.score_milli)"),
        mean=_means(con),
        labelled=_pair(con, "count({}.band)"),
        changed=_pair(con, "count(*) FILTER (b.score_milli IS DISTINCT FROM a.score_milli)")[0],
        moves=_moves(con),
        histogram=_histogram(con),
        parts=_part_shifts(con),
        movers=_movers(con, top),
    )


def _parts(con: engine.Connection, side: str, name: str) -> list[str] | None:
    """The columns of one side's table that add up to the score; None where it has no such table."""
    rows = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND schema_name = 'derived' "
        "AND table_name = ? ORDER BY column_index",
        [side, names.table_name(name)],
    ).fetchall()
    found = [column for (column,) in rows]
    return [name for name in found if name == names.CLAMP or name.startswith(_PARTS)] if found else None


def _join(con: engine.Connection, program: Program, health: Health, sides: Sequence[list[str] | None]) -> None:
    """Make the temporary table `moved`: a row for every key of either side, with the figures and parts of both."""
    keys = key_columns(program.entities[health.entity])
    selects = []
    for side, parts in zip((BEFORE, AFTER), sides, strict=True):
        pairs = ", ".join(f"{literal(_label(part))}: {ident(part)}" for part in parts or ())
        bag = f"MAP {{{pairs}}}" if pairs else "MAP([]::VARCHAR[], []::INTEGER[])"
        kept = "*" if parts is not None else ", ".join(f"NULL::VARCHAR AS {ident(key)}" for key in keys)
        source = f"FROM {side}.derived.{ident(names.table_name(health.name))}" if parts is not None else ""
        figures = "score_milli, band" if parts is not None else "NULL::INTEGER AS score_milli, NULL::VARCHAR AS band"
        keyed = ", ".join(map(ident, keys)) if parts is not None else kept
        selects.append(f"SELECT {keyed}, {figures}, {bag} AS parts {source}" + ("" if source else " WHERE false"))
    key = "coalesce(" + ", ".join(f"{side}.{ident(keys[-1])}" for side in "ab") + ")"
    con.execute(f"USE {AFTER}")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE moved AS SELECT {key} AS key, "
        "{'score_milli': b.score_milli, 'band': b.band, 'parts': b.parts} AS b, "
        "{'score_milli': a.score_milli, 'band': a.band, 'parts': a.parts} AS a, "
        f"{_of_row(con, health.entity, 'name', 'VARCHAR')} AS name, "
        f"{_of_row(con, health.entity, WORTH, 'DECIMAL(18,4)')} AS mrr "
        f"FROM ({selects[0]}) b FULL JOIN ({selects[1]}) a ON {same_key(keys, 'b', 'a')} "
        f"LEFT JOIN {_unified(con, health.entity, keys)} u ON u.{ident(keys[-1])} = {key}"
    )


def _unified(con: engine.Connection, entity: str, keys: Sequence[str]) -> str:
    """The rows as people see them; of an entity that nobody unifies, nothing but the key."""
    if _has_view(con, f"unified_{entity}"):
        return f"main.{ident(f'unified_{entity}')}"
    return f"(SELECT NULL::VARCHAR AS {ident(keys[-1])} WHERE false)"


def _has_view(con: engine.Connection, view: str) -> bool:
    """Whether the store `after` has that view."""
    found = con.execute(
        "SELECT count(*) FROM duckdb_views() WHERE database_name = ? AND view_name = ?", [AFTER, view]
    ).fetchone()
    return bool(found and found[0])


def _of_row(con: engine.Connection, entity: str, column: str, kind: str) -> str:
    view = f"unified_{entity}"
    has = _has_view(con, view) and column in engine.columns(con, f"FROM main.{ident(view)}")
    return f"u.{ident(column)}::{kind}" if has else f"NULL::{kind}"


def _label(part: str) -> str:
    return part.removeprefix("component.")


def _pair(con: engine.Connection, figure: str) -> tuple[int, int]:
    row = con.execute(f"SELECT {figure.format('b')}, {figure.format('a')} FROM moved").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _points(milli: str) -> str:
    return f"({milli} / 1000.0)::DECIMAL(9,3)"


def _means(con: engine.Connection) -> tuple[Decimal | None, Decimal | None]:
    row = con.execute(
        "SELECT " + ", ".join(f"(avg({side}.score_milli) / 1000)::DECIMAL(9,3)" for side in "ba") + " FROM moved"
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _moves(con: engine.Connection) -> tuple[Move, ...]:
    rows = con.execute(
        "SELECT b.band, a.band, count(*), sum(mrr) FROM moved WHERE b.band IS DISTINCT FROM a.band "
        "GROUP BY ALL ORDER BY 3 DESC, 1 NULLS FIRST, 2 NULLS FIRST"
    ).fetchall()
    return tuple(Move(*row) for row in rows)


def _histogram(con: engine.Connection) -> tuple[tuple[int, int, int], ...]:
    """Rows by ten points; a score of 100 counts among the nineties."""
    row = con.execute(
        "SELECT "
        + ", ".join(
            f"count(*) FILTER (least({side}.score_milli // 10000, 9) = {tens})" for tens in range(10) for side in "ba"
        )
        + " FROM moved"
    ).fetchone()
    counts = list(row or [0] * 20)
    return tuple((tens * 10, counts[2 * tens], counts[2 * tens + 1]) for tens in range(10))


_DIFFERING = """
    SELECT key, part, b.parts[part] AS was, a.parts[part] AS now
    FROM (SELECT *, unnest(list_distinct(map_keys(coalesce(b.parts, a.parts)) || map_keys(coalesce(a.parts, b.parts))))
              AS part FROM moved)
    WHERE b.parts[part] IS DISTINCT FROM a.parts[part]"""


def _part_shifts(con: engine.Connection) -> tuple[PartShift, ...]:
    """Every part that differs for anybody: its mean before and after over those rows, most rows first."""
    rows = con.execute(
        f"SELECT part, (avg(was) / 1000)::DECIMAL(9,3), (avg(now) / 1000)::DECIMAL(9,3), count(*) FROM ({_DIFFERING}) "
        "GROUP BY part ORDER BY 4 DESC, part"
    ).fetchall()
    return tuple(PartShift(*row) for row in rows)


def _movers(con: engine.Connection, top: int) -> tuple[Mover, ...]:
    """Who changes band, the greatest revenue first; then who else changes most."""
    rows = con.execute(
        f"""SELECT key, name, mrr, b.band, a.band, {_points("b.score_milli")}, {_points("a.score_milli")}
            FROM moved WHERE b.band IS DISTINCT FROM a.band OR b.score_milli IS DISTINCT FROM a.score_milli
            ORDER BY b.band IS DISTINCT FROM a.band DESC, mrr DESC NULLS LAST,
                abs(coalesce(a.score_milli, 0) - coalesce(b.score_milli, 0)) DESC, key LIMIT {int(top)}"""
    ).fetchall()
    engine.load(con, "named", {"key": "VARCHAR"}, [(row[0],) for row in rows])
    parts: dict[str, list[PartShift]] = {}
    for key, part, was, now in con.execute(
        f"""SELECT key, part, {_points("was")}, {_points("now")}
            FROM ({_DIFFERING} AND key IN (SELECT key FROM named))
            ORDER BY key, abs(coalesce(now, 0) - coalesce(was, 0)) DESC, part"""
    ).fetchall():
        parts.setdefault(key, []).append(PartShift(part, was, now))
    return tuple(
        Mover(key, name, mrr, from_band, to_band, from_score, to_score, tuple(parts.get(key, ())))
        for key, name, mrr, from_band, to_band, from_score, to_score in rows
    )
