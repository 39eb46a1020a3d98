"""`gtm journey`: who stands where on the way, for how long, and what holds them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from execution.bootstrap import whom
from execution.bootstrap.published import published
from execution.runs.steps import require_known
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.directives import Program
    from execution.engine import Connection
    from execution.segments.journeys import Traveller, Way
    from execution.segments.members import Move


@dataclass(frozen=True, slots=True)
class Overview:
    """Journeys, stage by stage, and in which currency their MRR is."""

    currency: str
    journeys: "tuple[Way, ...]"


@dataclass(frozen=True, slots=True)
class InStage:
    """Who stands in one stage of a journey, or in any of them, those who pay most first."""

    currency: str
    way: "Way"
    stage: str | None
    travellers: "tuple[Traveller, ...]"
    total: int


@dataclass(frozen=True, slots=True)
class Next:
    """The stage that follows, and what it is."""

    stage: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Journeyed:
    """One row on one journey: where it stands (None where it is not on it), what its stage asks, how it came there."""

    key: str
    name: str
    journey: str
    null: str
    owner: str | None
    benchmark_days: int | None
    traveller: "Traveller | None"
    following: Next | None
    moves: "tuple[Move, ...]"


def overview(workspace: Workspace, name: str | None = None) -> Overview:
    """How a journey stands, or every one. Raises UsageError for one that no directive declares."""
    from execution.segments.journeys import way

    with published(workspace) as (con, program):
        names = [name] if name is not None else sorted(program.journeys)
        require_known("journey", names, program.journeys)
        ways = tuple(way(con, program, program.journeys[each]) for each in names)
        return Overview(program.settings.base_currency, ways)


def in_stage(workspace: Workspace, name: str, stage: str | None, *, limit: int) -> InStage:
    """Who stands in a stage of a journey. Raises UsageError for a journey or stage that is not there."""
    from execution.segments.journeys import travellers, way

    with published(workspace) as (con, program):
        require_known("journey", [name], program.journeys)
        journey = program.journeys[name]
        if stage is not None:
            require_known("stage", [stage], journey.groups)
        found = [each for each in travellers(con, program, journey) if stage in (None, each.stage)]
        shown = tuple(found[:limit] if limit else found)
        return InStage(program.settings.base_currency, way(con, program, journey), stage, shown, len(found))


def of_account(workspace: Workspace, name: str, wanted: str) -> Journeyed:
    """Where one account stands. Raises UsageError where the journey is not there, or not one account is meant."""
    with published(workspace) as (con, program):
        require_known("journey", [name], program.journeys)
        return _journeyed(con, program, name, wanted)


def _journeyed(con: "Connection", program: "Program", name: str, wanted: str) -> Journeyed:
    from execution.segments import members
    from execution.segments.journeys import travellers, worked_out

    journey = program.journeys[name]
    names = whom.named(con, program, journey.entity)
    key = whom.meant(wanted, names, "account" if journey.entity == "companies" else f"row of {journey.entity}")
    traveller = next(iter(travellers(con, program, journey, key)), None)
    stage = journey.groups[traveller.stage] if traveller is not None else None
    later = list(journey.groups)[list(journey.groups).index(traveller.stage) + 1 :] if traveller is not None else []
    days = round(stage.benchmark.total_seconds() / 86_400) if stage is not None and stage.benchmark else None
    return Journeyed(
        key=key,
        name=names[key],
        journey=name,
        null=journey.null if worked_out(con, journey) is not None else "it was not worked out yet: run `gtm score`",
        owner=stage.owner if stage is not None else None,
        benchmark_days=days,
        traveller=traveller,
        following=Next(later[0], journey.groups[later[0]].meaning) if later else None,
        moves=members.moves(con, name, key=key),
    )
