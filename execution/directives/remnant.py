"""What is left of a directive that does not hold, once the values that are wrong are taken out of it.

So a wrong weight does not hide a misspelt column below it: everything is told at once. A remnant is checked and never
run. Only kinds are taken apart of which no part gives a name to other directives, or those would be called missing.
"""

from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from execution.directives.document import Document, look_up
from execution.directives.model import Directive, Health
from execution.directives.validation import FILLED_IN, written_path
from execution.directives.yaml_text import KeyPath

_TAKEN_APART = {"health": Health}
_KEPT = ("kind", "name", "entity", "primary")
"""Keys that say what others may name; without them nothing is left."""
_STAND_INS = {"weight": 1}
"""What stands for a value without which all around it would be taken out too."""


def remnant(document: Document) -> Directive | None:
    """What is left of the directive; None where that is nothing to go by."""
    model = _TAKEN_APART.get(str(document.data.get("kind")))
    if model is None:
        return None
    left = deepcopy({key: value for key, value in document.data.items() if key not in FILLED_IN})
    while True:
        try:
            return model.model_validate(left).model_copy(update={"path": document.path})
        except ValidationError as error:
            wrong = {written_path(left, each["loc"], missing=each["type"] == "missing") for each in error.errors()}
        # The last of a list first: those before it keep their places.
        taken = [_take_out(left, path) for path in sorted(wrong, key=_place, reverse=True)]
        if not any(taken):
            return None


def _place(path: KeyPath) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]


def _take_out(left: dict[str, Any], path: KeyPath) -> bool:
    """Take a value out, or what lacks it; whether anything was there to be taken out."""
    if not path or path[0] in _KEPT:
        return False
    around, last = look_up(left, path[:-1]), path[-1]
    if isinstance(around, dict):
        stand_in = _STAND_INS.get(str(last))
        if stand_in is not None and around.get(last) != stand_in:
            around[last] = stand_in
            return True
        if last in around:
            del around[last]
            return True
    elif isinstance(around, list) and isinstance(last, int) and last < len(around):
        del around[last]
        return True
    return _take_out(left, path[:-1])
