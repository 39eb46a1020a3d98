"""Messages: what readers are told of alerts, as rows of the outbox."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from execution.actions import digests
from execution.actions.deeds import addressee
from execution.actions.filing import NOTIFY, Asked, Row, identity
from execution.actions.grouping import RANK, Alert, Telling, messages
from execution.actions.quiet import due_at
from execution.actions.ways import is_inbox
from execution.directives import Program
from execution.directives.model.routing import Digest

DIGEST = "digest"
KINDS = ("alert", "escalation", "reminder", "resolved")
"""What a message can be beside a digest; of messages that are as grave the first goes first."""

Item = Mapping[str, Any]


def item_of(program: Program, alert: Alert, name: str) -> dict[str, Any]:
    """What is told of one alert; text as it is, which the channel writes in its own way."""
    trigger = program.triggers.get(alert.trigger)
    keywords = alert.reason.get("keywords") or {}
    return {
        "alert": alert.alert,
        "trigger": alert.trigger,
        "title": (trigger.title if trigger is not None else "") or alert.trigger.replace("_", " "),
        "severity": alert.severity,
        "entity": alert.entity,
        "key": alert.key,
        "name": name,
        "account": alert.account,
        "message": alert.message,
        "reason": alert.reason,
        "quote": keywords.get("snippet"),
        "since": alert.fired_at.isoformat(),
        "worth": alert.worth,
    }


def message_rows(
    program: Program, tellings: Iterable[Telling], items: Mapping[str, Item], as_of: datetime,
    asked: Callable[[Telling], Asked | None],
) -> Iterator[Row]:  # fmt: skip
    """A row for each message that the tellings make."""
    for group in messages(tellings):
        first, about = group[0], tuple(each.alert.alert for each in group)
        waits = asked(first)
        parts = ("+".join(sorted(about)), first.occasion, NOTIFY, first.channel, first.to.name)
        payload = _payload(program, group, [items[alert] for alert in about])
        due = as_of
        if not is_inbox(program.routing, first.channel):
            due = due_at(as_of, program.routing.quiet_hours, first.to.zone, payload["severity"])
            turn = identity("+".join(sorted(about)), first.kind, first.occasion)[:12]
            payload["turn"] = {"of": turn, "from": as_of.isoformat(), "zone": first.to.zone}
        id_ = identity(*parts, *(["approved"] if waits is not None else []))
        yield Row(
            id_, first.alert.alert, first.occasion, first.action, NOTIFY, first.channel, first.to.name, payload, due,
            waits, about,
        )  # fmt: skip


def _payload(program: Program, group: Sequence[Telling], items: list[Item]) -> dict[str, Any]:
    first = group[0]
    channel = program.routing.channels.get(first.channel)
    return {
        "kind": first.kind,
        "title": title_of(items),
        "severity": gravest(items),
        "account": first.alert.account,
        "why": first.to.why,
        "to": addressee(first.to),
        "slack_channel": first.slack_channel or first.to.channel,
        "test": channel.test if channel is not None else None,
        "items": items,
    }


def title_of(items: Sequence[Item]) -> str:
    """What a message is called: its alert, or how many there are of whom."""
    first = items[0]
    return f"{first['title']}: {first['name']}" if len(items) == 1 else f"{len(items)} alerts: {first['name']}"


def gravest(items: Iterable[Item]) -> str:
    """The severity of the gravest."""
    return min((str(item["severity"]) for item in items), key=RANK.__getitem__)


def digest_row(program: Program, name: str, telling: Telling, day: tuple[datetime, date], items: Iterable[Item]) -> Row:
    """A digest for one reader through one channel on a day, with everything that is in it by now."""
    at, on = day
    digest: Digest = program.routing.digests[name]
    among = {str(item["alert"]): item for item in items}
    ordered = sorted(among.values(), key=lambda item: (RANK[item["severity"]], item["since"], item["alert"]))
    occasion = digests.occasion(name, on)
    payload = _payload(program, [telling], ordered)
    payload |= {"kind": DIGEST, "title": digest.title or name.replace("_", " "), "account": None, "why": name}
    id_ = identity(DIGEST, occasion, DIGEST, telling.channel, telling.to.name)
    return Row(id_, None, occasion, DIGEST, NOTIFY, telling.channel, telling.to.name, payload, at, None, tuple(among))


def without(row: Row, gone: Iterable[str]) -> Row | None:
    """A message without some of its alerts; None where nothing is left of it."""
    left = [item for item in row.payload["items"] if item["alert"] not in set(gone)]
    if not left:
        return None
    payload = dict(row.payload) | {"items": left, "severity": gravest(left)}
    if row.alert is not None:
        payload["title"] = title_of(left)
    return replace(row, payload=payload, alerts=tuple(item["alert"] for item in left))


def by_alert(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by each alert that they are about."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        for alert in row.alerts:
            found.setdefault(alert, []).append(row)
    return found
