"""Landed pages → typed rows, as SQL. Pure: text in, text out; `run.py` and the directives' own tests execute it.

Every leaf is taken as text first and cast under its declared type; text that was there and does not fit is a reject,
named and kept, never a silent NULL. The record itself is kept whole as normalised JSON, with a hash of it.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from execution import identity
from execution.directives.model import Column, Stream
from execution.directives.paths import json_path, parse_path
from execution.directives.schema import DUCKDB, key_name
from execution.engine import ident, literal

STAGED = {
    "key": "VARCHAR",
    "parent_key": "VARCHAR",
    "payload": "VARCHAR",
    "hash": "UBIGINT",
    "read_at": "TIMESTAMP",
    "page": "BIGINT",
    "position": "BIGINT",
    "rejects": "STRUCT(column_name VARCHAR, content VARCHAR)[]",
    "is_tombstone": "BOOLEAN",
}
"""What every staged row has beside the stream's own columns, and its DuckDB type."""


def mapping(stream: Stream) -> str:
    """A fingerprint of how records become columns: when it changes, stored payloads are decoded again."""
    parts = [stream.key, stream.version or "", stream.deleted or ""]
    parts += [f"{name}:{column.path}:{column.type}:{column.unit}" for name, column in stream.columns.items()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def typed_columns(stream: Stream) -> dict[str, str]:
    """A stream's own columns and their DuckDB types; the key under its own name comes first."""
    named = named_key(stream)
    return {**({named: "VARCHAR"} if named else {}), **{n: DUCKDB[c.type] for n, c in stream.columns.items()}}


def named_key(stream: Stream) -> str | None:
    """The name under which SQL blocks also find the key (`key: uri` → `uri`), unless a declared column has it."""
    name = key_name(stream)
    return name if name not in (None, "key", "parent_key") and name not in stream.columns else None


def empty_sql(stream: Stream) -> str:
    """SELECT of no staged rows, typed as `staged_sql` gives them."""
    columns = {**STAGED, **typed_columns(stream)}
    return "SELECT " + ", ".join(f"NULL::{kind} AS {ident(name)}" for name, kind in columns.items()) + " WHERE false"


def staged_files_sql(stream: Stream, files: Sequence[Path]) -> str:
    """SELECT of the rows in staging files but for tombstones; of none, typed the same, where there is no file."""
    where = " WHERE NOT is_tombstone" if stream.deleted and files else ""
    return with_tombstones_sql(stream, files) + where


def with_tombstones_sql(stream: Stream, files: Sequence[Path]) -> str:
    """SELECT of all rows in staging files; of none, typed the same, where there is no file."""
    return f"SELECT * FROM read_parquet({literal([str(file) for file in files])})" if files else empty_sql(stream)


def pages_sql(files: Sequence[str], stream: Stream, longest: int) -> str:
    """SELECT payload, position, filename over landed page files (zstd). `longest` is the bytes of the longest page as
    sent: DuckDB reserves a few times as much for each thread."""
    room = max(longest + 1024, 1 << 20)
    source = f"{literal(list(files))}, compression = 'zstd', filename = true, maximum_object_size = {room}"
    path = parse_path(stream.records)
    if not path:
        records = "CASE json_type(json) WHEN 'ARRAY' THEN json_extract(json, '$[*]') ELSE [json] END"
        pages = f"read_json_objects({source}, format = 'unstructured')"
        return (
            "SELECT unnest(records) AS payload, generate_subscripts(records, 1) AS position, filename "
            f"FROM (SELECT {records} AS records, filename FROM {pages})"
        )
    head, shape, inner = _nested(path)
    records = ".".join([ident(head), *(ident(str(step)) for step in inner)])
    return (
        f"SELECT unnest({records}) AS payload, generate_subscripts({records}, 1) AS position, filename "
        # Without a limit DuckDB 2 reserves 32 MB for each of the first 32 files, to guess a format that is given here.
        f"FROM read_json({source}, format = 'unstructured', maximum_sample_files = 1, "
        f"columns = {{{literal(head)}: {literal(shape)}}})"
    )


def _nested(path: tuple[str | int, ...]) -> tuple[str, str, tuple[str | int, ...]]:
    """The top key, the type DuckDB reads it as, and the steps below it."""
    head, *inner = path
    shape = "JSON[]"
    for step in reversed(inner):
        shape = f"STRUCT({ident(str(step))} {shape})"
    return str(head), shape, tuple(inner)


def staged_sql(stream: Stream, records: str, keeping: Sequence[str] = ()) -> str:
    """SELECT of the STAGED and the stream's own columns from `records`, a relation of
    (payload JSON, parent_key, read_at, page, position); further columns of it in `keeping` are passed on."""
    leaves = [stream.key, *(column.path for column in stream.columns.values())]
    leaves += [stream.deleted] if stream.deleted else []
    extract = f"json_extract_string(payload, {literal([json_path(path) for path in leaves])})"
    named = named_key(stream)
    typed = [f"leaf[1] AS {ident(named)}"] if named else []
    typed += [
        f"{cast(f'leaf[{at}]', column)} AS {ident(name)}" for at, (name, column) in enumerate(stream.columns.items(), 2)
    ]
    parent = "leaf[1]" if stream.batch else "parent_key"
    tombstone = f"coalesce(try_cast(leaf[{len(leaves)}] AS BOOLEAN), false)" if stream.deleted else "false"
    return (
        f"WITH extracted AS (SELECT *, {extract} AS leaf FROM ({records}))\n"
        f"SELECT {''.join(f'{name}, ' for name in keeping)}leaf[1] AS key, {parent} AS parent_key,\n"
        "  payload::VARCHAR AS payload, md5_number_lower(payload::VARCHAR) AS hash, read_at, page, position,\n"
        f"  {rejects(stream)} AS rejects, {tombstone} AS is_tombstone,\n  " + ",\n  ".join(typed) + "\nFROM extracted"
    )


def cast(leaf: str, column: Column) -> str:
    """SQL for a leaf's text under the column's type; NULL where it does not fit, and for blanks that are no text."""
    match column.type:
        case "text" | "json":
            return leaf if column.type == "text" else f"try_cast({leaf} AS JSON)"
        case "email":
            return f"coalesce({identity.fast_sql(leaf)}, nullif(trim({leaf}), ''))"
        case "integer":
            return (
                f"CASE WHEN regexp_full_match({leaf}, '\\s*[+-]?\\d+(\\.0*)?\\s*') THEN try_cast({leaf} AS BIGINT) END"
            )
        case "number":
            return f"CASE WHEN isfinite(try_cast({leaf} AS DOUBLE)) THEN try_cast({leaf} AS DOUBLE) END"
        case "timestamp" if column.unit != "iso":
            factor = {"s": 1_000_000, "ms": 1_000}[column.unit]
            return f"make_timestamp(try_cast(try_cast({leaf} AS DECIMAL(20, 3)) * {factor} AS BIGINT))"
        case "timestamp" | "date":
            kind = DUCKDB[column.type]
            return f"CASE WHEN isfinite(try_cast({leaf} AS {kind})) THEN try_cast({leaf} AS {kind}) END"
        case _:
            return f"try_cast({leaf} AS {DUCKDB[column.type]})"


def rejects(stream: Stream) -> str:
    """SQL for a list of {column, content} of the leaves that were present and did not fit; NULL where all did."""
    tests = [
        (
            name,
            f"leaf[{at}]",
            f"(leaf[{at}] IS NOT NULL AND trim(leaf[{at}]) <> '' AND {cast(f'leaf[{at}]', column)} IS NULL)",
        )
        for at, (name, column) in enumerate(stream.columns.items(), 2)
        if column.type not in ("text", "email")
    ]
    if not tests:
        return f"NULL::{STAGED['rejects']}"
    found = ", ".join(
        f"CASE WHEN {bad} THEN {{'column_name': {literal(name)}, 'content': left({leaf}, 200)}} END"
        for name, leaf, bad in tests
    )
    return (
        f"CASE WHEN {' OR '.join(bad for _, _, bad in tests)} THEN list_filter([{found}], lambda x: x IS NOT NULL) END"
    )


def latest_sql(stream: Stream, staging: str) -> str:
    """SELECT of one row per key from a staging table: the greatest `version`, then the one read last."""
    order = ", ".join(
        ([f"{ident(stream.version)} DESC NULLS LAST"] if stream.version else []) + ["page DESC", "position DESC"]
    )
    return (
        f"SELECT * FROM {staging} WHERE key IS NOT NULL "
        f"QUALIFY row_number() OVER (PARTITION BY key ORDER BY {order}) = 1"
    )


def odd_addresses_sql(stream: Stream, relation: str) -> str | None:
    """SELECT of the e-mail texts in `relation` that need judging one by one; None for a stream without e-mails."""
    names = [name for name, column in stream.columns.items() if column.type == "email"]
    if not names:
        return None
    return " UNION ".join(
        f"SELECT DISTINCT {ident(name)} FROM {relation} "
        f"WHERE {ident(name)} IS NOT NULL AND {identity.fast_sql(ident(name))} IS NULL"
        for name in names
    )
