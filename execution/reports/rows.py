"""The rows of a section, in its order, and the same of the period it is compared with."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from execution import engine
from execution.directives.model import Section
from execution.directives.model.section import TARGET
from execution.engine import ident
from execution.errors import UsageError
from execution.reports import tables
from execution.reports.scene import Scene

Row = Mapping[str, Any]

_PARAMETER = re.compile(r"\$(\w+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows that are shown, how many there are in all, the sums of the columns that are totalled, and the only row
    of the period compared with (None where nothing is compared)."""

    rows: tuple[Row, ...]
    total: int
    sums: Mapping[str, Decimal | None]
    before: Row | None = None


def answer(scene: Scene, section: Section, before: Scene | None = None) -> Answer:
    """What a section's SELECT gives. Raises UsageError where the store's engine refuses it, with its words."""
    rows = read(scene, section)
    limit = section.limit or scene.report.limit
    sums = {name: _sum(row[name] for row in rows) for name in section.total}
    earlier: Row | None = None
    if before is not None and section.compares and section.show == "figures":
        found = read(before, section)
        earlier = found[0] if found else None
    shown = rows if section.show == "figures" else rows[:limit]
    return Answer(tuple(shown), len(rows), sums, earlier)


def read(scene: Scene, section: Section) -> list[dict[str, Any]]:
    """All rows of a section, in its order; those that its order leaves equal are told apart by their other columns."""
    try:
        return engine.dicts(scene.con, sql(scene, section), _asked(scene, section) or None)
    except engine.Error as error:
        raise UsageError(
            f"the section {section.name} cannot be worked out: {str(error).splitlines()[0]}",
            hint="run `gtm check`; where it finds nothing, `gtm score` brings the store up to the directives",
            where=f"{section.path}:{section.block.line if section.block else 1}",
            code="E290",
        ) from error


def sql(scene: Scene, section: Section) -> str:
    """The SELECT as it is put to the store; it asks for what stands in `asked`."""
    text = section.block.text if section.block else ""
    inner = ",\n".join([*tables.ctes(scene, section), f"{ident(TARGET)} AS (\n{text}\n)"])
    return f"WITH {inner}\nSELECT * FROM {ident(TARGET)} ORDER BY {_order(section.order)}"


def _asked(scene: Scene, section: Section) -> dict[str, Any]:
    """What of the scene the SELECT asks for."""
    text = section.block.text if section.block else ""
    known = scene.asked()
    return {name: known[name] for name in _PARAMETER.findall(text) if name in known}


def _order(order: Sequence[str]) -> str:
    """The section's own order; the row as a whole, column by column, breaks its ties."""
    keys = [
        f"{ident(name)} {direction or 'asc'} NULLS LAST" for name, _, direction in (w.partition(" ") for w in order)
    ]
    return ", ".join([*keys, ident(TARGET)])


def _sum(values: Any) -> Decimal | None:  # noqa: ANN401 - whatever numbers the SELECT gives
    known = [Decimal(str(value)) for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None
