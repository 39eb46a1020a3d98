"""Triggers: what their rules may name, what their messages say, and that a person's own rules are theirs."""

from collections.abc import Iterator, Mapping

from execution.directives import messages
from execution.directives.catalogue import Catalogue
from execution.directives.changes import MOVES, parse
from execution.directives.checks.directory import TEAM, directory
from execution.directives.document import Document
from execution.directives.histories import type_of
from execution.directives.model import Entity, Trigger
from execution.directives.problems import suggest
from execution.directives.reading import PERSONAL
from execution.directives.sql.checking import Checker
from execution.directives.sql.flaw import Scope
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

_NO_TEXT = ("[]", "STRUCT", "MAP", "UNION", "BLOB", "JSON", '"NULL"')
"""Types of which no key of an alert is made: two that are equal may be written in two ways."""


def problems(catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    """Everything wrong with each trigger but its keywords and its actions."""
    for document, trigger in catalogue.of(Trigger):
        entity = catalogue.entity(trigger.entity)
        if trigger.entity not in catalogue.names("entity"):
            hint = suggest(trigger.entity, catalogue.names("entity"), otherwise="declare it in directives/data-model/")
            yield document.problem("E131", f"there is no entity '{trigger.entity}'", hint, "entity", value=True)
        if entity is not None:
            yield from _expressions(document, trigger, entity, catalogue, checker)
            yield from _message(document, trigger, entity, catalogue)
        for number, tag in enumerate(trigger.tags):
            if tag in trigger.tags[:number]:
                yield document.problem(
                    "E113", f"'{tag}' stands twice", "name each tag once", "tags", number, value=True
                )
    yield from _personal(catalogue)


# --- expressions ------------------------------------------------------------------------------------


def expression(
    document: Document, path: KeyPath, text: str, entity: Entity, catalogue: Catalogue, checker: Checker, of: str
) -> Iterator[Problem | str]:
    """Everything wrong with an expression about a row that may ask what became of it, and at last its DuckDB type,
    where it has one. `of` names who asks."""
    parsed = parse(text)
    for wrong in parsed.misused:
        window = "" if wrong.function in MOVES else ", 7d"
        example = f"{wrong.function}({'paying' if wrong.function in MOVES else 'health_score'}{window})"
        hint = f"write a name and a time, as in {example}" if window else f"write a name, as in {example}"
        yield document.inside("E180", f"{wrong.function}() is not called so", hint, path, wrong.at)
    types: dict[str, str] = {}
    found = {change: type_of(change, catalogue.facts(entity), catalogue.groups) for change in parsed.changes}
    for change, kind in found.items():
        if isinstance(kind, str):
            types[change.column] = kind
        elif catalogue.knows_all():
            at = text.index(change.of, text.index("(", change.at))
            yield document.inside("E180", kind.message, kind.hint, path, at)
        if change.window is not None and not change.window:
            yield document.inside("E180", "no time goes by in it", "write a time above 0", path, change.at)
    if parsed.misused or len(types) < len({change.column for change in parsed.changes}):
        return
    scope = Scope(of, {entity.name: catalogue.types(entity) | _once(types)}, as_of=True)
    checked = checker.expression(parsed.text, scope)
    for flaw in checked.flaws:
        if flaw.code != "E147" or catalogue.knows_all():
            yield document.inside(flaw.code, flaw.message, flaw.hint, path, flaw.at or 0)
    if not checked.flaws and "value" in checked.columns:
        yield checked.columns["value"]


def _once(types: Mapping[str, str]) -> dict[str, str]:
    """The columns, of those that differ in case only the first: to the engine they are one."""
    first = {name.lower(): name for name in reversed(list(types))}
    return {name: types[name] for name in types if first[name.lower()] == name}


def _expressions(
    document: Document, trigger: Trigger, entity: Entity, catalogue: Catalogue, checker: Checker
) -> Iterator[Problem]:
    for path, text in trigger.expressions().items():
        is_listed = path[0] != "conditions" or isinstance(document.data.get("conditions"), list)
        place = path if is_listed else path[:1]
        of = f"trigger {trigger.name}"
        for found in expression(document, place, text, entity, catalogue, checker, of):
            if isinstance(found, Problem):
                yield found
            elif path == ("key",):
                yield from _key(document, found)
            else:
                yield from condition(document, place, found)


def plainly(
    document: Document, path: KeyPath, text: str, entity: Entity, catalogue: Catalogue, checker: Checker
) -> Iterator[Problem]:
    """Everything wrong with a condition about a row as it is now: nothing keeps what it asks of the past."""
    scope = Scope(f"rows of {entity.name}", {entity.name: catalogue.types(entity)}, as_of=True)
    checked = checker.expression(text, scope)
    for flaw in checked.flaws:
        if flaw.code != "E147" or catalogue.knows_all():
            yield document.inside(flaw.code, flaw.message, flaw.hint, path, flaw.at or 0)
    if not checked.flaws and "value" in checked.columns:
        yield from condition(document, path, checked.columns["value"])


def condition(document: Document, path: KeyPath, kind: str) -> Iterator[Problem]:
    """Whether what an expression gives can be true."""
    if kind not in ("BOOLEAN", '"NULL"'):
        hint = "write a comparison, as in days_since_seen > 30"
        yield document.inside("E148", f"this gives {kind}, not true or false", hint, path, 0)


def _key(document: Document, kind: str) -> Iterator[Problem]:
    if any(each in kind for each in _NO_TEXT):
        hint = "name a column with one value, or cast it: (…)::text"
        yield document.inside("E148", f"this gives {kind}, which tells no alerts apart", hint, ("key",), 0)


# --- the message ------------------------------------------------------------------------------------


def _message(document: Document, trigger: Trigger, entity: Entity, catalogue: Catalogue) -> Iterator[Problem]:
    known = [*catalogue.facts(entity), *(messages.OF_KEYWORDS if trigger.keywords is not None else ())]
    yield from placeholders(document, ("message",), trigger.message, known if catalogue.knows_all() else None)


def placeholders(document: Document, path: KeyPath, text: str, known: list[str] | None) -> Iterator[Problem]:
    """Everything wrong with the names in a text; with None nobody knows them all."""
    message = messages.parse(text)
    for stray in message.stray:
        yield document.inside("E181", stray.message, stray.hint, path, stray.at)
    for named in message.names:
        if known is not None and named.name not in known:
            hint = suggest(named.name, known, otherwise="name a fact of the row")
            if named.name in messages.OF_KEYWORDS:
                hint = "only a rule with keywords: has it"
            yield document.inside("E181", f"{{{named.name}}} stands for nothing here", hint, path, named.at)


# --- a person's own ---------------------------------------------------------------------------------


def _personal(catalogue: Catalogue) -> Iterator[Problem]:
    """In `personal/triggers/` stand rules that a person of the team wrote for themselves."""
    people = directory(catalogue).people()
    for entry in catalogue.entries:
        document = entry.document
        if not document.path.startswith(PERSONAL):
            continue
        if document.data.get("kind") != "trigger":
            hint = f"move the file to directives/; only triggers stand in {PERSONAL}"
            yield document.problem("E191", "this is no place for that kind of directive", hint, "kind", value=True)
        elif "owner" not in document.data:
            hint = f"add owner: with a name of {TEAM}"
            yield document.problem("E112", "key 'owner' is missing: whose rule is it?", hint, "name")
        elif people is not None and (owner := str(document.data["owner"])) not in people:
            hint = suggest(owner, people, otherwise=f"name the people in {TEAM} first")
            yield document.problem("E131", f"there is nobody '{owner}' in the team", hint, "owner", value=True)
