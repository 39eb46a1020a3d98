"""What a picture is made of before it is drawn: data for a Vega-Lite specification, and the same in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from execution.errors import UsageError

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture's plot: the `values` of the specification `spec`, how large it is in pixels, and its `words`.

    `subtitle` stands under the title. No values: there is nothing to show, and the picture says so.
    """

    spec: str
    values: Sequence[Mapping[str, Any]]
    words: Sequence[str]
    width: int
    height: int
    subtitle: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


def cell(row: Row, name: str) -> Any:  # noqa: ANN401 - whatever a store has in a column
    """A row's value; None is a value too. Raises UsageError (E296) where the row has no such field."""
    try:
        return row[name]
    except KeyError:
        there = ", ".join(map(str, row)) or "nothing"
        raise UsageError(f"a row of the picture has no field '{name}'", hint=f"it has: {there}", code="E296") from None
