"""Which drafts there are: one template each, of the workspace, or as shipped where it has none of that path."""

import re
from dataclasses import dataclass
from pathlib import Path

import execution
from execution.directives.problems import suggest
from execution.errors import UsageError
from execution.workspace import Workspace

FOLDER = "sales-toolkit/templates"
_END = ".md.j2"
_MAILS = "email"
"""The folder of templates whose text is pasted into a mail, so that it has no markup."""
_ABOUT = re.compile(r"\A\{#-?\s*(.*?)\s*-?#\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of draft: `path` is shown to people, `file` is read. `about` is what its first comment says."""

    name: str
    path: str
    file: Path
    is_mail: bool
    about: str

    @property
    def title(self) -> str:
        """`Business review`, out of `business-review`."""
        return re.sub(r"[-_]+", " ", self.name).capitalize()


def kinds(workspace: Workspace) -> dict[str, Kind]:
    """Every kind by its name: that of its file. Two files of one name are told apart by nobody: the first by path
    counts, and `gtm check` names the other."""
    files: dict[str, Path] = {}
    package = Path(execution.__file__).parent
    for root in (workspace.root, package.parent, package / "seed"):
        for file in sorted((root / FOLDER).rglob(f"*{_END}")):
            if file.is_file():
                files.setdefault(file.relative_to(root).as_posix(), file)
    found: dict[str, Kind] = {}
    for path in sorted(files):
        kind = _kind(path, files[path])
        found.setdefault(kind.name, kind)
    return dict(sorted(found.items()))


def kind_of(workspace: Workspace, name: str) -> Kind:
    """The kind of that name. Raises UsageError, naming the nearest, where there is none."""
    found = kinds(workspace)
    if name not in found:
        hint = suggest(name, found) if found else f"templates stand in {FOLDER}/"
        raise UsageError(f"there is no draft of kind {name!r}", hint=f"{hint}; `gtm draft --list`", code="E256")
    return found[name]


def _kind(path: str, file: Path) -> Kind:
    text = file.read_text(encoding="utf-8", errors="replace")
    said = _ABOUT.match(text)
    parts = Path(path).relative_to(FOLDER).parts
    about = " ".join(said[1].split("\n\n")[0].split()) if said else ""
    return Kind(parts[-1].removesuffix(_END), path, file, _MAILS in parts[:-1], about)
