"""The team's overlays in directives/local: one key set, everything else in the file left as it was."""

import re
from pathlib import Path

from execution.errors import UsageError
from execution.workspace import Workspace

_KEY = re.compile(r"^([A-Za-z_][\w-]*):(?:\s|$)")
_EXTENDS = re.compile(r"^extends:\s*[\"']?([\w-]+)[\"']?\s*(?:#.*)?$", re.MULTILINE)


def overlay_of(workspace: Workspace, name: str) -> Path:
    """The file that extends directive `name`, or where a new one goes."""
    local = workspace.directives / "local"
    for file in sorted(local.rglob("*.md")):
        match = _EXTENDS.search(_frontmatter(file.read_text(encoding="utf-8", errors="replace")))
        if match and match[1] == name:
            return file
    return local / f"{name}.md"


def set_keys(workspace: Workspace, kind: str, name: str, values: dict[str, str]) -> Path:
    """Write keys (YAML text by name) into the overlay of directive `name`, which is made if need be; its path.

    Raises UsageError where the file is there but has no frontmatter.
    """
    file = overlay_of(workspace, name)
    text = file.read_text(encoding="utf-8") if file.exists() else _new(kind, name)
    for key, value in values.items():
        text = with_key(text, key, value, file.relative_to(workspace.root).as_posix())
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)
    return file


def with_key(text: str, key: str, value: str, where: str = "") -> str:
    """The Markdown `text` with the frontmatter's top-level `key` set to the YAML `value`, other lines untouched."""
    lines = text.splitlines(keepends=True)
    end = next((at for at, line in enumerate(lines) if at and line.rstrip() == "---"), None)
    if not lines or lines[0].rstrip() != "---" or end is None:
        raise UsageError(
            "the overlay has no frontmatter", hint="it begins and ends with a line ---", where=where, code="E240"
        )
    start = next((at for at in range(1, end) if (match := _KEY.match(lines[at])) and match[1] == key), None)
    new = f"{key}: {value}\n"
    if start is None:
        return "".join([*lines[:end], new, *lines[end:]])
    after = start + 1
    while after < end and _continues(lines[after]):
        after += 1
    return "".join([*lines[:start], new, *lines[after:]])


def _continues(line: str) -> bool:
    """Whether the line still belongs to the value above it: indented, or an item of its list."""
    return line.startswith((" ", "\t", "- ")) and bool(line.strip())


def _frontmatter(text: str) -> str:
    head, _, _ = text.removeprefix("---").partition("\n---")
    return head


def _new(kind: str, name: str) -> str:
    return (
        f"---\nkind: {kind}\nextends: {name}\n---\n"
        f"This team's own settings for `{name}`: the keys above are merged over the directive they extend.\n"
    )
