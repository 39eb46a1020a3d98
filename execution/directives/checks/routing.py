"""Routing: that channels, recipients, severities, routes and digests name what there is, and come to an end."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath, PureWindowsPath

from execution.directives.catalogue import Catalogue
from execution.directives.checks.directory import Directory, directory
from execution.directives.checks.names import circle
from execution.directives.document import Document
from execution.directives.model import Routing
from execution.directives.model.routing import Escalation, Folder, Inbox, Level, Recipient, Route, Webhook
from execution.directives.problems import suggest
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

_NUMBERS = ("DECIMAL", "DOUBLE", "BIGINT")


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with each routing directive but its actions."""
    for document, routing in catalogue.of(Routing):
        known = directory(catalogue)
        yield from _channels(document, routing)
        for name, recipient in routing.recipients.items():
            yield from _recipient(document, routing, name, recipient, known)
        yield from _without_end(document, routing)
        for severity, level in routing.severities.items():
            yield from _level(document, routing, ("severities", severity), level, known)
        for name, route in routing.routes.items():
            yield from known.nobody(document, route.to, "routes", name, "to")
            yield from _level(document, routing, ("routes", name), route, known)
        for name, digest in routing.digests.items():
            yield from known.nobody(document, digest.to, "digests", name, "to")
            yield from known.channels(document, digest.channels, "digests", name, "channels")
        if routing.fallback is not None:
            yield from known.nobody(document, [routing.fallback], "fallback")
        yield from _inhibitions(document, routing, catalogue)
        yield from _accounts(document, routing, catalogue)
        yield from _worth(document, routing, catalogue)


def _channels(document: Document, routing: Routing) -> Iterator[Problem]:
    files: dict[str, str] = {}
    for name, channel in routing.channels.items():
        at = ("channels", name)
        if isinstance(channel, Inbox):
            path = PurePosixPath(channel.file)
            if path.is_absolute() or ".." in path.parts or path.suffix != ".md":
                hint = "name a Markdown file of the workspace, as in reporting/pulse/inbox.md"
                yield document.problem("E113", f"'{channel.file}' is no such file", hint, *at, "file", value=True)
            elif other := files.get(channel.file):
                hint = "give each its own"
                yield document.problem("E184", f"'{other}' writes {channel.file} too", hint, *at, "file", value=True)
            files.setdefault(channel.file, name)
        elif isinstance(channel, Folder) and not _is_whole(channel.path):
            hint = "write the whole path, as in /srv/reports, or env:NAME"
            yield document.problem("E113", f"'{channel.path[:80]}' is no whole path", hint, *at, "path", value=True)
        elif isinstance(channel, Webhook) and not channel.url.startswith(("https://", "http://", "env:")):
            hint = "write https://…, or env:NAME for one that is a secret"
            yield document.problem("E113", "this is no URL", hint, *at, "url", value=True)


def _is_whole(path: str) -> bool:
    is_absolute = PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()
    return path.startswith("env:") or (is_absolute and ".." not in PurePosixPath(path).parts)


def _recipient(
    document: Document, routing: Routing, name: str, recipient: Recipient, known: Directory
) -> Iterator[Problem]:
    at, catalogue = ("recipients", name), known.catalogue
    if known.team is not None and name in (known.team.people.keys() | known.team.groups.keys()):
        hint = "name the recipient otherwise: whom a word leads to must be sure"
        yield document.problem("E184", f"'{name}' is also somebody of the team", hint, *at)
    for entity_name, columns in recipient.columns.items():
        entity = catalogue.entity(entity_name)
        if entity_name not in catalogue.names("entity"):
            hint = suggest(entity_name, catalogue.names("entity"))
            yield document.problem("E131", f"there is no entity '{entity_name}'", hint, *at, "columns", entity_name)
        if entity is None or not catalogue.knows_all():
            continue
        for number, column in enumerate(columns):
            path: KeyPath = (*at, "columns", entity_name, number)
            path = path if path in document.marks else path[:-1]
            yield from _text_column(document, path, entity_name, column, catalogue.types(entity))
    teammates = known.team.people.keys() | known.team.groups.keys() if known.team is not None else set()
    people = known.people() or set()
    single: list[tuple[str, str | None, set[str]]] = [
        ("manager_of", recipient.manager_of, {*routing.recipients, *people} - {name}),
        ("name", recipient.name, {*teammates}),
        ("otherwise", recipient.otherwise, known.addressed() - {name}),
    ]
    for key, value, meant in single:
        if value is not None:
            yield from known.unknown(document, "nobody", [value], meant, "name somebody of the team", *at, key)


