"""`account.md` for an account that has none: a form for people to fill in, theirs from then on."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from execution.context import templates
from execution.workspace import Workspace

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = "customers/templates/account.md.j2"


def form(workspace: Workspace) -> tuple[Path, "Template"]:
    """The template and where it stands. Raises UsageError where it is missing or does not hold."""
    path = templates.find(workspace, TEMPLATE)
    return path, templates.load(path)


def text(found: "tuple[Path, Template]", key: str, name: str) -> str:
    """A new file's text. Raises UsageError where the template does not render."""
    from execution.files.quoting import Markdown

    path, template = found
    written = Markdown(json.dumps(key, ensure_ascii=False) if _needs_quotes(key) else key)
    return templates.render(template, path, {"key": written, "name": name})


def _needs_quotes(key: str) -> bool:
    """Whether YAML would take the key for something else than the text that it is."""
    return not key[:1].isalpha() or not all(char.isalnum() or char in ".@-_+" for char in key) or "." not in key


def missing(root: Path, folders: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """The accounts without a file of their own: key and where it belongs. `folders` maps keys to folders."""
    for key, folder in folders.items():
        file = root / folder / "account.md"
        if not file.exists():
            yield key, file
