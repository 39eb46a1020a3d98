"""Queries out of files: exactly one SELECT, on a connection that reaches nothing, and no longer than it may take."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Timer
from typing import Any

from execution import engine
from execution.errors import UsageError
from execution.proof.cells import Answer, Found, Ground, Untold
from execution.proof.prose import Query
from execution.proof.written import Meaning
from execution.store.querying import ask

WITHIN_S = 10.0
"""How long one query out of a file may take. It is a figure in somebody's text, not an analysis."""

_OF_A_QUERY = "a block that is cited gives one row of one column"


@dataclass
class Asking:
    """A locked-down connection on the published store, on which queries are asked one after the other."""

    con: engine.Connection
    ground: Ground
    within_s: float = WITHIN_S
    _too_late: bool = field(default=False, init=False)

    def answer(self, query: Query) -> Answer:
        """The one value that a query gives, or why it gives none."""
        if not query.is_alone:
            return Untold(f"two blocks are named '{query.name}'", "give each a name of its own")
        if not query.sql:
            return Untold(f"the block '{query.name}' is empty", _OF_A_QUERY)
        try:
            with self._in_time():
                columns, rows = ask(self.con, query.sql, at_most=2)
        except UsageError as error:
            if self._too_late:
                return Untold(f"the query takes longer than {self.within_s:g} s", "ask for less, or cite a column")
            return Untold(f"the query does not run: {error.message}", error.hint)
        if len(columns) != 1 or len(rows) != 1:
            rows_said = "no row" if not rows else "more than one row" if len(rows) > 1 else "one row"
            return Untold(f"the query gives {rows_said} of {len(columns)} columns, not one value", _OF_A_QUERY)
        return Found(_value(rows[0][0]), self._meaning())

    def _meaning(self) -> Meaning:
        currency = self.ground.program.settings.base_currency
        return Meaning(currency=currency, zone=self.ground.zone, is_declared=False)

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        self._too_late = False
        timer = Timer(self.within_s, self._stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _stop(self) -> None:
        self._too_late = True
        self.con.interrupt()


def _value(value: Any) -> object:  # noqa: ANN401 - whatever the query gives
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
