"""A generated file against what would be written into it now, line by line.

How each kind of block is drawn anew stands in `DRAWN`: the name in its markers → a function.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import partial
from itertools import zip_longest

from execution import context, folders, reports
from execution.context import TIERS
from execution.directives.model import Tier, parse_period
from execution.errors import UsageError
from execution.files import managed
from execution.files.managed import AS_OF
from execution.proof.cells import Ground, Untold
from execution.proof.days import span_of
from execution.workspace import Workspace

_MARKER = re.compile(r"^<!--\s*gtm:(?:begin|end)\s+(\S+)", re.MULTILINE)
_MOMENT = re.compile(rf"^{AS_OF}(\d{{4}}-\d\d-\d\d \d\d:\d\d)\b", re.MULTILINE)


@dataclass(frozen=True)
class Sheet:
    """What blocks are drawn from: the published store, the workspace's templates, and the moment."""

    ground: Ground
    workspace: Workspace
    now: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """A line of a block that would not be written now: at which line of the file, what it says, and what it would say
    (None where the one or the other has no such line)."""

    line: int
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A block held against the store: its name, whose it is, where its text begins in the file, whether somebody edited
    it, and how it differs; or why that cannot be told."""

    name: str
    key: str
    line: int
    is_edited: bool
    differences: tuple[Difference, ...] = ()
    untold: Untold | None = None


def redrawn(sheet: Sheet, text: str) -> Redrawn | None:
    """The managed block of a file against what it would be now; None where the file has none.

    Raises managed.Broken where its markers do not fit together, UsageError where it cannot be drawn.
    """
    marker = _MARKER.search(text)
    if marker is None:
        return None
    name = marker[1]
    found = managed.parse(text, name)
    if found is None:
        return None
    line = found.before.count("\n") + 2
    draw = DRAWN.get(name)
    if draw is None:
        hint = f"blocks that can: {', '.join(sorted(DRAWN))}"
        drawn: str | Untold = Untold(f"a block '{name}' cannot be drawn anew", hint)
    else:
        drawn = draw(sheet, found)
    if isinstance(drawn, Untold):
        return Redrawn(name, found.key, line, not found.is_untouched, untold=drawn)
    return Redrawn(name, found.key, line, not found.is_untouched, tuple(differences(found.block, drawn, line)))


def differences(block: str, drawn: str, first: int = 1) -> list[Difference]:
    """Lines in which two texts of a block differ, whenever they were written; `first` is the line of the block's
    first."""
    old = [(number, line.rstrip()) for number, line in enumerate(block.splitlines(), first)]
    was = [(number, line) for number, line in old if line and not line.startswith(AS_OF)]
    now = [line.rstrip() for line in drawn.splitlines() if line.strip() and not line.startswith(AS_OF)]
    found: list[Difference] = []
    matcher = SequenceMatcher(None, [line for _, line in was], now, autojunk=False)
    for kind, begin, end, start, stop in matcher.get_opcodes():
        if kind == "equal":
            continue
        last = was[min(begin, len(was) - 1)][0] if was else first
        for left, right in zip_longest(was[begin:end], now[start:stop]):
            last = left[0] if left is not None else last
            found.append(Difference(last, left[1] if left is not None else None, right))
    return found


# --- what draws each block ------------------------------------------------------------------------


def _brief(tier: Tier, sheet: Sheet, found: managed.Managed) -> str | Untold:
    ground = sheet.ground
    try:
        return context.render(ground.con, ground.program, sheet.workspace, sheet.now, found.key, tier)
    except UsageError as error:
        return Untold(error.message, error.hint)


def _report(sheet: Sheet, found: managed.Managed) -> str | Untold:
    """A report as of the moment that it says it is of: by what is known of that now."""
    program = sheet.ground.program
    rest, _, period = found.key.partition(":")
    name, _, user = rest.partition("/")
    if name not in program.reports:
        return Untold(f"there is no report '{name}' any more", "see directives/reports/")
    wish = reports.Wish(user or None, parse_period(period) if period else None)
    moment = _stated(sheet, found.block)
    return reports.compose(sheet.ground.con, program, sheet.workspace, name, moment, wish).text


def _beside(name: str, sheet: Sheet, found: managed.Managed) -> str | Untold:
    """What stands in a folder beside its briefs."""
    ground = sheet.ground
    drawn = folders.render(ground.con, ground.program, sheet.workspace, sheet.now, name, found.key)
    if drawn is None:
        return Untold(f"nothing would be written as {name} of '{found.key}' now", "`gtm context` says what it leaves")
    return drawn


def _stated(sheet: Sheet, block: str) -> datetime:
    """The moment that a block says it was written for; now where it says none."""
    stated = _MOMENT.search(block)
    span = span_of(stated[1]) if stated else None
    return span[0].replace(tzinfo=sheet.ground.zone) if span else sheet.now


DRAWN: Mapping[str, Callable[[Sheet, managed.Managed], str | Untold]] = {
    **{tier: partial(_brief, tier) for tier in TIERS},
    **{name: partial(_beside, name) for name in folders.BLOCKS},
    "report": _report,
}
"""Every kind of block that can be drawn anew."""
