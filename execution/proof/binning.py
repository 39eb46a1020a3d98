"""Points for the values of one fact, learned from how often each was followed by the event. Pure.

Values are put into a few groups that differ by more than chance, numbers at cuts that a person would choose; each group
gets the log-odds of staying well that its rows show. A group of few rows is drawn towards the whole.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor, log

from execution.engine import literal

MOST_GROUPS = 6
_CUTS = 20
"""Numbers are first cut into so many parts of like size, and these then joined."""
_NEAR = Fraction(2, 100)
"""How far from its place, as a share of the rows, a cut may lie for the sake of a round number."""
_LEAST_SHARE = Fraction(4, 100)
_CHANCE = 3.84
"""Chi-square with one degree of freedom: neighbours that differ by less are one group (p > 0.05)."""
_DRAWN = 20
"""A group is counted as if it had so many more rows, with the rate of all."""

Number = Fraction


@dataclass(frozen=True, slots=True)
class Seen:
    """The rows with one value: those with the event, and the others."""

    value: Number | str | bool
    events: int
    others: int


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring values: numbers up to `below` (None: without end), or the named ones (none: all that are left)."""

    events: int
    others: int
    below: Number | None = None
    values: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return self.events + self.others


@dataclass(frozen=True, slots=True)
class Steps:
    """The groups of one fact (as SQL names it), and for each how well it bodes: log-odds against the event, 0 for the
    whole."""

    fact: str
    kind: str
    groups: tuple[Group, ...]
    odds: tuple[float, ...]

    @property
    def width(self) -> float:
        """From the worst group to the best."""
        return max(self.odds) - min(self.odds)

    def lines(self, values: Sequence[object]) -> tuple[str, ...]:
        """A CASE over the fact with a value for each group, as it is written over several lines."""
        column = self.fact
        if self.kind == "BOOLEAN":
            by_value = {group.values[0]: value for group, value in zip(self.groups, values, strict=True)}
            return (f"case when {column} then {by_value['true']} else {by_value['false']} end",)
        *cases, (_, last) = zip(self.groups, values, strict=True)
        whens = [f"  when {_condition(column, group)} then {value}" for group, value in cases]
        return ("case", *whens, f"  else {last}", "end")

    def expression(self, values: Sequence[object]) -> str:
        """The same on one line."""
        return " ".join(line.strip() for line in self.lines(values))


def _condition(column: str, group: Group) -> str:
    if group.below is not None:
        return f"{column} < {shown(group.below)}"
    names = ", ".join(map(literal, group.values))
    return f"{column} = {names}" if len(group.values) == 1 else f"{column} in ({names})"


def shown(number: Number) -> str:
    """A number as people write it: `12`, `0.25`."""
    return str(number.numerator) if number.denominator == 1 else f"{float(number):.6f}".rstrip("0")


def steps_of(fact: str, kind: str, seen: Sequence[Seen], rest: Group = Group(0, 0)) -> Steps | None:
    """The groups of a fact's values; None where they do not differ by more than chance.

    `kind` is BOOLEAN, VARCHAR, or any type of number; then the values of `seen` are numbers. `rest` are the rows of
    names too rare to be told.
    """
    if len(seen) < 2:
        return None
    if kind == "BOOLEAN":
        groups = [Group(s.events, s.others, values=("true" if s.value else "false",)) for s in seen]
        groups = groups if len(groups) == 2 and _differ(*groups) else []
    elif kind == "VARCHAR":
        groups = _of_names(seen, rest)
    else:
        groups = _of_numbers(seen)
    if len(groups) < 2:
        return None
    return Steps(fact, kind, tuple(groups), tuple(_odds(groups)))


def _odds(groups: Sequence[Group]) -> Iterable[float]:
    rate = sum(group.events for group in groups) / sum(group.rows for group in groups)
    whole = log((1 - rate) / rate)
    for group in groups:
        drawn = (group.events + _DRAWN * rate) / (group.rows + _DRAWN)
        yield log((1 - drawn) / drawn) - whole


# --- numbers ------------------------------------------------------------------------------------


