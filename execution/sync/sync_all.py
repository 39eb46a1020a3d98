"""Every source asked for, in the order their directives ask for (`after`), then everything that follows from them."""

import asyncio
import dataclasses
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from time import monotonic

from execution import engine, store
from execution.clients import BaseClient, client_for
from execution.directives import Program
from execution.directives.model import Source
from execution.engine import allocator
from execution.errors import GtmError
from execution.settings import Environment
from execution.store import journal
from execution.sync import ghosts
from execution.sync.deriving import Derived, derive
from execution.sync.landing import prune, run_id
from execution.sync.plan import Options, chosen, in_order
from execution.sync.results import Progress, RunResult, Silence, SourceResult
from execution.sync.run import Clock, Run, bands_of
from execution.sync.source import ClientMaker, sync_source
from execution.sync.unfinished import is_alive, living, settle
from execution.workspace import Workspace

MEMORY_LIMIT_MB = 300


def utc_now() -> datetime:
    """The clock on the wall."""
    return datetime.now(UTC)


def sync_all(
    workspace: Workspace,
    program: Program,
    environment: Environment,
    names: Iterable[str] = (),
    *,
    options: Options | None = None,
    progress: Progress | None = None,
    clock: Clock = utc_now,
    make_client: ClientMaker | None = None,
    before_publishing: Callable[[engine.Connection, Program], None] | None = None,
) -> RunResult:
    """Sync the named sources (all enabled ones by default), unify, publish, and write the run into the journal.

    Raises UsageError for an unknown or disabled source, StoreBusyError if the store is not free in time. A source that
    fails is in the result; the others are committed. `before_publishing` is called with the store current on the
    connection, once it is known that there is something to publish.
    """
    moment = clock()
    options = options or Options()
    sources = chosen(program, names, options.streams)
    folder = workspace.data / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    allocator.share_arenas()
    memory = engine.memory(temp_dir=folder, memory_limit_mb=MEMORY_LIMIT_MB)
    run = Run(workspace, run_id(moment), moment, options, progress or Silence(), memory, clock, bands=bands_of(program))
    began = monotonic()
    try:
        with living(workspace, run.id):
            results, requests = asyncio.run(_fetch_all(run, sources, make_client or _real_clients(environment)))
            allocator.give_back()
            complete = [result.source for result in results if result.status == "ok"]
            derived, published = _derive(run, program, complete, before_publishing)
    finally:
        memory.close()
    result = RunResult(
        run.id,
        moment,
        monotonic() - began,
        ghosts.told_with(_with_failures(results, derived.failures), workspace.root, program, derived.ghosts),
        derived.entities,
        published,
        requests,
        tuple(f"another run is in the middle of {name}; that one will publish" for name in sorted(derived.busy)),
    )
    journal.append(workspace, "sync", result.as_entry())
    prune(workspace, moment)
    return result


def _real_clients(environment: Environment) -> ClientMaker:
    def make(source: Source, on_bad_page: Callable[[str, bytes, str], None]) -> BaseClient:
        return client_for(source, environment, on_bad_page=on_bad_page)

    return make


async def _fetch_all(run: Run, sources: list[Source], make_client: ClientMaker) -> tuple[list[SourceResult], int]:
    """Run all sources side by side, each after those its directive names; (results in order, requests made)."""
    tasks: dict[str, asyncio.Task[SourceResult]] = {}

    async def one(source: Source) -> SourceResult:
        for before in source.after:
            if before in tasks:
                await tasks[before]
        return await sync_source(run, source, make_client)

    for source in in_order(sources):
        tasks[source.name] = asyncio.create_task(one(source), name=source.name)
    results = [await task for task in tasks.values()]
    return results, sum(result.requests for result in results)


def _derive(
    run: Run,
    program: Program,
    complete: Sequence[str],
    before_publishing: Callable[[engine.Connection, Program], None] | None,
) -> tuple[Derived, int | None]:
    """Bring the entities up to date and publish if there is anything new; (what changed, the new publication).

    Where another run is in the middle of a source that this one has read too, both are left to that run's end: what
    readers see is always whole. When the sources were read, which is when this run began (`journal.began`), is noted
    only if the store is written anyway.
    """
    with store.writer(run.workspace, con=run.memory, timeout_s=run.options.lock_timeout_s) as con:
        settled = settle(con, run.id, complete, lambda other: is_alive(run.workspace, other))
        if settled.busy:
            return Derived((), (), settled.busy), None
        derived = derive(con, program, run.now, settled.waiting)
        has_news = store.has_news(run.workspace, con)
        if has_news:
            _note_reads(con, complete, run.now)
            if before_publishing is not None:
                before_publishing(con, program)
    if not has_news:
        return derived, None
    return derived, store.publish_news(run.workspace, con=run.memory, timeout_s=run.options.lock_timeout_s)


def _note_reads(con: engine.Connection, sources: Sequence[str], began: datetime) -> None:
    with engine.transaction(con):
        for source in sources:
            con.execute("DELETE FROM meta.sources WHERE source = ?", [source])
            con.execute("INSERT INTO meta.sources VALUES (?, ?)", [source, engine.naive_utc(began)])


def _with_failures(results: list[SourceResult], failures: Iterable[GtmError]) -> tuple[SourceResult, ...]:
    """A projection that did not hold fails its source, whatever its streams did."""
    by_source = {failure.where.partition("/")[0]: failure for failure in failures}
    return tuple(
        dataclasses.replace(
            result, status="failed", error=str(by_source[result.source]), hint=by_source[result.source].hint
        )
        if result.source in by_source and result.status != "failed"
        else result
        for result in results
    )
