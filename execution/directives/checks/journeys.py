"""Journeys: that criteria and beginnings hold, that owners and actions exist, and that a trigger takes the actions."""

from collections.abc import Collection, Iterator

from execution.directives.catalogue import Catalogue
from execution.directives.changes import parse
from execution.directives.checks.directory import ROUTING, Directory, directory
from execution.directives.document import Document
from execution.directives.model import Journey, Routing, Trigger
from execution.directives.model.routing import Play
from execution.directives.problems import suggest
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with each journey but its expressions, and what is wrong with any segment."""
    known = directory(catalogue)
    for document, journey in catalogue.of(Journey):
        for name, stage in journey.groups.items():
            at: KeyPath = ("stages", name)
            if stage.owner is not None:
                yield from known.nobody(document, [stage.owner], *at, "owner")
            for number, action in enumerate(stage.actions):
                path: KeyPath = (*at, "actions", number)
                path = path if path in document.marks else path[:-1]
                yield from _action(document, path, journey, name, action, known)


def _action(
    document: Document, path: KeyPath, journey: Journey, stage: str, action: str, known: Directory
) -> Iterator[Problem]:
    """An action is one of the routing, or a playbook, and some trigger takes it on entry: a stage does nothing."""
    catalogue, actions = known.catalogue, known.routing.actions if known.routing is not None else {}
    playbooks = catalogue.names("playbook")
    if action not in actions and action not in playbooks:
        if known.is_sure:
            hint = suggest(action, {*actions, *playbooks}, otherwise=f"declare it under actions: in {ROUTING}")
            yield document.problem("E131", f"there is no action and no playbook '{action}'", hint, *path, value=True)
        return
    if _knows_triggers(catalogue) and action not in _taken(catalogue, journey, stage, known.routing):
        entered = f"entered({journey.name}.{stage})"
        message = f"no trigger takes '{action}' when a row enters '{stage}'"
        hint = f"write a trigger of {journey.entity} with when: {entered} and this action, or take it out"
        yield document.problem("E196", message, hint, *path, value=True)


def _taken(catalogue: Catalogue, journey: Journey, stage: str, routing: Routing | None) -> Collection[str]:
    """The actions, and the playbooks behind them, of every trigger that asks who entered the stage."""
    names = {
        called.action
        for _, trigger in catalogue.of(Trigger)
        if trigger.entity == journey.entity and _asks(trigger, f"{journey.name}.{stage}")
        for called in trigger.actions
    }
    deeds = routing.actions if routing is not None else {}
    return names | {deed.playbook for name in names if isinstance(deed := deeds.get(name), Play)}


def _asks(trigger: Trigger, place: str) -> bool:
    changes = (change for text in trigger.rule().values() for change in parse(text).changes)
    return any(change.function == "entered" and change.of == place for change in changes)


def _knows_triggers(catalogue: Catalogue) -> bool:
    """Whether every trigger holds, so that one which is not found is not there."""
    written = [entry.directive for entry in catalogue.entries if entry.document.data.get("kind") == "trigger"]
    return not catalogue.unread and all(isinstance(each, Trigger) for each in written)
