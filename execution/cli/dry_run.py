"""How `gtm sync --dry-run` shows its forecast: by source, what each stream asks, how much that is and what says so."""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from execution.cli.printing import harmless, not_connected, note, say
from execution.sync.pacing import in_words

if TYPE_CHECKING:
    from execution.sync.first_request import FirstRequest
    from execution.sync.forecast import Forecast, SourceForecast, StreamForecast

_WIDTH_WHEN_PIPED = 160
_LISTED = 3
"""Values of a list in a body that are named; of the others only how many there are."""


def show(forecast: "Forecast") -> None:
    """Print it: tables, requests and sums on stdout, what else to know on stderr."""
    width = _width()
    for source in forecast.sources:
        _show_source(source, width)
    for source in forecast.sources:
        for warning in source.warnings:
            note(harmless(f"{source.source}: {warning}"))
        if not source.connected:
            note(f"{not_connected(source.source, source.missing, 'not connected, so not asked')}")
    say(f"in all {_sums(forecast)}")
    if forecast.not_known and not forecast.asked:
        note("what is not known counts with its least; --probe asks the vendors for what they count themselves")
    going_by = f"by publication {forecast.publication}" if forecast.publication else "nothing is stored to go by"
    note(f"{going_by}; {f'asked {_many(forecast.asked)} to know' if forecast.asked else 'nothing was asked'}")


def _width() -> int:
    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal():
        from shutil import get_terminal_size

        return max(40, get_terminal_size().columns)
    return _WIDTH_WHEN_PIPED


def _show_source(source: "SourceForecast", width: int) -> None:
    state = "" if source.connected else " (not connected)"
    say(_wrapped(f"{source.source}{state}: {_sums(source)}", width))
    say(_wrapped(f"  {', '.join(filter(None, [source.base_url, '; '.join(_limits(source))]))}", width))
    _print_table(source.streams, width)
    names = max(len(each.stream) for each in source.streams) + 2
    if source.account:
        say(f"  {'':<{names}}GET {harmless(source.account)} (once, for the account)")
    for each in source.streams:
        lines = list(_lines(_shown(each.request), width - names - 2))
        say("\n".join(f"  {each.stream if not at else '':<{names}}{line}" for at, line in enumerate(lines)))
    for reason, streams in _special(source.streams).items():
        say(_wrapped(f"  in this run: {', '.join(streams)}: {reason}", width))
    say()


def _print_table(streams: Sequence["StreamForecast"], width: int) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    has_since = any(each.since for each in streams)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("stream", overflow="fold", min_width=max(len(each.stream) for each in streams))
    table.add_column("reads", no_wrap=True)
    if has_since:
        table.add_column("since (UTC)", min_width=16)
    table.add_column("requests", justify="right", no_wrap=True)
    table.add_column("going by", overflow="fold", ratio=1)
    for each in streams:
        since = [f"{each.since:%Y-%m-%d %H:%M}" if each.since else ""] if has_since else []
        requests = f"at least {each.at_least:,}" if each.requests is None else f"{each.requests:,}"
        table.add_row(*(Text(harmless(text)) for text in (each.stream, each.reads, *since, requests, each.basis)))
    Console(width=width, highlight=False).print(table)


def _special(streams: Sequence["StreamForecast"]) -> dict[str, list[str]]:
    """What is out of the ordinary in this run, and the streams it holds for."""
    found: dict[str, list[str]] = {}
    for stream in streams:
        back = stream.backfill
        if back and back.since and back.reach:
            windows = "one window" if back.windows == 1 else f"{back.windows} windows"
            reason = f"{stream.due}, {in_words(back.reach)} back, from {back.since:%Y-%m-%d %H:%M} on, in {windows}"
        else:
            reason = f"{stream.due}, from the beginning" if back else stream.due
        if reason:
            found.setdefault(reason, []).append(stream.stream)
    return found


def _limits(source: "SourceForecast") -> Iterator[str]:
    """The limits, and which of them hold the run up; which streams each is for, where there are several; and what they
    allow in a day, where much may be asked."""
    is_much = any(each.backfill for each in source.streams)
    for limit in source.limits:
        named = f" for {', '.join(limit.shared_by)}" if len(source.limits) > 1 and len(limit.shared_by) < 6 else ""
        held = f" (at least {in_words(timedelta(seconds=limit.seconds))})" if limit.seconds else ""
        daily = f" ({limit.daily:,} a day)" if is_much else ""
        yield f"{_many(limit.requests)} per {in_words(limit.per)}{daily}, {limit.concurrency} at once{named}{held}"


def _sums(found: "Forecast | SourceForecast") -> str:
    """How many requests, and how long they take at the least."""
    requests = _many(found.requests)
    if found.not_known:
        requests += " or more"
    elif found.requests != found.at_least:
        requests = f"about {requests}"
    if found.seconds:
        return f"{requests}, at least {in_words(timedelta(seconds=found.seconds))}"
    return f"{requests}, {'how long is not known' if found.not_known else 'no wait for rate limits'}"


def _many(requests: int) -> str:
    return f"{requests:,} request{'' if requests == 1 else 's'}"


def _shown(request: "FirstRequest") -> str:
    query = "&".join(f"{name}={value}" for name, value in request.params.items())
    body = f" {_in_short(request.body)}" if request.body else ""
    rest = "" if request.is_complete else " + the window, by its client"
    return harmless(f"{request.method} {request.path}{'?' if query else ''}{query}{body}{rest}")


def _in_short(value: object) -> str:
    """A body as one reads it: long lists by their first values."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{name}: {_in_short(inner)}" for name, inner in value.items()) + "}"
        case list() | tuple():
            rest = f", … {len(value):,} in all" if len(value) > _LISTED else ""
            return "[" + ", ".join(_in_short(inner) for inner in value[:_LISTED]) + rest + "]"
        case _:
            return str(value)


def _lines(text: str, width: int) -> Iterator[str]:
    """`text` in lines, broken at blanks and before `&` where it can be."""
    line = ""
    for piece in re.split(r"(?=[ &])", text):
        if line and len(line) + len(piece) > width:
            yield line
            line = piece.lstrip()
        else:
            line += piece
    yield line


def _wrapped(text: str, width: int) -> str:
    return "\n".join(f"{'    ' if at else ''}{line}" for at, line in enumerate(_lines(harmless(text), width - 4)))
