"""`gtm segments`: who is in which segment, and who came and went."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import harmless, note, print_table, say

if TYPE_CHECKING:
    from execution.bootstrap.segments import Belongings, Inside, Overview
    from execution.segments.members import Member, Move
    from execution.segments.standing import Moved, Standing

EXAMPLES = """
gtm segments
gtm segments high_value --limit 10
gtm segments mrr_tier --as-of 2026-01-31 --json
gtm segments --email jane@acme.com
"""
app = application()

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="One segment; without it all of them.")]
Email = Annotated[str | None, typer.Option("--email", metavar="EMAIL", help="Where this customer stands.")]
Limit = Annotated[int, typer.Option(min=0, help="Members and moves at most; 0 for all of them.")]


@app.command(epilog=examples(EXAMPLES))
def segments(
    ctx: typer.Context, name: Name = None, *, email: Email = None, limit: Limit = 25, as_of: AsOf = None
) -> None:
    """Who is in which segment, what they pay, and who came and went.

    With --as-of, as it stood then: membership is kept since the first `gtm score`.
    """
    from execution.bootstrap import pipeline
    from execution.bootstrap import segments as asked

    door, until = Door.of(ctx), pipeline.moment(as_of)
    if email is not None:
        places = asked.belongings(door.workspace, email, name=name, until=until)
        door.show(places, lambda: _print_belongings(places))
    elif name is not None:
        inside = asked.segment(door.workspace, name, until=until, limit=limit)
        door.show(inside, lambda: _print_inside(inside, limit))
    else:
        found = asked.segments(door.workspace, until=until)
        door.show(found, lambda: _print_overview(found))


def _print_overview(found: "Overview") -> None:
    rows = [row for each in found.segments for row in _rows(each)]
    if rows:
        headings = ("segment", "group", "members", f"MRR {found.currency}", "7 days", "30 days", "not known")
        _print_filled(headings, rows)
    for line in _notes(found.segments):
        note(line)


def _rows(each: "Standing") -> Iterator[tuple[object, ...]]:
    """A segment's groups, a line for each; a set is one line."""
    for number, group in enumerate(each.groups):
        is_first = number == 0
        changes = [_change(moved) for moved in group.moved]
        unknown = each.unknown if is_first else None
        label = group.name if len(each.groups) > 1 else ""
        money = _money(group.mrr, group.unpriced)
        yield (each.segment if is_first else "", label, _count(group.members), money, *changes, _count(unknown))


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _money(amount: Decimal | None, unpriced: int | None) -> str:
    if amount is None:
        return ""
    return f"{amount:,.2f}" + (f" (+{unpriced:,} not known)" if unpriced else "")


def _change(moved: "Moved") -> str:
    """`+3 -1`, starred where it may be the directive's doing; nothing where nobody knows."""
    if moved.entered is None or moved.left is None:
        return ""
    parts = [f"+{moved.entered:,}" if moved.entered else "", f"-{moved.left:,}" if moved.left else ""]
    return (" ".join(part for part in parts if part) or "0") + ("*" if moved.rules_changed else "")


def _notes(segments: "Sequence[Standing]") -> Iterator[str]:
    never = [each.segment for each in segments if each.as_of is None and each.since is None]
    later = {each.since: each.segment for each in segments if each.as_of is None and each.since is not None}
    if not segments:
        yield "no segments: declare one in directives/segments/"
    if never:
        yield f"not worked out yet, so run `gtm score`: {', '.join(never)}"
    for since in sorted(later):
        which = "" if len(later) == 1 else f"of {later[since]} "
        yield f"nothing is known of then: who was in it {which}is kept since {_time(since)}"
    if any(moved.entered is None for each in segments for group in each.groups for moved in group.moved):
        begun = min(each.since for each in segments if each.since is not None)
        yield f"changes are empty where membership is not known so long: it is kept since {_time(begun)}"
    if any(moved.rules_changed for each in segments for group in each.groups for moved in group.moved):
        yield "* the directive, or one that it rests on, changed in that time"


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment is not None else ""


def _print_inside(inside: "Inside", limit: int) -> None:
    found = inside.standing
    say(f"{found.segment}: {harmless(found.meaning)}")
    say(f"  of {found.entity}, in {found.path}" + (f", owned by {harmless(found.owner)}" if found.owner else ""))
    for name, condition in inside.conditions.items():
        say(f"  {name}: {harmless(' '.join(condition.split()))}")
    if found.as_of is None:
        for line in _notes([found]):
            note(line)
        return
    say(f"  as of {_time(found.as_of)} UTC; empty means: {harmless(found.null)}")
    say()
    _print_counts(inside)
    place = {group.name: group.name for group in found.groups if len(found.groups) > 1}
    rows = [
        (each.key, each.name, place.get(each.place), _money(each.mrr, 0), _health(each), f"{each.since:%Y-%m-%d}")
        for each in inside.members
    ]
    if rows:
        _print_filled(("member", "name", "group", f"MRR {inside.currency}", "health", "since"), rows)
    total = sum(group.members for group in found.groups)
    if limit and total > len(rows):
        note(f"{total - len(rows):,} more; --limit 0 shows all")
    _print_moves(inside.moves)


def _health(member: "Member") -> str:
    score = "" if member.health_score is None else f"{member.health_score:.1f}"
    return f"{score} {member.health_status or ''}".strip()


def _print_counts(inside: "Inside") -> None:
    found = inside.standing
    rows = [
        (
            group.name,
            group.meaning,
            _count(group.members),
            _money(group.mrr, group.unpriced),
            *map(_change, group.moved),
        )
        for group in found.groups
    ]
    _print_filled(("place", "meaning", "members", f"MRR {inside.currency}", "7 days", "30 days"), rows)
    outside = {"not in it": found.not_in, "not known": found.unknown}
    shown = [f"{count:,} {what}" for what, count in outside.items() if count]
    if shown:
        say(f"  besides: {', '.join(shown)}")
    for line in _notes([found]):
        note(line)


def _print_filled(headings: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    """The table without the columns that nobody has anything in."""
    kept = [n for n in range(len(headings)) if any(row[n] not in (None, "") for row in rows)]
    print_table([headings[n] for n in kept], [[row[n] for n in kept] for row in rows])


def _print_moves(moves: "Sequence[Move]") -> None:
    if not moves:
        return
    rows = [(_time(each.at), each.key, each.was or "-", each.place or "-", _why(each)) for each in moves]
    _print_filled(("moved (UTC)", "who", "from", "to", ""), rows)


def _why(move: "Move") -> str:
    if move.is_first:
        return "known from here on"
    return "the directive changed" if move.by_rules else ""


def _print_belongings(found: "Belongings") -> None:
    rows = [(each.segment, each.place or "-", _time(each.since), harmless(each.meaning)) for each in found.places]
    print_table(("segment", "place", "since (UTC)", "meaning"), rows, title=found.email)
    for each in found.places:
        if len(each.moves) > 1 or len(found.places) == 1:
            say(each.segment)
            _print_moves(each.moves)
