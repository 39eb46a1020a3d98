"""The named steps of a source's SQL: what each yields is a table for the steps below it and for every projection."""

import re
from collections.abc import Iterator
from dataclasses import replace

from execution.directives.document import Document, PlacedBlock
from execution.directives.model.shape import NAME, STEP
from execution.directives.sql.checking import Checker
from execution.directives.sql.flaw import Scope
from execution.errors import Problem


def is_step(placed: PlacedBlock) -> bool:
    """Whether a block is a step, and no projection into an entity."""
    return placed.block.target.startswith(f"{STEP} ")


def with_steps(document: Document, scope: Scope, checker: Checker) -> tuple[Scope, list[Problem]]:
    """The scope with the columns of every step, and what is wrong with the steps.

    What a step with a flaw yields nobody knows: SQL that reads it is not bound.
    """
    problems: list[Problem] = []
    for number, placed in enumerate([placed for placed in document.blocks if is_step(placed)], start=1):
        name = placed.block.target.split(" ")[1]
        wrong = [*_of_name(placed, name, scope)]
        problems += wrong
        checked = checker.query(placed.block.text, replace(scope, schema=f"{scope.schema}, step {number}"))
        problems += [placed.problem(flaw.code, flaw.message, flaw.hint, at=flaw.at or 0) for flaw in checked.flaws]
        twice = [column for column in checked.columns if ":" in column]
        for column in twice:
            message = f"'{column.split(':', 1)[0]}' is selected twice"
            problems.append(
                placed.problem("E135", message, "name one of them otherwise", at=checked.places.get(column))
            )
        if wrong:
            continue
        if checked.columns and not checked.flaws and not twice:
            scope = replace(scope, tables={**scope.tables, name: checked.columns})
        else:
            scope = replace(scope, broken=scope.broken | {name})
    return scope, problems


def _of_name(placed: PlacedBlock, name: str, scope: Scope) -> Iterator[Problem]:
    if not re.fullmatch(NAME, name):
        hint = "write a lower-case letter first, then letters, digits and _"
        yield placed.problem("E121", f"'{name}' is not a name", hint)
    elif name in scope.tables or name in scope.broken:
        yield placed.problem("E122", f"there is a table '{name}' to be read here already", "name the step otherwise")
