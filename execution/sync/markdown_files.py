"""Markdown files as records: what their frontmatter says, or the notes below it, and what is wrong, file by file.

A file that does not hold is a finding with its place; it keeps no other from being read. Pure but for reading them.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Any

from execution import identity
from execution.directives.document import Document, look_up
from execution.directives.frontmatter import body_begins, read_frontmatter
from execution.directives.model import Stream
from execution.directives.model.account import FORMS
from execution.directives.paths import parse_path
from execution.directives.places import Mark, Text
from execution.directives.problems import closest, suggest
from execution.directives.validation import held_to
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem
from execution.sync import body_notes
from execution.sync.shelf import Shelf, unreadable

NOTES = "notes"
"""What a stream's `records` says that reads people's own words instead of the frontmatter."""

MAX_BYTES = 1_000_000
_FRONT = "it begins with its frontmatter: a line of ---, keys such as account: acme.com, then --- again"
_MEND = "mend the frontmatter between the two lines of ---; until then what it said last stays"

_NAME_IT = "begin the file's name with the day, as in 2026-10-01_lunch.md; until then it counts for nobody"

_NOTHING = r"(?:[ \t]*(?:#.*)?\n)*"
_KEY = r"[A-Za-z][\w@+-]*(?:\.[\w@+-]+)*\.[A-Za-z]+"
_FORM = re.compile(
    rf"---[ \t]*\n{_NOTHING}(?P<line>account:[ ](?P<account>{_KEY})[ \t]*\n){_NOTHING}---[ \t]*(?:\n|$)", re.ASCII
)

Record = dict[str, Any]
_BARE: Record = {}


@dataclass(frozen=True, slots=True)
class Markdown:
    """What was read: records, findings in the order of the files, and the paths of the files that have any."""

    records: tuple[Record, ...]
    problems: tuple[Problem, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(problem.path for problem in self.problems))


def read(shelf: Shelf, stream: Stream, form: str | None, bands: Collection[str] | None = None) -> Markdown:
    """Every file's record, or, where the stream names `records`, those at that path of its frontmatter, or its notes.

    A file that is read for its notes need have no frontmatter; then its name says their day. `bands` are those that an
    override may name, None for any. Raises FileError for a file that cannot be opened.
    """
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    for file in shelf.files:
        path = shelf.shown(file)
        document, wrong = _document(path, _opened(shelf, file), is_bare=stream.records == NOTES)
        if document is not None and not wrong:
            wrong = _undated(document) if document.data is _BARE else _held(document, form, bands)
        problems += wrong
        if document is not None and not wrong:
            documents[path] = document
    found = {path: _records(document, stream) for path, document in documents.items()}
    twice = _twice(documents, found, stream)
    broken = {problem.path for problem in twice}
    records = tuple(record for path, each in found.items() if path not in broken for record in each)
    return Markdown(records, tuple(sorted([*problems, *twice])))


def unknown(shelf: Shelf, file: Path, stream: Stream, key: str, nearest: str | None) -> Problem | None:
    """What to say of a file whose record no other source knows: nothing where nobody has written anything into it yet.
    Raises FileError where it cannot be opened."""
    path = shelf.shown(file)
    document, _ = _document(path, _opened(shelf, file))
    steps = parse_path(stream.key)
    if document is None or look_up({"data": document.data}, steps) != key:
        return unknown_somewhere(path, key, nearest)
    if document.data.keys() == {steps[-1]} and not _notes(document):
        return None
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


def _document(path: str, sent: bytes, *, is_bare: bool = False) -> tuple[Document | None, list[Problem]]:
    """The file as read; one that may be `bare` of frontmatter and is has `_BARE` for its data."""
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
    if is_bare and not text.content.startswith("---"):
        return Document(text, _BARE, {}), []
    if form := _FORM.match(text.content):
        return _unfilled(text, form), []
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


def _unfilled(text: Text, form: re.Match[str]) -> Document:
    """A file whose frontmatter says whose it is and nothing else, as most do: read without YAML, in a tenth of the
    time."""
    key, start, end = form.start("line"), form.start("account"), form.end("account")
    marks: dict[KeyPath, Mark] = {(): Mark(text, key, key, key), ("account",): Mark(text, key, start, end)}
    return Document(text, {"account": form["account"]}, marks)


def _undated(document: Document) -> list[Problem]:
    """What people wrote into a file whose name says no day."""
    notes = body_notes.of_file(document.path, document.text.content)
    return [
        Problem(document.path, note.line, 1, "E238", "what is written here has no day", _NAME_IT)
        for note in notes
        if note.on is None
    ]


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
    """`path`, `folder` and `data` of a file; or for each item at `records`, or note, its `item`, and an `id` made of
    both. The folder is that of the stream's first `*`."""
    path = PurePosixPath(document.path)
    about: Record = {"path": document.path, "folder": path.parts[-1 - stream.path.count("/")]}
    if stream.records == NOTES:
        return [about | each for each in _notes(document)]
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


def _notes(document: Document) -> list[Record]:
    """A note's id is made of the file, the day and its number on that day: it stays when its words change."""
    content = document.text.content
    if document.data is _BARE:
        notes = body_notes.of_file(document.path, content)
    else:
        begins = body_begins(document.text)
        notes = body_notes.of_account("\n" * content.count("\n", 0, begins) + content[begins:])
    seen: Counter[str] = Counter()
    records = []
    for note in notes:
        place = f"{document.path}\n{note.on}"
        seen[place] += 1
        id_ = blake2b(f"{place}\n{seen[place]}".encode("utf-8", "replace"), digest_size=10).hexdigest()
        item = {"on": note.on.isoformat() if note.on else None, "title": note.title, "text": note.text}
        records.append({"id": id_, "item": item | {"line": note.line}})
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
