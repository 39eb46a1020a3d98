"""What a directive says, as a hash: the same text in other words or another order of keys is the same directive."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from execution.directives.model import Block


def directive_hash(data: Mapping[str, Any], blocks: Iterable[Block]) -> str:
    """The SHA-256 of a directive's effective keys and blocks; prose, comments and tests are not in it."""
    content = {"keys": data, "blocks": [[block.target, block.text] for block in blocks]}
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def program_hash(hashes: Mapping[str, str]) -> str:
    """That of all directives together, given the hash of each by its kind and name."""
    return sha256(json.dumps(dict(hashes), sort_keys=True).encode()).hexdigest()
