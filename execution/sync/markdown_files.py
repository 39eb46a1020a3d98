"""Markdown files as records: what their frontmatter says, and what is wrong with it, file by file.

A file that does not hold is a finding with its place; it keeps no other from being read. Pure but for reading them.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Any

from execution import identity
from execution.directives.document import Document, look_up
from execution.directives.frontmatter import read_frontmatter
from execution.directives.model import Stream
from execution.directives.model.account import FORMS
from execution.directives.paths import parse_path
from execution.directives.places import Text
from execution.directives.problems import closest, suggest
from execution.directives.validation import held_to
from execution.errors import Problem
from execution.sync.shelf import Shelf, unreadable

MAX_BYTES = 1_000_000
_FRONT = "it begins with its frontmatter: a line of ---, keys such as account: acme.com, then --- again"
_MEND = "mend the frontmatter between the two lines of ---; until then what it said last stays"

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Markdown:
    """What was read: records, findings in the order of the files, and the paths of the files that have any."""

    records: tuple[Record, ...]
    problems: tuple[Problem, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(problem.path for problem in self.problems))


def read(shelf: Shelf, stream: Stream, form: str | None, bands: Collection[str] | None = None) -> Markdown:
    """Every file's record, or, where the stream names `records`, those at that path of its frontmatter.

    `bands` are those that an override may name, None for any. Raises FileError for a file that cannot be opened.
    """
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    for file in shelf.files:
        path = shelf.shown(file)
        document, wrong = _document(path, _opened(shelf, file))
        if document is not None and not wrong:
            wrong = _held(document, form, bands)
        problems += wrong
        if document is not None and not wrong:
            documents[path] = document
    found = {path: _records(document, stream) for path, document in documents.items()}
    twice = _twice(documents, found, stream)
    broken = {problem.path for problem in twice}
    records = tuple(record for path, each in found.items() if path not in broken for record in each)
    return Markdown(records, tuple(sorted([*problems, *twice])))


def unknown(shelf: Shelf, file: Path, stream: Stream, key: str, nearest: str | None) -> Problem:
    """What to say of a file whose record no other source knows. Raises FileError where it cannot be opened."""
    path = shelf.shown(file)
    document, _ = _document(path, _opened(shelf, file))
    steps = parse_path(stream.key)
    if document is None or look_up({"data": document.data}, steps) != key:
        return unknown_somewhere(path, key, nearest)
    somewhere = unknown_somewhere(path, key, nearest)
    return document.problem(somewhere.code, somewhere.message, somewhere.hint, *steps[1:], value=True)


def unknown_somewhere(path: str, key: str, nearest: str | None) -> Problem:
    """The same where the place is not known, for the file has changed since."""
    meant = closest(key, [nearest] if nearest else [])
    new = "write new: true if it is a prospect that no source has yet"
    hint = f"did you mean '{meant}'? Or {new}" if meant else new
    return Problem(
        path, 1, 1, "E177", f"no other source knows '{key}', so what is written here counts for nobody", hint
    )


def page(records: Collection[Record]) -> bytes:
    """Records as a page of JSON."""
    return json.dumps(records, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _opened(shelf: Shelf, file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise unreadable(shelf, file, error) from error


def _document(path: str, sent: bytes) -> tuple[Document | None, list[Problem]]:
    if len(sent) > MAX_BYTES:
        hint = "keep what a program should know in the frontmatter, and long texts in another file"
        return None, [Problem(path, 1, 1, "E101", f"the file is larger than {MAX_BYTES:,} bytes", hint)]
    try:
        text = Text(path, sent.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = sent.count(b"\n", 0, error.start) + 1
        column = error.start - sent.rfind(b"\n", 0, error.start)
        return None, [Problem(path, line, column, "E102", "the file is not UTF-8 text", "save it as UTF-8")]
    if "\0" in text.content:
        at = text.content.index("\0")
        return None, [text.problem(at, "E103", "the file has a NUL byte in it", "is it a text file?")]
    marked, _ = read_frontmatter(text)
    problems = [replace(each, hint=_FRONT if each.code == "E110" else each.hint or _MEND) for each in marked.problems]
    if problems or not isinstance(marked.data, dict):
        return None, problems
    document = Document(text, marked.data, marked.marks)
    try:
        page([marked.data])
    except ValueError:
        return None, [text.problem(0, "E113", "a number in the frontmatter is not finite", "write a number")]
    return document, []


def _held(document: Document, form: str | None, bands: Collection[str] | None) -> list[Problem]:
    """What does not hold of the form that the frontmatter is to have."""
    if form is None:
        return []
    problems = held_to(document, FORMS[form])
    problems += [] if problems else _not_a_company(document)
    at = ("health_override", "band")
    band = look_up(document.data, at)
    if not problems and isinstance(band, str) and bands is not None and band not in bands:
        message = f"the score has no band '{band}'"
        problems.append(document.problem("E176", message, suggest(band, sorted(bands)), *at, value=True))
    return problems


def _not_a_company(document: Document) -> list[Problem]:
    """A company is its registrable domain, in lower case: `eu.acme.co.uk` is `acme.co.uk`."""
    account = str(document.data["account"])
    meant = account.strip().lower() if "@" in account else identity.registrable(account.lower())
    if meant == account:
        return []
    message = f"no account goes by the name of '{account}'"
    hint = f"do you mean {meant}?" if meant else "write the company's domain, as in acme.com"
    return [document.problem("E113", message, hint, "account", value=True)]


def _records(document: Document, stream: Stream) -> list[Record]:
    """`path`, `folder` and `data` of a file; or for each item at `records` its `item`, and an `id` made of both."""
    path = PurePosixPath(document.path)
    about: Record = {"path": document.path, "folder": path.parent.name}
    if not stream.records:
        return [about | {"data": document.data}]
    found = look_up({"data": document.data}, parse_path(stream.records))
    items = found if isinstance(found, list) else [] if found is None else [found]
    seen: Counter[str] = Counter()
    records = []
    for item in items:
        text = f"{document.path}\n{json.dumps(item, sort_keys=True)}"
        seen[text] += 1
        id_ = blake2b(f"{text}\n{seen[text]}".encode(), digest_size=10).hexdigest()
        records.append(about | {"id": id_, "item": item})
    return records


def _twice(documents: Mapping[str, Document], found: Mapping[str, list[Record]], stream: Stream) -> list[Problem]:
    """Two files with one key are refused, both of them: which is right is not for us to say."""
    steps = parse_path(stream.key)
    places: dict[str, list[str]] = {}
    for path, records in found.items():
        for record in records:
            key = look_up(record, steps)
            if key is not None:
                places.setdefault(str(key), []).append(path)
    problems = []
    for key, paths in places.items():
        for path in dict.fromkeys(paths) if len(paths) > 1 else ():
            others = ", ".join(other for other in paths if other != path) or "the same file"
            message = f"{stream.key.rpartition('.')[2]} '{key}' is said by {others} too"
            hint = "keep it in one of them; until then none of them counts, and what was read last stays"
            problems.append(documents[path].problem("E377", message, hint, *steps[1:], value=True))
    return problems
