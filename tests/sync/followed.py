"""Two vendors, directives, and a store that follows them, held after each run against a new store."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from execution import engine
from execution.directives import Program
from execution.errors import DirectiveError
from execution.health import view
from execution.sync import reading
from execution.sync.results import RunResult
from execution.workspace import Workspace
from tests.sync.changing import BASE, Books, program_of
from tests.sync.conftest import World
from tests.sync.judging import Dated, contents, dated, tables
from tests.sync.vendor import Record, down

SOURCES = frozenset({"shop", "crm"})


class Followed:
    """What may happen to them is its public methods; each of the three `sync` ends in a verdict."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._books, self._said, self._disabled = Books(), dict(BASE), frozenset[str]()
        self._read: dict[str, dict[str, list[Record]]] = {source: {} for source in SOURCES}
        """What each vendor had when it was last read whole; of a stream that is not read now, when it was."""
        self._half: set[str] = set()
        """Sources that failed since: what they last said when they were whole stays."""
        self._cut: set[str] = set()
        """Sources whose next read goes on from a bookmark; only the one after sees everything."""
        self._refused: set[str] = set()
        """Sources whose projection did not hold: its last good rows stay."""
        self._is_edited = False
        self._dates: dict[str, Dated] = {}
        self._last: tuple[str, dict[str, list[str]]] | None = None
        self._world = self._new("followed")

    def _new(self, name: str) -> World:
        root = self._folder / name
        root.mkdir()
        world = World(Workspace(root), program_of(BASE, frozenset()), before_publishing=_show_unified)
        world.crm.since = {"people": "changed"}
        return world

    # --- what vendors do ---------------------------------------------------------------------------

    def records_come(self, orders: dict[str, Record], people: dict[str, Record]) -> None:
        """They are new, changed, or back."""
        for id_, facts in orders.items():
            self._books.order(id_, facts, self._moment())
        for id_, facts in people.items():
            self._books.person(id_, facts, self._moment())

    def records_go(self, orders: set[str], people: set[str]) -> None:
        for id_ in orders:
            self._books.cancel(id_)
        for id_ in people:
            self._books.archive(id_, self._moment())

    def records_are_back(self) -> None:
        self._books.restore()

    def visits_change(self, order: str, count: int) -> None:
        self._books.visit(order, count, self._moment())

    def company_moves(self, old: str, new: str) -> None:
        self._books.move(f"@{old}", f"@{new}", self._moment())

    def _moment(self) -> str:
        """Now, some time after whatever happened last."""
        self._world.now += timedelta(minutes=20)
        return self._world.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    # --- what people do ----------------------------------------------------------------------------

    def directives_change(self, edits: Sequence[tuple[str, str]]) -> None:
        for name, variant in edits:
            said = self._said | {name: variant}
            with suppress(DirectiveError):  # what does not hold never runs
                program_of(frozenset(said.items()), self._disabled)
                self._said, self._is_edited = said, True

    def source_switched(self, source: str) -> None:
        self._disabled ^= {source}
        self._is_edited = True

    # --- runs --------------------------------------------------------------------------------------

    def sync(self, only: str | None, *, full: bool, twice: bool) -> None:
        enabled = SOURCES - self._disabled
        asked = enabled & {only} or enabled
        self._sync(asked, full=full)
        if self._cut & asked and not full:
            self._sync(asked)
        self._cut -= asked
        self._judge()
        if twice:
            assert self._run(self._world, asked).published is None, "nothing is new"

    def sync_orders_alone(self) -> None:
        if "shop" not in self._disabled | self._half:
            self._sync(frozenset({"shop"}), streams=("orders",))
            self._judge()

    def sync_fails(self, stream: str, page: int, *, is_sliced: bool) -> None:
        vendor = self._world.crm if stream == "people" else self._world.shop
        vendor.fail(stream, page, down(stream))
        usual, reading.SLICE_BYTES = reading.SLICE_BYTES, 1 if is_sliced else reading.SLICE_BYTES
        try:
            self._sync(SOURCES - self._disabled)
        finally:
            reading.SLICE_BYTES = usual
            vendor.before_page = lambda _stream, _number: None
        self._cut |= self._half if is_sliced else set()
        self._judge()

    def _run(
        self, world: World, asked: frozenset[str], *, full: bool = False, streams: tuple[str, ...] = ()
    ) -> RunResult:
        world.program = program_of(frozenset(self._said.items()), self._disabled)
        return world.sync(*sorted(asked), allow_empty=True, full=full, streams=streams)

    def _sync(self, asked: frozenset[str], *, full: bool = False, streams: tuple[str, ...] = ()) -> None:
        """One run, and what is known of each source after it."""
        now = {source: self._books.of(source) for source in SOURCES}
        self._world.shop.records, self._world.crm.records = now["shop"], now["crm"]
        for result in self._run(self._world, asked, full=full, streams=streams).sources:
            name, is_refused = result.source, "E360" in result.error
            self._refused = self._refused - {name} | ({name} if is_refused else set())
            if result.status == "ok" or is_refused:
                all_of_it = streams or tuple(self._world.program.sources[name].streams)
                self._read[name] |= {of: found for of, found in now[name].items() if of.startswith(all_of_it)}
                self._half.discard(name)
            else:
                self._half.add(name)

    # --- what holds --------------------------------------------------------------------------------

    def _judge(self) -> None:
        """Hold the store against what it was before the run, and against a fresh one."""
        found, enabled = tables(self._world), SOURCES - self._disabled
        before, self._dates = self._dates, dated(found)
        for key in before.keys() & self._dates.keys():
            self._judge_dates(key, before[key], self._dates[key])
        if (self._refused | self._cut) & enabled or (self._half & enabled and self._is_edited):
            return  # what a source last said stays, in the words of then
        for table, rows in self._expected(enabled).items():
            assert contents(found[table]) == rows, f"{table} is not what a new store has"
        self._is_edited = False

    def _expected(self, enabled: frozenset[str]) -> dict[str, list[str]]:
        """What a new store has, synced once from what was read last; made again only where that is not as it was."""
        made_from = repr((self._read, sorted(self._said.items()), sorted(enabled)))
        if self._last is None or self._last[0] != made_from:
            fresh = self._new(f"fresh {len(list(self._folder.iterdir()))}")
            fresh.now = self._world.now
            fresh.shop.records, fresh.crm.records = self._read["shop"], self._read["crm"]
            self._run(fresh, enabled)
            self._last = made_from, {table: contents(rows) for table, rows in tables(fresh).items()}
        return self._last[1]

    def _judge_dates(self, key: str, before: Dated, now: Dated) -> None:
        assert now.kept == before.kept, f"{key} is still the same one"
        if not self._is_edited:
            assert (now.content == before.content) == (now.changed == before.changed), f"{key} is dated by its content"


def _show_unified(con: engine.Connection, program: Program) -> None:
    view.create(con, program)
