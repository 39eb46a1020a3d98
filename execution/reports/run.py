"""Write reports: `reporting/output/<name>/[<person>/]<date>.md`, their pictures, and other forms beside them."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from execution.errors import Problem, UsageError
from execution.files import managed, writing
from execution.reports.compose import Composed, as_json
from execution.workspace import Workspace

Form = Literal["md", "html", "json", "pdf"]
FORMS: tuple[Form, ...] = ("md", "html", "json", "pdf")


@dataclass(frozen=True, slots=True)
class File:
    """A report that was written: where its text now is, and its other files."""

    report: str
    user: str | None
    path: Path
    others: tuple[Path, ...] = ()


def write(workspace: Workspace, composed: Composed, forms: Collection[Form] = ()) -> File:
    """Write a report in each of the forms, where something in it changed. The Markdown is always written.

    It is in the day's file, or beside it where somebody edited that. Raises UsageError where the file's markers are
    broken, and where no browser is found to print a PDF with.
    """
    folder = workspace.root / composed.folder
    others = [_whole(workspace, folder / name, svg) for name, svg in composed.pictures.items()]
    path = _text(workspace, folder / f"{composed.stem}.md", composed)
    if "json" in forms:
        others.append(_whole(workspace, folder / f"{composed.stem}.json", as_json(composed)))
    if "html" in forms or "pdf" in forms:
        from execution.reports.page import Look, page

        html = page(composed.text, composed.pictures, title=composed.title, look=Look.of(workspace.root))
        if "html" in forms:
            others.append(_whole(workspace, folder / f"{composed.stem}.html", html))
        if "pdf" in forms:
            from execution.reports.pdf import printed

            others.append(writing.write_bytes(workspace.root, folder / f"{composed.stem}.pdf", printed(html)))
    return File(composed.name, composed.user, path, tuple(others))


def _text(workspace: Workspace, path: Path, composed: Composed) -> Path:
    text = composed.text
    block = writing.Block("report", composed.key, managed.hash_of(text), lambda: text)
    result = writing.write_block(workspace.root, path, block)
    if not isinstance(result, Problem):
        return path
    if result.code == writing.EDITED:
        return path.with_name(f"{path.stem}.generated.md")
    raise UsageError(result.message, hint=result.hint, where=f"{result.path}:{result.line}", code=result.code)


def _whole(workspace: Workspace, path: Path, text: str) -> Path:
    return writing.write_bytes(workspace.root, path, text.encode("utf-8", "replace"))
