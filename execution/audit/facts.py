"""What a workspace was found to be: all that the checks look at, gathered before any of them runs.

Whatever could not be found out is `Unknown`, with the reason; a check that needs it says so and is not passed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from execution.directives import Program
from execution.directives.model import Audit
from execution.errors import Problem


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why something could not be found out."""

    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be: a sentence, what to do, and where."""

    message: str
    hint: str = ""
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A relative link in Markdown, to a path below the workspace; None where it leads out of it."""

    line: int
    written: str
    leads_to: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """A Markdown file: its links, and of its generated block whose it is, or what is wrong with its markers."""

    path: str
    links: tuple[Link, ...] = ()
    key: str | None = None
    broken: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class AccountFolder:
    """A folder of customers/: the account that `account.md` says it is, and that of its generated files. `is_new` says
    that people know of an account which no source has yet."""

    name: str
    said: str | None
    marked: str | None
    is_new: bool = False
    has_briefs: bool = False

    @property
    def key(self) -> str | None:
        return self.said or self.marked


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that looks like a secret: where, and what it is. Never the thing itself."""

    path: str
    line: int
    kind: str


@dataclass(frozen=True, slots=True)
class Published:
    """The store: its size in bytes, the last publication, the last backup, and every account that it knows."""

    bytes: int
    number: int
    published_at: datetime
    backup_at: datetime | None
    accounts: frozenset[str]


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source: what is missing to connect it, and whether its data is older than its directive allows."""

    name: str
    path: str
    missing: tuple[str, ...]
    is_stale: bool
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file or folder that a run left half-made, and when that was."""

    path: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Git:
    """What git says of the workspace: whether it has .env, and when files last changed by their paths."""

    has_env: bool
    changed: Mapping[str, datetime]


@dataclass(frozen=True)
class Facts:
    """Everything the checks look at. `files` and `folders` are paths below the workspace; `env_mode` are the
    permissions of .env, None where there is none; `briefs_from` the publication that briefs were last written from,
    0 where they never were; `unscheduled` names schedules that nothing runs."""

    policy: Audit
    program: Program
    now: datetime
    files: frozenset[str]
    folders: frozenset[str]
    pages: tuple[Page, ...]
    accounts: tuple[AccountFolder, ...]
    ignored: tuple[str, ...]
    env_mode: int | None
    leftovers: tuple[Leftover, ...]
    free_bytes: int
    versions: Mapping[str, str]
    git: Git | Unknown
    leaks: tuple[Leak, ...] | Unknown
    published: Published | Unknown
    briefs_from: int | Unknown
    sources: tuple[SourceState, ...] | Unknown
    unscheduled: tuple[str, ...] | Unknown
    claude: tuple[Problem, ...] | Unknown