def _of_numbers(seen: Sequence[Seen]) -> list[Group]:
    ordered = sorted(seen, key=lambda each: each.value)
    cuts = [*_cuts(ordered), None]
    groups, at = [], 0
    for cut in cuts:
        events = others = 0
        while at < len(ordered) and (cut is None or Fraction(ordered[at].value) < cut):
            events, others, at = events + ordered[at].events, others + ordered[at].others, at + 1
        groups.append(Group(events, others, below=cut))
    return _joined(groups, lambda one, other: Group(one.events + other.events, one.others + other.others, other.below))


def _cuts(ordered: Sequence[Seen]) -> list[Number]:
    """Round numbers near the quantiles, in order."""
    rows = sum(each.events + each.others for each in ordered)
    found: set[Number] = set()
    for number in range(1, _CUTS):
        low, high = (_quantile(ordered, rows * (Fraction(number, _CUTS) + side * _NEAR)) for side in (-1, 1))
        if low and high:
            found.add(roundest(Fraction(ordered[low - 1].value), Fraction(ordered[high].value)))
    return sorted(found)


def _quantile(ordered: Sequence[Seen], rows: Fraction) -> int:
    """The place of the value that the row of that rank has."""
    so_far = 0
    for place, each in enumerate(ordered):
        so_far += each.events + each.others
        if so_far >= rows:
            return place
    return len(ordered) - 1


def roundest(above: Number, up_to: Number) -> Number:
    """The number that is quickest said, greater than the first and at most the second."""
    step = Fraction(10) ** 12
    while step > Fraction(1, 10**9):
        for part in (step, step / 2, step / 4, step / 5):
            number = (floor(above / part) + 1) * part
            if number <= up_to and (part != step / 4 or part.denominator == 1):
                return number
        step /= 10
    return up_to


# --- names --------------------------------------------------------------------------------------


def _of_names(seen: Sequence[Seen], rare: Group) -> list[Group]:
    """Names with rows enough stand for themselves, ordered from worst to best; the rest is one group, the last."""
    rows = rare.rows + sum(each.events + each.others for each in seen)
    least = max(float(_LEAST_SHARE * rows / 2), _DRAWN)
    known = [s for s in seen if s.events + s.others >= least]
    named = [Group(s.events, s.others, values=(str(s.value),)) for s in known]
    named.sort(key=lambda group: (-Fraction(group.events, group.rows), group.values))
    joined = _joined(
        named, lambda a, b: Group(a.events + b.events, a.others + b.others, values=tuple(sorted(a.values + b.values)))
    )
    rest = [s for s in seen if s not in known]
    others = Group(rare.events + sum(s.events for s in rest), rare.others + sum(s.others for s in rest))
    return [*joined, others] if len(joined) > 1 else []


# --- joining ------------------------------------------------------------------------------------


def _joined(groups: list[Group], join: Callable[[Group, Group], Group]) -> list[Group]:
    """Neighbours joined, the most alike first, until all differ by more than chance and there are few."""
    groups = list(groups)
    rows = sum(group.rows for group in groups)
    while len(groups) > 1:
        differences = [_chi_square(one, other) for one, other in pairwise(groups)]
        small = [n for n, group in enumerate(groups) if group.rows < _LEAST_SHARE * rows]
        least = min(range(len(differences)), key=lambda n: differences[n])
        if small and (differences[least] >= _CHANCE and len(groups) <= MOST_GROUPS):
            beside = [n for n in (small[0] - 1, small[0]) if 0 <= n < len(differences)]
            least = min(beside, key=lambda n: differences[n])
        elif differences[least] >= _CHANCE and len(groups) <= MOST_GROUPS:
            return groups
        groups[least : least + 2] = [join(groups[least], groups[least + 1])]
    return groups


def _differ(one: Group, other: Group) -> bool:
    return _chi_square(one, other) >= _CHANCE


def _chi_square(one: Group, other: Group) -> float:
    """How unlike the rates of two groups are; 0 where both have only one kind of row."""
    rows, events, others = one.rows + other.rows, one.events + other.events, one.others + other.others
    if not one.rows or not other.rows or not events or not others:
        return 0.0
    return (
        (one.events * other.others - other.events * one.others) ** 2 * rows / (one.rows * other.rows * events * others)
    )