def _worth(document: Document, routing: Routing, catalogue: Catalogue) -> Iterator[Problem]:
    for name, column in routing.worth.items():
        entity = catalogue.entity(name)
        if name not in catalogue.names("entity"):
            hint = suggest(name, catalogue.names("entity"))
            yield document.problem("E131", f"there is no entity '{name}'", hint, "worth", name)
        elif entity is not None and catalogue.knows_all():
            types = catalogue.types(entity)
            if column not in types:
                hint = suggest(column, types)
                yield document.problem("E132", f"{name} has no column '{column}'", hint, "worth", name, value=True)
            elif not types[column].startswith(_NUMBERS):
                hint = "name a column with a number"
                yield document.problem("E136", f"'{column}' is {types[column]}", hint, "worth", name, value=True)


def _text_column(
    document: Document, path: KeyPath, entity: str, column: str, types: dict[str, str]
) -> Iterator[Problem]:
    if column not in types:
        hint = suggest(column, types)
        yield document.problem("E132", f"{entity} has no column '{column}'", hint, *path, value=True)
    elif types[column] != "VARCHAR":
        hint = "name a column with text"
        yield document.problem("E136", f"'{column}' is {types[column]}", hint, *path, value=True)


def _without_end(document: Document, routing: Routing) -> Iterator[Problem]:
    """Recipients that are found by each other, or asked in place of each other."""
    graph = {
        name: [other for other in (each.manager_of, each.otherwise) if other in routing.recipients]
        for name, each in routing.recipients.items()
    }
    for name, each in routing.recipients.items():
        if way := circle({key: [str(other) for other in to] for key, to in graph.items()}, name):
            key = "manager_of" if each.manager_of == way[1] else "otherwise"
            message = f"recipients that lead to each other: {' → '.join(way)}"
            hint = "let one of them end with a person or a group"
            yield document.problem("E133", message, hint, "recipients", name, key, value=True)


def _level(
    document: Document, routing: Routing, at: KeyPath, level: Level | Route, known: Directory
) -> Iterator[Problem]:
    yield from known.channels(document, level.channels, *at, "channels")
    if level.digest is not None:
        hint = "declare it in digests:"
        yield from known.unknown(document, "no digest", [level.digest], routing.digests, hint, *at, "digest")
    yield from _escalations(document, (*at, "escalate"), level.escalate or (), known)


def _escalations(document: Document, at: KeyPath, steps: Sequence[Escalation], known: Directory) -> Iterator[Problem]:
    for number, step in enumerate(steps):
        yield from known.nobody(document, step.to, *at, number, "to")
        yield from known.channels(document, step.channels, *at, number, "channels")
        if number and step.after <= steps[number - 1].after:
            hint = "let each step come later than the one before it"
            message = "this step does not come after the one before it"
            yield document.problem("E184", message, hint, *at, number, "after", value=True)


def _inhibitions(document: Document, routing: Routing, catalogue: Catalogue) -> Iterator[Problem]:
    names = catalogue.names("trigger")
    for number, each in enumerate(routing.inhibit):
        for key in ("triggers", "silences"):
            for place, name in enumerate(getattr(each, key)):
                path: KeyPath = ("inhibit", number, key, place)
                path = path if path in document.marks else path[:-1]
                if name not in names:
                    hint = suggest(name, names, otherwise="declare it in directives/triggers/")
                    yield document.problem("E131", f"there is no trigger '{name}'", hint, *path, value=True)
                elif key == "silences" and name in each.triggers:
                    message = f"'{name}' would silence '{name}'"
                    yield document.problem("E184", message, "take it out of silences:", *path, value=True)


def _accounts(document: Document, routing: Routing, catalogue: Catalogue) -> Iterator[Problem]:
    for name, column in routing.account.items():
        entity = catalogue.entity(name)
        if name not in catalogue.names("entity"):
            hint = suggest(name, catalogue.names("entity"))
            yield document.problem("E131", f"there is no entity '{name}'", hint, "account", name)
        elif entity is not None and catalogue.knows_all():
            yield from _text_column(document, ("account", name), name, column, catalogue.types(entity))
