"""Which row somebody means who names an account: by its key, its name, or part of either."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from execution.errors import UsageError

if TYPE_CHECKING:
    from execution.directives import Program
    from execution.engine import Connection

_SHOWN = 5
_ANY = "write a part of its name; `gtm query` lists them all, as in select domain, name from unified_companies"


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
    near = [f"{names[key]} ({key})" for key in found[:_SHOWN]] or _near(needle, names)
    message = f"{wanted!r} may be any of {len(found)}" if found else f"there is no {what} {wanted!r}"
    listed = [f"{name} ({key})" for key, name in names.items()] if len(names) <= _SHOWN else []
    hint = f"do you mean {', '.join(near)}?" if near else f"there are: {', '.join(listed)}" if listed else _ANY
    raise UsageError(message, hint=hint, code="E255")


def _near(needle: str, names: Mapping[str, str]) -> list[str]:
    by_name = {name.casefold(): key for key, name in names.items()} | {key.casefold(): key for key in names}
    keys = dict.fromkeys(by_name[each] for each in get_close_matches(needle, by_name, n=3, cutoff=0.55))
    return [f"{names[key]} ({key})" for key in keys]
