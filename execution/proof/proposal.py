"""What was learned, as a change of the directive's own text: a diff to be read, applied by whoever agrees, or left.

Values are exchanged where they stand, in the directive or in the overlay that says them; nothing else is touched.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from execution.directives import Program, Texts, load
from execution.directives.document import Document, read_document
from execution.directives.model import Health
from execution.directives.overlays import apply_overlays
from execution.directives.places import Mark
from execution.directives.reading import decode
from execution.errors import GtmError, Problem
from execution.proof.cases import run_cases
from execution.proof.learning import Change


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of directives: the diff, the program as it would be, and the tests that hold now and then would not."""

    diff: str
    files: tuple[str, ...]
    program: Program
    broken_tests: tuple[str, ...]


def propose(
    texts: Texts,
    program: Program,
    health: Health,
    changes: Sequence[Change],
    check: Callable[[Texts], Program] = load,
) -> Proposal:
    """The diff that gives the components of a score other weights and points, and its version the next number. `check`
    reads the directives as they would be."""
    document = _document(texts, health.name)
    edits: dict[str, list[tuple[int, int, str]]] = {}
    for path, value in _values(health, changes).items():
        mark = document.marks.get(path)
        if mark is not None:
            edits.setdefault(mark.text.path, []).append(_edit(document, path, mark, value))
    edited = {path: _edited(texts[path].decode("utf-8-sig"), listed) for path, listed in sorted(edits.items())}
    after = {**texts, **{path: text.encode() for path, text in edited.items()}}
    new = check(after)
    _require_same(new, health, changes)
    diff = "".join(_diff(path, texts[path].decode("utf-8-sig"), text) for path, text in edited.items())
    held = {case.name for case in run_cases(program, [health.path]) if case.holds}
    broken = tuple(case.name for case in run_cases(new, [health.path]) if not case.holds and case.name in held)
    return Proposal(diff, tuple(edited), new, broken)


def _document(texts: Texts, score: str) -> Document:
    """The score's directive with its overlay laid over, and the places of everything in it."""
    documents = []
    for path in sorted(texts):
        text = decode(path, texts[path])
        document = None if isinstance(text, Problem) else read_document(path, text)[0]
        if document is not None:
            documents.append(document)
    merged, _ = apply_overlays(documents)
    return next(each for each in merged if each.data.get("kind") == "health" and each.data.get("name") == score)


def _values(health: Health, changes: Sequence[Change]) -> Mapping[tuple[str, ...], int | tuple[str, ...]]:
    """What is to be written where."""
    found: dict[tuple[str, ...], int | tuple[str, ...]] = {("version",): health.version + 1}
    for change in changes:
        if change.weight != change.weight_before:
            found["components", change.component, "weight"] = change.weight
        if change.score:
            found["components", change.component, "score"] = change.score
    return found


def _edit(document: Document, path: tuple[str, ...], mark: Mark, value: int | tuple[str, ...]) -> tuple[int, int, str]:
    """Where the old value begins and ends, and the text of the new one."""
    content = mark.text.content
    end = mark.start + len(content[mark.start : mark.end].rstrip())
    if isinstance(value, int):
        return mark.start, end, str(value)
    if _is_flow(document, path):
        text = " ".join(line.strip() for line in value).replace("\\", "\\\\").replace('"', '\\"')
        return mark.start, end, f'"{text}"'
    line_start = content.rfind("\n", 0, mark.key) + 1
    indent = " " * (mark.key - line_start + 2)
    return mark.start, end, "\n".join([">-", *(indent + line for line in value)])


def _is_flow(document: Document, path: tuple[str, ...]) -> bool:
    """Whether the value stands between braces."""
    around = [document.marks[path[:end]] for end in range(1, len(path)) if path[:end] in document.marks]
    return any(mark.text.content[mark.start : mark.start + 1] == "{" for mark in around)


def _edited(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new.replace("\n", line_end) + text[end:]
    return text


def _require_same(new: Program, health: Health, changes: Sequence[Change]) -> None:
    """The edited text says what was meant, and nothing in the program is wrong because of it."""
    found = new.health.get(health.name)
    wanted = {change.component: change for change in changes}
    if new.problems or found is None or found.components.keys() != wanted.keys():
        said = str(new.problems[0]) if new.problems else "its components differ"
        raise GtmError(f"the proposal for {health.name} does not hold: {said}", hint="this is a bug; please report it")
    for name, component in found.components.items():
        said = " ".join((" ".join(wanted[name].score) or health.components[name].score).split())
        if component.weight != wanted[name].weight or " ".join(component.score.split()) != said:
            message = f"the proposal for {health.name} changes {name} otherwise than meant"
            raise GtmError(message, hint="this is a bug; please report it")


def _diff(path: str, before: str, after: str) -> str:
    lines = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
