"""`gtm context` and `gtm brief`: the accounts' context files, written, checked and printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from execution.bootstrap import whom
from execution.errors import GtmError, UsageError
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.context import Written
    from execution.directives.model import Tier

_FEW = 5


def context(
    workspace: Workspace,
    as_of: datetime | None = None,
    *,
    accounts: Sequence[str] = (),
    tiers: "Sequence[Tier]" = (),
    is_check: bool = False,
) -> "Written":
    """Write the accounts' context files, or `is_check` say what would be: those of all whom the settings choose, or of
    the accounts that somebody means; the tiers that the settings want of them, or these. Where neither is named, what
    stands beside the context files too.

    Raises UsageError where none or several accounts are meant.
    """
    from execution import context as files
    from execution import folders, store
    from execution.runs import steps
    from execution.runs.session import open_session

    session = open_session(workspace)
    moment = as_of or datetime.now(UTC)
    if not accounts and not tiers and not is_check:
        return steps.write_context(session, moment)
    with store.reader(workspace) as con:
        keys = tuple(whom.account(con, session.program, workspace, each).key for each in accounts) if accounts else None
        wanted = files.Wanted(keys, tuple(tiers) or None)
        if not is_check:
            return files.write(con, session.program, workspace, moment, wanted)
        briefs = files.check(con, session.program, workspace, moment, wanted)
        if accounts or tiers:
            return briefs
        return steps.together(briefs, folders.check(con, session.program, workspace, moment))


@dataclass(frozen=True, slots=True)
class Brief:
    """One account's context file: its folder, the tier, the file and its text. Where it is not written (yet), the text
    is made from the store as it is now."""

    account: str
    tier: str
    file: str
    text: str
    is_written: bool


def brief(workspace: Workspace, wanted: str, tier: "Tier" = "compact", as_of: datetime | None = None) -> Brief:
    """The context file of the account that `wanted` names: its folder, part of its name, an address or domain.

    Raises UsageError where none or several are meant, naming the nearest.
    """
    files = {file.parent.parent.name: file for file in sorted(workspace.customers.glob("*/context/compact.md"))}
    found = _meant(wanted, files)
    if len(found) == 1:
        file = files[found[0]].with_name(f"{tier}.md")
        if file.is_file():
            return Brief(found[0], tier, _shown(workspace, file), file.read_text(encoding="utf-8"), is_written=True)
    if len(found) > 1:
        raise whom.none_or_several(wanted, len(found), sorted(found)[:_FEW])
    try:
        return _made(workspace, wanted, tier, as_of or datetime.now(UTC))
    except GtmError as error:
        if isinstance(error, UsageError) and error.code != "E224":
            raise
        if not files:
            hint = "run `gtm context`"
            raise UsageError("no account has been written yet", hint=hint, code="E224") from error
        if isinstance(error, UsageError):
            raise
        near = get_close_matches(_slug(wanted), files, n=3, cutoff=0.5)
        raise whom.none_or_several(wanted, 0, near) from error


def _made(workspace: Workspace, wanted: str, tier: "Tier", as_of: datetime) -> Brief:
    """What would be written now."""
    from execution import context as files
    from execution import store
    from execution.context import places
    from execution.runs.session import open_session

    session = open_session(workspace)
    with store.reader(workspace) as con:
        found = whom.account(con, session.program, workspace, wanted)
        text = files.render(con, session.program, workspace, as_of, found.key, tier)
    return Brief(found.folder, tier, places.shown(found.folder, tier), text, is_written=False)


def _meant(wanted: str, files: Mapping[str, Path]) -> list[str]:
    slug = _slug(wanted)
    if slug in files:
        return [slug]
    by_name = [account for account in files if slug and slug in account]
    if by_name and "@" not in wanted:
        return by_name
    needle = wanted.strip().lower()
    is_address = "@" in needle or "." in needle
    return [
        account
        for account, file in files.items()
        if is_address and needle in file.read_text(encoding="utf-8", errors="replace").lower()
    ]


def _shown(workspace: Workspace, file: Path) -> str:
    return file.relative_to(workspace.root).as_posix()


def _slug(text: str) -> str:
    return "-".join("".join(char if char.isalnum() else " " for char in text.lower()).split())
