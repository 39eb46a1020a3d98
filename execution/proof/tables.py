"""A labelled table as its source directive maps it: its files read, its records typed, its blocks run, its labels told.

Files go the way of a vendor's records: every leaf is text first and cast under its declared type, what does not fit is
counted, and the SQL blocks see the streams. Nothing reaches the workspace's store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from execution import engine
from execution.directives import Program
from execution.directives.model import Entity, Label, Source
from execution.engine import files, ident, literal
from execution.errors import UsageError
from execution.measures.stored import all_columns
from execution.sync import decode, project
from execution.sync.raw import learn_addresses, prepare_table, raw_table

_EPOCH = "TIMESTAMP '1970-01-01'"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Rejected:
    """Values of a column that were there and do not fit its type: how many, and a few of them."""

    stream: str
    column: str
    type: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read: the files by stream, how many records, and what of them did not fit."""

    files: Mapping[str, tuple[str, ...]]
    records: Mapping[str, int]
    rejected: tuple[Rejected, ...]


def load(con: engine.Connection, source: Source, root: Path, data: Path | None = None) -> Loaded:
    """Read every stream of a source into the store of `con`, an in-memory one that is migrated.

    `data` stands for the file that the directive names, in a source of one stream. Raises UsageError where a file is
    not there or not what it should be, or its keys do not tell its records apart.
    """
    if data is not None and len(source.streams) > 1:
        message = f"{source.name} has {len(source.streams)} streams, and --data names one file"
        raise UsageError(message, hint="put the files where the directive says", where=source.path, code="E280")
    named: dict[str, tuple[str, ...]] = {}
    counted: dict[str, int] = {}
    rejected: list[Rejected] = []
    for name in source.streams:
        found = [data] if data is not None else _files(source, name, root)
        columns = _read(con, source, name, found)
        _require_columns(source, name, found[0], columns)
        con.execute(f"CREATE OR REPLACE TEMP TABLE staged AS {decode.staged_sql(source.streams[name], _RECORDS)}")
        _require_keys(con, source, name, found[0])
        rejected += _rejected(con, source, name)
        _keep(con, source, name)
        named[name] = tuple(_shown(file, root) for file in found)
        counted[name] = _count(con, "FROM staged")
    return Loaded(named, counted, tuple(rejected))


_RECORDS = (
    f"SELECT payload::JSON AS payload, NULL::VARCHAR AS parent_key, {_EPOCH} AS read_at, 0 AS page, position "
    "FROM temp.records"
)


def _files(source: Source, name: str, root: Path) -> list[Path]:
    path = source.streams[name].path
    folder = root / (source.files.folder if source.files else ".")
    found = sorted(
        file for file in folder.glob(path) if file.is_file() and file.resolve().is_relative_to(root.resolve())
    )
    if not found:
        where = _shown(folder / path, root)
        raise UsageError(
            f"there is no file {where}",
            hint="put it there, or name another with --data FILE",
            where=f"{source.path}: streams.{name}",
            code="E280",
        )
    return found


def _shown(file: Path, root: Path) -> str:
    file, root = file.resolve(), root.resolve()
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()


def _read(con: engine.Connection, source: Source, name: str, found: list[Path]) -> tuple[str, ...]:
    for file in found:
        if not file.is_file():
            raise UsageError(f"there is no file {file}", hint="--data names a file of rows", code="E280")
    try:
        columns = files.load_records(con, "temp.records", found)
    except files.UnreadableError as error:
        raise UsageError(f"{found[0].name} cannot be read: {error}", where=source.path, code="E280") from error
    if not _count(con, "FROM temp.records"):
        raise UsageError(f"{found[0].name} has no rows", where=f"{source.path}: streams.{name}", code="E280")
    return columns


def _require_columns(source: Source, name: str, file: Path, columns: tuple[str, ...]) -> None:
    """The plain names among the stream's paths are columns of the file. JSON lines may lack any."""
    from difflib import get_close_matches

    from execution.directives.paths import parse_path

    stream = source.streams[name]
    paths = {"key": stream.key} | {column: spec.path for column, spec in stream.columns.items()}
    for column, path in paths.items() if columns else ():
        first = str(parse_path(path)[0])
        if first not in columns:
            near = get_close_matches(first, columns, 1, 0.6)
            hint = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(columns[:12])}"
            message = f"{file.name} has no column {first!r}"
            raise UsageError(message, hint=hint, where=f"{source.path}: streams.{name}.{column}", code="E280")


def _require_keys(con: engine.Connection, source: Source, name: str, file: Path) -> None:
    where = f"{source.path}: streams.{name}.key"
    without = _count(con, "FROM staged WHERE key IS NULL OR trim(key) = ''")
    if without:
        raise UsageError(f"{without} rows of {file.name} have no {source.streams[name].key}", where=where, code="E280")
    twice = con.execute(
        "SELECT key, count(*) FROM staged GROUP BY key HAVING count(*) > 1 ORDER BY key LIMIT 1"
    ).fetchone()
    if twice:
        raise UsageError(
            f"{file.name} has {twice[1]} rows with the {source.streams[name].key} {twice[0]!r}",
            hint="the key tells rows apart; whom a row is about is said by label: {customer: …}",
            where=where,
            code="E280",
        )


