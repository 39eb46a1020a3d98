"""The checks of an entity's rows → one SELECT: per row whether each check holds, what every dimension comes to, and
the score made of that.

Pure: a directive in, SQL out. A dimension's share is in millionths, a score in thousandths of a point. What does not
apply to a row or is not known is NULL, and the other dimensions carry its weight.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from execution.directives import Program
from execution.directives.dependencies import words
from execution.directives.facts import Fact, Step
from execution.directives.model import Entity
from execution.directives.model.quality import (
    MAILBOX,
    OF_ROWS,
    SOURCES_KNOWN,
    Completeness,
    Dimension,
    Match,
    Quality,
    RowCheck,
    Uniqueness,
    Validity,
)
from execution.engine import ident, literal
from execution.identity.normalise import mailbox_sql
from execution.measures.relation import same_key, value_of
from execution.measures.stored import Stored, entity_select, key_columns

WHOLE = 1_000_000
"""A share of one, in millionths."""

POINTS = 100_000
"""The greatest score, in thousandths of a point."""


@dataclass(frozen=True, slots=True)
class Rated:
    """One entity's rows: the SELECT of their keys, a column per check (`check.<name>`), and where the directive scores
    them the figures and parts of the score. `checks` are those it has, as written."""

    entity: Entity
    sql: str
    checks: Mapping[str, RowCheck]
    weights: Mapping[Dimension, int]


def check_column(name: str) -> str:
    """Whether a row meets a check; NULL where the check is not about it."""
    return f"check.{name}"


def part_column(dimension: str) -> str:
    """What a dimension gives to a row's score, in thousandths of a point."""
    return f"part.{dimension}"


def whole_weights(weights: Mapping[Dimension, Decimal], order: Sequence[Dimension]) -> dict[Dimension, int]:
    """Weights as whole numbers of the same proportions, in the order of the parts."""
    return {name: int(weights[name] * 1000) for name in order if name in weights}


def rated(
    program: Program,
    quality: Quality,
    entity: Entity,
    stored: Stored,
    freshness: Mapping[str, int | None],
    only: Iterable[str] | None = None,
) -> Rated:
    """The checks of an entity's rows (`only` those named, then without a score) as SQL; its one parameter, if named,
    is `$as_of`. `freshness` is how fresh each source is, in millionths; None where that is not known."""
    checks = quality.of_rows(entity.name)
    weights = whole_weights(quality.scores.get(entity.name, {}), OF_ROWS)
    if only is not None:
        wanted = set(only)
        checks, weights = {name: check for name, check in checks.items() if name in wanted}, {}
    known = _known_by(program, entity, stored)
    keys = ", ".join(map(ident, key_columns(entity)))
    texts = (name for name, fact in _usable(program, entity).items() if fact.type == "VARCHAR")
    about = _About(entity.key, frozenset(texts))
    ctes = [f"facts AS (\n{_facts(program, quality, entity, stored, checks, known)}\n)"]
    ctes += [_twice(name, check, entity.key) for name, check in checks.items() if isinstance(check, Uniqueness)]
    columns = [f"{_verdict(name, check, about)} AS {ident(check_column(name))}" for name, check in checks.items()]
    if not weights:
        sql = f"SELECT {', '.join([keys, *columns])} FROM facts"
        return Rated(entity, _with(ctes, sql), checks, weights)
    shares = [f"{_share(each, checks, known, freshness, about)} AS {ident(each)}" for each in weights]
    ctes.append(f"verdicts AS (SELECT {', '.join(['*', *columns])} FROM facts)")
    kept = [keys, *(ident(check_column(name)) for name in checks)]
    ctes.append(f"shares AS (SELECT {', '.join([*kept, *shares])} FROM verdicts)")
    cumulated = [f"{_cumulated(list(weights.items())[:n])} AS {ident(f'sum.{n}')}" for n in range(1, len(weights) + 1)]
    known_weight = _sum(
        f"CASE WHEN {ident(name)} IS NOT NULL THEN {weight} ELSE 0 END" for name, weight in weights.items()
    )
    ctes.append(f"sums AS (SELECT *, {known_weight} AS known, {', '.join(cumulated)} FROM shares)")
    ctes.append(f"rounded AS (SELECT *, {', '.join(_rounded(len(weights)))} FROM sums)")
    kept[1:1] = _figures(weights)
    return Rated(entity, _with(ctes, f"SELECT {', '.join(kept)} FROM rounded"), checks, weights)


def _with(ctes: Sequence[str], sql: str) -> str:
    return "WITH " + ",\n".join(ctes) + f"\n{sql}"


