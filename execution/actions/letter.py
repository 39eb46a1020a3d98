"""A finished report as the outbox has it: to whom, its first lines, and the files that go with it.

The files stand in the row, packed, so that a later attempt sends what the first one would have; once it arrived they
are taken out.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from execution import engine
from execution.actions.message import TEST_MARK, Addressee, addressee
from execution.actions.outbox import Row

REPORT = "report"
"""What the row of a report does."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file: its name, its type as mail has it, and what is in it."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A report for one reader. `lines` are its first ones, as plain text; `period` says what it is about; `whole` is
    where it can be read in full, `link` a web address of that."""

    id: str
    title: str
    period: str
    why: str
    lines: tuple[str, ...]
    to: Addressee
    files: tuple[Attached, ...] = ()
    whole: str = ""
    link: str = ""


def packed(files: Sequence[Attached]) -> list[dict[str, str]]:
    """Files as a row's payload has them."""
    return [
        {"name": file.name, "type": file.type, "packed": b64encode(zlib.compress(file.content, 9)).decode("ascii")}
        for file in files
    ]


def read(row: Row, *, is_test: bool = False) -> Letter:
    """The letter of a row."""
    said: Mapping[str, Any] = row.payload
    mark = TEST_MARK if is_test else ""
    title, period, why, whole, link = (str(said.get(key) or "") for key in ("title", "period", "why", "whole", "link"))
    files = tuple(
        Attached(str(file["name"]), str(file["type"]), zlib.decompress(b64decode(file["packed"])))
        for file in _listed(said.get("files"))
    )
    lines = tuple(str(line) for line in _listed(said.get("lines")))
    return Letter(row.id, mark + (title or "Report"), period, why, lines, addressee(said), files, whole, link)


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def unload(con: engine.Connection) -> None:
    """Take the files out of rows that are settled: nobody sends them again. Inside a transaction."""
    con.execute(
        "UPDATE ops.outbox SET payload = json_merge_patch(payload, '{\"files\": []}') "
        f"WHERE \"do\" = {engine.literal(REPORT)} AND state IN ('done', 'dropped') "
        "AND json_array_length(payload, '$.files') > 0"
    )
