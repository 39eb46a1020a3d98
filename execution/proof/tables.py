"""A labelled table as its source directive maps it: its files read, its records typed, its blocks run, its labels told.

Files go the way of a vendor's records: every leaf is text first and cast under its declared type, what does not fit is
counted, and the SQL blocks see the streams. Nothing reaches the workspace's store.
"""

from collections.abc import Mapping, Sequence
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
        counted[name] = engine.count(con, "FROM staged")
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
    if not engine.count(con, "FROM temp.records"):
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
    without = engine.count(con, "FROM staged WHERE key IS NULL OR trim(key) = ''")
    if without:
        raise UsageError(
            f"{without:,} {'row' if without == 1 else 'rows'} of {file.name} without {source.streams[name].key}",
            hint="the key is a column that has a value of its own in every row",
            where=where,
            code="E280",
        )
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


def tell_labels(con: engine.Connection, program: Program, source: Source, label: Label) -> tuple[int, int]:
    """Make the temporary table `labels` (record, customer, happened, observed_at, happened_at) of the records; how many
    have no label, and how many one that is neither the event nor against it: in both `happened` is NULL. Raises
    UsageError where the label does not tell two groups apart."""
    name = label.stream or next(iter(source.streams))
    value = f"lower(trim(CAST({ident(label.column)} AS VARCHAR)))"
    columns = {
        "customer": f"CAST({ident(label.customer)} AS VARCHAR)" if label.customer else "key",
        "observed_at": f"CAST({ident(label.observed_at)} AS TIMESTAMP)" if label.observed_at else "NULL::TIMESTAMP",
        "happened_at": f"CAST({ident(label.happened_at)} AS TIMESTAMP)" if label.happened_at else "NULL::TIMESTAMP",
    }
    listed = ", ".join(f"{sql} AS {column}" for column, sql in columns.items())
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE labels AS WITH {project.views(source, program.settings)}\n"
        f"SELECT key AS record, {_email(source, name)} AS email, nullif({value}, '') AS label, NULL::BOOLEAN AS "
        f"happened, {listed} FROM {ident(name)}"
    )
    told = con.execute(
        "SELECT label, count(*) FROM labels WHERE label IS NOT NULL GROUP BY label ORDER BY count(*) DESC, label"
    ).fetchall()
    without = engine.count(con, "FROM labels WHERE label IS NULL")
    events, others = _two(label, source, name, told, without)
    for values, happened in ((events, "true"), (others, "false")):
        con.execute(f"UPDATE labels SET happened = {happened} WHERE label IN ({', '.join(map(literal, values))})")
    return without, engine.count(con, "FROM labels WHERE happened IS NULL") - without


def require_moments(con: engine.Connection, source: Source, label: Label, rejected: Sequence[Rejected]) -> None:
    """Raises UsageError where a labelled row lacks the moment that its directive says it has."""
    if label.observed_at is None or not (
        unknown := engine.count(con, "FROM labels WHERE happened IS NOT NULL AND observed_at IS NULL")
    ):
        return
    name = label.stream or next(iter(source.streams))
    misread = next((each for each in rejected if (each.stream, each.column) == (name, label.observed_at)), None)
    raise UsageError(
        f"{unknown:,} labelled {'row has' if unknown == 1 else 'rows have'} no {label.observed_at}"
        + (f": {misread.examples[0]!r} is no {misread.type}" if misread else ""),
        hint="dates are written as 2026-03-31; mend them in the file, or leave observed_at out",
        where=f"{source.path}: label",
        code="E281",
    )


def _email(source: Source, name: str) -> str:
    return ident("email") if "email" in source.streams[name].columns else "NULL::VARCHAR"


def _two(
    label: Label, source: Source, name: str, told: list[tuple[str, int]], without: int
) -> tuple[list[str], list[str]]:
    """The values that are the event, and those against it, of all that the label has and how often."""

    def wrong(message: str, hint: str) -> UsageError:
        message = f"the label {label.column!r} {message}"
        return UsageError(message, hint=hint, where=f"{source.path}: label", code="E281")

    shown = ", ".join(f"{value!r} ({count:,})" for value, count in told[:6]) + (" …" if len(told) > 6 else "")
    if not told:
        raise wrong(f"is empty in all {without:,} rows", "name the column that says what came of each row")
    if len(told) == 1:
        hint = "a score can only be held against rows that fared differently"
        raise wrong(f"is the same in all {told[0][1]:,} rows: {told[0][0]!r}", hint)
    column = source.streams[name].columns.get(label.column)
    kind = column.type if column is not None else "text"
    values = [value for value, _ in told]
    events = [value for value in values if _is_same(value, label.event, kind)]
    if not events:
        raise wrong(f"is never {_shown_value(label.event)}: {shown}", "write as event: the value that stands for it")
    if not label.against:
        others = [value for value in values if value not in events]
        if len(others) > 1:
            hint = f"say which of them stand against it, as against: [{others[0]}]; rows of any other are left out"
            raise wrong(f"has {len(told)} values, not two: {shown}", hint)
        return events, others
    for each in label.against:
        if not any(_is_same(value, each, kind) for value in values):
            raise wrong(f"is never {_shown_value(each)}: {shown}", "write as against: values that it has")
    others = [value for value in values if any(_is_same(value, each, kind) for each in label.against)]
    if both := next((value for value in others if value in events), None):
        raise wrong(f"has {both!r} both as the event and against it", "a value is one or the other")
    return events, others


def _shown_value(said: str | bool | float) -> str:  # noqa: FBT001 - as YAML has it
    return repr(str(said).strip().lower())


_BOOLEANS = {"true": True, "yes": True, "t": True, "y": True, "false": False, "no": False, "f": False, "n": False}


def _is_same(value: str, said: str | bool | float, kind: str) -> bool:  # noqa: FBT001 - as YAML has it
    """Whether a label's value is the one that a directive says: in any case, a number however it is written."""
    wanted = str(said).strip().lower()
    if value == wanted:
        return True
    if kind == "boolean":
        return _BOOLEANS.get(wanted, wanted == "1") is _BOOLEANS.get(value) and (wanted in _BOOLEANS or wanted in "01")
    try:
        return float(value) == float(wanted)
    except ValueError:
        return False
