"""Folders whose account is no longer there: moved to `customers/.archive/`, with a line that says why, never removed.

What moves is planned first (`plan`, pure) and done after (`carry_out`). A folder whose account is there again is moved
back before anything is written.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain, count
from pathlib import Path

from execution.context.slugs import RESERVED, short_hash
from execution.errors import Problem
from execution.files import writing
from execution.files.quoting import code
from execution.files.whose import ARCHIVE, Place

LOG = "ARCHIVED.md"
"""In an archived folder: when and why it was put away, and when it came back."""

_TITLE = "# Archived\n\n"

MANY = 20
"""So many folders may go in one run however few there are; beyond that, no more than half."""


@dataclass(frozen=True, slots=True)
class Move:
    """A folder to put away: whose it was, why, and into which account that one was merged, if so."""

    folder: str
    account: str
    why: str
    into: str | None = None


def plan(
    places: Iterable[Place], known: Collection[str], merged: Mapping[str, str], owners: Mapping[str, str]
) -> list[Move]:
    """The folders to put away. `known` are all accounts that the store has, `merged` those that became another's
    (account → account), `owners` maps folders to the accounts that they are.

    A folder of people's own, in which nothing was ever generated, is left alone. Where the store knows nobody, nothing
    is planned: then it is the store that is new.
    """
    moves = []
    for place in places if known else ():
        if place.marked is None:
            continue
        owner = place.owner(known)
        if owner in known and place.folder not in owners:
            moves.append(
                Move(place.folder, place.marked, f"its {code('account.md')} names an account that has a folder", owner)
            )
        elif owner not in known:
            into = merged.get(place.marked)
            why = "merged" if into else "no source knows the account any more"
            moves.append(Move(place.folder, place.marked, why, into))
    return moves


def refusal(moves: Collection[Move], folders: int) -> Problem | None:
    """Why none of it is done: so many accounts do not go in one day; rather is something wrong with a source."""
    if len(moves) <= max(MANY, folders // 2):
        return None
    message = (
        f"{len(moves)} of {folders} accounts are gone from the store at once; their folders were left where they are"
    )
    hint = "see `gtm status` and `gtm quality`; if it is meant, move them to customers/.archive/ by hand"
    return Problem("customers", 1, 1, "E239", message, hint)


def line(move: Move, folders: Mapping[str, str], day: date) -> str:
    """What the log says of a move. `folders` maps accounts to the folders that they have."""
    into = ""
    if move.into is not None:
        folder = folders.get(move.into)
        into = f", merged into {code(move.into)}" + (f" ([{folder}](../../{folder}/account.md))" if folder else "")
    why = "" if move.why == "merged" else f": {move.why}"
    return f"- {day}: {code(move.account)} was archived{into}{why}."


# --- doing it -----------------------------------------------------------------------------------


def put_away(root: Path, move: Move, said: str) -> str:
    """Move a folder into the archive, under a name that is free there; its new path from the workspace's root."""
    folder = root / "customers" / move.folder
    target = _free(root / "customers" / ARCHIVE, move.folder, move.account)
    _log(root, folder, said)
    target.parent.mkdir(exist_ok=True)
    folder.rename(target)
    return target.relative_to(root).as_posix()


def bring_back(root: Path, place: Place, account: str, day: date) -> str:
    """Move a folder out of the archive, under its own name where that is free; its new path."""
    folder = root / "customers" / ARCHIVE / place.folder
    target = _free(root / "customers", place.folder, account)
    folder.rename(target)
    _log(root, target, f"- {day}: {code(account)} is back, and so is its folder.")
    return target.relative_to(root).as_posix()


def _free(parent: Path, name: str, account: str) -> Path:
    plain, hashed = parent / name, parent / f"{name}-{short_hash(account)}"
    if not plain.exists() and name not in RESERVED:
        return plain
    numbered = (hashed.with_name(f"{hashed.name}-{number}") for number in count(2))
    return next(path for path in chain([hashed], numbered) if not path.exists())


def _log(root: Path, folder: Path, said: str) -> None:
    file = folder / LOG
    before = writing.read(file)
    if before is None or said not in before:
        writing.write_over(root, file, before, f"{before or _TITLE}{said}\n")
