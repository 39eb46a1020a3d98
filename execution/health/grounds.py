"""What a score rests on beside its own directive: the measures, segments and scores that it uses, each with a hash.

So the history can tell a customer who changed from a definition that did. Only what can change a value is in a hash:
a better description of a measure is no other measure.
"""

import json
from hashlib import sha256

from execution.directives import Program
from execution.directives.dependencies import words
from execution.directives.facts import Step
from execution.directives.lineage import lineage
from execution.directives.model import Directive, Health, Measures, Segment
from execution.directives.schema import REVENUE

_SHORT = 12
"""Hexadecimal digits of a hash that are kept."""


def rests_on(program: Program, health: Health) -> dict[str, str]:
    """Every directive that a score uses, directly or not, as `measures activity` → a hash of how it is worked out."""
    used: list[Directive] = [
        each
        for each in lineage(program, Step("health", health.name))
        if each.name != health.name or not isinstance(each, Health)
    ]
    if any(words(block.text) & REVENUE.keys() for each in used for block in each.blocks):
        used += program.revenue.values()
    return {f"{each.kind} {each.name}": _hash(each) for each in used}


def _hash(directive: Directive) -> str:
    return sha256(json.dumps(_substance(directive), sort_keys=True).encode()).hexdigest()[:_SHORT]


def _substance(directive: Directive) -> object:
    """What of a directive decides its results."""
    match directive:
        case Measures():
            blocks = [[block.target, block.text] for block in directive.blocks]
            types = {name: measure.type for name, measure in directive.measures.items()}
            told = [blocks, dict(directive.otherwise), types]
            return [*told, dict(directive.aliases)] if directive.aliases else told
        case Segment():
            return [[list(map(str, path)), text] for path, text in directive.conditions().items()]
        case _:
            return directive.hash
