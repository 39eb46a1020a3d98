"""How a sync goes, on stderr: a bar per stream with counts, rate and time left on a terminal, a line otherwise."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from execution.cli.printing import note
from execution.sync.results import Progress, Silence, StreamResult

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Progress]:
    """Progress for whoever watches: bars on a terminal, a line per stream elsewhere, nothing where `quiet`."""
    if quiet:
        yield Silence()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        with _bars() as bars:
            yield Bar(bars)


class Lines:
    """One line per finished stream."""

    def started(self, source: str, stream: str, expected: int | None) -> None: ...

    def received(self, source: str, stream: str, records: int, total: int | None) -> None: ...

    def finished(self, result: StreamResult) -> None:
        note(f"{result.source}/{result.stream}: {result.status}, {result.records} records in {result.seconds:.1f} s")


class Bar:
    """One bar per stream: records so far, of how many where the vendor says, per second, and how much longer."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._tasks: dict[tuple[str, str], TaskID] = {}

    def started(self, source: str, stream: str, expected: int | None) -> None:
        self._tasks[source, stream] = self._bars.add_task(f"{source}/{stream}", total=expected)

    def received(self, source: str, stream: str, records: int, total: int | None) -> None:
        """`records` more have come."""
        task = self._tasks.get((source, stream))
        if task is not None:
            self._bars.update(task, advance=records, total=total)

    def finished(self, result: StreamResult) -> None:
        task = self._tasks.get((result.source, result.stream))
        if task is not None:
            self._bars.update(task, completed=result.records, total=max(result.records, 1))
            self._bars.stop_task(task)


def _bars() -> "Bars":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """Records a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed else "")

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
