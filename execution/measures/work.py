"""What a run of deriving knows of the store: its tables and the moments of those that are derived, read once.

On a small store asking costs more than working things out, so every step asks here. A step whose rows did not change
has only its moment to note: that waits for the next transaction, or for the end of the run. A run that is killed before
leaves such a table with the moment at which it was last the same, which is true as well.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from execution import engine, store
from execution.engine import literal
from execution.measures.moments import Moment
from execution.store.stored import Stored


class Work:
    """One run on a connection, which has the store as its current database. Whoever changes the shape of a table, or
    makes one, says so by `reshaped`; nobody else may while the run lasts."""

    def __init__(self, con: engine.Connection) -> None:
        self.con = con
        self._stored: Stored | None = None
        self._moments: dict[str, Moment] | None = None
        self._unwritten: dict[str, Moment] = {}
        self._counts: dict[str, int] = {}

    @property
    def stored(self) -> Stored:
        """The tables as they are now."""
        if self._stored is None:
            self._stored = Stored.read(self.con)
        return self._stored

    def reshaped(self) -> None:
        """Tables have other columns than before, or there are others."""
        self._stored = None

    def moment(self, made: str) -> Moment | None:
        """Of which moment a derived table is, or None where it was never made."""
        return self._known().get(made)

    def note(self, made: str, moment: Moment) -> None:
        """Have the moment of a derived table written with the transaction that is open, or with the next."""
        if self.moment(made) != moment:
            self._known()[made] = self._unwritten[made] = moment

    def _known(self) -> dict[str, Moment]:
        if self._moments is None:
            rows = self.con.execute("SELECT made, as_of, directive FROM derived.moments").fetchall()
            self._moments = {made: Moment(as_of, directive) for made, as_of, directive in rows}
        return self._moments

    def entity_rows(self, sql: str) -> int:
        """How many rows an entity has; `sql` is the SELECT of them. Deriving adds none."""
        if sql not in self._counts:
            self._counts[sql] = engine.count(self.con, f"FROM ({sql})")
        return self._counts[sql]

    @contextmanager
    def change(self, *, is_news: Callable[[], bool] | None = None) -> Iterator[None]:
        """A transaction that changes what readers see, with every moment that was noted; `is_news` as in
        `store.change`."""
        before = dict(self._known()), dict(self._unwritten)
        try:
            with store.change(self.con, is_news=is_news):
                yield
                self._write()
        except BaseException:
            self._moments, self._unwritten = before
            self._stored = None
            raise

    def end(self) -> None:
        """Write the moments that are noted and not yet written."""
        if self._unwritten:
            with self.change():
                pass

    def _write(self) -> None:
        if not self._unwritten:
            return
        made = ", ".join(map(literal, self._unwritten))
        self.con.execute(f"DELETE FROM derived.moments WHERE made IN ({made})")
        rows = ", ".join(
            f"({literal(name)}, {literal(moment.as_of)}, {literal(moment.directive)})"
            for name, moment in self._unwritten.items()
        )
        self.con.execute(f"INSERT INTO derived.moments VALUES {rows}")
        self._unwritten = {}


@contextmanager
def working(con: engine.Connection, work: Work | None = None) -> Iterator[Work]:
    """The run that a step belongs to; without one the step is a run by itself."""
    if work is not None:
        yield work
        return
    alone = Work(con)
    try:
        yield alone
    finally:
        alone.end()
