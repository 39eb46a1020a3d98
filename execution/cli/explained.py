"""How an explanation of a score reads in a terminal: a picture of the parts, what moved it, and where values come from.

Everything fits 100 columns. Text from outside is shown as data: on one line, and it cannot steer the terminal.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from execution.cli.beside import print_beside
from execution.cli.lines import WIDTH, at_utc, cut, near, one_line, paragraph, points, short, signed, value_text, words
from execution.cli.printing import say
from execution.cli.traced import print_values

if TYPE_CHECKING:
    from execution.bootstrap.explaining import Explained, Person
    from execution.health.deltas import Delta
    from execution.health.explain import Explanation, Part
    from execution.health.moving import Moved, Movement
    from execution.health.overrides import Beside
    from execution.health.runs import Mark

_BAR = 25
_LABEL = 34
_PER_CHARACTER = 100_000 / _BAR
_SHOWN = 10
"""Thousandths from which on a part that moved has a line of its own: where shares are rounded, others move by one."""


def print_explained(found: "Explained") -> None:
    """An explanation, and of an account its people."""
    say(f"{one_line(found.name)}  {one_line(found.key)}" if found.name else one_line(found.key))
    if found.explanation is not None:
        _print(found.explanation, found.beside)
    elif found.kind == "account":
        say("  no score of its own: no health directive is about companies, or it has not been scored")
        if found.beside is not None:
            print_beside(found.beside)
    if found.kind == "account":
        _print_people(found.people)


def _print(found: "Explanation", beside: "Beside | None") -> None:
    _print_head(found)
    if beside is not None:
        print_beside(beside)
    _print_parts(found)
    _print_unknown(found)
    _print_following(found)
    _print_moved(found)
    print_values(found)


# --- the score ----------------------------------------------------------------------------------


def _print_head(found: "Explanation") -> None:
    known = f"{(found.coverage or 0) / 10:.0f} % of the weight is known"
    if found.coverage is None:
        say(f"  {one_line(found.title)}: not for them (the directive's `where` does not hold)")
    elif found.milli is None:
        say(f"  {one_line(found.title)}: no score; nothing it is made of is known")
    else:
        band = found.band or f"no band: under {found.coverage_floor / 10:.0f} % known"
        say(f"  {one_line(found.title)} {points(found.milli)} of 100, {words(band)}; {known}")
    bands = ", ".join(f"{words(label)} from {short(least)}" for label, least in found.bands.items())
    waver = f", {found.hysteresis:g} points either way to leave one" if found.hysteresis else ""
    paragraph(f"bands: {bands}{waver}")
    if found.segment:
        say(f"  weights and thresholds are those of {found.segment}")
    say(f"  as of {at_utc(found.scored_at)}, by {found.line} (version {found.version}, {found.directive[:8]})")
    for note in found.notes:
        paragraph(f"note: {note}")
    say()


def _print_parts(found: "Explanation") -> None:
    say(f"  {'part':<{_LABEL}} {'points':>6} {'weight':>6} {'gives':>8}  {'0':<{_BAR - 3}}100  line")
    for part in found.parts:
        if part.kind == "penalty" and not part.milli:
            continue
        say(f"  {cut(part.label, _LABEL)} {_points_of(part):>6} {_weight_of(part):>6} {_gives(part):>8}  "
            f"{_bar(part):<{_BAR}} {near(part.line, found.path)}".rstrip())  # fmt: skip
    say(f"  {'score':<{_LABEL}} {'':>6} {'':>6} {points(found.milli):>8}")
    idle = [part.label for part in found.parts if part.kind == "penalty" and part.milli == 0]
    if idle:
        paragraph(f"takes nothing off: {'; '.join(map(one_line, idle))}")
    say()


def _points_of(part: "Part") -> str:
    return "" if part.points is None else f"{part.points / 1000:.1f}"


def _weight_of(part: "Part") -> str:
    if part.weight is None:
        return ""
    return f"{part.share:.0%}" if part.share is not None else f"({part.weight:.0%})"


def _gives(part: "Part") -> str:
    if part.milli is None:
        return "unknown" if part.kind == "component" else ""
    return signed(part.milli) if part.kind != "component" else points(part.milli)


def _bar(part: "Part") -> str:
    """What a component gives of what it could give; what a penalty takes."""
    if part.milli is None:
        return ""
    given = round(abs(part.milli) / _PER_CHARACTER)
    if part.kind != "component":
        return ("▒" if part.milli < 0 else "+") * max(1, min(given, _BAR))
    best = round((part.share or 0) * _BAR)
    return "█" * given + "░" * max(0, best - given)


def _print_unknown(found: "Explanation") -> None:
    unknown = [part for part in found.parts if part.kind == "component" and part.milli is None]
    for part in unknown:
        why = [f"{name} is not known: {_null(found, name)}" for name in part.missing]
        paragraph(f"{part.label} is left out: {'; '.join(why) or 'its expression gives no number'}")
    if unknown and found.milli is not None:
        say(f"  so the score lies between {points(found.low)} (all of that at its worst) "
            f"and {points(found.high)} (at its best)")  # fmt: skip
    if unknown:
        say()


def _null(found: "Explanation", name: str) -> str:
    value = found.values.get(name)
    return value.unknown if value is not None and value.unknown else "not captured"


def _print_following(found: "Explanation") -> None:
    if found.churn_risk is not None:
        say(f"  churn risk {points(found.churn_risk)} of 100")
    for signal in found.signals:
        say(f"  {signal.severity + ':':<9} {one_line(signal.message)}  ({near(signal.line, found.path)})")
    if found.action:
        say(f"  to do:    {one_line(found.action)}")
    if found.potential:
        say(f"  room to grow: {found.potential}, {one_line(found.potential_reason or '')}")
    say()


# --- what moved it ------------------------------------------------------------------------------


def _print_moved(found: "Explanation") -> None:
    if found.moved is not None:
        _print_movement(found.moved)
    elif found.since is not None:
        say(f"  what moved it: nothing since the first time it was scored, {at_utc(found.since)}")
    known = [delta for delta in found.deltas if delta.change is not None]
    if known:
        say("  " + "   ".join(f"{delta.days} d {_delta(delta)}" for delta in known))
    marks = dict.fromkeys(mark for delta in known for mark in delta.marks)
    for mark in () if found.moved and set(marks) <= set(found.moved.marks) else marks:
        _print_mark(mark)
    say()


def _delta(delta: "Delta") -> str:
    if not delta.marks:
        return signed(delta.change or 0)
    if delta.customer is None:
        return f"{signed(delta.change or 0)} (definitions changed in between)"
    return f"{signed(delta.change or 0)} ({signed(delta.customer)} theirs, {signed(delta.formula or 0)} the formula's)"


def _print_movement(moved: "Movement") -> None:
    change = f"{points(moved.before)} → {points(moved.after)}"
    is_last = moved.since >= moved.until
    when = f"last moved {at_utc(moved.until)}" if is_last else f"what moved it since {at_utc(moved.since)}"
    band = "" if moved.band_before == moved.band_after else f", {_band(moved.band_before)} → {_band(moved.band_after)}"
    if not moved.parts and moved.change in (0, None) and not moved.values:
        say(f"  {when}: nothing")
    else:
        by = "" if moved.change is None else f" ({signed(moved.change)})"
        say(f"  {when}: {change}{by}{band}")
    for mark in moved.marks:
        _print_mark(mark)
    if moved.marks and moved.customer is not None and moved.formula is not None:
        say(f"    {signed(moved.customer):>9}  what they did")
        say(f"    {signed(moved.formula):>9}  what the changed directive did")
    shown = [part for part in moved.parts if abs(part.change or 0) >= _SHOWN] or moved.parts
    for part in shown:
        say(f"    {signed(part.change or 0):>9}  {cut(part.label, 40)} {_part(part)}".rstrip())
    if rest := [part.change or 0 for part in moved.parts if part not in shown]:
        say(f"    {signed(sum(rest)):>9}  the other parts, each by less than a hundredth of a point")
    for value in moved.values:
        say(f"    {'':>9}  {cut(value.name, 40)} {value_text(value.before)} → {value_text(value.after)}")


def _part(part: "Moved") -> str:
    return f"{points(part.before)} → {points(part.after)}"


def _print_mark(mark: "Mark") -> None:
    what = []
    if mark.directive:
        before, after = mark.versions or (0, 0)
        versions = f" (version {before} → {after})" if before != after else ""
        what.append(f"directive changed on {mark.as_of:%Y-%m-%d %H:%M}{versions}, now {mark.directive[:8]}")
    if mark.others:
        what.append(f"{', '.join(mark.others)} changed on {mark.as_of:%Y-%m-%d %H:%M}")
    untold = "" if mark.is_split else "; what that did is not told apart"
    paragraph(f"! {' and '.join(what)}{untold}")


def _band(label: str | None) -> str:
    return words(label) if label else "no band"


# --- people -------------------------------------------------------------------------------------


def _print_people(people: "Sequence[Person]") -> None:
    if not people:
        say("  nobody of this account is known")
        return
    say(f"  people, the lowest score first ({len(people)})")
    for person in people:
        score = points(person.score) if person.score is not None else "no score"
        name = f"{cut(person.email, 42)} {one_line(person.name or '')}".rstrip()
        say(f"  {score:>8}  {cut(words(person.band or ''), 10)} {name}")
        if person.because:
            say(cut(f"            {person.because}", WIDTH).rstrip())
