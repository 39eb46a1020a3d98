"""One planning: the store, the program and the moment, and what every part of it asks of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from execution import engine
from execution.actions import facts, filing
from execution.actions.filing import Asked
from execution.actions.grouping import Alert, Telling
from execution.actions.people import Directory, Reached
from execution.actions.reading import Told
from execution.actions.ways import Way, inbox_of, needs_address, open_channels, to_one_alone, way_of
from execution.directives import Program
from execution.directives.model.routing import Approval

_NOBODY = "nobody could be reached"
_ANYBODY = "anybody"


@dataclass
class Desk:
    """Times are naive UTC: `at` is the moment that is planned for, `now` the clock's."""

    con: engine.Connection
    program: Program
    at: datetime
    now: datetime
    directory: Directory
    lines: list[filing.Line] = field(default_factory=list)
    written: int = 0

    @classmethod
    def open(cls, con: engine.Connection, program: Program, at: datetime, now: datetime) -> "Desk":
        directory = Directory(program.team, program.routing, program.settings.time_zone)
        return cls(con, program, at, now, directory)

    def way(self, alert: Alert) -> Way:
        return way_of(self.program.routing, self.program.triggers.get(alert.trigger), alert.severity)

    def reached(self, words: Iterable[str], alert: Alert, rows: facts.Rows) -> tuple[Reached, ...]:
        """Whom some words stand for, each once; the one nobody where that is nobody."""
        personal_to = self.way(alert).personal_to
        if personal_to is not None:
            return (self._personally(personal_to),)
        columns = rows[alert.entity, alert.key].columns
        found = [self.directory.reach(word, alert.entity, columns, self.at) for word in words]
        there = {each.name: each for each in reversed(found) if each.name is not None}
        if there:
            return tuple(reversed(there.values()))
        why = "; ".join(dict.fromkeys(each.why for each in found)) or "nobody is named"
        return (Reached(None, f"{_NOBODY}: {why}"),)

    def _personally(self, owner: str) -> Reached:
        person = self.directory.known(owner)
        told = self.directory.told(person, "your own trigger")
        return told if person is not None else Reached(None, f"{_NOBODY}: the team has nobody called {owner}")

    def ways_to(self, to: Reached, channels: Sequence[str]) -> Iterator[tuple[str, Reached]]:
        """Through which channels somebody can be told; where there is no other the inbox. A group without an address
        of its own is written to person by person."""
        routing, is_found = self.program.routing, False
        for channel in open_channels(routing, channels) if to.name is not None else ():
            if not needs_address(routing, channel) or to.email is not None:
                is_found = True
                yield channel, to
                continue
            for member in to.members:
                person = self.directory.told(member, to.why)
                if person.email is not None and self.directory.is_there(member, self.at):
                    is_found = True
                    yield channel, person
        if not is_found:
            yield inbox_of(routing), to

    def tellings(
        self, alert: Alert, kind: str, occasion: str, action: str, readers: Iterable[Reached],
        channels: Sequence[str], approval: Approval | None = None,
    ) -> Iterator[Telling]:  # fmt: skip
        """An alert for some readers, through every channel that leads to them."""
        make, way = partial(Telling, alert, kind, occasion, action), self.way(alert)
        for to in readers:
            ways = channels
            if way.personal_to is not None:
                ways = [name for name in channels if to_one_alone(self.program.routing, name, to.slack)]
            for channel, reader in self.ways_to(to, ways):
                yield make(channel, reader, to.slack if way.personal_to is not None else way.slack_channel, approval)

    def again(self, alert: Alert, kind: str, occasion: str, to: Reached, told: Told) -> Iterator[Telling]:
        """An alert for somebody who was told of it before, where they were."""
        if to.name is None and told.recipient is not None:
            return  # is not in the team any more
        way = self.way(alert)
        slack_channel = to.slack if way.personal_to is not None else way.slack_channel
        yield Telling(alert, kind, occasion, kind, told.channel, to, slack_channel)

    def asked(self, approval: Approval | None, alert: Alert, rows: facts.Rows) -> Asked | None:
        """Whose word an action waits for, as people."""
        if approval is None:
            return None
        approvers: dict[str, None] = {}
        for word in approval.by if approval.by != (_ANYBODY,) else ():
            to = self.directory.reach(word, alert.entity, rows[alert.entity, alert.key].columns, self.at)
            approvers |= dict.fromkeys(self.directory.everyone(to.name) if to.name is not None else ())
        return Asked(tuple(approvers), self.at + max(approval.expires, timedelta(0)))

    def note(self, alert: str, event: str, **detail: object) -> None:
        self.lines.append(
            filing.Line(alert, event, {name: value for name, value in detail.items() if value is not None})
        )

    def put(self, rows: Iterable[filing.Row], *, anew: bool = False) -> None:
        self.written += filing.put(self.con, rows, self.at, anew=anew)

    def flush(self) -> None:
        """Write the lines noted so far, so that what comes next reads them."""
        filing.note(self.con, self.lines, self.at, self.now)
        self.lines = []