def _sum(terms: Iterable[str]) -> str:
    return " + ".join(terms) or "0"


# --- what the checks look at ----------------------------------------------------------------------


def _known_by(program: Program, entity: Entity, stored: Stored) -> list[str]:
    """The columns that say which sources know a row."""
    have = stored.columns(f"core.{entity.name}")
    columns = (f"last_{name}_change" for name in sorted(program.sources))
    return [column for column in columns if column in have]


def _facts(
    program: Program,
    quality: Quality,
    entity: Entity,
    stored: Stored,
    checks: Mapping[str, RowCheck],
    known: Sequence[str],
) -> str:
    """The rows with the facts that the checks name, and how many sources know each."""
    conditions = quality.conditions(entity.name)
    texts = [text for path, text in conditions.items() if path[1] in checks]
    named = frozenset[str]().union(*map(words, texts))
    named |= {column.lower() for path, column in quality.columns(entity.name).items() if path[1] in checks}
    keys = key_columns(entity)
    facts = {
        name: fact for name, fact in _usable(program, entity).items() if name.lower() in named and name not in keys
    }
    steps = dict.fromkeys(fact.step for fact in facts.values() if fact.step is not None)
    joined = {step: f"t{n}" for n, step in enumerate(steps) if stored.columns(f"derived.{step.table}")}
    selected = [f"e.{ident(key)}" for key in keys]
    selected += [f"{value_of(fact, joined, stored)} AS {ident(name)}" for name, fact in facts.items()]
    selected += [f"e.{ident(name)}" for name in known]
    selected.append(_sum(f"CAST(e.{ident(name)} IS NOT NULL AS BIGINT)" for name in known) + f" AS {SOURCES_KNOWN}")
    joins = "".join(
        f"\nLEFT JOIN {ident('derived', step.table)} {alias} ON {same_key(keys, alias, 'e')}"
        for step, alias in joined.items()
    )
    own = {fact.column.lower() for fact in facts.values() if fact.step is None} | {name.lower() for name in known}
    rows = entity_select(entity, stored, dict.fromkeys(known, "TIMESTAMP"), own)
    return f"SELECT {', '.join(selected)}\nFROM ({rows}) e{joins}"


def facts_sql(program: Program, quality: Quality, entity: Entity, stored: Stored) -> str:
    """The rows of an entity with everything that its checks name."""
    checks = quality.of_rows(entity.name)
    return _facts(program, quality, entity, stored, checks, _known_by(program, entity, stored))


def _usable(program: Program, entity: Entity) -> dict[str, Fact]:
    """Stored columns and measures; what is worked out after quality cannot be asked."""
    return {
        name: fact
        for name, fact in program.facts(entity.name).items()
        if fact.step is None or fact.step == Step("measures", entity.name)
    }


def alike(check: Uniqueness, key: str) -> list[str]:
    """What two rows must have in common to be candidates, as expressions."""
    return [mailbox_sql(ident(key))] if check.same == (MAILBOX,) else [_plain(column) for column in check.same]


def _plain(column: str) -> str:
    """A value without case and outer blanks; an empty one is none."""
    return f"nullif(lower(trim(CAST({ident(column)} AS VARCHAR))), '')"


@dataclass(frozen=True, slots=True)
class _About:
    """What the checks are about: the entity's key, and which of its columns are text."""

    key: str
    texts: frozenset[str]


def _twice(name: str, check: Uniqueness, key: str) -> str:
    """The values that several rows have. By their hashes first: a number is grouped in half the time of a text."""
    values = [f"{value} AS v{n}" for n, value in enumerate(alike(check, key))]
    names = ", ".join(f"v{n}" for n in range(len(values)))
    known = " AND ".join(f"v{n} IS NOT NULL" for n in range(len(values)))
    where = f" WHERE ({check.where})" if check.where is not None else ""
    kept = ident(f"values.{name}")
    return (
        f"{kept} AS (SELECT *, hash({names}) AS h FROM (SELECT {', '.join(values)} FROM facts{where}) WHERE {known}),\n"
        f"{ident(f'twice.{name}')} AS (SELECT {names} FROM {kept} WHERE h IN "
        f"(SELECT h FROM {kept} GROUP BY h HAVING count(*) > 1) GROUP BY ALL HAVING count(*) > 1)"
    )


def _verdict(name: str, check: RowCheck, about: _About) -> str:
    verdict = _holds(name, check, about)
    return f"CASE WHEN ({check.where}) THEN {verdict} END" if check.where is not None else verdict


