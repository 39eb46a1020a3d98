"""`gtm init`: a new workspace, or what an existing folder lacks to be one. Never overwrites anything."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import execution
from execution.bootstrap import overlays
from execution.errors import UsageError
from execution.workspace import Workspace

_SEEDED = (
    "directives",
    "customers/templates",
    "customers/workflows",
    "reporting",
    "sales-toolkit",
    "personal",
    "workspace-setup",
    ".claude",
)
_SEEDED_SUFFIXES = frozenset({".md", ".j2"})
_MORE_SUFFIXES = {"workspace-setup": {".yaml"}, ".claude": {".json", ".py", ".sh"}}
_SEEDED_FILES = (".env.example", "AGENTS.md", "CLAUDE.md")
_NOT_SEEDED = (
    "directives/local/",
    "reporting/output/",
    "workspace-setup/decisions/",
    ".claude/settings.local.json",
    ".claude/worktrees/",
)
"""What is this workspace's own, or about the program and not about a team's work."""

IGNORED = """\
# Written by `gtm init`. Data and credentials stay out of git; directives, overlays and templates belong in it.
.env
data/
# Accounts hold personal data; remove this line if the team decides to keep them in git.
/customers/*/
/customers/INDEX.md
!/customers/templates/
!/customers/workflows/
/reporting/output/
# Everybody's own settings of Claude Code, and agents' files that wait to be looked at.
.claude/settings.local.json
.claude/agents/**/*.md.new
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """A team's own facts, as far as given: an IANA time zone, a currency code, the fiscal year's first month,
    the domains of the team's own mail."""

    time_zone: str | None = None
    base_currency: str | None = None
    fiscal_year_starts: int | None = None
    internal_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What `init` did, as paths relative to the workspace: written, and kept because they were there."""

    root: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def init(target: Path, answers: Answers | None = None) -> Made:
    """Make `target` a workspace. `answers` become the overlay directives/local/settings.md, once.

    Raises UsageError where `target` is a file or an answer cannot be.
    """
    settings = _checked(answers or Answers())
    root = target.expanduser().resolve()
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is a file", hint="name a folder", code="E241")
    (root / "directives" / "local").mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    kept: list[str] = []
    for path, source in _seed_files():
        _place(root, path, source, written, kept)
    _place(root, ".gitignore", IGNORED, written, kept)
    if settings:
        workspace = Workspace(root)
        file = overlays.overlay_of(workspace, "settings")
        path = file.relative_to(root).as_posix()
        if file.exists():
            kept.append(path)
        else:
            overlays.set_keys(workspace, "settings", "settings", settings)
            written.append(path)
    return Made(root, tuple(sorted(written)), tuple(sorted(kept)))


def has_settings(target: Path) -> bool:
    """Whether the team's facts are written there already, so that nobody is asked twice."""
    root = target.expanduser().resolve()
    return root.is_dir() and overlays.overlay_of(Workspace(root), "settings").exists()


def _place(root: Path, path: str, content: Path | str, written: list[str], kept: list[str]) -> None:
    target = root / path
    if target.exists() or target.is_symlink():
        kept.append(path)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        shutil.copyfile(content, target)
    else:
        target.write_text(content, encoding="utf-8")
    written.append(path)


def _seed_files() -> Iterator[tuple[str, Path]]:
    """Every file a new workspace begins with, by its path there."""
    seed = seed_root()
    for folder in _SEEDED:
        # An installed wheel has the reports beside the package, as the repository has, and the rest in its seed.
        at = seed if (seed / folder).is_dir() else Path(execution.__file__).parents[1]
        for file in sorted((at / folder).rglob("*")):
            path = file.relative_to(at).as_posix()
            is_local = path.startswith(_NOT_SEEDED) and path != "directives/local/README.md"
            is_somebodys = folder == "personal" and file.suffix == ".md" and file.name != "README.md"
            suffixes = _SEEDED_SUFFIXES | _MORE_SUFFIXES.get(folder, set())
            if file.is_file() and file.suffix in suffixes and not (is_local or is_somebodys):
                yield path, file
    yield from ((name, seed / name) for name in _SEEDED_FILES if (seed / name).is_file())


def seed_root() -> Path:
    """Where new workspaces come from: the repository around the package, or the copy inside an installed wheel."""
    package = Path(execution.__file__).parent
    repository = package.parent
    return repository if (repository / "directives" / "settings.md").is_file() else package / "seed"


def _checked(answers: Answers) -> dict[str, str]:
    """The answers as YAML text by key. Raises UsageError naming the answer that cannot be."""
    from pydantic import ValidationError

    from execution.directives.model import Settings

    given = {
        "time_zone": answers.time_zone,
        "base_currency": answers.base_currency.upper() if answers.base_currency else None,
        "fiscal_year_starts": answers.fiscal_year_starts,
        "internal_domains": [domain.strip().lower() for domain in answers.internal_domains if domain.strip()] or None,
    }
    values = {key: value for key, value in given.items() if value is not None}
    try:
        Settings.model_validate({"kind": "settings", "name": "settings", **values})
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]).replace("_", "-")
        raise UsageError(f"--{key}: {first['msg'].removeprefix('Value error, ')}", code="E242") from None
    return {key: json.dumps(value, ensure_ascii=False) for key, value in values.items()}
