"""A health directive → one SELECT of integer contributions whose sum is the score, exactly.

Pure: a directive and the SQL of its inputs in, SQL out, as named steps. The method:

1. every component gives 0 to 100 points, in thousandths; NULL where one of its `needs` is, or its result is no number;
2. weights are whole numbers (the declared ones over their common denominator); those of unknown components fall away;
3. the contribution of component k is the rounded weighted mean up to k, less the one up to k - 1. Whatever the
   rounding, the contributions add up to the rounded mean of all;
4. penalties come off, and a last part (`clamp`) brings the total back between 0 and 100.

Everything after the first step is integer arithmetic, so any engine gives the same result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from execution.directives.model import Component, Health, Penalty
from execution.engine import ident, literal
from execution.health import names

FULL = 100_000
"""A hundred points in thousandths."""

_KNOWN, _SUM, _BASE, _OFF = (names.own(name) for name in ("known_weight", "known_sum", "base_milli", "off_milli"))
_SCORE, _LOW, _HIGH = (names.own(name) for name in ("score_milli", "low_milli", "high_milli"))
_COVERAGE, _BAND, _RISK = (names.own(name) for name in ("coverage_milli", "band", "churn_risk_milli"))
_ACTION = names.own("recommended_action")


@dataclass(frozen=True, slots=True)
class Weights:
    """A directive's weights as whole numbers, in the order of its components."""

    by_component: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_component.values())


def whole_weights(components: dict[str, Component]) -> Weights:
    """`25, 12.5` → `2, 1`: the same shares, without fractions. Weights count to six decimals."""
    exact = {name: Fraction(f"{component.weight:.6f}") for name, component in components.items()}
    scale = lcm(*(weight.denominator for weight in exact.values()))
    return Weights({name: int(weight * scale) for name, weight in exact.items()})


def compile_score(health: Health, inputs: str, keys: Sequence[str]) -> str:
    """SELECT of one row per row of `inputs` (a SELECT of the keys and every column that expressions name).

    Columns: the keys, score_milli, low_milli, high_milli, coverage_milli (of 1), band, churn_risk_milli,
    recommended_action, one INTEGER per component and penalty, clamp, one BOOLEAN per signal; see `names`. Its one
    parameter, if an expression names it, is `$as_of`.
    """
    weights = whole_weights(health.components)
    steps = {
        "inputs": inputs,
        "expressed": _expressed(health),
        "scored": _scored(health),
        "weighed": _weighed(weights),
        "added": _added(weights),
        "contributed": _contributed(health, weights),
        "totalled": _totalled(health),
        "bounded": _bounded(weights),
        "labelled": _labelled(health, weights),
        "judged": _judged(health),
        "acted": _acted(health),
    }
    ctes = ",\n".join(f"{name} AS (\n{_indented(sql)}\n)" for name, sql in steps.items())
    return f"WITH {ctes}\nSELECT\n    {_lines(_result(health, keys))}\nFROM acted"


def _expressed(health: Health) -> str:
    """What the directive's own expressions give, as numbers and truth values."""
    selected = ["*"]
    for name, component in health.components.items():
        known = " AND ".join(f"{ident(need)} IS NOT NULL" for need in component.needs)
        value = f"CASE WHEN {known} THEN CAST(({_text(component.score)}) AS DOUBLE) END"
        selected.append(f"{value} AS {ident(f'points.{name}')}")
    for name, penalty in health.penalties.items():
        selected.append(f"{_penalty_points(penalty)} AS {ident(f'points.penalty.{name}')}")
    for name, signal in health.signals.items():
        selected.append(f"COALESCE(CAST(({_text(signal.when)}) AS BOOLEAN), false) AS {names.signal(name)}")
    return f"SELECT\n    {_lines(selected)}\nFROM inputs"


def _penalty_points(penalty: Penalty) -> str:
    return f"CASE WHEN ({_text(penalty.when)}) THEN CAST(({_text(penalty.points)}) AS DOUBLE) END"


def _scored(health: Health) -> str:
    selected = ["*"]
    selected += [f"{_milli(f'points.{name}')} AS {ident(f'score.{name}')}" for name in health.components]
    selected += [
        f"COALESCE({_milli(f'points.penalty.{name}')}, 0) AS {ident(f'off.{name}')}" for name in health.penalties
    ]
    return f"SELECT\n    {_lines(selected)}\nFROM expressed"


def _milli(points: str) -> str:
    """Points between 0 and 100 in thousandths; NULL for what is no finite number (a division by zero, a NaN)."""
    column = ident(points)
    bounded = f"CASE WHEN {column} < 0 THEN 0 WHEN {column} > 100 THEN 100 ELSE {column} END"
    return f"CASE WHEN {column} BETWEEN -1e18 AND 1e18 THEN CAST(ROUND({bounded} * 1000) AS BIGINT) END"


def _weighed(weights: Weights) -> str:
    known = " + ".join(
        f"CASE WHEN {ident(f'score.{name}')} IS NULL THEN 0 ELSE {weight} END"
        for name, weight in weights.by_component.items()
    )
    products = [
        f"COALESCE({ident(f'score.{name}')} * {weight}, 0) AS {ident(f'product.{name}')}"
        for name, weight in weights.by_component.items()
    ]
    return f"SELECT\n    {_lines(['*', f'CAST({known} AS BIGINT) AS {_KNOWN}', *products])}\nFROM scored"