def _holds(name: str, check: RowCheck, about: _About) -> str:
    match check:
        case Completeness():
            share = check.known.percent if check.known.percent is not None else Decimal(100)
            return f"({_known(check, about)}) * 1000 >= {int(_total(check) * share * 10)}"
        case Validity():
            return f"CAST(({check.holds}) AS BOOLEAN)"
        case Match():
            return f"({_level(check)}) >= {check.at_least}"
        case Uniqueness():
            values = alike(check, about.key)
            known = " AND ".join(f"{value} IS NOT NULL" for value in values)
            names = ", ".join(f"v{n}" for n in range(len(values)))
            row, several = (f"({', '.join(values)})", f"({names})") if len(values) > 1 else (values[0], names)
            return f"CASE WHEN {known} THEN {row} NOT IN (SELECT {several} FROM {ident(f'twice.{name}')}) END"


def _total(check: Completeness) -> int:
    return sum(int(weight * 1000) for weight in check.columns.values())


def _known(check: Completeness, about: _About) -> str:
    """The weight that is known; text without a character is not."""
    there = {name: "<> ''" if name in about.texts else "IS NOT NULL" for name in check.columns}
    return _sum(
        f"CASE WHEN {ident(name)} {there[name]} THEN {int(weight * 1000)} ELSE 0 END"
        for name, weight in check.columns.items()
    )


def _level(check: Match) -> str:
    cases = " ".join(f"WHEN ({level.when}) THEN {level.points}" for level in check.levels.values())
    return f"CASE {cases} END"


def level_sql(check: Match) -> str:
    """By which of its levels a row came together; NULL where by none."""
    cases = " ".join(f"WHEN ({level.when}) THEN {literal(name)}" for name, level in check.levels.items())
    return f"CASE {cases} END"


# --- what they come to ----------------------------------------------------------------------------


def _share(
    dimension: Dimension,
    checks: Mapping[str, RowCheck],
    known: Sequence[str],
    freshness: Mapping[str, int | None],
    about: _About,
) -> str:
    of = {name: check for name, check in checks.items() if check.dimension == dimension}
    match dimension:
        case "completeness":
            pairs = [(c.where, _known(c, about), str(_total(c))) for c in of.values() if isinstance(c, Completeness)]
        case "freshness":
            rates = {column: freshness.get(column[len("last_") : -len("_change")]) for column in known}
            fresh = {column: rate for column, rate in rates.items() if rate is not None}
            pairs = [(f"{ident(column)} IS NOT NULL", str(rate), str(WHOLE)) for column, rate in fresh.items()]
        case "match":
            pairs = [
                (f"({_and(c.where)}({_level(c)}) IS NOT NULL)", _level(c), "100")
                for c in of.values()
                if isinstance(c, Match)
            ]
        case _:
            columns = [ident(check_column(name)) for name in of]
            pairs = [(f"{column} IS NOT NULL", f"CAST({column} AS BIGINT)", "1") for column in columns]
    have = _sum(_if(where, value) for where, value, _ in pairs)
    full = _sum(_if(where, total) for where, _, total in pairs)
    return f"CAST(({have}) AS BIGINT) * {WHOLE} // nullif({full}, 0)"


def _and(where: str | None) -> str:
    return f"({where}) AND " if where is not None else ""


def _if(where: str | None, value: str) -> str:
    return f"CASE WHEN ({where}) THEN ({value}) ELSE 0 END" if where is not None else f"({value})"


def _cumulated(weights: Sequence[tuple[Dimension, int]]) -> str:
    return _sum(f"coalesce({ident(name)}, 0) * CAST({weight} AS BIGINT)" for name, weight in weights)


def _rounded(count: int) -> list[str]:
    """Points up to each dimension, rounded once: their differences are the parts, and add up to the last exactly."""
    per_point = 2 * WHOLE // POINTS
    return [
        f"CAST(({ident(f'sum.{n}')} * 2 + known * {per_point // 2}) // nullif(known * {per_point}, 0) AS INTEGER) "
        f"AS {ident(f'upto.{n}')}"
        for n in range(1, count + 1)
    ]


def _figures(weights: Mapping[Dimension, int]) -> list[str]:
    total = sum(weights.values())
    found = [
        f"{ident(f'upto.{len(weights)}')} AS quality_score_milli",
        f"CAST(known * 1000 // {total} AS INTEGER) AS quality_coverage_milli",
    ]
    for n, name in enumerate(weights, start=1):
        before = f" - {ident(f'upto.{n - 1}')}" if n > 1 else ""
        part = f"{ident(f'upto.{n}')}{before}"
        found.append(f"CASE WHEN {ident(name)} IS NOT NULL THEN {part} END AS {ident(part_column(name))}")
    return found
