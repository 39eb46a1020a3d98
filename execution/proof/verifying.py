"""`gtm verify`: what a file says, held against the published store.

Three things can come of a figure: it holds, it no longer holds, or that cannot be told. What could not be checked
never counts as holding.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from execution.directives.locating import Places
from execution.errors import GtmError, Problem
from execution.files import managed, writing
from execution.proof.bounded import Asking
from execution.proof.cells import Answer, Found, Untold, answers
from execution.proof.citing import Cell, Cited, Figure, Misread, Named, Reference, cited
from execution.proof.redrawing import Difference, Redrawn, Sheet, redrawn
from execution.proof.tracing import Origin, origins
from execution.proof.written import agreement, shown

CHANGED = "E263"
UNVERIFIED = "E264"
UNCITED = "E265"
NO_TEXT = "E447"

LARGEST = 2_000_000
"""Bytes of a file that is read: ten times the largest that gtm writes."""

_TRACED = 200
"""Figures that no longer hold for which it is told where they come from."""

Outcome = Literal["holds", "changed", "unverified"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One reference: what it says, what came of it, and what the store has now (as people write it). `reason` is why it
    does not hold or cannot be told, `source` where the value comes from, `since` when it last changed."""

    line: int
    column: int
    written: str
    reference: str
    outcome: Outcome
    now: str | None = None
    reason: str = ""
    hint: str = ""
    source: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class FileChecked:
    """One file: its references in the order of the text, the figures that cite nothing, its generated block, and what
    keeps it, or its block, from being read."""

    path: str
    references: tuple[Checked, ...] = ()
    uncited: tuple[Figure, ...] = ()
    block: Redrawn | None = None
    unread: Problem | None = None

    def count(self, outcome: Outcome) -> int:
        return sum(each.outcome == outcome for each in self.references)

    def problems(self, *, strict: bool) -> list[Problem]:
        """Everything that does not hold, in the order of the file; with `strict` figures that cite nothing too."""
        found = [self.unread] if self.unread else []
        found += _of_block(self.path, self.block) if self.block else []
        found += [_of_reference(self.path, each) for each in self.references if each.outcome != "holds"]
        if strict:
            hint = "cite it, as in [1,200](gtm:companies/acme.com/mrr)"
            found += [
                Problem(self.path, each.line, each.column, UNCITED, f"'{each.text}' cites nothing", hint)
                for each in self.uncited
            ]
        return sorted(found)


def verify(sheet: Sheet, places: Places, asking: Asking, files: Mapping[str, Path]) -> list[FileChecked]:
    """Every file, by the path it is shown under; `asking` is for the queries in them."""
    read = {path: _text_of(path, file) for path, file in files.items()}
    cites = {path: cited(text) for path, text in read.items() if isinstance(text, str)}
    known = answers(sheet.ground, _cells(cites.values()))
    checked = [
        _file(sheet, path, text, cites[path], _Answers(known, asking)) if isinstance(text, str) else text
        for path, text in read.items()
    ]
    return _traced(sheet, places, checked, cites, known)


