"""Where reports go: through channels of their kind, to people that the team has, into folders that are theirs."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from execution.directives.catalogue import Catalogue
from execution.directives.checks.directory import ROUTING, TEAM, Directory, directory
from execution.directives.document import Document
from execution.directives.model import Report, Routing, Team
from execution.directives.model.delivery import OWN_PLACES, USER, Delivery, ToFile, ToMail, ToSlack
from execution.directives.model.routing import Channel, Email, Folder, Notify, Slack, SlackWebhook
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

_KINDS: Mapping[type, tuple[tuple[type, ...], str]] = {
    ToFile: ((Folder,), "a folder"),
    ToMail: ((Email,), "a mail server"),
    ToSlack: ((Slack, SlackWebhook), "Slack"),
}


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with what reports say of their delivery, and alerts that would go into a folder of reports."""
    known = directory(catalogue)
    for document, report in catalogue.of(Report):
        for number, delivery in enumerate(report.deliver):
            at = ("deliver", number)
            yield from _way(document, delivery, known, at)
            if isinstance(delivery, ToFile):
                yield from _place(document, delivery, at)
            elif isinstance(delivery, ToMail):
                yield from _recipients(document, report, delivery, known, at)
    for document, routing in catalogue.of(Routing):
        yield from _alerts_in_folders(document, routing)


def _way(document: Document, delivery: Delivery, known: Directory, at: KeyPath) -> Iterator[Problem]:
    """The channel that is named, or that there is one where none is."""
    fitting, noun = _KINDS[type(delivery)]
    channels: Mapping[str, Channel] = known.routing.channels if known.routing is not None else {}
    if delivery.via is None:
        lacks = not any(isinstance(channel, fitting) for channel in channels.values())
        if lacks and known.is_sure and not isinstance(delivery, ToFile):
            hint = f"declare one under channels: in {ROUTING}"
            yield document.problem("E131", f"there is no channel that is {noun}", hint, *at, "to", value=True)
        return
    yield from known.unknown(document, "no channel", [delivery.via], channels, f"declare it in {ROUTING}", *at, "via")
    channel = channels.get(delivery.via)
    if channel is not None and not isinstance(channel, fitting):
        names = [name for name, each in channels.items() if isinstance(each, fitting)]
        hint = f"name one that is: {', '.join(names)}" if names else f"declare one in {ROUTING}"
        yield document.problem("E113", f"the channel '{delivery.via}' is not {noun}", hint, *at, "via", value=True)


def _place(document: Document, delivery: ToFile, at: KeyPath) -> Iterator[Problem]:
    """Without a channel a report stays in the workspace, among reports and what is people's own."""
    first = PurePosixPath(delivery.path).parts[:1]
    if delivery.via is None and first not in {(place,) for place in OWN_PLACES}:
        ours = " or ".join(f"{place}/" for place in OWN_PLACES)
        hint = f"begin with {ours}; a folder outside is a channel, after via:"
        path = (*at, "path") if (*at, "path") in document.marks else at
        yield document.problem("E113", f"a report is not put into '{delivery.path or '.'}'", hint, *path, value=True)


def _recipients(
    document: Document, report: Report, delivery: ToMail, known: Directory, at: KeyPath
) -> Iterator[Problem]:
    """Reports are for the team: nobody else has a name or an address here."""
    team = known.team
    people = {*team.people, *team.groups} if team is not None else set()
    addresses = _addresses(team)
    allowed = {*people, *addresses, *([USER] if report.area == "personal" else [])}
    names = [name for name in delivery.recipients if "@" not in name]
    if any("@" in name for name in delivery.recipients) and known.is_sure:
        for number, name in enumerate(delivery.recipients):
            if "@" in name and name not in addresses:
                path = (*at, "recipients", number)
                path = path if path in document.marks else path[:-1]
                hint = f"reports are for the team: give somebody in {TEAM} this address"
                yield document.problem("E131", f"nobody of the team has the address {name}", hint, *path, value=True)
    hint = f"name people, groups or their addresses, as in {TEAM}; '{USER}' is whose report it is, of personal ones"
    yield from known.unknown(document, "nobody", names, allowed, hint, *at, "recipients")


def _addresses(team: Team | None) -> set[str]:
    if team is None:
        return set()
    groups = {group.email for group in team.groups.values() if group.email is not None}
    return {person.email for person in team.people.values()} | groups


def _alerts_in_folders(document: Document, routing: Routing) -> Iterator[Problem]:
    folders = {name for name, channel in routing.channels.items() if isinstance(channel, Folder)}
    for path, names in _told_through(routing):
        for name in sorted(folders.intersection(names)):
            hint = "alerts go through inbox, Slack, mail or a webhook"
            yield document.problem("E113", f"'{name}' is a folder: it takes reports only", hint, *path, value=True)


def _told_through(routing: Routing) -> Iterator[tuple[KeyPath, tuple[str, ...]]]:
    """Every list of channels for alerts, and where it stands."""
    for severity, level in routing.severities.items():
        yield ("severities", severity, "channels"), level.channels
    for name, route in routing.routes.items():
        yield ("routes", name, "channels"), route.channels
    for name, digest in routing.digests.items():
        yield ("digests", name, "channels"), digest.channels
    for name, deed in routing.actions.items():
        if isinstance(deed, Notify):
            yield ("actions", name, "channels"), deed.channels
