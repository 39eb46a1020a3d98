"""Weights and points for a score's components, learned from looks. What comes out is again a score to be read.

Two kinds. `weights`: the components keep their points, and get weights that are whole numbers and never negative.
`points`: a component that needs one fact alone also gets new points for that fact's values. Penalties stay as they are
and are reckoned with; components that are known in none of the looks keep their share of the weight.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from execution import engine
from execution.directives.dependencies import words
from execution.directives.model import Component, Health
from execution.engine import ident
from execution.proof import looks, regression
from execution.proof.binning import Group, Seen, Steps, steps_of
from execution.proof.looks import LOOK, Expected

Kind = Literal["weights", "points"]

_NUMBERS = ("BIGINT", "DOUBLE", "DECIMAL")
_ROUNDS = 3
"""How often weights are learned anew, with the penalties at what the last weights make a point worth."""
_MOST_NAMES = 200
_MOST_NUMBERS = 5_000
_ROUND_TO = 5
"""Points are multiples of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is proposed for one component: its weight, and new points where they are learned too: the lines of its
    `score`."""

    component: str
    weight_before: float
    weight: int
    score: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Learned:
    """A score with what was learned, what that changes, and the components of which nothing could be."""

    kind: Kind
    health: Health
    changes: tuple[Change, ...]
    unlearned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lesson:
    """The looks to learn from: those that the condition `where` over `parts` chooses, and what a bad end is."""

    con: engine.Connection
    expected: Expected
    where: str

    @property
    def rows(self) -> str:
        """SQL of the looks with their facts."""
        return f"facts f JOIN looks l ON l.look = f.{LOOK} JOIN parts p ON p.look = l.look WHERE {self.where}"

    @property
    def bad(self) -> str:
        """SQL for whether a look ended as a low score should foretell."""
        return "l.happened" if self.expected.foretold_by == "low score" else "(NOT l.happened)"


def prepare(con: engine.Connection, health: Health, expected: Expected) -> None:
    """Make the temporary table `said`: what each component alone says of each look, in points, and in `off` what all
    penalties take away. `learn` reads it, as often as it is called."""
    looks.score(con, health, expected, "scored")
    selected, joins = ["w.look", "CAST(w.off_milli AS DOUBLE) / 1000 AS off"], ["scored w"]
    for number, name in enumerate(health.components):
        table = f"said_{number}"
        looks.score(con, looks.only(health, name), expected, table)
        selected.append(f"CAST(s{number}.score_milli AS DOUBLE) / 1000 AS {_said(name)}")
        joins.append(f"JOIN {table} s{number} ON s{number}.look = w.look")
    con.execute(f"CREATE OR REPLACE TEMP TABLE said AS SELECT {', '.join(selected)} FROM {' '.join(joins)}")


def learn(
    con: engine.Connection, health: Health, types: Mapping[str, str], expected: Expected, kind: Kind, where: str
) -> Learned | None:
    """What the looks teach that the condition `where` over the table `parts` (part, fold) chooses; None where no
    component tells anything. `types` are the facts that the score names. Call `prepare` before."""
    lesson = _Lesson(con, expected, where)
    steps: dict[str, Steps] = {}
    for name, component in health.components.items() if kind == "points" else ():
        if (fact := own_fact(component, types)) and (found := _steps(lesson, fact, types[fact], component)):
            steps[name] = found
    known = _features(lesson, health, steps)
    shares = _shares(lesson, health, {name: steps[name].width if name in steps else 1.0 for name in known})
    if not shares:
        return None
    return _proposed(health, kind, steps, shares)


def own_fact(component: Component, types: Mapping[str, str]) -> str | None:
    """The one fact that a component's points depend on, if it is one alone and can be put into groups."""
    named = {name for name in types if name.lower() in words(component.score)} | {*component.needs}
    if len(named) != 1:
        return None
    (fact,) = named
    is_fit = types.get(fact, "").startswith(_NUMBERS) or types.get(fact) in ("VARCHAR", "BOOLEAN")
    return fact if is_fit else None


# --- points -------------------------------------------------------------------------------------


def _steps(lesson: _Lesson, fact: str, kind: str, component: Component) -> Steps | None:
    """The groups of a fact, named as the component's author names it: in quotes where that is a word of SQL."""
    named = ident(fact) if ident(fact) in component.score else fact
    column = f"f.{ident(fact)}"
    finite = f" AND isfinite({column})" if kind == "DOUBLE" else ""
    counted = (
        f"SELECT {column} AS value, count(*) FILTER ({lesson.bad}) AS events, "
        f"count(*) FILTER (NOT {lesson.bad}) AS others "
        f"FROM {lesson.rows} AND {column} IS NOT NULL{finite} GROUP BY value"
    )
    if kind in ("VARCHAR", "BOOLEAN"):
        rows = lesson.con.execute(f"FROM ({counted}) ORDER BY events + others DESC, value").fetchall()
        rare = rows[_MOST_NAMES:]
        rest = Group(sum(events for _, events, _ in rare), sum(others for *_, others in rare))
        return steps_of(named, kind, [Seen(*row) for row in rows[:_MOST_NAMES]], rest)
    # Of very many values neighbours are counted as the greatest of them.
    place = f"rank() OVER (ORDER BY value) * {_MOST_NUMBERS} // greatest(count(*) OVER (), {_MOST_NUMBERS})"
    rows = lesson.con.execute(
        "SELECT max(value), sum(events)::BIGINT, sum(others)::BIGINT "
        f"FROM (SELECT *, {place} AS place FROM ({counted})) GROUP BY place ORDER BY 1"
    ).fetchall()
    return steps_of(named, kind, [Seen(Fraction(value), events, others) for value, events, others in rows])


