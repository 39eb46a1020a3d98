"""What a sync found out: values that the command line prints, the journal keeps and tests compare."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, Self

from execution.errors import Problem
from execution.store.holding import Held

Status = Literal["ok", "failed", "skipped", "not connected"]


@dataclass(frozen=True, slots=True)
class StreamResult:
    """One stream of one run. Counts are of records; `seconds` is wall time.

    `buried` counts the tombstones it set in the stream it `deletes` from, `rejects` values that did not fit their
    type, `keyless` records that came without a key, `invalid` the rows of each of the directive's checks that do not
    meet it.
    `findings` are what was wrong in single files, whose records stay as they were or count for nobody; the stream is
    read for all that.
    `warnings` are sentences for a person; `error` is why it failed or was skipped, with what to do.
    """

    source: str
    stream: str
    status: Status
    pages: int = 0
    records: int = 0
    new: int = 0
    changed: int = 0
    deleted: int = 0
    buried: int = 0
    rejects: int = 0
    keyless: int = 0
    invalid: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    total: int | None = None
    warnings: tuple[str, ...] = ()
    findings: tuple[Problem, ...] = ()
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class EntityResult:
    """What one source's projection into one entity changed; `rows` is how many it has now."""

    source: str
    entity: str
    rows: int
    changed: int
    without_key: int = 0


@dataclass(frozen=True, slots=True)
class SourceResult:
    """One source of one run: `failed` if any of its streams did, or its projection."""

    source: str
    status: Status
    streams: tuple[StreamResult, ...] = ()
    requests: int = 0
    error: str = ""
    hint: str = ""

    @classmethod
    def of(cls, source: str, streams: tuple[StreamResult, ...], requests: int = 0) -> Self:
        """What its streams come to: the first that failed says why."""
        failed = next((stream for stream in streams if stream.status == "failed"), None)
        if failed is None:
            return cls(source, "ok", streams, requests)
        return cls(source, "failed", streams, requests, failed.error, failed.hint)


@dataclass(frozen=True, slots=True)
class RunResult:
    """One whole run. `published` is the number of the publication it ended in, or None where nothing changed, or where
    it is `held` back by a check that blocks; `overridden` are the checks that would have held it back, had it not been
    told to publish anyway."""

    run: str
    started: datetime
    seconds: float
    sources: tuple[SourceResult, ...]
    entities: tuple[EntityResult, ...] = ()
    published: int | None = None
    requests: int = 0
    warnings: tuple[str, ...] = field(default=())
    held: Held | None = None
    overridden: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 fine · 1 some sources failed, or single files of one · 3 every source asked for failed · 4 held back from
        readers. Not being connected is no failure."""
        if self.held is not None:
            return 4
        asked = [source for source in self.sources if source.status != "not connected"]
        failed = [source for source in asked if source.status == "failed"]
        if not failed:
            return int(bool(self.findings))
        return 3 if len(failed) == len(asked) else 1

    @property
    def findings(self) -> tuple[Problem, ...]:
        """What was wrong in single files, each once."""
        found = (problem for source in self.sources for stream in source.streams for problem in stream.findings)
        return tuple(dict.fromkeys(found))

    def as_entry(self) -> dict[str, Any]:
        """The run as the journal and `--json` give it."""
        return asdict(self)


class Progress(Protocol):
    """Who wants to know how a run goes. Called from the event loop, often: be quick."""

    def started(self, source: str, stream: str, expected: int | None) -> None: ...
    def received(self, source: str, stream: str, records: int, total: int | None) -> None: ...
    def finished(self, result: StreamResult) -> None: ...


class Silence:
    """Progress for nobody."""

    def started(self, source: str, stream: str, expected: int | None) -> None: ...
    def received(self, source: str, stream: str, records: int, total: int | None) -> None: ...
    def finished(self, result: StreamResult) -> None: ...
