"""Names that must be told apart, and things that must not wait for each other."""

from collections.abc import Iterator, Mapping, Sequence

from execution.directives.catalogue import Catalogue
from execution.errors import Problem

SINGLE = ("settings", "revenue", "team", "routing", "goals")
"""Kinds of which a workspace has one."""


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Two directives of a kind with one name, and kinds of which there is one that stand in two files."""
    seen: dict[tuple[str, str], str] = {}
    for document in (entry.document for entry in catalogue.entries):
        kind, name = document.data.get("kind"), document.data.get("name")
        if not isinstance(kind, str) or not isinstance(name, str):
            continue
        # A journey is a segment to whoever names it.
        mine = ("segment" if kind == "journey" else kind, "" if kind in SINGLE else name)
        mark = document.mark("name")
        line = mark.text.position(mark.key)[0] if mark else 1
        if mine in seen:
            message = f"there are two {kind} directives" + (f" named '{name}'" if kind not in SINGLE else "")
            hint = f"the other is {seen[mine]}; to change that one write extends: {name} instead"
            yield document.problem("E130", message, hint, "name", value=True)
        seen.setdefault(mine, f"{document.path}:{line}")


def circle(graph: Mapping[str, Sequence[str]], start: str) -> list[str] | None:
    """A way from `start` back to itself, or None; the first name of a circle in sorted order reports it."""
    paths = [[start]]
    visited: set[str] = set()
    while paths:
        path = paths.pop()
        for following in graph.get(path[-1], ()):
            if following == start:
                return [*path, start] if min(path) == start else None
            if following not in visited:
                visited.add(following)
                paths.append([*path, following])
    return None
