"""Which notes are due, and what the store has for them: prepared once, read for those whose files are to change."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from execution import engine
from execution.directives import Program
from execution.directives.model import EVERYBODY
from execution.engine import ident, literal
from execution.folders import accounts, happened
from execution.folders.entries import Entry, entry_of
from execution.folders.notes import Message, Planned
from execution.measures import Stored

MESSAGES = 40
"""The newest messages of a conversation that its note shows."""

_MESSAGES = ("source", "conversation_id", "message_id", "written_at", "author", "text")
_AT_ONCE = 500


def prepare(con: engine.Connection, program: Program, as_of: datetime) -> None:
    """Make the temporary tables `folder_notes`, a row for each note that the settings ask for, and `folder_messages`,
    what was written in their conversations. After `entries.prepare`."""
    stored = Stored.read(con)
    wanted = [_of_folder(program, stored, name, as_of) for name in program.settings.notes]
    nothing = "SELECT NULL::VARCHAR AS folder, * FROM folder_entries WHERE false"
    con.execute(f"CREATE OR REPLACE TEMP TABLE folder_due AS {' UNION ALL BY NAME '.join([nothing, *wanted])}")
    _read_messages(con, stored)
    columns = ", ".join(f"e.{ident(name)}" for name in happened.ENTRY)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE folder_notes AS
        SELECT {columns}, e.folder, m.messages, coalesce(m.total, 0) AS total,
            row_number() OVER (ORDER BY e.account, e.folder, e.at, e.source, e.ids) AS no,
            e.kind <> 'meeting' OR e.state = 'booked' AS begins,
            md5(CAST(({columns}, m.messages, m.total, e.at <= {literal(as_of)}) AS VARCHAR)) AS facts
        FROM folder_due e
        LEFT JOIN folder_messages m ON m.source = e.source AND m.conversation_id = e.ids[1]"""
    )


def _of_folder(program: Program, stored: Stored, name: str, as_of: datetime) -> str:
    """SELECT of the entries that earn a note in one folder."""
    asked = program.settings.notes[name]  # type: ignore[index]
    kinds = ", ".join(map(literal, asked.kinds))
    between = f"e.at BETWEEN {literal(as_of - asked.back)} AND {literal(as_of + asked.ahead)}"
    due = f"SELECT {literal(name)} AS folder, e.* FROM folder_entries e WHERE e.kind IN ({kinds}) AND {between}"
    if asked.of == (EVERYBODY,):
        return due
    return f"{due} AND e.account IN ({accounts.chosen_sql(program, stored, asked.of)})"


def _read_messages(con: engine.Connection, stored: Stored) -> None:
    have = stored.columns("core.messages")
    if not set(_MESSAGES) <= set(have):
        con.execute(
            "CREATE OR REPLACE TEMP TABLE folder_messages AS SELECT NULL::VARCHAR AS source, NULL::VARCHAR AS "
            'conversation_id, NULL::STRUCT("at" TIMESTAMP, author VARCHAR, text VARCHAR)[] AS messages, 0 AS total '
            "WHERE false"
        )
        return
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE folder_messages AS
        WITH asked AS (SELECT DISTINCT source, ids[1] AS conversation_id FROM folder_due WHERE kind <> 'meeting'),
        ranked AS (
            SELECT m.*, row_number() OVER (PARTITION BY m.source, m.conversation_id
                ORDER BY m.written_at DESC, m.message_id DESC) AS place
            FROM core.messages m SEMI JOIN asked USING (source, conversation_id)
            WHERE m.text IS NOT NULL AND m.written_at IS NOT NULL
        )
        SELECT source, conversation_id, count(*) AS total,
            list({{'at': written_at, 'author': author, 'text': text}} ORDER BY place DESC)
                FILTER (WHERE place <= {MESSAGES}) AS messages
        FROM ranked GROUP BY source, conversation_id"""
    )


def planned(con: engine.Connection) -> Iterator[Planned]:
    """Every note that is due, by account and folder."""
    rows = con.execute(
        """SELECT no, begins, account, folder, coalesce(source, ''), ids, n.at, title, facts
        FROM folder_notes n ORDER BY no"""
    ).fetchall()
    for no, begins, account, folder, source, ids, at, title, facts in rows:
        yield Planned(no, begins, account, folder, source, tuple(ids), at, title, facts)


def told(con: engine.Connection, numbers: Iterable[int]) -> Iterator[tuple[int, Entry, tuple[Message, ...], int]]:
    """What these notes say: the number, the event, its newest messages in order, how many older ones there are.

    They are read as they are asked for: nothing else may be asked of `con` meanwhile.
    """
    engine.load(con, "folder_wanted", {"no": "BIGINT"}, [(number,) for number in numbers])
    columns = ", ".join(f"n.{ident(name)}" for name in happened.ENTRY)
    cursor = con.execute(
        f"SELECT {columns}, n.messages, n.total, n.no FROM folder_notes n SEMI JOIN folder_wanted w ON w.no = n.no "
        "ORDER BY n.no"
    )
    while rows := cursor.fetchmany(_AT_ONCE):
        for row in rows:
            said = tuple(Message(each["at"], each["author"] or "", each["text"]) for each in row[-3] or ())
            yield row[-1], entry_of(row), said, row[-2] - len(said)
