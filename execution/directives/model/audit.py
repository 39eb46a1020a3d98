"""`kind: audit`: what `gtm doctor` looks at in a workspace, and how grave what it finds is."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from execution.directives.model.shape import Directive, Duration, Name, Shape, UnfitError

CheckName = Literal[
    "required_folders", "required_files", "folder_depth", "account_folder_names", "dated_file_names",
    "directive_file_names", "orphaned_folders", "unnamed_folders", "twin_folders", "broken_links", "broken_markers",
    "conflicts_left", "briefs_behind", "secrets_in_files", "env_permissions", "env_in_git", "git_ignores",
    "directives_hold", "dangling_overlays", "directives_without_tests", "directives_without_owner",
    "long_experimental", "sources_not_connected", "sources_stale", "schedules_not_installed", "store_size",
    "store_age", "backup_age", "free_disk", "leftover_files", "claude_files", "versions",
]  # fmt: skip
Severity = Literal["error", "warning", "info"]
Level = Literal["error", "warning", "info", "off"]

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"(\d+)\s*(KB|MB|GB|TB)")
_VERSION = re.compile(r"\d+(?:\.\d+)*")


def _bytes(value: object) -> object:
    """`500MB` as a number of bytes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _SIZE.fullmatch(str(value).strip())
    if match is None:
        raise UnfitError(f"{value!r} is no size", hint="write a number and KB, MB, GB or TB, as in 5GB")
    return int(match[1]) * _UNITS[match[2]]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise UnfitError(f"{text!r} is no pattern: {error}", hint="write a regular expression") from None
    return text


def _path(text: str) -> str:
    if text.startswith("/") or ".." in text.split("/") or "\\" in text:
        raise UnfitError(
            f"{text!r} leads out of the workspace", hint="write a path below it, as in customers/templates"
        )
    return text.rstrip("/")


def _version(value: object) -> object:
    text = str(value)
    if not _VERSION.fullmatch(text):
        raise UnfitError(f"{value!r} is no version", hint='write numbers and points in quotes, as in "3.11"')
    return text


Bytes = Annotated[int, BeforeValidator(_bytes)]
Pattern = Annotated[str, AfterValidator(_pattern)]
InWorkspace = Annotated[str, AfterValidator(_path)]
Version = Annotated[str, BeforeValidator(_version)]
Points = Annotated[int, Field(ge=0, le=100)]


class Ages(Shape):
    """After which time a thing is a finding: briefs behind the store, the last publication, the last backup, a trigger
    that is still experimental, a file that a crash left half-made."""

    briefs: Duration
    publication: Duration
    backup: Duration
    experimental: Duration
    leftover: Duration


class Sizes(Shape):
    """How large the store may be, and how much room the disk must have."""

    store: Bytes
    free: Bytes


class Secrets(Shape):
    """What looks like a secret: known `shapes` by what they are, and text assigned to something `named` so that is at
    least `length` characters long with `entropy` bits each. Files that match `passed_over` are not looked into."""

    shapes: Annotated[dict[str, Pattern], Field(min_length=1)]
    named: Pattern
    length: Annotated[int, Field(ge=8)]
    entropy: Annotated[Decimal, Field(gt=0, le=8)]
    passed_over: tuple[str, ...] = ()


class Audit(Directive):
    """The audit directive. `checks` says how grave each finding is, or switches its check off; `points` is what one
    takes off 100, `bands` what the rest is called. `names` are the file names that directives of a kind may have, with
    `{name}` for theirs; `dated` the folders of an account whose files begin with a day; `depth` how many folders deep
    a folder may be; `tested` the kinds that carry tests; `ignored` lines that .gitignore must have."""

    kind: Literal["audit"]
    name: Literal["audit"]
    checks: Annotated[dict[CheckName, Level], Field(min_length=1)]
    points: dict[Severity, Points]
    bands: Annotated[dict[Name, Points], Field(min_length=1)]
    folders: tuple[InWorkspace, ...]
    files: tuple[InWorkspace, ...]
    ignored: tuple[str, ...]
    names: dict[Name, tuple[str, ...]]
    dated: tuple[Name, ...]
    depth: dict[InWorkspace, Annotated[int, Field(ge=1)]]
    tested: tuple[Name, ...]
    ages: Ages
    sizes: Sizes
    secrets: Secrets
    versions: dict[Literal["python", "duckdb"], Version]

    def level(self, check: str) -> Level:
        """How grave a finding of a check is; one that is not named is off."""
        return next((level for name, level in self.checks.items() if name == check), "off")

    def band(self, score: int) -> str | None:
        """What a score is called: the highest band that it reaches, None below them all."""
        reached = [(least, name) for name, least in self.bands.items() if score >= least]
        return max(reached)[1] if reached else None
