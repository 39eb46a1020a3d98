"""Reading what agents are made of and what Claude Code reads: the only part that looks at the disk."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from execution.directives.places import Text
from execution.directives.reading import MAX_BYTES, decode
from execution.errors import Problem

DEFINITIONS = "workspace-setup/agents/"
HOST = ".claude/"
AGENTS, SKILLS, COMMANDS = f"{HOST}agents/", f"{HOST}skills/", f"{HOST}commands/"
SETTINGS = (f"{HOST}settings.json", f"{HOST}settings.local.json")
TOOLS_FILE = f"{DEFINITIONS}tools.yaml"
AREAS_FILE = f"{DEFINITIONS}areas.yaml"
RULES_FILE = f"{DEFINITIONS}standing-rules.md"

_FOLDERS = (DEFINITIONS, AGENTS, SKILLS, COMMANDS, f"{HOST}hooks/")
_READ = (".yaml", ".yml", ".md", ".json")


@dataclass(frozen=True, slots=True)
class Files:
    """The texts by workspace-relative path, every file that is there, and what could not be read."""

    texts: Mapping[str, Text] = field(repr=False)
    names: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    def below(self, folder: str, *endings: str) -> Iterator[Text]:
        """The texts in a folder whose names end so, in order."""
        for path in sorted(self.texts):
            if path.startswith(folder) and path.endswith(endings):
                yield self.texts[path]


def read_files(root: Path) -> Files:
    """Every file of `workspace-setup/agents/` and of the parts of `.claude/` that are checked. Never raises for one
    that cannot be read: that is a problem of it. Links are not followed."""
    texts: dict[str, Text] = {}
    problems: list[Problem] = []
    paths = list(_paths(root))
    for path in paths:
        if not path.endswith(_READ):
            continue
        content = _content(root / path, path)
        if isinstance(content, Problem):
            problems.append(content)
        else:
            texts[path] = Text(path, content)
    return Files(texts, frozenset(paths), tuple(problems))


def _paths(root: Path) -> Iterator[str]:
    for folder in _FOLDERS:
        for at, folders, files in os.walk(root / folder):
            folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
            yield from (Path(at, name).relative_to(root).as_posix() for name in sorted(files) if name[0] != ".")
    yield from (path for path in SETTINGS if (root / path).is_file())


def _content(file: Path, path: str) -> str | Problem:
    try:
        if file.is_symlink():
            return Problem(path, 1, 1, "E104", "cannot be read: it is a link", "put the file itself here")
        with file.open("rb") as stream:
            return decode(path, stream.read(MAX_BYTES + 1))
    except OSError as error:
        return Problem(path, 1, 1, "E104", f"cannot be read: {error.strerror}", "put the file itself here")
