"""`raw.<source>__<stream>`: every record ever read, typed by today's mapping, with the vendor's own JSON beside it."""

from execution import engine, identity, store
from execution.directives.model import Source, Stream
from execution.engine import ident
from execution.sync import decode

RECORD = ("key", "parent_key", "payload", "hash", "first_seen", "last_changed", "deleted")
"""What every raw table has before the stream's own columns. The times are when the record was read."""


def raw_table(source: str, stream: str) -> str:
    """The quoted name of a stream's table in the store."""
    return ident("raw", f"{source}__{stream}")


def prepare_table(con: engine.Connection, source: Source, name: str) -> None:
    """Make sure the table is there and decoded by today's mapping; stored payloads are decoded again if not."""
    wanted = decode.mapping(source.streams[name])
    row = con.execute(
        "SELECT mapping FROM meta.streams WHERE source = ? AND stream = ?", [source.name, name]
    ).fetchone()
    if row is None:
        _create(con, source, name, wanted)
    elif row[0] != wanted:
        _decode_again(con, source, name, wanted)


def _create(con: engine.Connection, source: Source, name: str, mapping: str) -> None:
    stream = source.streams[name]
    typed = "".join(f", {ident(column)} {kind}" for column, kind in decode.typed_columns(stream).items())
    with store.change(con):
        con.execute(
            f"CREATE TABLE {raw_table(source.name, name)} (key VARCHAR NOT NULL, parent_key VARCHAR, "
            "payload VARCHAR NOT NULL, hash UBIGINT NOT NULL, first_seen TIMESTAMP NOT NULL, "
            f"last_changed TIMESTAMP NOT NULL, deleted BOOLEAN NOT NULL{typed})"
        )
        con.execute("INSERT INTO meta.streams VALUES (?, ?, ?, 0)", [source.name, name, mapping])


def _decode_again(con: engine.Connection, source: Source, name: str, mapping: str) -> None:
    """Replay a changed mapping over the stored payloads: no request is made and nothing is lost."""
    stream, table = source.streams[name], raw_table(source.name, name)
    records = (
        "SELECT payload::JSON AS payload, parent_key, last_changed AS read_at, 0 AS page, 0 AS position, "
        f"first_seen, deleted FROM {table}"
    )
    typed = ", ".join(ident(column) for column in decode.typed_columns(stream))
    with store.change(con):
        con.execute(
            "CREATE TABLE raw.decoded_again AS SELECT key, parent_key, payload, hash, first_seen, "
            f"read_at AS last_changed, deleted, {typed} "
            f"FROM ({decode.staged_sql(stream, records, keeping=('first_seen', 'deleted'))}) WHERE key IS NOT NULL"
        )
        con.execute(f"DROP TABLE {table}")
        con.execute(f"ALTER TABLE raw.decoded_again RENAME TO {ident(f'{source.name}__{name}')}")
        learn_addresses(con, stream, table)
        con.execute("UPDATE meta.streams SET mapping = ? WHERE source = ? AND stream = ?", [mapping, source.name, name])
        count_change(con, source.name, name)


def count_change(con: engine.Connection, source: str, stream: str) -> None:
    """Count a change of the table, by which projections know that they are outdated. Inside the transaction."""
    con.execute("UPDATE meta.streams SET changes = changes + 1 WHERE source = ? AND stream = ?", [source, stream])


def learn_addresses(con: engine.Connection, stream: Stream, relation: str) -> None:
    """Have identity judge the odd addresses in a relation of the stream's columns. Inside a transaction."""
    odd = decode.odd_addresses_sql(stream, relation)
    if odd:
        identity.learn_addresses(con, [row[0] for row in con.execute(odd).fetchall()])
