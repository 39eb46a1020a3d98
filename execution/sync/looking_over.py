"""What a slice holds, before it is merged: how far it reaches, what did not fit, and what its directive objects to."""

from dataclasses import dataclass
from datetime import UTC, datetime

from execution import engine
from execution.directives.model import CursorSync, Source
from execution.engine import ident
from execution.errors import PageError


@dataclass(frozen=True, slots=True)
class LookedOver:
    """`greatest` value of the cursor's column, `rejects` values that did not fit, `keyless` records, and the rows that
    do not meet each check (`invalid`; those that all meet are left out)."""

    greatest: datetime | None
    rejects: int
    keyless: int
    invalid: dict[str, int]


def look_over(con: engine.Connection, source: Source, name: str, staged: str, now: datetime) -> LookedOver:
    """Look over the rows of `staged`, a SELECT. Raises PageError for a check that blocks."""
    sync = source.streams[name].sync
    moment = ident(sync.column) if isinstance(sync, CursorSync) else "NULL::TIMESTAMP"
    row = con.execute(
        f"SELECT max({moment}), coalesce(sum(len(rejects)), 0), count(*) FILTER (key IS NULL) FROM ({staged})"
    ).fetchone()
    greatest, rejects, keyless = row or (None, 0, 0)
    reached = greatest.replace(tzinfo=UTC) if greatest is not None else None
    return LookedOver(reached, int(rejects), int(keyless), _invalid(con, source, name, staged, now))


def _invalid(con: engine.Connection, source: Source, name: str, staged: str, now: datetime) -> dict[str, int]:
    """The rows that each of the directive's checks finds wrong. As with a CHECK in SQL, a condition that is unknown is
    met."""
    invalid = dict[str, int]()
    for check in source.checks.get(name, ()):
        moment = {"as_of": engine.naive_utc(now)} if "$as_of" in check.check else None
        row = con.execute(
            f"SELECT count(*), min(key) FROM ({staged}) WHERE ({check.check}) IS NOT DISTINCT FROM false", moment
        ).fetchone()
        wrong, example = row or (0, None)
        if wrong and check.blocking:
            raise PageError(
                f"{wrong} records do not meet the check `{check.check}`, {example!r} among them",
                hint="it blocks: nothing of this slice was stored. Mend the data, or the check in the directive",
                where=f"{source.name}/{name}",
                code="E342",
            )
        if wrong:
            invalid[check.check] = int(wrong)
    return invalid