# --- weights ------------------------------------------------------------------------------------


def _said(name: str) -> str:
    """The column of a component, quoted; no fact can have that name."""
    return ident(f".{name}")


def _features(lesson: _Lesson, health: Health, steps: Mapping[str, Steps]) -> list[str]:
    """Make the temporary table `learned` of the looks counted by what each component says of them, in `off` what
    penalties take away; the components that are known in any. An unknown component says nothing: 0."""
    chosen = f"said s JOIN looks l ON l.look = s.look JOIN parts p ON p.look = l.look WHERE {lesson.where}"
    points = ", ".join(f"count(s.{_said(name)}), avg(s.{_said(name)})" for name in health.components)
    row = lesson.con.execute(f"SELECT {points} FROM {chosen}").fetchall()[0]
    middles = {name: row[2 * n + 1] for n, name in enumerate(health.components) if row[2 * n]}
    odds = [f"{found.expression(list(map(repr, found.odds)))} AS {_said(name)}" for name, found in steps.items()]
    told = f"SELECT {', '.join([LOOK, *odds])} FROM facts"
    selected = ["s.off"]
    for name, middle in middles.items():
        centred = f"(s.{_said(name)} - {round(middle, 4)!r}) / 100"
        said = f"CASE WHEN s.{_said(name)} IS NOT NULL THEN o.{_said(name)} END" if name in steps else centred
        selected.append(f"coalesce({said}, 0.0) AS {_said(name)}")
    bad = ident(".bad")
    lesson.con.execute(
        f"CREATE OR REPLACE TEMP TABLE learned AS SELECT * EXCLUDE ({bad}), count(*) FILTER ({bad}) AS events, "
        f"count(*) FILTER (NOT {bad}) AS others FROM (SELECT {lesson.bad} AS {bad}, {', '.join(selected)} "
        f"FROM ({told}) o JOIN {chosen.replace(' JOIN', f' ON s.look = o.{LOOK} JOIN', 1)}) GROUP BY ALL"
    )
    return list(middles)


def _shares(lesson: _Lesson, health: Health, widths: Mapping[str, float]) -> dict[str, float]:
    """Each known component's share of what they tell together; nothing where that is nothing. `widths` are what lies
    between a component's 0 and its 100 points, in its feature."""
    weights = whole_share = 0.0
    total = sum(component.weight for component in health.components.values())
    whole_share = sum(health.components[name].weight for name in widths) / total
    told: dict[str, float] = {}
    worth = 0.0
    for _ in range(_ROUNDS if health.penalties else 1):
        fitted = regression.fit(lesson.con, "learned", [f".{name}" for name in widths], f"{worth!r} * off")
        told = {name: weight * widths[name] for name, weight in zip(widths, fitted.weights, strict=True)}
        weights = sum(told.values())
        worth = weights / (100 * whole_share)
    return {name: value / weights for name, value in told.items()} if weights > 0 else {}


def _proposed(health: Health, kind: Kind, steps: Mapping[str, Steps], shares: Mapping[str, float]) -> Learned:
    weights = whole_weights({name: component.weight for name, component in health.components.items()}, shares)
    changes, components = [], {}
    for name, component in health.components.items():
        found = steps.get(name) if shares.get(name) else None
        lines = found.lines(points_of(found.odds)) if found else ()
        update = {"weight": float(weights[name])} | ({"score": "\n".join(lines)} if lines else {})
        components[name] = component.model_copy(update=update)
        changes.append(Change(name, component.weight, weights[name], lines))
    unlearned = tuple(name for name in health.components if name not in shares)
    return Learned(kind, health.model_copy(update={"components": components}), tuple(changes), unlearned)


def points_of(odds: Sequence[float]) -> list[int]:
    """Odds as points, the worst 0 and the best 100."""
    least, most = min(odds), max(odds)
    return [_ROUND_TO * round(100 / _ROUND_TO * (value - least) / (most - least)) for value in odds]


def whole_weights(before: Mapping[str, float], shares: Mapping[str, float]) -> dict[str, int]:
    """Whole weights that add up to 100: the learned ones by their shares of what they had together, the others as they
    were; none is less than 1."""
    total = sum(before.values())
    exact = {name: Fraction(weight) * 100 / Fraction(total) for name, weight in before.items()}
    together = sum((exact[name] for name in shares), Fraction(0))
    exact |= {name: Fraction(share) * together for name, share in shares.items()}
    return _rounded(exact, 100)


def _rounded(exact: Mapping[str, Fraction], total: int) -> dict[str, int]:
    """Whole numbers of at least 1 nearest to the exact ones, with the same sum."""
    found = {name: max(1, int(value)) for name, value in exact.items()}
    by_rest: Iterable[str] = sorted(exact, key=lambda name: (found[name] - exact[name], name))
    while (missing := total - sum(found.values())) > 0:
        for name in list(by_rest)[:missing]:
            found[name] += 1
    while sum(found.values()) > total:
        name = max(found, key=lambda each: (found[each] - exact[each] if found[each] > 1 else -100, each))
        found[name] -= 1
    return found
