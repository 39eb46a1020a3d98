"""Read every text that customers wrote once, and keep how it sounds in `derived.text_sentiment`, by the text's hash.

A text that is known by this method is not read again, whoever wrote it and however often. `derived.message_sentiment`
shows it message by message: what measures see.
"""

from execution import engine, store
from execution.engine import ident, literal
from execution.store.stored import Stored

BATCH = 20_000
"""Texts that are read between two commits; a run that is killed keeps those it has read."""

KEPT, SHOWN = "text_sentiment", "message_sentiment"

_THEIRS = "author = 'customer' AND trim(text) <> ''"
"""Our own people's messages say nothing about how the customer feels."""

_SHOW = f"""
    SELECT m.source, m.message_id, s.sentiment
    FROM core.messages m
    JOIN derived.{KEPT} s ON s.text = md5_number(m.text)
    WHERE m.author = 'customer'"""


def run(con: engine.Connection, stored: Stored | None = None) -> int:
    """Read the texts that are not known yet; how many those are. `stored` is what the store has, where that is at hand.

    `con` has the store as its current database and no open transaction. The library is loaded only if there are any.
    """
    stored = Stored.read(con) if stored is None else stored
    if not stored.columns("core.messages"):
        return 0
    from execution.sentiment.lexicon import METHOD, READ

    _prepare(con, METHOD, stored)
    made = con.execute(
        f"""CREATE OR REPLACE TEMP TABLE unread AS
            SELECT text, words, (row_number() OVER (ORDER BY text) - 1) // {BATCH} AS batch
            FROM (SELECT md5_number(text) AS text, min(left(text, {READ})) AS words
                  FROM core.messages WHERE {_THEIRS} GROUP BY 1)
            WHERE text NOT IN (SELECT text FROM derived.{KEPT})"""
    ).fetchone()
    try:
        return _read(con, METHOD) if made and made[0] else 0
    finally:
        con.execute("DROP TABLE IF EXISTS temp.unread")
        con.execute("DROP TABLE IF EXISTS temp.just_read")


def lend(con: engine.Connection, catalogue: str) -> None:
    """Take what is known from a store that is attached as `catalogue`, so that a look back need not read it again."""
    there = con.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'derived' AND table_name = ?",
        [catalogue, KEPT],
    )
    if there.fetchone():
        con.execute("CREATE SCHEMA IF NOT EXISTS derived")
        con.execute(f"CREATE OR REPLACE TABLE derived.{KEPT} AS FROM {ident(catalogue, 'derived', KEPT)}")


def _prepare(con: engine.Connection, method: str, stored: Stored) -> None:
    """Make sure that there are table and view, and nothing in it that another method gave."""
    if not (stored.columns(f"derived.{KEPT}") and stored.columns(f"derived.{SHOWN}")):
        with store.change(con):
            con.execute(
                f"""CREATE TABLE IF NOT EXISTS derived.{KEPT}
                    (text UHUGEINT NOT NULL, sentiment DECIMAL(5, 4), method VARCHAR NOT NULL)"""
            )
            con.execute(f"CREATE OR REPLACE VIEW derived.{SHOWN} AS {_SHOW}")
    other = f"FROM derived.{KEPT} WHERE method <> {literal(method)}"
    if con.execute(f"SELECT 1 {other} LIMIT 1").fetchone():
        with store.change(con):
            con.execute(f"DELETE {other}")


def _read(con: engine.Connection, method: str) -> int:
    row = con.execute("SELECT count(*), max(batch) FROM temp.unread").fetchone()
    unread, last = row or (0, -1)
    from execution.sentiment.lexicon import scorer

    score = scorer()
    columns = {"text": "UHUGEINT", "sentiment": "DECIMAL(5,4)"}
    for batch in range(last + 1):
        texts = con.execute("SELECT text, words FROM temp.unread WHERE batch = ? ORDER BY text", [batch]).fetchall()
        engine.load(con, "just_read", columns, [(text, score(words)) for text, words in texts])
        with store.change(con):
            con.execute(f"INSERT INTO derived.{KEPT} SELECT text, sentiment, {literal(method)} FROM temp.just_read")
    return int(unread)
