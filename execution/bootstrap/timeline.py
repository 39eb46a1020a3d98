"""`gtm timeline`: everything that happened with one account, from the published store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from execution.errors import UsageError
from execution.runs.session import open_session
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.engine import Connection
    from execution.folders.entries import Entry
    from execution.folders.wording import Tongue

_FEW = 5


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened with an account, the newest first: of `total` entries that were asked for, those that are shown.
    `coming` are the meetings that are booked."""

    account: str
    name: str
    as_of: datetime
    entries: "tuple[Entry, ...]"
    coming: "tuple[Entry, ...]"
    total: int
    tongue: "Tongue"


def timeline(
    workspace: Workspace,
    wanted: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Sequence[str] = (),
    everything: bool = False,
    as_of: datetime | None = None,
) -> Timeline:
    """The entries of the account that `wanted` names: its folder, its key, a person's address, or part of its name.

    As many as the settings let into `timeline.md`, or `everything`. Raises UsageError where none or several accounts
    are meant, or a kind is none.
    """
    from execution import store
    from execution.directives.model import EVERYBODY

    if since is not None and until is not None and since > until:
        raise UsageError(f"{since:%Y-%m-%d} is after {until:%Y-%m-%d}", hint="--since is the earlier")
    from execution.folders import accounts, entries
    from execution.folders.wording import Tongue

    session, moment = open_session(workspace), as_of or datetime.now(UTC)
    with store.reader(workspace) as con:
        names = {each.key: each.name for each in accounts.read(con, session.program, (EVERYBODY,))}
        key = _meant(con, workspace, wanted, names)
        entries.prepare(con, session.program, {key: names[key]}, moment)
        _require_kinds(con, kinds)
        found = entries.every(con, since=since, until=until, kinds=kinds)
    past = [entry for entry in found if entry.at <= moment.astimezone(UTC).replace(tzinfo=None)]
    coming = tuple(entry for entry in reversed(found[: len(found) - len(past)]))
    limit = len(past) if everything else session.program.settings.timeline_entries
    return Timeline(key, names[key], moment, tuple(past[:limit]), coming, len(past), Tongue.of(session.program))


def _meant(con: "Connection", workspace: Workspace, wanted: str, names: dict[str, str]) -> str:
    """The key of the account. Raises UsageError where none or several are meant, naming the nearest."""
    from execution.files import whose

    needle = wanted.strip().strip("/").rpartition("/")[2].casefold()
    exact = {key for key, name in names.items() if needle in (key, name.casefold())}
    exact |= {key for folder, key in whose.taken(workspace.customers, names).items() if folder == needle}
    exact |= {key for (key,) in con.execute(_OF_PERSON, [needle]).fetchall()}
    found = sorted(exact & names.keys()) or sorted(
        key for key, name in names.items() if needle and (needle in key or needle in name.casefold())
    )
    if len(found) == 1:
        return found[0]
    from difflib import get_close_matches

    called = {
        each: key for key, name in names.items() for each in (name.casefold().partition(" ")[0], name.casefold(), key)
    }
    alike = [called[each] for each in get_close_matches(needle, called, n=3, cutoff=0.6)]
    near = found[:_FEW] or list(dict.fromkeys(alike))
    what = f"{len(found)} accounts match" if found else "no account matches"
    hint = f"do you mean {', '.join(near)}?" if near else "customers/INDEX.md lists them; `gtm query` finds the others"
    raise UsageError(f"{what} {wanted!r}", hint=hint, code="E224")


_OF_PERSON = "SELECT coalesce(company_domain, email) FROM core.customers WHERE email = ?"


def _require_kinds(con: "Connection", kinds: Sequence[str]) -> None:
    there = {kind for (kind,) in con.execute("SELECT DISTINCT kind FROM folder_entries").fetchall()}
    for kind in kinds:
        if kind not in there:
            hint = f"there are: {', '.join(sorted(there))}" if there else "nothing is known of this account yet"
            raise UsageError(f"nothing of the kind {kind!r} happened with this account", hint=hint, code="E212")
