"""`gtm timeline`: everything that happened with one account, from the published store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from execution.bootstrap import whom
from execution.errors import UsageError
from execution.runs.session import open_session
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.engine import Connection
    from execution.folders.entries import Entry
    from execution.folders.wording import Tongue


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

    if since is not None and until is not None and since > until:
        raise UsageError(f"{since:%Y-%m-%d} is after {until:%Y-%m-%d}", hint="--since is the earlier")
    from execution.folders import entries
    from execution.folders.wording import Tongue

    session, moment = open_session(workspace), as_of or datetime.now(UTC)
    with store.reader(workspace) as con:
        account = whom.account(con, session.program, workspace, wanted)
        entries.prepare(con, session.program, {account.key: account.name}, moment)
        _require_kinds(con, kinds)
        found = entries.every(con, since=since, until=until, kinds=kinds)
    past = [entry for entry in found if entry.at <= moment.astimezone(UTC).replace(tzinfo=None)]
    coming = tuple(entry for entry in reversed(found[: len(found) - len(past)]))
    limit = len(past) if everything else session.program.settings.timeline_entries
    return Timeline(
        account.key, account.name, moment, tuple(past[:limit]), coming, len(past), Tongue.of(session.program)
    )


def _require_kinds(con: "Connection", kinds: Sequence[str]) -> None:
    there = {kind for (kind,) in con.execute("SELECT DISTINCT kind FROM folder_entries").fetchall()}
    for kind in kinds:
        if kind not in there:
            hint = f"there are: {', '.join(sorted(there))}" if there else "nothing is known of this account yet"
            raise UsageError(f"nothing of the kind {kind!r} happened with this account", hint=hint, code="E212")
