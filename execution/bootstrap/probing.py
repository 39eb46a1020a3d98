"""`gtm sync --dry-run --probe`: one page of every stream whose vendor tells how many there are, for that number alone.

Nothing is stored. What is asked is the planned read itself, so the number is that of its own window.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from execution.clients import BaseClient, client_for
from execution.directives.placeholders import Values
from execution.errors import GtmError
from execution.runs.connection import missing
from execution.runs.planning import Probed, Survey
from execution.runs.session import Session
from execution.settings import Environment
from execution.sync.estimate import Reads


def probe(session: Session, survey: Survey) -> Probed:
    """Ask the connected sources, side by side. A source or stream that does not answer is in the result, with why."""
    root = session.workspace.root
    connected = [reads for reads in survey.reads if not missing(reads.source, session.environment, root)]
    return asyncio.run(_probe(connected, session.environment))


async def _probe(connected: list[Reads], environment: Environment) -> Probed:
    answers = await asyncio.gather(*(_ask(reads, environment) for reads in connected))
    return Probed(
        {key: total for answer in answers for key, total in answer.totals.items()},
        sum(answer.asked for answer in answers),
        {source: said for answer in answers for source, said in answer.problems.items()},
    )


async def _ask(reads: Reads, environment: Environment) -> Probed:
    source = reads.source
    wanted = [name for name in reads.plans if _tells_total(reads, name)]
    totals: dict[tuple[str, str], int] = {}
    problems: list[str] = []
    asked = 0
    if wanted:
        try:
            async with client_for(source, environment) as client:
                async for name, total in _count(client, reads, wanted, problems):
                    totals[source.name, name] = total
                asked = client.stats.requests
        except GtmError as error:
            problems.append(f"nothing was counted: {error}")
    return Probed(totals, asked, {source.name: tuple(problems)} if problems else {})


async def _count(
    client: BaseClient, reads: Reads, wanted: list[str], problems: list[str]
) -> AsyncIterator[tuple[str, int]]:
    """The total of each stream that tells one; what kept another from it goes to `problems`."""
    try:
        account = await client.account()
    except GtmError as error:
        problems.append(f"nothing was counted: {error}")
        return
    for name in wanted:
        plan = reads.plans[name]
        values = {"account": account, "since": plan.since, "until": plan.until, "now": reads.now}
        try:
            total = await _total(client, name, values)
        except GtmError as error:
            problems.append(f"{name} was not counted: {error}")
            continue
        if total is not None:
            yield name, total


def _tells_total(reads: Reads, name: str) -> bool:
    stream, plan = reads.source.streams[name], reads.plans[name]
    return stream.total is not None and not stream.each and plan.mode != "by feed" and plan.bookmark is None


async def _total(client: BaseClient, stream: str, values: Values) -> int | None:
    pages = client.pages(stream, values)
    try:
        page = await anext(pages, None)
    finally:
        if isinstance(pages, AsyncGenerator):
            await pages.aclose()
    return page.total if page else None
