"""A health directive → one SELECT of integer contributions whose sum is the score, exactly.

Pure: a directive and the SQL of its inputs in, SQL out, as named steps. The method:

1. every component gives 0 to 100 points, in thousandths; NULL where one of its `needs` is, or its result is no number;
2. weights are whole numbers; those of unknown components fall away;
3. the contribution of component k is the rounded weighted mean up to k, less the one up to k - 1. Whatever the
   rounding, the contributions add up to the rounded mean of all;
4. penalties come off, and a last part (`clamp`) brings the total back between 0 and 100.

Everything after the first step is integer arithmetic, so any engine gives the same result.
"""

from collections.abc import Iterable, Mapping, Sequence

from execution.directives.facts import FIGURES, FIRST, PRIMARY
from execution.directives.model import Health
from execution.engine import ident, literal
from execution.health import bands, names
from execution.health.formula import FULL, SEGMENT, Variant, by_segment, segment_sql, variants

_APPLIES, _KNOWN, _SUM, _BASE = (names.own(name) for name in ("applies", "known_weight", "known_sum", "base_milli"))
_OFF, _SCORE, _LOW, _HIGH = (names.own(name) for name in ("off_milli", "score_milli", "low_milli", "high_milli"))
_COVERAGE, _BAND, _RISK = (names.own(name) for name in ("coverage_milli", "band", "churn_risk_milli"))
_ACTION, _RULE, _TOTAL = (names.own(name) for name in ("recommended_action", "expansion_rule", "total_weight"))
_TWICE = names.own("twice_known")

