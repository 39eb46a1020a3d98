"""Which directives differ between two programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from execution.directives import Program
from execution.directives.model import Directive


@dataclass(frozen=True, slots=True)
class Edit:
    """One directive that is new, gone or means something else than before; prose alone is no difference."""

    what: Literal["added", "changed", "removed"]
    kind: str
    name: str
    path: str


def edits(before: Program, after: Program) -> tuple[Edit, ...]:
    """What was edited between two programs, by kind and name."""
    old, new = _by_name(before), _by_name(after)
    found = [Edit("removed", kind, name, old[kind, name].path) for kind, name in old.keys() - new.keys()]
    found += [Edit("added", kind, name, new[kind, name].path) for kind, name in new.keys() - old.keys()]
    found += [
        Edit("changed", kind, name, new[kind, name].path)
        for kind, name in new.keys() & old.keys()
        if new[kind, name].hash != old[kind, name].hash
    ]
    return tuple(sorted(found, key=lambda edit: (edit.kind, edit.name)))


def _by_name(program: Program) -> Mapping[tuple[str, str], Directive]:
    return {(directive.kind, directive.name): directive for directive in program.directives() if directive.path}
