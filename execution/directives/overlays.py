"""Overlays: a team's own changes to directives that came with the repository, in `directives/local/`.

`extends: NAME` (and `kind:` where two kinds share the name) says of what. Mappings merge key by key; any other value
replaces the one below; null takes a key away; a block replaces those of the same target; tests are added. Every value
keeps the place it was written at, so a problem points into the file to be edited.
"""

from collections.abc import Iterator
from dataclasses import replace

from execution.directives.document import Document, look_up
from execution.directives.places import Mark
from execution.directives.problems import suggest
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

FOLDER = "directives/local/"

_OWN_KEYS = ("extends", "kind", "name")


def apply_overlays(documents: list[Document]) -> tuple[list[Document], list[Problem]]:
    """The documents with their overlays merged in, without the overlays themselves; and what does not fit."""
    overlays = [document for document in documents if "extends" in document.data]
    bases = [document for document in documents if "extends" not in document.data]
    problems: list[Problem] = []
    extended: dict[int, Document] = {}
    for overlay in overlays:
        base = _base(overlay, bases)
        if isinstance(base, Problem):
            problems.append(base)
        elif earlier := extended.get(id(base)):
            message = f"'{overlay.data['extends']}' is extended by {earlier.path} already"
            problems.append(overlay.problem("E134", message, "put both into one file", "extends", value=True))
        else:
            extended[id(base)] = overlay
            problems += _nothing_to_remove(base, overlay)
    return [merged(base, extended[id(base)]) if id(base) in extended else base for base in bases], problems


def _base(overlay: Document, bases: list[Document]) -> Document | Problem:
    """The document an overlay extends, or why there is none."""

    def wrong(message: str, hint: str, key: str = "extends") -> Problem:
        return overlay.problem("E134", message, hint, key, value=True)

    name, kind = overlay.data["extends"], overlay.data.get("kind")
    if not overlay.path.startswith(FOLDER):
        return wrong("an overlay stands outside directives/local/", f"move the file to {FOLDER}")
    if not isinstance(name, str):
        return wrong("extends names a directive", "write its name, as in extends: calendly")
    if overlay.data.get("name", name) != name:
        return wrong("an overlay has the name of what it extends", f"leave name: out, or write {name}", "name")
    found = [base for base in bases if base.data.get("name") == name and kind in (None, base.data.get("kind"))]
    if len(found) == 1:
        return found[0]
    if not found:
        names = [
            str(base.data["name"]) for base in bases if "name" in base.data and kind in (None, base.data.get("kind"))
        ]
        which = f"{kind} directive" if kind else "directive"
        return wrong(f"there is no {which} named '{name}' to extend", suggest(name, names))
    kinds = ", ".join(sorted(str(base.data.get("kind")) for base in found))
    return wrong(f"'{name}' is the name of several directives", f"add kind: one of {kinds}")


def _nothing_to_remove(base: Document, overlay: Document) -> Iterator[Problem]:
    for path, mark in overlay.marks.items():
        if path and look_up(overlay.data, path) is None and isinstance(path[-1], str) and not _in_list(path):
            around = look_up(base.data, path[:-1])
            if isinstance(around, dict) and path[-1] not in around:
                message = f"null takes a key away, and there is no '{path[-1]}'"
                yield mark.text.problem(mark.key, "E134", message, suggest(path[-1], around))


def _in_list(path: KeyPath) -> bool:
    return any(isinstance(step, int) for step in path)


def merged(base: Document, overlay: Document) -> Document:
    """A new document: the base with the overlay's keys, blocks and tests laid over it."""
    data, marks = dict(base.data), dict(base.marks)
    written = {key: value for key, value in overlay.data.items() if key not in _OWN_KEYS}
    data = _lay_over(data, written, (), marks, overlay.marks)
    targets = {placed.block.target for placed in overlay.blocks}
    places = {placed.block.target: place for place, placed in enumerate(base.blocks)}
    blocks = [placed for placed in base.blocks if placed.block.target not in targets] + overlay.blocks
    blocks.sort(key=lambda placed: places.get(placed.block.target, len(places)))  # steps read those above them
    cases = [*base.cases, *overlay.cases]
    is_whole = base.is_whole and overlay.is_whole
    return replace(base, data=data, marks=marks, blocks=blocks, cases=cases, is_whole=is_whole)


def _lay_over(
    below: dict[str, object],
    above: dict[str, object],
    at: KeyPath,
    marks: dict[KeyPath, Mark],
    new: dict[KeyPath, Mark],
) -> dict[str, object]:
    result = dict(below)
    for key, value in above.items():
        path = (*at, key)
        under = result.get(key)
        if isinstance(value, dict) and isinstance(under, dict):
            result[key] = _lay_over(under, value, path, marks, new)
            continue
        for known in [known for known in marks if known[: len(path)] == path]:
            del marks[known]
        if value is None:
            result.pop(key, None)
            continue
        result[key] = value
        marks |= {known: mark for known, mark in new.items() if known[: len(path)] == path}
    return result