def _rejected(con: engine.Connection, source: Source, name: str) -> list[Rejected]:
    rows = con.execute(
        "SELECT r.column_name, count(*), list(r.content ORDER BY position) FROM "
        "(SELECT unnest(rejects) AS r, position FROM staged) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    types = {column: spec.type for column, spec in source.streams[name].columns.items()}
    return [Rejected(name, column, types[column], count, tuple(found[:_SHOWN])) for column, count, found in rows]


def _keep(con: engine.Connection, source: Source, name: str) -> None:
    stream = source.streams[name]
    prepare_table(con, source, name)
    typed = ", ".join(ident(column) for column in decode.typed_columns(stream))
    con.execute(
        f"INSERT INTO {raw_table(source.name, name)} BY NAME SELECT key, parent_key, payload, hash, "
        f"read_at AS first_seen, read_at AS last_changed, false AS deleted, {typed} FROM staged"
    )
    learn_addresses(con, stream, "staged")


# --- entities -----------------------------------------------------------------------------------


def project_entity(
    con: engine.Connection, program: Program, source: Source, entity: Entity, measured: Mapping[str, str]
) -> tuple[str, ...]:
    """Make the table `given.<entity>` of what the source's block gives, measures among it; their names.

    Raises UsageError where two rows come out for one key, or none at all.
    """
    block = source.sql(entity.name)
    if block is None:
        return ()
    sql = f"WITH {project.views(source, program.settings)}\nSELECT * FROM (\n{block.text}\n)"
    types = all_columns(entity) | dict(measured)
    where = f"{source.path}:{block.line}"
    table = ident("given", entity.name)
    con.execute("CREATE SCHEMA IF NOT EXISTS given")
    try:
        names = [name for name in engine.columns(con, sql) if name in types]
        typed = ", ".join(f"CAST({ident(name)} AS {types[name]}) AS {ident(name)}" for name in names)
        con.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT {typed} FROM ({sql}) WHERE {ident(entity.key)} IS NOT NULL"
        )
    except engine.Error as error:
        message = f"the {entity.name} block of {source.name} failed: {str(error).splitlines()[0]}"
        raise UsageError(message, hint="it does not hold on the rows", where=where, code="E280") from error
    keys = ", ".join(ident(key) for key in (entity.key,))
    twice = con.execute(
        f"SELECT {keys}, count(*) FROM {table} GROUP BY {keys} HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
    ).fetchone()
    if twice:
        raise UsageError(
            f"the {entity.name} block of {source.name} gives {twice[1]} rows for {entity.key} {twice[0]!r}",
            hint=f"give one row per record: select key as {entity.key}, and say in label: who it is about",
            where=where,
            code="E280",
        )
    return tuple(names)


# --- labels -------------------------------------------------------------------------------------


def tell_labels(con: engine.Connection, program: Program, source: Source, label: Label) -> int:
    """Make the temporary table `labels` (record, customer, happened, observed_at, happened_at) of the rows that have
    one; how many have none. Raises UsageError where the label does not tell two groups apart."""
    name = label.stream or next(iter(source.streams))
    event = str(label.event).strip().lower()
    value = f"lower(trim(CAST({ident(label.column)} AS VARCHAR)))"
    columns = {
        "customer": f"CAST({ident(label.customer)} AS VARCHAR)" if label.customer else "key",
        "observed_at": f"CAST({ident(label.observed_at)} AS TIMESTAMP)" if label.observed_at else "NULL::TIMESTAMP",
        "happened_at": f"CAST({ident(label.happened_at)} AS TIMESTAMP)" if label.happened_at else "NULL::TIMESTAMP",
    }
    listed = ", ".join(f"{sql} AS {column}" for column, sql in columns.items())
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE labels AS WITH {project.views(source, program.settings)}\n"
        f"SELECT key AS record, {_email(source, name)} AS email, nullif({value}, '') AS label, {listed} "
        f"FROM {ident(name)}"
    )
    where = f"{source.path}: label"
    without = _count(con, "FROM labels WHERE label IS NULL")
    con.execute("DELETE FROM labels WHERE label IS NULL")
    found = con.execute("SELECT label, count(*) FROM labels GROUP BY label ORDER BY count(*) DESC, label").fetchall()
    _require_two(label, found, event, without, where)
    con.execute("ALTER TABLE labels ADD COLUMN happened BOOLEAN")
    con.execute(f"UPDATE labels SET happened = label = {literal(event)}")
    if label.observed_at and (unknown := _count(con, "FROM labels WHERE observed_at IS NULL")):
        message = f"{unknown} labelled rows have no {label.observed_at}"
        raise UsageError(message, hint="leave observed_at out, or fill it in", where=where, code="E281")
    return without


def _email(source: Source, name: str) -> str:
    return ident("email") if "email" in source.streams[name].columns else "NULL::VARCHAR"


def _require_two(label: Label, found: list[tuple[str, int]], event: str, without: int, where: str) -> None:
    def wrong(message: str, hint: str) -> UsageError:
        return UsageError(f"the label {label.column!r} {message}", hint=hint, where=where, code="E281")

    shown = ", ".join(f"{value!r} ({count:,})" for value, count in found[:6]) + (" …" if len(found) > 6 else "")
    if not found:
        raise wrong(f"is empty in all {without:,} rows", "name the column that says what came of each row")
    if len(found) == 1:
        hint = "a score can only be held against rows that fared differently"
        raise wrong(f"is the same in all {found[0][1]:,} rows: {found[0][0]!r}", hint)
    if len(found) > 2:
        raise wrong(
            f"has {len(found)} values, not two: {shown}", "make two of them in the file, or name another column"
        )
    if event not in [value for value, _ in found]:
        raise wrong(f"is never {event!r}: {shown}", "write as event: the value that stands for the event")


def _count(con: engine.Connection, relation: str) -> int:
    row = con.execute(f"SELECT count(*) {relation}").fetchone()
    return int(row[0]) if row else 0
