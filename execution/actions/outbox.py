"""The outbox: what is due, taken up for a while, and what came of it. Each function is a part of a short transaction.

held ─ approved ─→ due ─ claim ─→ sending ─ record ─→ done
                    ↑               │ failed, and tried again later; or its run died and the lease ended
                    └───────────────┘ ─ failed for good ─→ dead          never to be sent ─→ dropped
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from execution import engine
from execution.directives.model.trigger import SEVERITIES
from execution.engine import ident, literal
from execution.store import has_table

UNCLEAR = "unclear: "
"""How the error of an attempt begins of which nobody knows whether it arrived."""

LOST = f"{UNCLEAR}the run that sent it ended before it told what came of it"


def said(name: str) -> str:
    """SQL of a text in a row's payload; NULL where it is not there. (DuckDB's `->>` binds more loosely than `=`.)"""
    return f"json_extract_string(o.payload, {literal('$.' + name)})"


RANK = f"list_position({literal(list(SEVERITIES))}, {said('severity')})"
"""The gravest first; what has no severity last."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was taken up. `attempts` counts this one; `is_unclear`: an earlier attempt may have arrived."""

    id: str
    alert: str | None
    occasion: str
    action: str
    do: str
    channel: str | None
    recipient: str | None
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime
    claimed_at: datetime | None
    is_unclear: bool = False
    threads: tuple[Mapping[str, Any], ...] = ()

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return str(self.payload.get("title") or self.payload.get("field") or self.action)


@dataclass(frozen=True, slots=True)
class Way:
    """How rows of one channel are taken up: `room` more of them now, for at most `lease`."""

    name: str
    room: int
    lease: timedelta


