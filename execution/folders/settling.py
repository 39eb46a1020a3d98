"""Before anything is written: folders whose account is gone are put away, those whose account is back are fetched."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from execution import engine
from execution.directives import Program
from execution.errors import Problem
from execution.files import whose
from execution.folders import accounts, archive
from execution.measures import Stored
from execution.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Settled:
    """The folders that were moved, as paths from the workspace's root, and why others were not."""

    archived: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def settle(con: engine.Connection, program: Program, workspace: Workspace, as_of: datetime) -> Settled:
    """Bring the folders in line with the accounts that the store knows."""
    known = accounts.known(con)
    day = as_of.astimezone(ZoneInfo(program.settings.time_zone)).date()
    found = list(whose.places(workspace.customers))
    owners = whose.assigned(found, known)
    gone = [place.marked for place in found if place.marked and place.owner(known) not in known]
    moves = archive.plan(found, known, accounts.merged(con, gone), owners)
    if refusal := archive.refusal(moves, len(found)):
        return Settled(problems=(refusal,))
    moved = {move.folder for move in moves}
    folders = {owner: folder for folder, owner in owners.items() if folder not in moved}
    away = [archive.put_away(workspace.root, move, archive.line(move, folders, day)) for move in moves]
    back = []
    archived = [(place, place.owner(known)) for place in whose.places(workspace.customers / whose.ARCHIVE)]
    if any(owner in known for _, owner in archived):
        wanted = _wanted(con, program)
        for place, owner in archived:
            if owner is not None and owner in wanted and owner not in folders:
                path = archive.bring_back(workspace.root, place, owner, day)
                folders[owner] = path
                back.append(path)
    return Settled(tuple(away), tuple(back))


def _wanted(con: engine.Connection, program: Program) -> frozenset[str | None]:
    sql = accounts.chosen_sql(program, Stored.read(con), program.settings.briefs)
    return frozenset(key for (key,) in con.execute(sql).fetchall())
