"""Which band a score lies in, and when a row leaves the one it was in.

A band begins at its threshold. With a hysteresis each threshold counts as passed, whichever way, only once the score is
so far past it: a threshold above the row's last band lies that much higher, one at or below it that much lower. So a
score that wavers about a threshold keeps its band, and the same score in the same band stays there for ever.
"""

from execution.directives.model import Health
from execution.engine import ident, literal
from execution.health.formula import Variant, by_segment


def label_sql(health: Health, variants: tuple[Variant, ...], score: str, known: str, before: str | None) -> str:
    """The band, by the columns with the score and the known weight; NULL under the floor of coverage.

    `before` names the column with the band the row was in, NULL where it begins anew.
    """
    enough = by_segment(variants, lambda each: str(each.enough))
    shift = round(health.hysteresis * 1000) if before is not None else 0
    bands = by_segment(variants, lambda each: _band(each, score, shift, before or ""))
    return f"CASE WHEN {known} >= {enough} THEN {bands} END"


def _band(variant: Variant, score: str, shift: int, before: str) -> str:
    labels = list(variant.bands)
    cases = []
    for number, (label, least) in enumerate(variant.bands.items()):
        if shift and least:
            above = ", ".join(map(literal, labels[: number + 1]))
            below = ", ".join(map(literal, labels[number + 1 :])) or "NULL"
            last = ident(before)
            moved = f"CASE WHEN {last} IN ({above}) THEN {least - shift} WHEN {last} IN ({below}) THEN {least + shift}"
            cases.append(f"WHEN {score} >= {moved} ELSE {least} END THEN {literal(label)}")
        else:
            cases.append(f"WHEN {score} >= {least} THEN {literal(label)}")
    return f"CASE {' '.join(cases)} END"
