"""Whom somebody means: which account, or which row of an entity."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from execution.errors import UsageError

if TYPE_CHECKING:
    from execution.directives import Program
    from execution.engine import Connection
    from execution.workspace import Workspace

_SHOWN = 5
_LISTED = "customers/INDEX.md lists those with a folder; `gtm query` finds the others"
_ANY = "write a part of its name; `gtm query` lists them all, as in select domain, name from unified_companies"


@dataclass(frozen=True, slots=True)
class Account:
    """An account, what it is called, and the folder below `customers/` that it has or would get."""

    key: str
    name: str
    folder: str

    @property
    def title(self) -> str | None:
        """Its name, where it has one beside its key."""
        return self.name if self.name != self.key else None


def account(con: "Connection", program: "Program", workspace: "Workspace", wanted: str) -> Account:
    """The one account that is meant: by its name, its domain or a part of either, its folder (or the path of that), or
    an address of its people. Raises UsageError for none and for several, naming the nearest."""
    from execution.context import slugs
    from execution.context.finding import Everybody

    everybody = Everybody.read(con, program, workspace)
    found = everybody.meant(wanted)
    if len(found) == 1:
        key, name = found[0], everybody.names[found[0]]
        return Account(key, name, slugs.assign({key: name}, everybody.folders)[key])
    near = found or everybody.near(wanted)
    there = () if near or len(everybody.names) > _SHOWN else everybody.names
    raise none_or_several(wanted, len(found), _called(everybody.names, near), _called(everybody.names, there))


def none_or_several(wanted: str, count: int, near: Sequence[str], there: Sequence[str] = ()) -> UsageError:
    """Not one account is meant, but so many: `near` are those that may be, `there` all of them, if they are few."""
    what = f"{count} accounts match" if count else "no account matches"
    there_are = f"there are: {', '.join(there)}" if there else _LISTED
    hint = f"do you mean {', '.join(near[:_SHOWN])}?" if near else there_are
    return UsageError(f"{what} {wanted!r}", hint=hint, code="E224")


def _called(names: Mapping[str, str], keys: Iterable[str]) -> list[str]:
    return [f"{names[key]} ({key})" if names[key] != key else key for key in keys]


def named(con: "Connection", program: "Program", entity: str) -> dict[str, str]:
    """The keys of an entity's rows, each with what the row is called; with its key where it has no name."""
    from execution.engine import ident
    from execution.measures.stored import Stored, key_columns
    from execution.segments.history import key_sql

    directive, stored = program.entities[entity], Stored.read(con)
    have = stored.columns(f"core.{entity}")
    if not have:
        return {}
    key = key_sql(key_columns(directive))
    name = ident("name") if "name" in have else "NULL"
    return dict(
        con.execute(f"SELECT {key}, coalesce({name}, {key}) FROM {ident('core', entity)} ORDER BY 1").fetchall()
    )


def meant(wanted: str, names: Mapping[str, str], what: str = "account") -> str:
    """The key of the one row that is meant. Raises UsageError for none and for several, naming the nearest."""
    needle = wanted.strip().casefold()
    exact = [key for key, name in names.items() if needle in (key.casefold(), name.casefold())]
    parts = [key for key, name in names.items() if needle and (needle in name.casefold() or needle in key.casefold())]
    found = exact or parts
    if len(found) == 1:
        return found[0]
    near = _called(names, found[:_SHOWN]) or _called(names, _near(needle, names))
    message = f"{wanted!r} may be any of {len(found)}" if found else f"there is no {what} {wanted!r}"
    listed = _called(names, names) if len(names) <= _SHOWN else []
    hint = f"do you mean {', '.join(near)}?" if near else f"there are: {', '.join(listed)}" if listed else _ANY
    raise UsageError(message, hint=hint, code="E255")


def _near(needle: str, names: Mapping[str, str]) -> list[str]:
    by_name = {name.casefold(): key for key, name in names.items()} | {key.casefold(): key for key in names}
    return list(dict.fromkeys(by_name[each] for each in get_close_matches(needle, by_name, n=3, cutoff=0.55)))