def _added(weights: Weights) -> str:
    """The weighted sum up to each component, as a rounded mean over the known weight."""
    selected, so_far = ["*"], []
    for name in weights.by_component:
        so_far.append(ident(f"product.{name}"))
        total = " + ".join(so_far)
        selected.append(f"(2 * ({total}) + {_KNOWN}) // NULLIF(2 * {_KNOWN}, 0) AS {ident(f'upto.{name}')}")
    selected.append(f"{' + '.join(so_far)} AS {_SUM}")
    return f"SELECT\n    {_lines(selected)}\nFROM weighed"


def _contributed(health: Health, weights: Weights) -> str:
    selected, before = ["*"], "0"
    for name in weights.by_component:
        up_to = ident(f"upto.{name}")
        selected.append(
            f"CASE WHEN {ident(f'score.{name}')} IS NOT NULL THEN {up_to} - {before} END AS {names.component(name)}"
        )
        before = up_to
    selected.append(f"{before} AS {_BASE}")
    off = " + ".join(ident(f"off.{name}") for name in health.penalties) or "0"
    selected.append(f"{off} AS {_OFF}")
    return f"SELECT\n    {_lines(selected)}\nFROM added"


def _totalled(health: Health) -> str:
    selected = ["*", f"{_clamped(f'{_BASE} - {_OFF}')} AS {_SCORE}"]
    selected += [
        f"CASE WHEN {_KNOWN} > 0 THEN -{ident(f'off.{name}')} END AS {names.penalty(name)}" for name in health.penalties
    ]
    return f"SELECT\n    {_lines(selected)}\nFROM contributed"


def _bounded(weights: Weights) -> str:
    """The range: the same mean over all weights, with what is unknown at 0 and at 100."""
    total = weights.total
    low = f"(2 * {_SUM} + {total}) // {2 * total} - {_OFF}"
    high = f"(2 * ({_SUM} + ({total} - {_KNOWN}) * {FULL}) + {total}) // {2 * total} - {_OFF}"
    selected = [
        "*",
        f"CASE WHEN {_KNOWN} > 0 THEN {_clamped(low)} END AS {_LOW}",
        f"CASE WHEN {_KNOWN} > 0 THEN {_clamped(high)} END AS {_HIGH}",
        f"(2000 * {_KNOWN} + {total}) // {2 * total} AS {_COVERAGE}",
    ]
    return f"SELECT\n    {_lines(selected)}\nFROM totalled"


def _clamped(total: str) -> str:
    return f"CASE WHEN {total} < 0 THEN 0 WHEN {total} > {FULL} THEN {FULL} ELSE {total} END"


def _labelled(health: Health, weights: Weights) -> str:
    """The band of the greatest threshold reached; none under the floor of coverage."""
    floor = Fraction(f"{health.coverage_floor:.6f}") * weights.total
    is_enough = f"{_KNOWN} > 0 AND {_KNOWN} * {floor.denominator} >= {floor.numerator}"
    ordered = sorted(health.bands.items(), key=lambda band: -band[1])
    cases = " ".join(
        f"WHEN {_SCORE} >= {round(threshold * 1000)} THEN {literal(label)}" for label, threshold in ordered
    )
    return f"SELECT\n    *,\n    CASE WHEN {is_enough} THEN CASE {cases} END END AS {_BAND}\nFROM bounded"


def _judged(health: Health) -> str:
    factors = "".join(
        f" * CASE WHEN {names.signal(name)} THEN {signal.churn_factor!r} ELSE 1 END"
        for name, signal in health.signals.items()
        if signal.churn_factor != 1
    )
    risk = f"ROUND(({FULL} - {_SCORE}) * CAST(1 AS DOUBLE){factors})"
    capped = f"CASE WHEN {risk} > {FULL} THEN {FULL} ELSE CAST({risk} AS BIGINT) END"
    return f"SELECT\n    *,\n    CASE WHEN {_BAND} IS NOT NULL THEN {capped} END AS {_RISK}\nFROM labelled"


def _acted(health: Health) -> str:
    """The first action that applies. Its condition sees the score under the names that people know it by."""
    named = [
        f"{names.value(names.own(column), kind)} AS {ident(name)}" for name, (column, kind) in names.DECLARED.items()
    ]
    cases = " ".join(f"WHEN ({_text(action.when)}) THEN {literal(action.action)}" for action in health.actions)
    action = f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"
    judged = f"SELECT\n    {_lines(['*', *named])}\nFROM judged"
    return f"SELECT *, {action} AS {_ACTION} FROM (\n{_indented(judged)}\n)"


def _result(health: Health, keys: Sequence[str]) -> list[str]:
    parts = [names.component(name) for name in health.components] + [names.penalty(name) for name in health.penalties]
    figures = ("score_milli", "low_milli", "high_milli", "coverage_milli")
    return [
        *map(ident, keys),
        *(f"CAST({names.own(figure)} AS INTEGER) AS {figure}" for figure in figures),
        f"{_BAND} AS band",
        f"CAST({_RISK} AS INTEGER) AS churn_risk_milli",
        f"{_ACTION} AS recommended_action",
        *(f"CAST({part} AS INTEGER) AS {part}" for part in parts),
        f"CAST({_SCORE} - ({_BASE} - {_OFF}) AS INTEGER) AS {names.CLAMP}",
        *(names.signal(name) for name in health.signals),
    ]


def _text(expression: str) -> str:
    """The author's words, on lines of their own, so that a comment at the end closes nothing of ours."""
    return f"\n{expression.strip()}\n" if "--" in expression else expression.strip()


def _lines(items: Sequence[str]) -> str:
    return ",\n    ".join(items)


def _indented(sql: str) -> str:
    return "\n".join(f"    {line}" for line in sql.splitlines())
