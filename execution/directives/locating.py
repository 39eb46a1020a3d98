"""Where something stands in the files: a key of a directive, overlays taken into account."""

from collections.abc import Iterable
from functools import cached_property

from execution.directives.document import Document, read_document
from execution.directives.model import Directive
from execution.directives.overlays import FOLDER, apply_overlays
from execution.directives.reading import Texts, decode
from execution.errors import Problem


class Places:
    """Finds places in the texts of a program. Files are read when the first place in them is asked for."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._read: dict[str, Document | None] = {}
        self._merged: dict[str, Document | None] = {}

    def line(self, directive: Directive, *path: str | int) -> tuple[str, int]:
        """The file and line in which `path` of a directive's frontmatter stands, or the nearest thing around it."""
        document = self._document(directive.path)
        mark = document.mark(*path) if document is not None else None
        if mark is None:
            return directive.path, 1
        return mark.text.path, mark.text.position(mark.key)[0]

    def shown(self, directive: Directive, *path: str | int) -> str:
        """The same as `path:line`."""
        file, line = self.line(directive, *path)
        return f"{file}:{line}"

    def problem(self, directive: Directive, code: str, message: str, hint: str, *path: str | int) -> Problem:
        """A problem with the value at `path` of a directive's frontmatter."""
        document = self._document(directive.path)
        if document is None:
            return Problem(directive.path, 1, 1, code, message, hint)
        return document.problem(code, message, hint, *path, value=True)

    def _document(self, path: str) -> Document | None:
        """A directive's document with its overlay laid over."""
        if path not in self._merged:
            base = self._one(path)
            merged, _ = apply_overlays([*([base] if base else []), *self._overlays])
            self._merged[path] = next((each for each in merged if each.path == path), base)
        return self._merged[path]

    @cached_property
    def _overlays(self) -> list[Document]:
        found: Iterable[Document | None] = (self._one(path) for path in self._texts if path.startswith(FOLDER))
        return [document for document in found if document is not None and "extends" in document.data]

    def _one(self, path: str) -> Document | None:
        if path not in self._read:
            content = self._texts.get(path)
            text = decode(path, content) if content is not None else None
            self._read[path] = read_document(path, text)[0] if isinstance(text, str) else None
        return self._read[path]
