"""Faults on demand: which request meets which, and how often.

A fault is matched by vendor and path, and strikes on the nth matching request, on every kth, on all after the first
so many, or on all; `times` limits how often. The first fault of the list that strikes a request is the one it meets.
"""

import re
from typing import Any, Literal

import msgspec

from execution.errors import UsageError

BEFORE = ("status", "slow", "hang", "expired_token")
"""Kinds that stand in for the vendor's answer, or hold it back."""

SPOILING = (
    "truncated",
    "html",
    "empty",
    "invalid_utf8",
    "duplicates",
    "out_of_order",
    "changed",
    "repeat_cursor",
    "cycle",
    "foreign_host",
    "huge_text",
    "hostile_text",
    "email_mess",
)
"""Kinds that tamper with an answer that was right."""

Kind = Literal[
    "status",
    "slow",
    "hang",
    "expired_token",
    "truncated",
    "html",
    "empty",
    "invalid_utf8",
    "duplicates",
    "out_of_order",
    "changed",
    "repeat_cursor",
    "cycle",
    "foreign_host",
    "huge_text",
    "hostile_text",
    "email_mess",
]


class Fault(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One fault as it is asked for.

    path, query    regular expressions searched for in what follows the vendor's prefix
    nth            strikes on the nth matching request only, counted from 1
    every          strikes on every kth
    after          strikes on all after the first so many
    times          strikes at most so often
    status         for `status`: the HTTP status
    retry_after    for `status`: the header's text
    ms             for `slow`: how long
    origin         for `foreign_host`: whose URL the next page gets
    """

    kind: Kind
    vendor: str = ""
    path: str = ""
    query: str = ""
    nth: int | None = None
    every: int | None = None
    after: int | None = None
    times: int | None = None
    status: int = 503
    retry_after: str | None = None
    ms: float = 1000.0
    origin: str = "https://api.attacker.example"

    def strikes(self, match: int) -> bool:
        """Whether the `match`-th matching request is one it strikes, `times` aside."""
        if self.nth is not None:
            return match == self.nth
        if self.every is not None:
            return match % self.every == 0
        return self.after is None or match > self.after


class Armed:
    """A fault at work: what it has seen, and what it remembers of each list from one page to the next."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.matched = 0
        self.struck = 0
        self.memories: dict[str, dict[str, Any]] = {}
        self._path = re.compile(fault.path)
        self._query = re.compile(fault.query)

    def memory(self, path: str) -> dict[str, Any]:
        """What it remembers of the list at a path: one list's records never come in another."""
        return self.memories.setdefault(path, {})

    def meets(self, vendor: str, path: str, query: str) -> bool:
        """Count a request that matches; True where the fault strikes it."""
        fault = self.fault
        if fault.vendor not in {"", vendor} or not self._path.search(path) or not self._query.search(query):
            return False
        self.matched += 1
        if fault.strikes(self.matched) and (fault.times is None or self.struck < fault.times):
            self.struck += 1
            return True
        return False


class Faults:
    """The faults in force, in order."""

    def __init__(self) -> None:
        self.armed: list[Armed] = []

    def arm(self, listed: object) -> None:
        """Add faults, given as decoded JSON: a list of objects with `Fault`'s fields. None is added if one is wrong.

        Raises UsageError.
        """
        try:
            faults = msgspec.convert(listed, list[Fault])
            armed = [Armed(fault) for fault in faults]
        except (msgspec.ValidationError, re.error) as error:
            raise UsageError(f"sandbox faults: {error}", hint=f"kinds: {', '.join(BEFORE + SPOILING)}") from error
        if any(fault.every == 0 for fault in faults):
            raise UsageError("sandbox faults: every 0th request is none", hint="leave `every` out")
        self.armed.extend(armed)

    def clear(self) -> None:
        """Take all faults off."""
        self.armed.clear()

    def meeting(self, vendor: str, path: str, query: str) -> Armed | None:
        """The fault this request meets, if any; every fault counts the requests it matches."""
        struck = [armed for armed in self.armed if armed.meets(vendor, path, query)]
        return struck[0] if struck else None

    def described(self) -> list[dict[str, Any]]:
        """Each fault with how many requests it matched and struck."""
        return [
            {**msgspec.to_builtins(armed.fault), "matched": armed.matched, "struck": armed.struck}
            for armed in self.armed
        ]
