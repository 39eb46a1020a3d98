"""Rendering contacts ahead, by as many processes as there are processors."""

import os
from array import array
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from execution.sandbox.exchange import encode
from execution.sandbox.hubspot.book import CHUNK, joined
from execution.sandbox.hubspot.contacts import ContactWire
from execution.sandbox.hubspot.kinds import Dates
from execution.sandbox.world import World


class Plan(NamedTuple):
    """What a worker needs: the world's three parameters and the property sets to render."""

    seed: int
    customers: int
    as_of: int
    property_sets: tuple[tuple[str, ...], ...]


class Rendered(NamedTuple):
    """One chunk: its contacts' times (four numbers each), and for each property set their texts in one,
    with where each begins (as `book.joined` gives them)."""

    times: bytes
    texts: list[tuple[bytes, bytes]]

    def dates(self) -> Iterator[Dates]:
        """The times, contact by contact."""
        numbers = array("q", self.times)
        return (Dates(*numbers[at : at + 4]) for at in range(0, len(numbers), 4))


def render_all(plan: Plan) -> Iterator[Rendered]:
    """Every contact of a world, chunk by chunk in order."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    chunks = range((plan.customers + CHUNK - 1) // CHUNK)
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        yield from pool.map(partial(_render_chunk, plan), chunks, chunksize=8)


class _Worker:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._world = World(plan.seed, plan.customers, plan.as_of)
        self._wire = ContactWire(self._world)

    def chunk(self, number: int) -> Rendered:
        """One chunk, rendered for every property set."""
        times = array("q")
        texts: list[list[bytes]] = [[] for _ in self._plan.property_sets]
        for index in range(number * CHUNK, min((number + 1) * CHUNK, self._plan.customers)):
            person = self._world.person(index)
            at = self._wire.dates(person)
            times.extend(at)
            for names, rendered in zip(self._plan.property_sets, texts, strict=True):
                rendered.append(encode(self._wire.record(person, at, names)))
        return Rendered(times.tobytes(), [joined(rendered) for rendered in texts])


_workers: dict[Plan, _Worker] = {}
"""A process's own, kept from chunk to chunk."""


def _render_chunk(plan: Plan, number: int) -> Rendered:
    return (_workers.get(plan) or _workers.setdefault(plan, _Worker(plan))).chunk(number)
