"""Write the accounts' context files: `customers/<account>/context/compact.md`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from execution import engine
from execution.context import accounts, compact, slugs, templates
from execution.context.accounts import Account
from execution.directives import Program
from execution.errors import Problem
from execution.files import managed, quoting, writing
from execution.workspace import Workspace

COMPACT = "compact"
TEMPLATE = "customers/templates/compact.md.j2"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the files, as paths from the workspace's root; conflicts were left as they are. `left` are those
    of accounts that get none any more, or are there no more: they stay as last written."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    conflicts: tuple[Problem, ...]
    left: tuple[str, ...] = ()


def write(con: engine.Connection, program: Program, workspace: Workspace, as_of: datetime) -> Written:
    """Write the brief of every account that the settings choose as of a moment, where something in it changed.

    `con` reads the store. Nothing is written twice: the same store gives the same files. Raises UsageError where the
    template does not hold, or nobody knows yet who is in a segment that the settings choose by.
    """
    path = templates.find(workspace, TEMPLATE)
    template = templates.load(path)
    settings = program.settings
    place = compact.Place(ZoneInfo(settings.time_zone), settings.base_currency, as_of)

    made_with = "\n".join([_code(), path.read_text(encoding="utf-8"), program.settings.model_dump_json()])

    def block_of(account: Account) -> writing.Block:
        def text() -> str:
            return compact.fit(
                lambda size: templates.render(template, path, compact.values(account, place, size)),
                settings.compact_tokens,
            )

        return writing.Block(COMPACT, account.key, managed.hash_of(f"{account!r}\n{made_with}"), text)

    there = taken(workspace)
    folders = slugs.assign(accounts.names(con, program, as_of), there)
    results = _each(workspace, accounts.read(con, program, as_of), folders, block_of)
    changed: list[str] = []
    unchanged: list[str] = []
    conflicts: list[Problem] = []
    for shown, result in results:
        if isinstance(result, Problem):
            conflicts.append(result)
        else:
            (changed if result else unchanged).append(shown)
    left = tuple(_shown(workspace, folder) for folder, key in there.items() if key not in folders)
    return Written(tuple(changed), tuple(unchanged), tuple(conflicts), left)


def _each(
    workspace: Workspace,
    found: Iterable[Account],
    folders: dict[str, str],
    block_of: Callable[[Account], writing.Block],
) -> Iterator[tuple[str, Problem | bool]]:
    for account in found:
        folder = folders[account.key]
        path = brief_file(workspace, folder)
        yield _shown(workspace, folder), writing.write_block(workspace.root, path, block_of(account))


def _shown(workspace: Workspace, folder: str) -> str:
    return brief_file(workspace, folder).relative_to(workspace.root).as_posix()


@cache
def _code() -> str:
    """What gives a brief its words beside the template: another version of it makes every brief anew."""
    return "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in (compact, quoting, templates))


def brief_file(workspace: Workspace, folder: str) -> Path:
    """Where the compact brief of a folder is."""
    return workspace.customers / folder / "context" / "compact.md"


def taken(workspace: Workspace) -> dict[str, str]:
    """The folders that already are an account's: folder → account key, as the brief in it says."""
    found = {}
    for path in sorted(workspace.customers.glob("*/context/compact.md")):
        try:
            key = managed.owner(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            continue
        if key:
            found[path.parent.parent.name] = key
    return found
