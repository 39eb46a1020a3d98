"""A program as text to be kept, and back: what its directives say, read and laid over each other, as JSON.

Only programs without a problem can be kept: to say what is wrong takes the places in the files, and these are not here.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from execution.directives.model import KINDS, Block, Case, Directive, Moment
from execution.directives.program import Program


def dump(program: Program) -> str:
    """The program's text. Raises DirectiveError where it has problems."""
    return json.dumps([_as_data(each) for each in program.require_valid().directives()], separators=(",", ":"))


def _as_data(directive: Directive) -> dict[str, Any]:
    return {
        "written": directive.written,
        "path": directive.path,
        "hash": directive.hash,
        "blocks": [asdict(block) for block in directive.blocks],
        "cases": [asdict(case) for case in directive.cases],
    }


def restore(text: str) -> Program:
    """The program that `dump` made the text of, equal in everything."""
    return Program.of([_directive(kept) for kept in json.loads(text)])


def _directive(kept: Mapping[str, Any]) -> Directive:
    blocks = tuple(Block(**block) for block in kept["blocks"])
    cases = tuple(_case(case) for case in kept["cases"])
    read = KINDS[kept["written"]["kind"]].model_validate(kept["written"])
    return read.model_copy(update={**kept, "blocks": blocks, "cases": cases})


def _case(case: Mapping[str, Any]) -> Case:
    timeline = tuple(
        Moment(**each | {"given": _rows(each["given"]), "stale": tuple(each["stale"])}) for each in case["timeline"]
    )
    rows = {part: _rows(case[part]) for part in ("given", "expect")}
    return Case(**{**case, **rows, "timeline": timeline})


def _rows(part: Mapping[str, list[Mapping[str, Any]]]) -> dict[str, tuple[Mapping[str, Any], ...]]:
    return {name: tuple(rows) for name, rows in part.items()}
