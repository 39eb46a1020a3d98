"""What actions do: whom, where and what they name, as the routing says it and as triggers call them."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from execution.directives.catalogue import Catalogue
from execution.directives.checks.directory import ROUTING, Directory, directory
from execution.directives.checks.setting import set_field
from execution.directives.checks.triggers import plainly
from execution.directives.document import Document
from execution.directives.model import Called, Playbook, Routing, Trigger
from execution.directives.model.routing import AddToReport, Deed, Notify, Play, Post, SetField, Webhook
from execution.directives.problems import suggest
from execution.directives.sql.checking import Checker
from execution.directives.validation import held_to
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem


def problems(catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    """Everything wrong with the actions of the routing, with those that triggers call, and with playbooks."""
    known = directory(catalogue)
    for document, routing in catalogue.of(Routing):
        for name, deed in routing.actions.items():
            yield from _names(document, ("actions", name), deed, known)
            if isinstance(deed, SetField) and deed.of == "deals":
                yield from set_field(document, ("actions", name), deed, "deals", catalogue, checker)
    for document, trigger in catalogue.of(Trigger):
        yield from _of_trigger(document, trigger, known, checker)
    for document, playbook in catalogue.of(Playbook):
        for number, step in enumerate(playbook.steps):
            yield from known.nobody(document, step.to, "steps", number, "to")


# --- what is named --------------------------------------------------------------------------------------


def _names(
    document: Document, at: KeyPath, deed: Deed, known: Directory, only: Collection[str] | None = None
) -> Iterator[Problem]:
    """The names in a deed that lead nowhere; of a call `only` those that it gives itself."""

    def is_said(key: str) -> bool:
        return only is None or key in only

    if (to := getattr(deed, "to", ())) and is_said("to"):
        yield from known.nobody(document, to, *at, *_written(document, at, "to"))
    if isinstance(deed, Notify) and is_said("channels"):
        yield from known.channels(document, deed.channels, *at, "channels")
    if deed.approval is not None and is_said("approval"):
        yield from known.nobody(document, deed.approval.by, *at, "approval", "by")
    match deed:
        case AddToReport() if is_said("report"):
            hint = "declare it in directives/reports/"
            reports = known.catalogue.names("report")
            yield from _one(document, "no report", deed.report, reports, hint, (*at, "report"))
        case Play() if is_said("playbook"):
            hint = "declare it in directives/playbooks/"
            playbooks = known.catalogue.names("playbook")
            yield from _one(document, "no playbook", deed.playbook, playbooks, hint, (*at, "playbook"))
        case Post() if is_said("channel"):
            yield from _post(document, (*at, "channel"), deed, known)
        case SetField():
            yield from _write_back(document, at, deed, known.catalogue, only)


def _written(document: Document, at: KeyPath, key: str) -> tuple[str, ...]:
    """The key where it is written; a deed that leaves it to what is usual is told as a whole."""
    return (key,) if (*at, key) in document.marks else ()


def _one(document: Document, what: str, name: str, known: Collection[str], hint: str, at: KeyPath) -> Iterator[Problem]:
    if name not in known:
        yield document.problem(
            "E131", f"there is {what} '{name}'", suggest(name, known, otherwise=hint), *at, value=True
        )


def _post(document: Document, at: KeyPath, deed: Post, known: Directory) -> Iterator[Problem]:
    channels = known.routing.channels if known.routing is not None else {}
    able = [name for name, channel in channels.items() if isinstance(channel, Webhook)]
    hint = suggest(deed.channel, able, otherwise="" if able else "declare a channel of type: webhook")
    if deed.channel not in channels:
        yield from known.unknown(document, "no channel", [deed.channel], able, hint, *at)
    elif deed.channel not in able:
        message = f"'{deed.channel}' is of type {channels[deed.channel].type}, and takes no JSON"
        yield document.problem("E183", message, hint, *at, value=True)


def _write_back(
    document: Document, at: KeyPath, deed: SetField, catalogue: Catalogue, only: Collection[str] | None
) -> Iterator[Problem]:
    if deed.write_back is None or not (only is None or {"write_back", "property", "approval"} & {*only}):
        return
    here = (*at, "write_back")
    yield from _one(document, "no source", deed.write_back, catalogue.names("source"), "", here)
    if deed.property is None:
        hint = "add property: what the field is called there"
        yield document.problem("E183", "write_back does not say what it is written to", hint, *here)
    if deed.approval is None:
        hint = "add approval: {by: …}: nothing is written into a tool before somebody agreed"
        yield document.problem("E183", "write_back without an approval", hint, *here)


# --- what triggers call -----------------------------------------------------------------------------------


def _of_trigger(document: Document, trigger: Trigger, known: Directory, checker: Checker) -> Iterator[Problem]:
    routing = known.routing
    if trigger.route is not None:
        routes = set(routing.routes) if routing is not None else set()
        hint = f"declare it under routes: in {ROUTING}"
        yield from known.unknown(document, "no route", [trigger.route], routes, hint, "route")
    for number, called in enumerate(trigger.actions):
        at: KeyPath = ("actions", number)
        at = (*at, called.action) if (*at, called.action) in document.marks else at
        deed = routing.actions.get(called.action) if routing is not None else None
        if deed is None:
            actions = set(routing.actions) if routing is not None else set()
            hint = f"declare it under actions: in {ROUTING}"
            path = at if len(at) == 3 else ("actions", number)
            if known.is_sure:
                message = f"there is no action '{called.action}'"
                hint = suggest(called.action, actions, otherwise=hint)
                yield document.problem("E131", message, hint, *path, value=len(at) == 2)
            continue
        yield from _called(document, at, trigger, called, deed, known, checker)


def _called(
    document: Document, at: KeyPath, trigger: Trigger, called: Called, deed: Deed, known: Directory, checker: Checker
) -> Iterator[Problem]:
    """One call: what it says otherwise has to fit, and what is then done has to be possible for the trigger's rows."""
    if called.settings:
        laid = _laid_over(document, at, called, deed)
        if laid.data["do"] != deed.do:
            hint = f"'{called.action}' is {deed.do}; name another action in {ROUTING}"
            yield document.problem("E183", "a call cannot make an action another one", hint, *at, "do", value=True)
            return
        if found := held_to(laid, type(deed)):
            yield from found
            return
        deed = type(deed).model_validate(laid.data)
        yield from _names(document, at, deed, known, called.settings)
    catalogue = known.catalogue
    if isinstance(deed, SetField) and (deed.of == "row" or {"field", "value", "of"} & called.settings.keys()):
        entity = "deals" if deed.of == "deals" else trigger.entity
        yield from set_field(document, at, deed, entity, catalogue, checker, called.settings)
    of = catalogue.entity(trigger.entity)
    if deed.when is not None and of is not None:
        place, where = _condition_of(document, at, called, catalogue)
        yield from plainly(where, place, deed.when, of, catalogue, checker)


def _laid_over(document: Document, at: KeyPath, called: Called, deed: Deed) -> Document:
    """The action as the call makes it, as a document of its own: what the call says stands where it is written."""
    said = {name: getattr(deed, name) for name in deed.model_fields_set}
    marks = {path[len(at) :]: mark for path, mark in document.marks.items() if path[: len(at)] == at}
    return replace(document, data={**said, **called.settings}, marks=marks, blocks=[], cases=[])


def _condition_of(document: Document, at: KeyPath, called: Called, catalogue: Catalogue) -> tuple[KeyPath, Document]:
    """Where an action's condition stands: in the call, or in the routing."""
    if "when" in called.settings:
        return (*at, "when"), document
    routing = next((each for each, _ in catalogue.of(Routing)), document)
    return ("actions", called.action, "when"), routing
