"""From raw records to entities: project every source whose records or directive changed, then unify what changed.

Each result remembers what it was made from, so a run that was killed in between is completed by the next, and a run
with nothing new does nothing here.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Entity, Source
from execution.engine import ident
from execution.errors import GtmError
from execution.sync import fields, project, unify
from execution.sync.feeding import Feed, enabled, feeding, is_companies
from execution.sync.ghosts import Ghost, find
from execution.sync.raw import prepare_table
from execution.sync.results import EntityResult


@dataclass(frozen=True, slots=True)
class Derived:
    """What deriving changed, and the projections that did not hold (their last good rows stay). Nothing was derived
    where another run is in the middle of the `busy` sources. `ghosts` are rows that count for nobody."""

    entities: tuple[EntityResult, ...]
    failures: tuple[GtmError, ...]
    busy: frozenset[str] = frozenset()
    ghosts: tuple[Ghost, ...] = ()


def derive(con: engine.Connection, program: Program, now: datetime, waiting: Container[str] = frozenset()) -> Derived:
    """Bring every entity up to date with the raw records. `con` has the store as its current database.

    Sources in `waiting` are not whole at the moment: what they last said when they were stays.
    """
    stamp = engine.naive_utc(now)
    made: list[project.Projection] = []
    failures: list[GtmError] = []
    results: list[EntityResult] = []
    stale = {
        source.name for source in enabled(program) if source.name not in waiting and _is_stale(con, source, program)
    }
    for source in enabled(program):
        if source.name not in stale:
            continue
        try:
            made += [_refresh(con, program, source, entity, results) for entity in _fed_by(program, source)]
        except GtmError as error:
            failures.append(error)
            stale.discard(source.name)
    made = [projection for projection in made if projection.source in stale]
    is_news = bool(made) or fields.is_outdated(con, program)
    if is_news or any(_is_outdated(con, program, entity) for entity in program.entities.values()):
        with store.change(con):
            results = _apply(con, program, made, results, stamp)
            for source in enabled(program):
                if source.name in stale:
                    store.record_made(con, f"project {source.name}", _project_from(con, source, program), stamp)
    return Derived(tuple(results), tuple(failures), ghosts=find(con, program))


def _fed_by(program: Program, source: Source) -> list[Entity]:
    return [program.entities[block.target] for block in source.blocks if block.target in program.entities]


def _project_from(con: engine.Connection, source: Source, program: Program) -> str:
    """What a source's projections depend on: its directive, the entities' types, its records."""
    row = con.execute(
        "SELECT coalesce(string_agg(stream || '=' || changes, ',' ORDER BY stream), '') "
        "FROM meta.streams WHERE source = ?",
        [source.name],
    ).fetchone()
    entities = ",".join(entity.hash for entity in _fed_by(program, source))
    return f"{source.hash}:{entities}:{row[0] if row else ''}:{project.of_settings(source, program.settings)}"


def _is_stale(con: engine.Connection, source: Source, program: Program) -> bool:
    return store.made_from(con, f"project {source.name}") != _project_from(con, source, program)


def _refresh(
    con: engine.Connection, program: Program, source: Source, entity: Entity, results: list[EntityResult]
) -> project.Projection:
    for stream in source.streams:
        prepare_table(con, source, stream)
    block = source.sql(entity.name)
    if block is None:
        raise GtmError(f"{source.name} has no {entity.name} block")
    columns = project.block_columns(con, source, entity, block, program.settings)
    made = project.projection(source, entity, block, columns, program.settings)
    keyless = project.refresh(con, made)
    row = con.execute(f"SELECT count(*) FROM {made.fresh}").fetchone()
    results.append(EntityResult(source.name, entity.name, int(row[0]) if row else 0, 0, keyless))
    return made


def _feeding(con: engine.Connection, program: Program, entity: Entity) -> list[Feed]:
    """Everything that an entity's rows are made of: what sources say, and what actions have set."""
    ours = fields.feed(con, entity)
    return [*feeding(con, program, entity), *([ours] if ours is not None else [])]


def _is_outdated(con: engine.Connection, program: Program, entity: Entity) -> bool:
    sources = _feeding(con, program, entity)
    return store.made_from(con, f"unify {entity.name}") != unify.fingerprint(program, entity, sources)


def _apply(
    con: engine.Connection,
    program: Program,
    made: list[project.Projection],
    results: list[EntityResult],
    now: datetime,
) -> list[EntityResult]:
    """Store the fresh projections and unify every entity they touch. Inside one transaction."""
    counted = {(result.source, result.entity): result for result in results}
    # All are stored before any is unified: whether a row counts is for what the sources say of all entities to tell.
    for projection in made:
        changed = project.find_changed(con, projection)
        result = counted[projection.source, projection.entity.name]
        counted[projection.source, projection.entity.name] = replace(result, changed=changed)
        project.keep(con, projection, now)
    set_ = fields.refresh(con, program, now)
    # Customers first: their domains are companies.
    for entity in sorted(program.entities.values(), key=lambda entity: entity.key != "email"):
        con.execute("CREATE OR REPLACE TEMP TABLE changed_keys (key VARCHAR)")
        for projection in made:
            if projection.entity.name == entity.name:
                con.execute(f"INSERT INTO changed_keys FROM {projection.changed}")
        if entity.name in set_:
            con.execute(f"INSERT INTO changed_keys FROM {set_[entity.name]}")
        if is_companies(program, entity):
            unify.company_rows(con, entity, now)
        _unify(con, program, entity, now)
    return list(counted.values())


def take_fields(con: engine.Connection, program: Program, now: datetime) -> None:
    """Have the entities show what actions have set, without anything else being derived. Inside a transaction."""
    stamp = engine.naive_utc(now)
    for name, keys in fields.refresh(con, program, stamp).items():
        if store.has_table(con, "core", name):
            con.execute(f"CREATE OR REPLACE TEMP TABLE changed_keys AS SELECT key FROM {keys}")
            _unify(con, program, program.entities[name], stamp)


def _unify(con: engine.Connection, program: Program, entity: Entity, now: datetime) -> None:
    sources = _feeding(con, program, entity)
    made_from = unify.fingerprint(program, entity, sources)
    outdated = store.made_from(con, f"unify {entity.name}") != made_from
    if entity.rows == "owned":
        if outdated:
            con.execute(unify.owned_view_sql(entity, sources))
    else:
        if outdated:
            _change_every_key(con, entity, sources)
        con.execute("CREATE OR REPLACE TEMP TABLE changed_keys AS SELECT DISTINCT key FROM changed_keys")
        if outdated or engine.count(con, "FROM changed_keys"):
            unify.unify(con, entity, sources, program.settings, now)
    if outdated:
        store.record_made(con, f"unify {entity.name}", made_from, now)


def _change_every_key(con: engine.Connection, entity: Entity, sources: Sequence[Feed]) -> None:
    key = ident(entity.key)
    tables = [feed.table for feed in sources]
    if store.has_table(con, "core", entity.name):
        tables.append(ident("core", entity.name))
    for table in tables:
        con.execute(f"INSERT INTO changed_keys SELECT {key} FROM {table}")
