"""The sandbox's own doors, under /_sandbox: faults, moving the world on, the log of requests, and the truth.

GET    /_sandbox/health                  {"now", "seed", "customers", "vendors"}
GET    /_sandbox/log?after=N             requests after the Nth; DELETE empties it
GET    /_sandbox/faults                  what is in force and how often it struck
POST   /_sandbox/faults                  [fault, …], added to what is in force; DELETE takes all off
POST   /_sandbox/advance                 {"days": n, "changes": [change, …], "drift_s": n}
GET    /_sandbox/truth?vendor=NAME       what a complete sync must find
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from execution.errors import UsageError
from execution.sandbox.changes import Changes
from execution.sandbox.exchange import Record, Reply, Request, Vendor, json_reply
from execution.sandbox.faults import Faults
from execution.sandbox.world import World, moments


class Control:
    """Answers for /_sandbox."""

    def __init__(self, world: World, vendors: Mapping[str, Vendor], faults: Faults, changes: Changes) -> None:
        self._world = world
        self._vendors = vendors
        self._faults = faults
        self._changes = changes
        self.log: Any = ()
        self._doors: Mapping[tuple[str, str], Callable[[Request], object]] = {
            ("GET", "/health"): self._health,
            ("GET", "/log"): self._read_log,
            ("DELETE", "/log"): self._clear_log,
            ("GET", "/faults"): lambda _: self._faults.described(),
            ("POST", "/faults"): self._arm,
            ("DELETE", "/faults"): self._disarm,
            ("POST", "/advance"): self._advance,
            ("GET", "/truth"): self._truth,
        }

    def answer(self, request: Request) -> Reply:
        """200 with JSON; 400 with {"error", "hint"} for what makes no sense."""
        door = self._doors.get((request.method, request.path))
        if door is None:
            return json_reply(404, {"error": "no such door", "doors": [f"{m} {p}" for m, p in self._doors]})
        try:
            return json_reply(200, door(request))
        except UsageError as error:
            return json_reply(400, {"error": error.message, "hint": error.hint})

    def _health(self, _request: Request) -> Record:
        return {
            "now": moments.iso_us(self._world.now),
            "seed": self._world.seed,
            "customers": self._world.people(),
            "vendors": sorted(self._vendors),
        }

    def _read_log(self, request: Request) -> Sequence[Record]:
        after = dict(request.params()).get("after", "0")
        first = int(after) if after.isdecimal() else 0
        return [entry._asdict() for entry in self.log if entry.number > first]

    def _clear_log(self, _request: Request) -> Record:
        self.log.clear()
        return {}

    def _arm(self, request: Request) -> Sequence[Record]:
        self._faults.arm(_decoded(request.body))
        return self._faults.described()

    def _disarm(self, _request: Request) -> Record:
        self._faults.clear()
        return {}

    def _advance(self, request: Request) -> Record:
        return self._changes.advance(_decoded(request.body))

    def _truth(self, request: Request) -> Record:
        asked = dict(request.params()).get("vendor")
        if asked is not None and asked not in self._vendors:
            raise UsageError(f"there is no vendor {asked!r} here", hint=f"ask for one of {', '.join(self._vendors)}")
        told = {name: vendor.truth() for name, vendor in self._vendors.items() if asked in {None, name}}
        return {"now": moments.iso_us(self._world.now), **told}


def _decoded(body: bytes) -> object:
    try:
        return msgspec.json.decode(body or b"null")
    except msgspec.DecodeError as error:
        raise UsageError("the body is no JSON", hint=str(error)) from error
