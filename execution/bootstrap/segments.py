"""`gtm segments`: who is in which, as the published store has it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from execution.bootstrap.published import by_email, known_key, published
from execution.runs.steps import require_known
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.segments.members import Member, Move
    from execution.segments.standing import Standing


@dataclass(frozen=True, slots=True)
class Overview:
    """Every segment, and in which currency their MRR is."""

    currency: str
    segments: "tuple[Standing, ...]"


@dataclass(frozen=True, slots=True)
class Inside:
    """One segment: its conditions as written, who is in it, and who came and went lately."""

    currency: str
    standing: "Standing"
    conditions: dict[str, str]
    members: "tuple[Member, ...]"
    moves: "tuple[Move, ...]"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one row stands in one segment, since when, and how it came there; `place` is None where it is in none."""

    segment: str
    meaning: str
    null: str
    place: str | None
    since: datetime | None
    moves: "tuple[Move, ...]"


@dataclass(frozen=True, slots=True)
class Belongings:
    """Where one customer stands in every segment."""

    email: str
    places: tuple[Place, ...]


def segments(workspace: Workspace, *, until: datetime | None = None) -> Overview:
    """How every segment stands, as last worked out, or as it stood at an earlier moment."""
    from execution.segments.standing import standing

    with published(workspace) as (con, program):
        found = [standing(con, program, program.segments[name], until) for name in sorted(program.segments)]
        return Overview(program.settings.base_currency, tuple(found))


def segment(workspace: Workspace, name: str, *, until: datetime | None = None, limit: int) -> Inside:
    """One segment from the inside. Raises UsageError for one that no directive declares."""
    from execution.segments import members
    from execution.segments.standing import standing

    with published(workspace) as (con, program):
        require_known("segment", [name], program.segments)
        directive = program.segments[name]
        found = standing(con, program, directive, until)
        inside = members.members(con, program, directive, until, limit) if found.as_of is not None else ()
        lately = found.as_of - members.LATELY if found.as_of is not None else None
        moves = members.moves(con, name, since=lately, until=until, limit=limit) if lately is not None else ()
        conditions = {path[-2] if len(path) > 1 else name: text for path, text in directive.conditions().items()}
        return Inside(program.settings.base_currency, found, conditions, inside, moves)


def belongings(
    workspace: Workspace, email: str, *, name: str | None = None, until: datetime | None = None
) -> Belongings:
    """Where the customer of that address stands in every segment, or in the one named.

    Raises UsageError for an address that the store does not have.
    """
    from execution.segments import members

    with published(workspace) as (con, program):
        if name is not None:
            require_known("segment", [name], program.segments)
        entity = by_email(program)
        key = known_key(con, entity, email)
        places = []
        for directive in (program.segments[each] for each in sorted(program.segments)):
            if directive.entity == entity.name and name in (None, directive.name):
                moves = members.moves(con, directive.name, until=until, key=key)
                now = moves[0] if moves else None
                place, since = (now.place, now.at) if now else (None, None)
                places.append(Place(directive.name, directive.meaning, directive.null, place, since, moves))
        return Belongings(key, tuple(places))
