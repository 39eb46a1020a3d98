"""Syncing one source: its streams side by side, each after those it waits for, one failure contained in its stream."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from execution.clients import BaseClient
from execution.directives.model import FeedSync, Source
from execution.directives.placeholders import Values
from execution.errors import CredentialsError, GtmError
from execution.sync.landing import Landing, landing_for
from execution.sync.looking import look_up
from execution.sync.plan import StreamState, plan_stream, streams_wanted
from execution.sync.reading import Reading
from execution.sync.results import SourceResult, Status, StreamResult
from execution.sync.run import Run
from execution.sync.state import Change, Parent, changes_to_read, parents_to_read, stream_states

ClientMaker = Callable[[Source, Callable[[str, bytes, str], None]], BaseClient]
"""Makes the client of a source; the callback takes pages that were not whole (stream, body, reason)."""


async def sync_source(run: Run, source: Source, make_client: ClientMaker) -> SourceResult:
    """Read every wanted stream of one source and commit it. Never raises for a vendor's or the network's failure."""
    if source.files is not None:
        from execution.sync.file_reading import sync_files

        return await sync_files(run, source)
    wanted = streams_wanted(source, run.options)
    landings = {name: landing_for(run.workspace, source.name, name, run.id) for name in wanted}

    def quarantine(stream: str, body: bytes, reason: str) -> None:
        landing_for(run.workspace, source.name, stream, run.id).quarantine(body, reason)

    try:
        states = await look_up(run, lambda con: stream_states(con, source))
        async with make_client(source, quarantine) as client:
            account = await client.account()
            streams = await _read_all(run, source, client, account, states, landings)
            requests = client.stats.requests
    except CredentialsError as error:
        status: Status = "not connected" if error.code == "E311" else "failed"
        return SourceResult(source.name, status, error=str(error), hint=error.hint)
    except GtmError as error:
        return SourceResult(source.name, "failed", error=str(error), hint=error.hint)
    return SourceResult.of(source.name, streams, requests)


async def _read_all(
    run: Run,
    source: Source,
    client: BaseClient,
    account: Mapping[str, str],
    states: Mapping[str, StreamState],
    landings: Mapping[str, Landing],
) -> tuple[StreamResult, ...]:
    """Start every stream at once; one that is read per parent, or by a feed, waits for that one's commit."""
    tasks: dict[str, asyncio.Task[StreamResult]] = {}

    async def one(name: str) -> StreamResult:
        stream = source.streams[name]
        for other in stream.waits_for:
            # What it deletes from is only waited for.
            if other in tasks and (await tasks[other]).status != "ok" and other != stream.deletes:
                reason = f"{source.name}/{name}: not read, for {other} was not read to its end"
                return StreamResult(source.name, name, "skipped", error=reason)
        reading = Reading(
            run,
            source,
            plan_stream(source, name, states[name], run.now, run.options),
            states[name],
            client,
            landings[name],
        )
        run.progress.started(source.name, name, states[name].rows or None)
        result = await _read_one(reading, account)
        run.progress.finished(result)
        return result

    for name in landings:
        tasks[name] = asyncio.create_task(one(name), name=f"{source.name}/{name}")
    return tuple([await task for task in tasks.values()])


async def _read_one(reading: Reading, account: Mapping[str, str]) -> StreamResult:
    plan = reading.plan
    values: Values = {"account": account, "since": plan.since, "until": plan.until, "now": reading.run.now}
    try:
        parents = await _parents(reading) if reading.stream.each else None
        changes = await _changes(reading) if isinstance(reading.stream.sync, FeedSync) else ()
        return await reading.read(values, parents, changes)
    except GtmError as error:
        return replace(reading.so_far, status="failed", error=str(error), hint=error.hint)


async def _parents(reading: Reading) -> list[Parent]:
    run = reading.run
    return await look_up(
        run,
        lambda con: parents_to_read(con, reading.source, reading.plan.stream, run.now, everything=run.options.full),
    )


async def _changes(reading: Reading) -> list[Change]:
    return await look_up(reading.run, lambda con: changes_to_read(con, reading.source, reading.plan.stream))