def _text_of(path: str, file: Path) -> str | FileChecked:
    """The file's text, or what keeps it from being read."""

    def unread(message: str, hint: str, line: int = 1) -> FileChecked:
        return FileChecked(path, unread=Problem(path, line, 1, NO_TEXT, message, hint))

    try:
        if not file.is_file():
            return unread("this is no file", "name Markdown files, or folders of them")
        if file.stat().st_size > LARGEST:
            return unread(f"the file is larger than {LARGEST // 1_000_000} MB", "divide it")
        content = file.read_bytes()
    except (OSError, RuntimeError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else "the link leads in a circle"
        return unread(f"the file cannot be read: {said}", "see its permissions")
    if b"\0" in content:
        return unread("the file is no UTF-8 text", "save it as UTF-8", content[: content.index(b"\0")].count(b"\n") + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return unread("the file is no UTF-8 text", "save it as UTF-8", content[: error.start].count(b"\n") + 1)


def _cells(cites: Iterable[Cited]) -> list[Cell]:
    return [each.target for one in cites for each in one.references if isinstance(each.target, Cell)]


# --- one file -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Answers:
    """What the store has: of cells it is known already, queries are asked when they come."""

    cells: Mapping[Cell, Answer]
    asking: Asking

    def of(self, reference: Reference, cites: Cited, asked: dict[str, Answer]) -> Answer:
        match reference.target:
            case Misread(reason, hint):
                return Untold(reason, hint)
            case Named(name):
                if name not in cites.queries:
                    return Untold(f"there is no block ```sql {name} in this file", "write the query it comes from")
                if name not in asked:
                    asked[name] = self.asking.answer(cites.queries[name])
                return asked[name]
            case Cell() as cell:
                return self.cells[cell]


def _file(sheet: Sheet, path: str, text: str, cites: Cited, known: _Answers) -> FileChecked:
    asked: dict[str, Answer] = {}
    references = tuple(_checked(each, known.of(each, cites, asked)) for each in cites.references)
    block, unread = _block(sheet, path, text)
    return FileChecked(path, references, cites.figures, block, unread)


def _checked(reference: Reference, answer: Answer) -> Checked:
    found = Checked(reference.line, reference.column, reference.written, reference.href, "unverified")
    if isinstance(answer, Untold):
        return replace(found, reason=answer.reason, hint=answer.hint)
    verdict = agreement(reference.written, answer.value, answer.meaning)
    now = shown(answer.value, answer.meaning)
    if verdict.holds is None:
        return replace(found, now=now, reason=verdict.reason, hint=f"the store has {now}")
    return replace(found, outcome="holds" if verdict.holds else "changed", now=now, reason=verdict.reason)


def _block(sheet: Sheet, path: str, text: str) -> tuple[Redrawn | None, Problem | None]:
    try:
        return redrawn(sheet, text), None
    except managed.Broken as broken:
        hint = "mend the markers, or delete them with all between them and have the block written anew"
        return None, Problem(path, broken.line, 1, writing.BROKEN, broken.reason, hint)
    except GtmError as error:
        return None, Problem(path, 1, 1, UNVERIFIED, f"the block cannot be drawn anew: {error.message}", error.hint)


def _traced(
    sheet: Sheet, places: Places, checked: list[FileChecked], cites: Mapping[str, Cited], known: Mapping[Cell, Answer]
) -> list[FileChecked]:
    """The same files; of what no longer holds it is told where it comes from."""
    changed = {
        each.target: known[each.target]
        for file in checked
        for each, result in zip(cites[file.path].references if file.path in cites else (), file.references, strict=True)
        if result.outcome == "changed" and isinstance(each.target, Cell)
    }
    rows = [(cell, answer.row) for cell, answer in changed.items() if isinstance(answer, Found) and cell.as_of is None]
    found = origins(sheet.ground, places, rows[:_TRACED], sheet.now)
    return [_with_origins(file, cites[file.path], found) if file.path in cites else file for file in checked]


def _with_origins(file: FileChecked, cites: Cited, found: Mapping[Cell, Origin]) -> FileChecked:
    if not found:
        return file
    told = []
    for reference, result in zip(cites.references, file.references, strict=True):
        origin = found.get(reference.target) if isinstance(reference.target, Cell) else None
        is_told = origin is not None and result.outcome == "changed"
        told.append(replace(result, source=origin.said, since=origin.since) if is_told and origin else result)
    return replace(file, references=tuple(told))


# --- as problems ----------------------------------------------------------------------------------


def _of_reference(path: str, each: Checked) -> Problem:
    if each.outcome == "unverified":
        written = f"'{each.written}'" if each.written else each.reference
        return Problem(path, each.line, each.column, UNVERIFIED, f"{written} cannot be told: {each.reason}", each.hint)
    because = f", {each.reason}" if each.reason else ""
    message = f"'{each.written}' no longer holds: {each.reference.partition(':')[2]} is now {each.now}{because}"
    since = f"; last changed {each.since:%Y-%m-%d %H:%M} UTC" if each.since else ""
    return Problem(path, each.line, each.column, CHANGED, message, f"{each.source}{since}".lstrip("; "))


def _of_block(path: str, block: Redrawn) -> list[Problem]:
    found = []
    if block.is_edited:
        hint = "move your words below the end marker; figures of your own need a reference"
        found.append(Problem(path, block.line - 1, 1, writing.EDITED, "the generated block was edited by hand", hint))
    if block.untold is not None:
        message = f"the block cannot be told: {block.untold.reason}"
        found.append(Problem(path, block.line - 1, 1, UNVERIFIED, message, block.untold.hint))
    return found + [_of_line(path, each) for each in block.differences]


def _of_line(path: str, each: Difference) -> Problem:
    if each.now is None:
        return Problem(path, each.line, 1, CHANGED, f"no longer there: {each.was}")
    if each.was is None:
        return Problem(path, each.line, 1, CHANGED, f"missing here: {each.now}")
    return Problem(path, each.line, 1, CHANGED, f"was: {each.was}", f"is now: {each.now}")
