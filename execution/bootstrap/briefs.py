"""`gtm context` and `gtm brief`: the accounts' context files, written, checked and printed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from execution.errors import GtmError, UsageError
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.context import Written
    from execution.directives import Program
    from execution.directives.model import Tier
    from execution.engine import Connection

_LIST = "`ls customers` shows them all; briefs in directives/settings.md says who gets one"


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
        keys = tuple(_key(con, session.program, workspace, wanted) for wanted in accounts) if accounts else None
        wanted = files.Wanted(keys, tuple(tiers) or None)
        if not is_check:
            return files.write(con, session.program, workspace, moment, wanted)
        briefs = files.check(con, session.program, workspace, moment, wanted)
        return (
            briefs
            if accounts or tiers
            else steps.together(briefs, folders.check(con, session.program, workspace, moment))
        )


def _key(con: "Connection", program: "Program", workspace: Workspace, wanted: str) -> str:
    from execution.context.finding import find, known
    from execution.context.places import taken

    return _one(wanted, find(con, program, wanted, taken(workspace, known(con, program))), ())


def _one(wanted: str, found: Mapping[str, str], there: Collection[str]) -> str:
    """The one account that is meant. Raises UsageError, naming the nearest."""
    if len(found) == 1:
        return next(iter(found))
    from difflib import get_close_matches

    near = sorted(found.values())[:5] or get_close_matches(_slug(wanted), there, n=3, cutoff=0.5)
    what = f"{len(found)} accounts match" if found else "no account matches"
    raise UsageError(f"{what} {wanted!r}", hint=f"do you mean {', '.join(near)}?" if near else _LIST, code="E224")


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
        _one(wanted, {name: name for name in found}, files)
    try:
        return _made(workspace, wanted, tier, as_of or datetime.now(UTC))
    except GtmError as error:
        if isinstance(error, UsageError) and error.code != "E224":
            raise
        if not files:
            hint = "run `gtm context`"
            raise UsageError("no account has been written yet", hint=hint, code="E224") from error
        _one(wanted, {}, files)
        raise


def _made(workspace: Workspace, wanted: str, tier: "Tier", as_of: datetime) -> Brief:
    """What would be written now."""
    from execution import context as files
    from execution import store
    from execution.context import places, slugs
    from execution.context.finding import find, known
    from execution.runs.session import open_session

    session = open_session(workspace)
    with store.reader(workspace) as con:
        owners = places.taken(workspace, known(con, session.program))
        found = find(con, session.program, wanted, owners)
        key = _one(wanted, found, owners)
        folder = slugs.assign({key: found[key]}, owners)[key]
        text = files.render(con, session.program, workspace, as_of, key, tier)
    return Brief(folder, tier, places.shown(folder, tier), text, is_written=False)


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