_WHOLE = ", ".join(map(literal, ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")))

Variants = tuple[Variant, ...]


def compile_score(
    health: Health,
    inputs: str,
    keys: Sequence[str],
    *,
    own: Iterable[str] | None = None,
    before: str | None = None,
    passed: Sequence[str] = (),
) -> str:
    """SELECT of one row per row of `inputs` (a SELECT of the keys and every column that expressions name).

    Columns: the keys, score_milli, low_milli, high_milli, coverage_milli (of 1), band, churn_risk_milli,
    recommended_action, expansion_potential, expansion_reason, segment, one INTEGER per component and penalty, clamp,
    one BOOLEAN per signal (see `names`), and what of `inputs` is `passed` on. `own` are the names under which
    actions and potential see the score, by default all it may have; `before` is the column with the row's last band, if
    it has one to leave. Its one parameter, if an expression names it, is `$as_of`.
    """
    found = variants(health)
    kind = _whole(found)
    steps = {
        "inputs": inputs,
        "expressed": _expressed(health),
        "scored": _scored(health, kind),
        "weighed": _weighed(health, found, kind),
        "added": _added(health),
        "contributed": _contributed(health),
        "totalled": _totalled(health),
        "bounded": _bounded(found),
        "labelled": _labelled(bands.label_sql(health, found, _SCORE, _KNOWN, before)),
        "judged": _judged(health),
        "acted": _acted(health, _own_names(health, own)),
    }
    ctes = ",\n".join(f"{name} AS (\n{_indented(sql)}\n)" for name, sql in steps.items())
    return f"WITH {ctes}\nSELECT\n    {_lines(_result(health, keys, passed))}\nFROM acted"


def _whole(found: Variants) -> str:
    """The type that the sums fit: half the width is a third of the time."""
    largest = max(4 * FULL * variant.total for variant in found)
    return "INTEGER" if largest < 2**31 else "BIGINT"


def _expressed(health: Health) -> str:
    """What the directive's own expressions give, as numbers and truth values."""
    selected = ["*", f"{segment_sql(health)} AS {SEGMENT}", f"{_applies(health)} AS {_APPLIES}"]
    for name, component in health.components.items():
        needed = [f"{ident(need)} IS NOT NULL" for need in component.needs]
        known = " AND ".join(needed if health.where is None else [_applies(health), *needed])
        selected.append(f"{_where(known, component.score)} AS {ident(f'points.{name}')}")
    for name, penalty in health.penalties.items():
        selected.append(f"{_where(_text(penalty.when), penalty.points)} AS {ident(f'points.penalty.{name}')}")
    for name, signal in health.signals.items():
        selected.append(f"{_holds(health, signal.when)} AS {names.signal(name)}")
    return f"SELECT\n    {_lines(selected)}\nFROM inputs"


def _applies(health: Health) -> str:
    return "true" if health.where is None else f"COALESCE(CAST(({_text(health.where)}) AS BOOLEAN), false)"


def _holds(health: Health, condition: str) -> str:
    holds = f"COALESCE(CAST(({_text(condition)}) AS BOOLEAN), false)"
    return holds if health.where is None else f"({_applies(health)} AND {holds})"


def _where(condition: str, points: str) -> str:
    return f"CASE WHEN ({condition}) THEN ({_text(points)}) END"


def _scored(health: Health, kind: str) -> str:
    """Points kept between 0 and 100, as whole thousandths."""
    selected = ["*"]
    selected += [f"{_thousandths(f'points.{name}', kind)} AS {ident(f'score.{name}')}" for name in health.components]
    selected += [
        f"COALESCE({_thousandths(f'points.penalty.{name}', kind)}, 0) AS {ident(f'off.{name}')}"
        for name in health.penalties
    ]
    return f"SELECT\n    {_lines(selected)}\nFROM expressed"


def _thousandths(points: str, kind: str) -> str:
    """Points cut to 0 to 100 and times a thousand; NULL for what is no number (a NaN, an infinity).

    DuckDB knows the type before it runs, so one of the two is worked out: whole points never become floating-point
    ones, which is an eighth of a score's time. (Cutting whole numbers takes a tenth of what cutting others does.)
    """
    given = ident(points)
    whole = f"CASE WHEN {given} < 0 THEN 0 WHEN {given} > 100 THEN {FULL} ELSE CAST({given} AS {kind}) * 1000 END"
    rounded = _clamped(f"TRY_CAST(ROUND(CAST({given} AS DOUBLE) * 1000) AS BIGINT)")
    return f"CASE WHEN typeof({given}) IN ({_WHOLE}) THEN {whole} ELSE CAST({rounded} AS {kind}) END"


def _weighed(health: Health, found: Variants, kind: str) -> str:
    weights = {
        name: f"{by_segment(found, lambda each, name=name: str(each.weights[name]))}::{kind}"  # type: ignore[misc]
        for name in health.components
    }
    known = " + ".join(
        f"CASE WHEN {ident(f'score.{name}')} IS NULL THEN 0::{kind} ELSE {weight} END"
        for name, weight in weights.items()
    )
    products = [
        f"COALESCE({ident(f'score.{name}')} * {weight}, 0) AS {ident(f'product.{name}')}"
        for name, weight in weights.items()
    ]
    return f"SELECT\n    {_lines(['*', f'{known} AS {_KNOWN}', *products])}\nFROM scored"


def _added(health: Health) -> str:
    """The weighted sum up to each component, as a rounded mean over the known weight."""
    selected, so_far = ["*"], []
    for name in health.components:
        so_far.append(ident(f"product.{name}"))
        total = " + ".join(so_far)
        selected.append(f"(2 * ({total}) + {_KNOWN}) // {_TWICE} AS {ident(f'upto.{name}')}")
    selected.append(f"{' + '.join(so_far)} AS {_SUM}")
    return f"SELECT\n    {_lines(selected)}\nFROM (SELECT *, NULLIF(2 * {_KNOWN}, 0) AS {_TWICE} FROM weighed)"


def _contributed(health: Health) -> str:
    selected, before = ["*"], "0"
    for name in health.components:
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


def _bounded(found: Variants) -> str:
    """The range: the same mean over all weights, with the components that are unknown at 0 and at 100."""
    total = by_segment(found, lambda each: str(each.total))
    low = f"(2 * {_SUM} + {_TOTAL}) // (2 * {_TOTAL}) - {_OFF}"
    high = f"(2 * ({_SUM} + ({_TOTAL} - {_KNOWN}) * {FULL}) + {_TOTAL}) // (2 * {_TOTAL}) - {_OFF}"
    selected = [
        "*",
        f"CASE WHEN {_KNOWN} > 0 THEN {_clamped(low)} END AS {_LOW}",
        f"CASE WHEN {_KNOWN} > 0 THEN {_clamped(high)} END AS {_HIGH}",
        f"CASE WHEN {_APPLIES} THEN (2000 * {_KNOWN} + {_TOTAL}) // (2 * {_TOTAL}) END AS {_COVERAGE}",
    ]
    return f"SELECT\n    {_lines(selected)}\nFROM (SELECT *, {total} AS {_TOTAL} FROM totalled)"


def _clamped(total: str) -> str:
    return f"CASE WHEN {total} < 0 THEN 0 WHEN {total} > {FULL} THEN {FULL} ELSE {total} END"


def _labelled(band: str) -> str:
    return f"SELECT\n    *,\n    {band} AS {_BAND}\nFROM bounded"


def _judged(health: Health) -> str:
    factors = "".join(
        f" * CASE WHEN {names.signal(name)} THEN {signal.churn_factor!r} ELSE 1 END"
        for name, signal in health.signals.items()
        if signal.churn_factor != 1
    )
    risk = f"ROUND(({FULL} - {_SCORE}) * CAST(1 AS DOUBLE){factors})"
    capped = f"CASE WHEN {risk} > {FULL} THEN {FULL} ELSE CAST({risk} AS BIGINT) END"
    return f"SELECT\n    *,\n    CASE WHEN {_BAND} IS NOT NULL THEN {capped} END AS {_RISK}\nFROM labelled"


def _own_names(health: Health, own: Iterable[str] | None) -> dict[str, tuple[str, str]]:
    """What the score itself is called, with the column of its table and the type."""
    named = {f"{health.name}{end}": FIGURES[end] for end in FIRST}
    named |= {name: FIGURES[end] for name, end in PRIMARY.items() if end in FIRST}
    return named if own is None else {name: named[name] for name in own}


def _acted(health: Health, named: Mapping[str, tuple[str, str]]) -> str:
    """The first action and the first rule of expansion that apply. Their conditions see the score under the names that
    people know it by."""
    values = [f"{names.value(names.own(column), kind)} AS {ident(name)}" for name, (column, kind) in named.items()]
    actions = [(action.when, literal(action.action)) for action in health.actions]
    rules = [(rule.when, str(number)) for number, rule in enumerate(health.expansion.values())]
    judged = f"SELECT\n    {_lines(['*', *values])}\nFROM judged"
    selected = ["*", f"{_first(actions, 'VARCHAR')} AS {_ACTION}", f"{_first(rules, 'INTEGER')} AS {_RULE}"]
    return f"SELECT\n    {_lines(selected)}\nFROM (\n{_indented(judged)}\n)"


def _first(cases: Sequence[tuple[str, str]], kind: str) -> str:
    """The result of the first condition that holds, for rows that the score is for."""
    if not cases:
        return f"CAST(NULL AS {kind})"
    whens = " ".join(f"WHEN ({_text(when)}) THEN {then}" for when, then in cases)
    return f"CASE WHEN NOT {_APPLIES} THEN NULL {whens} END"


def _result(health: Health, keys: Sequence[str], passed: Sequence[str]) -> list[str]:
    parts = [names.component(name) for name in health.components] + [names.penalty(name) for name in health.penalties]
    figures = ("score_milli", "low_milli", "high_milli", "coverage_milli")
    rules = list(health.expansion.values())
    return [
        *map(ident, keys),
        *(f"CAST({names.own(figure)} AS INTEGER) AS {figure}" for figure in figures),
        f"{_BAND} AS band",
        f"CAST({_RISK} AS INTEGER) AS churn_risk_milli",
        f"{_ACTION} AS recommended_action",
        f"{_nth(_RULE, [rule.potential for rule in rules])} AS expansion_potential",
        f"{_nth(_RULE, [rule.reason for rule in rules])} AS expansion_reason",
        f"{SEGMENT} AS segment",
        *(f"CAST({part} AS INTEGER) AS {part}" for part in parts),
        f"CAST({_SCORE} - ({_BASE} - {_OFF}) AS INTEGER) AS {names.CLAMP}",
        *(names.signal(name) for name in health.signals),
        *passed,
    ]


def _nth(number: str, texts: Sequence[str]) -> str:
    cases = " ".join(f"WHEN {n} THEN {literal(text)}" for n, text in enumerate(texts))
    return f"CASE {number} {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _text(expression: str) -> str:
    """The author's words, on lines of their own, so that a comment at the end closes nothing of ours."""
    return f"\n{expression.strip()}\n" if "--" in expression else expression.strip()


def _lines(items: Sequence[str]) -> str:
    return ",\n    ".join(items)


def _indented(sql: str) -> str:
    return "\n".join(f"    {line}" for line in sql.splitlines())