Ending = Literal["done", "again", "dead", "dropped", "released"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one row. `due_at` is when it is tried again, `receipt` what the receiver gave in return."""

    row: Row
    ending: Ending
    error: str | None = None
    receipt: Mapping[str, Any] | None = None
    due_at: datetime | None = None


def way_sql() -> str:
    """What a row is sent by: its channel, or `@source` for what is written back to one."""
    return f"coalesce(o.channel, '@' || {said('write_back')})"


def used(con: engine.Connection, channel: str, since: datetime) -> int:
    """How many messages of a channel were taken up since a moment."""
    since_sql = literal(engine.naive_utc(since))
    return engine.count(con, f"FROM ops.outbox WHERE channel = {literal(channel)} AND claimed_at > {since_sql}")


def rows(con: engine.Connection, which: str) -> list[Row]:
    """The rows `o` of the outbox that a condition holds for, in the order in which they came up; not taken up."""
    found = engine.dicts(
        con, f"SELECT o.*, false AS was_sending FROM ops.outbox o WHERE {which} ORDER BY o.created_at, o.id"
    )
    return [_row(row) for row in found]


def take(con: engine.Connection, rows: Sequence[Row], moment: datetime) -> list[Row]:
    """Take up just these rows."""
    at = engine.naive_utc(moment)
    for row in rows:
        con.execute(
            "UPDATE ops.outbox SET state = 'sending', claimed_at = ?, attempts = attempts + 1 WHERE id = ?",
            [at, row.id],
        )
    return [replace(row, attempts=row.attempts + 1, claimed_at=at) for row in rows]


def with_company(con: engine.Connection, row: Row) -> Row:
    """The row with the record of the company that it writes back to."""
    if row.channel is None and row.payload.get("entity") == "companies" and (id_ := _company_id(con, row)) is not None:
        return replace(row, payload={**row.payload, "record_id": id_})
    return row


def _company_id(con: engine.Connection, row: Row) -> str | None:
    """The id of a company in the source that it is written back to: the column `<source>_company_id`."""
    column = f"{row.payload.get('write_back')}_company_id"
    if not has_table(con, "core", "companies") or column not in engine.columns(con, "FROM core.companies"):
        return None
    found = con.execute(
        f"SELECT {ident(column)} FROM core.companies WHERE domain = ?", [row.payload.get("key")]
    ).fetchone()
    return None if found is None or found[0] is None else str(found[0])


def claim(
    con: engine.Connection,
    ways: Sequence[Way],
    now: datetime,
    moment: datetime,
    *,
    most: int | None = None,
    only: str | None = None,
) -> list[Row]:
    """Take up what is due at `now`, the gravest first, and note that it was at `moment`; as much as each way has room
    for, and at most so much of it; of what there is to do `only` that.

    A message about an alert waits while an earlier one about it, the same way to the same person, is not settled:
    nobody hears of an end before the beginning.
    """
    if not ways:
        return []
    bound = "" if most is None else f"\nORDER BY place LIMIT {most}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE claimed AS {_due_sql(ways, now, moment, only)}{bound}")
    con.execute(
        f"UPDATE ops.outbox o SET state = 'sending', claimed_at = {literal(engine.naive_utc(moment))}, "
        "attempts = o.attempts + 1 FROM claimed c WHERE c.id = o.id"
    )
    found = engine.dicts(
        con, "SELECT o.*, c.was_sending FROM ops.outbox o JOIN claimed c ON c.id = o.id ORDER BY c.place, o.id"
    )
    con.execute("DROP TABLE claimed")
    return [_row(row) for row in found]


def _due_sql(ways: Sequence[Way], now: datetime, moment: datetime, only: str | None) -> str:
    at = literal(engine.naive_utc(now))
    among = "" if only is None else f' AND o."do" = {literal(only)}'
    per_way = ", ".join(
        f"({literal(way.name)}, {way.room}, {literal(engine.naive_utc(moment - way.lease))}, "
        f"{literal(engine.naive_utc(moment + way.lease))})"
        for way in ways
    )
    return (
        f"WITH ways(way, room, lost_before, lost_after) AS (VALUES {per_way}),\n"
        "waiting AS (\n"
        f"    SELECT o.*, w.room, w.way, o.state = 'sending' AS was_sending, {RANK} AS rank\n"
        f"    FROM ops.outbox o JOIN ways w ON w.way = {way_sql()}\n"
        f"    WHERE ((o.state = 'due' AND o.due_at <= {at}) OR (o.state = 'sending'\n"
        # a claim in the future was made by a clock that was wrong since
        f"        AND (o.claimed_at <= w.lost_before OR o.claimed_at > w.lost_after))){among}\n"
        "),\n"
        "free AS (\n"
        "    SELECT w.* FROM waiting w WHERE NOT EXISTS (\n"
        "        FROM ops.outbox e WHERE e.alert = w.alert AND e.channel = w.channel AND e.id <> w.id\n"
        "        AND e.recipient IS NOT DISTINCT FROM w.recipient AND e.state IN ('due', 'sending')\n"
        "        AND e.created_at < w.created_at)\n"
        ")\n"
        "SELECT id, was_sending, row_number() OVER (ORDER BY rank NULLS LAST, due_at, created_at, id) AS place\n"
        "FROM free\n"
        "QUALIFY row_number() OVER (PARTITION BY way ORDER BY rank NULLS LAST, due_at, created_at, id) <= room"
    )


def _row(row: Mapping[str, Any]) -> Row:
    last_error = row["last_error"] or ""
    return Row(
        row["id"],
        row["alert"],
        row["occasion"],
        row["action"],
        row["do"],
        row["channel"],
        row["recipient"],
        json.loads(row["payload"]),
        row["attempts"],
        row["created_at"],
        row["claimed_at"],
        bool(row["was_sending"]) or last_error.startswith(UNCLEAR),
    )


def with_threads(con: engine.Connection, rows: Sequence[Row]) -> list[Row]:
    """The rows with the receipts of what was told the same way about the same account, the newest first. Each receipt
    `shares` an alert with the message or not, and `is_open` while one of its alerts still is."""
    found: dict[tuple[object, str], list[tuple[frozenset[str], Mapping[str, Any]]]] = {}
    pairs = sorted({(str(row.channel), str(row.payload.get("account"))) for row in rows})
    if pairs:
        engine.load(con, "asked", {"channel": "VARCHAR", "account": "VARCHAR"}, pairs)
        for told in con.execute(_TOLD).fetchall():
            receipt = {**json.loads(told[2]), "is_open": bool(told[4]), "recipient": told[5]}
            found.setdefault((told[0], told[1]), []).append((frozenset(told[3]), receipt))
        con.execute("DROP TABLE asked")
    return [replace(row, threads=tuple(_threads(row, found))) for row in rows]


_TOLD = f"""
WITH told AS (
    SELECT o.channel, q.account, o.receipt, o.recipient, o.done_at, o.id,
        list_filter(json_extract_string(o.payload, '$.items[*].alert'), lambda x: x IS NOT NULL) AS alerts
    FROM ops.outbox o JOIN asked q ON q.channel = o.channel AND q.account = {said("account")}
    WHERE o.state = 'done' AND o.receipt IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY o.channel, q.account ORDER BY o.done_at DESC, o.id) <= 50
),
firing AS (SELECT list(alert) AS alerts FROM ops.alerts WHERE state = 'firing')
SELECT t.channel, t.account, t.receipt, t.alerts, coalesce(list_has_any(t.alerts, f.alerts), false), t.recipient
FROM told t, firing f ORDER BY t.done_at DESC, t.id
"""


def _threads(
    row: Row, found: Mapping[tuple[object, str], Sequence[tuple[frozenset[str], Mapping[str, Any]]]]
) -> Iterator[Mapping[str, Any]]:
    own = set(alerts_of(row))
    for alerts, receipt in found.get((row.channel, str(row.payload.get("account"))), ()):
        yield {**receipt, "shares": not own.isdisjoint(alerts)}


_CAME = {
    "id": "VARCHAR", "claimed_at": "TIMESTAMP", "ending": "VARCHAR", "error": "VARCHAR", "receipt": "VARCHAR",
    "due_at": "TIMESTAMP", "is_unclear": "BOOLEAN",
}  # fmt: skip


def record(con: engine.Connection, results: Sequence[Result], moment: datetime) -> None:
    """Note what came of rows. A claim that somebody else took over meanwhile is left to them, unless it is done."""
    at = literal(engine.naive_utc(moment))
    came = [
        (
            result.row.id,
            result.row.claimed_at,
            result.ending,
            result.error,
            None if result.receipt is None else json.dumps(result.receipt, sort_keys=True),
            result.due_at,
            result.row.is_unclear,
        )
        for result in results
    ]
    engine.load(con, "came", _CAME, came)
    con.execute(
        f"""UPDATE ops.outbox o SET
            state = CASE WHEN c.ending IN ('again', 'released') THEN 'due' ELSE c.ending END,
            attempts = o.attempts - (c.ending = 'released')::INTEGER,
            due_at = CASE WHEN c.ending = 'again' THEN c.due_at ELSE o.due_at END,
            done_at = CASE WHEN c.ending IN ('again', 'released') THEN NULL ELSE {at} END,
            last_error = CASE WHEN c.ending <> 'released' THEN c.error
                WHEN c.is_unclear THEN {literal(LOST)} ELSE o.last_error END,
            receipt = c.receipt
        FROM came c
        WHERE o.id = c.id AND (c.ending = 'done' OR (o.state = 'sending' AND o.claimed_at = c.claimed_at))"""
    )
    con.execute("DROP TABLE came")
    log(con, [result for result in results if result.ending != "released"], moment)


_EVENTS = {"done": "delivered", "again": "failed", "dead": "dead", "dropped": "dropped"}
_LINE = dict.fromkeys(("alert", "event", "detail"), "VARCHAR")


def log(con: engine.Connection, results: Iterable[Result], moment: datetime) -> None:
    """Add what came of rows to the log of every alert that they are about."""
    lines: list[tuple[str, str, str]] = []
    for result in results:
        row = result.row
        detail: dict[str, str | None] = {"outbox": row.id, "action": row.action, "do": row.do, "occasion": row.occasion}
        detail |= {"channel": row.channel, "recipient": row.recipient, "error": result.error}
        written = json.dumps({name: value for name, value in detail.items() if value is not None}, ensure_ascii=False)
        lines += [(alert, _EVENTS[result.ending], written) for alert in alerts_of(row)]
    if lines:
        at = literal(engine.naive_utc(moment))
        engine.load(con, "lines", _LINE, lines)
        con.execute(f"INSERT INTO ops.alert_log SELECT alert, {at}, event, NULL, detail, {at} FROM lines")
        con.execute("DROP TABLE lines")


def alerts_of(row: Row) -> list[str]:
    """The alerts that a row is about."""
    named = {str(item["alert"]) for item in row.payload.get("items") or () if item.get("alert")}
    return sorted(named | ({row.alert} if row.alert else set()))
