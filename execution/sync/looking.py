"""Asking the store in a thread, while other streams of the run go on fetching."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from execution import engine, store
from execution.sync.run import Run

_T = TypeVar("_T")


async def look_up(run: Run, look: Callable[[engine.Connection], _T]) -> _T:
    """What the store says."""

    def in_thread() -> _T:
        cursor = run.memory.cursor()
        try:
            with store.writer(run.workspace, con=cursor, timeout_s=run.options.lock_timeout_s) as con:
                return look(con)
        finally:
            cursor.close()

    async with run.turn:
        return await asyncio.to_thread(in_thread)
