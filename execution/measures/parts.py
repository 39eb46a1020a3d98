"""What the blocks of measures give, as text to be kept: to find it out anew, every block is bound on empty tables.

Pure. The text is as good as its fingerprint, which is of everything that binding depends on.
"""

import json
from collections.abc import Sequence
from hashlib import sha256

from execution import engine
from execution.directives import Program
from execution.measures.compile import Part, blocks_of, part_of, tables_of
from execution.measures.stored import key_columns


def fingerprint(program: Program, entity: str) -> str:
    """A hash of the blocks, of what each may give and of the tables that they may read."""
    about = program.entities[entity]
    blocks = [[each.name, block.text, list(each.measures)] for each, block in blocks_of(program, entity)]
    tables = [[name, list(columns.items())] for name, columns in tables_of(program, about).items()]
    return sha256(json.dumps([engine.VERSION, key_columns(about), blocks, tables]).encode()).hexdigest()


def as_text(parts: Sequence[Part]) -> str:
    """The keys and columns of each block."""
    return json.dumps([[part.keys, part.columns] for part in parts])


def read_again(program: Program, entity: str, text: str) -> tuple[Part, ...]:
    """The blocks of an entity with what `as_text` kept of each."""
    kept = zip(blocks_of(program, entity), json.loads(text), strict=True)
    return tuple(
        part_of(number, *block, tuple(keys), tuple(columns)) for number, (block, (keys, columns)) in enumerate(kept, 1)
    )
