"""What the SQL of a section reads, as CTEs: the entities with everything known of them, and what stands beside."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from itertools import islice

from execution import engine
from execution.actions.people import Directory
from execution.context import places
from execution.directives.dependencies import words
from execution.directives.model import Entity, Section
from execution.directives.schema import BESIDE, REPORTED
from execution.engine import ident, literal
from execution.health import view
from execution.measures.stored import entity_select
from execution.reports import spans
from execution.reports.freshness import states
from execution.reports.kept import whole
from execution.reports.scene import Scene
from execution.store import journal
from execution.sync.rates import rates_select, settings_select
from execution.triggers import standing

GIVEN = "given"
"""The schema in which a test gives these tables."""

_RUNS = 2000
"""How many runs back the journal is read."""

_FOLLOWS = frozenset({"spans"})
"""What follows from the moment alone, in tests too."""


def ctes(scene: Scene, section: Section) -> list[str]:
    """`name AS (…)` for every table that a section's SQL names."""
    sql = section.block.text if section.block else ""
    named = words(sql)
    wanted = {name for name in (*BESIDE, *REPORTED, *scene.program.entities) if name.lower() in named}
    selects = {"settings": settings_select(scene.program.settings), "rates": rates_select(scene.program.settings)}
    selects = {name: select for name, select in selects.items() if name in named}
    selects |= {name: _beside(scene, name) for name in BESIDE if name in wanted}
    for name in REPORTED:
        if name in wanted:
            is_given = scene.given and name not in _FOLLOWS
            made = f"FROM {ident(scene.given, name)}" if is_given else _TABLES[name](scene)
            selects[name] = scene.kept.rows(scene.con, made)
    for name, entity in scene.program.entities.items():
        if name in wanted:
            selects[name] = _entity(scene, entity, section)
    return [f"{ident(name)} AS NOT MATERIALIZED (\n{select}\n)" for name, select in selects.items()]


def _entity(scene: Scene, entity: Entity, section: Section) -> str:
    """An entity's rows with what is known of them, or of a section that compares only with what sources write."""
    if section.compares:
        return entity_select(entity, scene.stored)
    return scene.kept.rows(scene.con, whole(scene.program, entity, scene.stored))


def _beside(scene: Scene, name: str) -> str:
    have = scene.stored.columns(f"derived.{name}")
    columns = [f"{ident(c) if c in have else 'NULL'}::{kind} AS {ident(c)}" for c, kind in BESIDE[name].items()]
    return f"SELECT {', '.join(columns)}" + (f" FROM {ident('derived', name)}" if have else " WHERE false")


def _values(name: str, rows: Iterable[Sequence[object]]) -> str:
    """A table of REPORTED from rows in the order of its columns."""
    columns = REPORTED[name]
    listed = [f"({', '.join(literal(value) for value in row)})" for row in rows]
    if not listed:
        return _none(name)
    cast = ", ".join(f"{ident(column)}::{kind} AS {ident(column)}" for column, kind in columns.items())
    return f"SELECT {cast} FROM (VALUES {', '.join(listed)}) AS given({', '.join(map(ident, columns))})"


def _none(name: str) -> str:
    nothing = ", ".join(f"NULL::{kind} AS {ident(column)}" for column, kind in REPORTED[name].items())
    return f"SELECT {nothing} WHERE false"


# --- who is who, and what they are to reach -----------------------------------------------------------


def _people(scene: Scene) -> str:
    team, directory = scene.program.team, _directory(scene)
    return _values(
        "people",
        (
            (name, person.name, person.email, person.role, person.manager, not directory.has_left(name, scene.as_of))
            for name, person in (team.people.items() if team else ())
        ),
    )


def _owners(scene: Scene) -> str:
    return _values("owners", sorted(owners(scene).items()))


def owners(scene: Scene) -> Mapping[str, str]:
    """Every spelling in small letters by which records may name somebody of the team → that person."""
    team, directory = scene.program.team, _directory(scene)
    spelt = [
        word.strip().lower()
        for name, person in (team.people.items() if team else ())
        for word in (name, person.name, person.email, *person.crm_owner)
    ]
    return {word: known for word in spelt if (known := directory.known(word)) is not None}


def _directory(scene: Scene) -> Directory:
    return Directory(scene.program.team, scene.program.routing, scene.program.settings.time_zone)


def _goals(scene: Scene) -> str:
    goals, team = scene.program.goals, scene.program.team
    if goals is None or team is None:
        return _none("goals")

    def rows() -> Iterator[tuple[object, ...]]:
        for user, person in team.people.items():
            aims = {(every, goal): target for every, listed in goals.roles.get(person.role or "", {}).items()
                    for goal, target in listed.items()}  # fmt: skip
            aims |= {(every, goal): target for every, listed in goals.people.get(user, {}).items()
                     for goal, target in listed.items()}  # fmt: skip
            for (every, goal), target in aims.items():
                yield user, goal, every, str(target), goals.goals[goal].unit, goals.goals[goal].meaning

    return _values("goals", rows())


def _spans(scene: Scene) -> str:
    found = spans.running(scene.as_of, scene.zone, scene.program.settings.fiscal_year_starts)
    return _values("spans", (astuple(each) for each in found))


def _briefs(scene: Scene) -> str:
    """The compact briefs that are written, by what their markers say of whose they are."""
    found = places.look(scene.workspace, {})
    briefs = sorted((each.folder, each.marked) for each in found.places if (each.folder, "compact") in found.files)
    return _values("briefs", ((key, places.shown(folder, "compact")) for folder, key in briefs if key))


