"""Alerts that fired and were not told of yet: their messages, or their places in digests, and their actions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from execution import engine
from execution.actions import facts, filing, reading, telling
from execution.actions.deeds import Occurrence
from execution.actions.deeds import rows as deed_rows
from execution.actions.desk import Desk
from execution.actions.digests import next_at
from execution.actions.filing import FIRED, Row
from execution.actions.grouping import Alert, Telling
from execution.actions.people import Reached
from execution.actions.ways import DEFAULT, OWNER, Ordered, orders
from execution.directives.model.routing import Notify, SetField
from execution.engine import literal

Entries = dict[tuple[str, str, str | None], list[Telling]]
"""Digest, channel and reader → what they are to be told of in the next one."""

_TICK = timedelta(microseconds=1)


@dataclass
class Batch:
    """What is planned of some alerts: messages that they make, places in digests, other rows, and of each alert whom
    it was meant for and what is noted of it besides."""

    known: facts.Rows
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    tellings: list[Telling] = field(default_factory=list)
    entries: Entries = field(default_factory=lambda: defaultdict(list))
    rows: list[Row] = field(default_factory=list)
    to: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    notes: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))


def unplanned(desk: Desk) -> list[Alert]:
    """Every open alert that nobody was told of and no digest is to tell of, the gravest first."""
    ours = f"alert IN (SELECT alert FROM ops.alerts a WHERE {reading.OPEN})"
    planned = f"SELECT alert FROM ({filing.planned_sql(ours)}) WHERE occasion = {literal(FIRED)}"
    return reading.alerts(desk.con, f"{reading.OPEN} AND a.alert NOT IN ({planned})")


def waits(desk: Desk, alert: Alert, silenced: Mapping[str, Alert]) -> dict[str, str] | None:
    """Why an alert is not told of now, as the log has it; None where it may be."""
    if alert.alert in silenced:
        trigger = silenced[alert.alert].trigger
        return {"waits": f"inhibited by {trigger}", "inhibited by": trigger}
    if alert.snoozed_until is not None and alert.snoozed_until > desk.at:
        return {"waits": "snoozed"}
    return None


def tell(desk: Desk, silenced: Mapping[str, Alert]) -> tuple[int, int]:
    """Plan what is told and done of alerts that nobody was told of; how many now, and how many wait."""
    found = unplanned(desk)
    why = {alert.alert: waits(desk, alert, silenced) for alert in found}
    waiting = {name: reason for name, reason in why.items() if reason is not None}
    note_waiting(desk, waiting, FIRED)
    ready = [alert for alert in found if alert.alert not in waiting]
    if ready:
        ordered = {name: orders(desk.program, desk.program.triggers.get(name)) for name in {a.trigger for a in ready}}
        batch = _batch(desk, ready, ordered)
        close(desk, batch, "queued", FIRED)
    desk.flush()
    return len(ready), len(waiting)


def note_waiting(desk: Desk, waiting: Mapping[str, dict[str, str]], occasion: str) -> None:
    """Note of alerts why an occasion of theirs waits, where the log does not say so already."""
    if not waiting:
        return
    listed = ", ".join(map(literal, waiting))
    rows = desk.con.execute(
        "SELECT alert, json_extract_string(arg_max(detail, (noted_at, as_of, rowid)), '$.waits') FROM ops.alert_log "
        f"WHERE event IN ('queued', 'escalated') AND json_extract_string(detail, '$.occasion') = {literal(occasion)} "
        f"AND alert IN ({listed}) GROUP BY alert"
    ).fetchall()
    known = dict(rows)
    for alert, reason in waiting.items():
        if known.get(alert) != reason["waits"]:
            desk.note(alert, "queued", occasion=occasion, **reason)
    desk.flush()


def _batch(desk: Desk, alerts: Sequence[Alert], ordered: Mapping[str, tuple[Ordered, ...]]) -> Batch:
    conditions: dict[str, set[str]] = defaultdict(set)
    for alert in alerts:
        conditions[alert.entity] |= {each.deed.when for each in ordered[alert.trigger] if each.deed.when is not None}
    with engine.on_data("an action's condition failed", hint="see when: in the routing directive", code="E369"):
        rows = facts.read(desk.con, desk.program, alerts, conditions, desk.at)
    deals = _deals(desk, alerts, ordered)
    before = reading.told(desk.con, [alert.alert for alert in alerts])
    batch = Batch(rows)
    for alert in alerts:
        known = rows[alert.entity, alert.key]
        item = batch.items[alert.alert] = telling.item_of(desk.program, alert, known.name)
        holding = [each for each in ordered[alert.trigger] if each.deed.when is None or each.deed.when in known.holds]
        was_told = {(each.channel, each.recipient) for each in before.get(alert.alert, ())}
        for name, deed in _notices(holding):
            _tell(desk, batch, alert, rows, (name, deed), was_told)
        occurrence = Occurrence(
            alert,
            item,
            known.name,
            desk.at,
            reach=partial(desk.reached, alert=alert, rows=rows),
            asked=partial(desk.asked, alert=alert, rows=rows),
            playbooks=desk.program.playbooks,
            deals={where: tuple(keys.get(alert.account, ())) for where, keys in deals.items()},
        )
        for each in holding:
            batch.rows += deed_rows(occurrence, each.name, each.deed)
    return batch


def _notices(holding: Iterable[Ordered]) -> list[tuple[str, Notify]]:
    """The actions that tell; where no condition of theirs holds, the owner is told even so: nothing goes unread."""
    found = [(each.name, each.deed) for each in holding if isinstance(each.deed, Notify)]
    return found or [(DEFAULT, Notify(do="notify", to=(OWNER,)))]


def _tell(
    desk: Desk, batch: Batch, alert: Alert, rows: facts.Rows, notice: tuple[str, Notify],
    was_told: set[tuple[str, str | None]],
) -> None:  # fmt: skip
    name, deed = notice
    way = desk.way(alert)
    words = tuple(dict.fromkeys((*deed.to, *(way.to if name == DEFAULT else ()))))
    if OWNER in words and rows[alert.entity, alert.key].owner is not None and way.personal_to is None:
        batch.notes[alert.alert]["owner_of"] = rows[alert.entity, alert.key].owner
    if way.digest is not None and way.digest in desk.program.routing.digests:
        digest = desk.program.routing.digests[way.digest]
        readers = desk.reached(digest.to or words, alert, rows)
        enter(desk, batch, alert, name, readers, way.digest, digest.channels or deed.channels or way.channels)
        return
    readers = desk.reached(words, alert, rows)
    batch.to[alert.alert] |= dict.fromkeys(reader.name for reader in readers if reader.name is not None)
    channels = deed.channels or way.channels
    for each in desk.tellings(alert, "alert", FIRED, name, readers, channels, deed.approval):
        if (each.channel, each.to.name) not in was_told:
            batch.tellings.append(each)


def enter(
    desk: Desk, batch: Batch, alert: Alert, action: str, readers: Iterable[Reached], digest: str,
    channels: Sequence[str],
) -> None:  # fmt: skip
    """Give an alert a place in the next digest of each reader."""
    readers = tuple(readers)
    batch.notes[alert.alert]["digest"] = digest
    batch.to[alert.alert] |= dict.fromkeys(reader.name for reader in readers if reader.name is not None)
    for each in desk.tellings(alert, telling.DIGEST, FIRED, action, readers, channels):
        batch.entries[digest, each.channel, each.to.name].append(each)


def close(desk: Desk, batch: Batch, event: str, occasion: str) -> None:
    """Write a batch, with a line in the log of each of its alerts."""
    messages = list(
        telling.message_rows(
            desk.program, batch.tellings, batch.items, desk.at,
            lambda each: desk.asked(each.approval, each.alert, batch.known),
        )
    )  # fmt: skip
    digests = list(_digest_rows(desk, batch))
    desk.put((*messages, *batch.rows))
    desk.put(digests, anew=True)
    about = telling.by_alert((*messages, *batch.rows, *digests))
    for alert in batch.items:
        ids = [row.id for row in about.get(alert, ())]
        desk.note(alert, event, occasion=occasion, to=list(batch.to[alert]), outbox=ids, **batch.notes[alert])
    desk.flush()


def _digest_rows(desk: Desk, batch: Batch) -> Iterable[Row]:
    """The digests that get entries, with what is in them already; one that is gone out is followed by the next."""
    for (name, _channel, _reader), entries in sorted(batch.entries.items(), key=lambda each: str(each[0])):
        digest, first, moment = desk.program.routing.digests[name], entries[0], desk.at
        items = [batch.items[each.alert.alert] for each in entries]
        while True:
            day = next_at(digest, moment, first.to.zone)
            row = telling.digest_row(desk.program, name, first, day, items)
            there = filing.find(desk.con, row.id)
            if there is None or (there.state == "dropped" and not there.attempts):
                yield row
                break
            if there.state == "due" and not there.attempts:
                both = [*there.payload["items"], *items]
                yield telling.digest_row(desk.program, name, first, day, both)
                break
            moment = day[0] + _TICK


def _deals(
    desk: Desk, alerts: Sequence[Alert], ordered: Mapping[str, tuple[Ordered, ...]]
) -> dict[str | None, dict[str, list[str]]]:
    """By the condition that picks them: the keys of deals by account."""
    asked: dict[str | None, set[str]] = defaultdict(set)
    for alert in alerts:
        for each in ordered[alert.trigger]:
            if isinstance(each.deed, SetField) and each.deed.of == facts.DEALS:
                asked[each.deed.where].add(alert.account)
    return {
        where: facts.deals_of(desk.con, desk.program, accounts, where, desk.at) for where, accounts in asked.items()
    }