# --- what was told and done -----------------------------------------------------------------------------


def _alerts(scene: Scene) -> str:
    if not scene.stored.columns("ops.alerts"):
        return _none("alerts")
    at = literal(engine.naive_utc(scene.as_of))
    allowed = "".join(
        f" WHEN {literal(severity)} THEN {int(level.respond_within.total_seconds())}"
        for severity, level in scene.program.routing.severities.items()
        if level.respond_within is not None
    )
    titles = "".join(
        f" WHEN {literal(name)} THEN {literal(t.title)}" for name, t in scene.program.triggers.items() if t.title
    )
    columns = {
        "title": f"CASE a.trigger{titles} ELSE a.trigger END" if titles else "a.trigger",
        "state": standing.state_sql(at, "a"),
        "user": "o.user",
        "respond_within_s": f"CASE a.severity{allowed} END" if allowed else "NULL",
    }
    selected = ", ".join(
        f"({columns.get(name, f'a.{ident(name)}')})::{kind} AS {ident(name)}"
        for name, kind in REPORTED["alerts"].items()
    )
    return f"""SELECT {selected} FROM ops.alerts a
    LEFT JOIN ({standing.rows_sql(scene.program, scene.stored)}) r ON r.entity = a.entity AND r.key = a.key
    LEFT JOIN ({_owners(scene)}) o ON o.owner = lower(trim(r.owner))
    WHERE NOT a.is_experimental AND a.fired_at <= {at}"""


def _tasks(scene: Scene) -> str:
    if not scene.stored.columns("ops.tasks"):
        return _none("tasks")
    columns = {"account": "a.account", "user": "t.assignee"}
    selected = ", ".join(
        f"({columns.get(name, f't.{ident(name)}')})::{kind} AS {ident(name)}"
        for name, kind in REPORTED["tasks"].items()
    )
    return f"SELECT {selected} FROM ops.tasks t LEFT JOIN ops.alerts a ON a.alert = t.alert"


# --- histories --------------------------------------------------------------------------------------------


def _scores(scene: Scene) -> str:
    if not scene.stored.columns("derived.score_states"):
        return _none("scores")
    first = [literal(health.name) for name in scene.program.entities if (health := view.primary(scene.program, name))]
    is_primary = f"score IN ({', '.join(first)})" if first else "false"
    after = "OVER (PARTITION BY score, key ORDER BY as_of)"
    return f"""SELECT score, entity, key, as_of AS since, lead(as_of) {after} AS until,
        (score_milli / 1000.0)::DECIMAL(18,4) AS points, band, lag(band) {after} AS band_before,
        {is_primary} AS is_primary
    FROM derived.score_history WHERE as_of <= {literal(engine.naive_utc(scene.as_of))}"""


def _places(scene: Scene) -> str:
    if not scene.stored.columns("derived.segment_history"):
        return _none("places")
    return f"""SELECT segment, entity, key, as_of AS since, place FROM derived.segment_history
    WHERE as_of <= {literal(engine.naive_utc(scene.as_of))}"""


# --- the sources --------------------------------------------------------------------------------------------


def _sources(scene: Scene) -> str:
    counted: dict[str, tuple[object, ...]] = {}
    if scene.stored.columns("derived.quality_sources"):
        told = "SELECT source, records, rejects, invalid FROM derived.quality_sources"
        counted = {name: tuple(counts) for name, *counts in scene.con.execute(told).fetchall()}
    unknown = (None, None, None)
    return _values(
        "sources",
        (
            (each.source, each.title, each.read_at, each.state, *counted.get(each.source, unknown))
            for each in states(scene)
        ),
    )


def _checks(scene: Scene) -> str:
    if not scene.stored.columns("derived.quality_checks"):
        return _none("checks")
    columns = ", ".join(f"{ident(name)}::{kind} AS {ident(name)}" for name, kind in REPORTED["checks"].items())
    return f"SELECT {columns} FROM derived.quality_checks"


def _volumes(scene: Scene) -> str:
    columns = ", ".join(f"{ident(name)}::{kind} AS {ident(name)}" for name, kind in REPORTED["volumes"].items())
    return f"SELECT {columns} FROM meta.volumes" if scene.stored.columns("meta.volumes") else _none("volumes")


def _runs(scene: Scene) -> str:
    def rows() -> Iterator[tuple[object, ...]]:
        for entry in islice(journal.entries(scene.workspace, "sync"), _RUNS):
            began = journal.began(entry)
            if began is None or began > scene.as_of:
                continue
            for source in entry.get("sources", ()):
                yield (
                    str(entry.get("run")), source.get("source"), source.get("status"), began,
                    _seconds(source.get("streams")), source.get("error") or None,
                )  # fmt: skip

    return _values("runs", rows())


def _seconds(streams: object) -> float | None:
    """How long the streams of a source were read, all together."""
    told = [stream.get("seconds") for stream in streams] if isinstance(streams, list) else []
    known = [float(value) for value in told if isinstance(value, int | float)]
    return round(sum(known), 4) if known else None


_TABLES: Mapping[str, Callable[[Scene], str]] = {
    "people": _people,
    "owners": _owners,
    "goals": _goals,
    "spans": _spans,
    "briefs": _briefs,
    "alerts": _alerts,
    "tasks": _tasks,
    "scores": _scores,
    "places": _places,
    "sources": _sources,
    "checks": _checks,
    "volumes": _volumes,
    "runs": _runs,
}
