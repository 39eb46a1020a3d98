"""What the sums, durations, reasons and backfills of a forecast are made of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from execution.directives.model import Source
from execution.directives.model.source import RateLimit
from execution.sync.estimate import Known, Reads
from execution.sync.forecast import Backfill, SourceForecast, StreamForecast, forecast, source_forecast
from execution.sync.plan import Bookmark, Options

from .readings import DUE, FIRST, LAST, NOW, READ, STREAMS, reads, source


def limited(made: Source, limit: Mapping[str, Any], **streams: Mapping[str, Any]) -> Source:
    """The source under a rate limit, some of its streams under their own."""
    api = made.api.model_copy(update={"rate_limit": RateLimit.model_validate(limit), "account": {"path": "/me"}})
    own = {
        name: made.streams[name].model_copy(update={"rate_limit": RateLimit.model_validate(under)})
        for name, under in streams.items()
    }
    return made.model_copy(update={"api": api, "streams": {**made.streams, **own}})


def of(read: Reads, **given: Any) -> SourceForecast:  # noqa: ANN401 - passed on
    return source_forecast(read, "https://x.example", **given)


def stream(read: Reads, name: str) -> StreamForecast:
    return next(each for each in of(read).streams if each.stream == name)


ALL = {"people": Known(is_stored=True, last=LAST, within=1, moment="changed", lately=0)}


def test_a_source_is_the_sum_of_its_streams_and_its_account() -> None:
    found = of(reads(ALL, of=limited(source(), {"requests": 5, "per": "1s"})))
    assert found.account == "/me"
    assert found.requests == 1 + sum(each.counted for each in found.streams)
    assert found.at_least == 1 + sum(each.at_least for each in found.streams)
    assert found.not_known == ("deals", "calls", "blobs")


def test_streams_under_one_limit_add_up_and_waiting_ones_follow() -> None:
    """People are searched at 1 a second; what is read for each of them waits for all of them."""
    slow = limited(
        source(), {"requests": 10, "per": "1s"}, people={"requests": 1, "per": "1s"}, news={"requests": 1, "per": "1s"}
    )
    known = {
        "people": Known(is_stored=True, last=LAST, total=1000, lately=0),
        "news": Known(is_stored=True, last=LAST, total=500, lately=0),
        "notes": Known(due=replace(DUE, requests=101)),
    }
    found = of(reads(known, of=slow))
    assert {each.stream: each.seconds for each in found.streams if each.seconds} == {
        "people": 9,
        "news": 4,
        "notes": 10,
    }
    assert found.seconds == 9 + 10, "longer than the 14 that people and news take together"
    search = next(limit for limit in found.limits if limit.shared_by == ("people", "news"))
    assert (search.asked, search.seconds) == (15, 14)


def test_sources_go_side_by_side_but_for_those_that_wait() -> None:
    one = of(reads(ALL))
    slow, waiting = replace(one, source="slow", seconds=60.0), replace(one, source="late", seconds=5.0, after=("slow",))
    absent = replace(one, source="absent", seconds=900.0, connected=False)
    found = forecast([slow, waiting, replace(one, seconds=10.0), absent], NOW, 7)
    assert found.seconds == 65
    assert found.requests == 3 * one.requests, "nobody asks a source that is not connected"
    assert found.at_least == 3 * one.at_least
    assert "slow/blobs" in found.not_known
    assert not [name for name in found.not_known if name.startswith("absent/")]


def test_more_than_a_day_allows_is_said() -> None:
    quota = limited(source(), {"requests": 1000, "per": "1d"})
    known = {"people": Known(total=1_250_000)}
    found = of(reads(known, state=FIRST, of=quota), warnings=["a word"])
    assert found.warnings[0] == "a word"
    assert "are more than the 1,000 a day that its rate limit allows: at least 1,28" in found.warnings[1]
    assert of(reads(ALL, of=quota)).warnings == ()


@pytest.mark.parametrize(
    ("name", "options", "wanted"),
    [
        ("people", Options(), Backfill(None, None)),
        ("news", Options(), Backfill(NOW - timedelta(days=30), timedelta(days=30))),
        ("deals", Options(), Backfill(None, None)),
        ("news", Options(since=NOW - timedelta(days=2)), Backfill(NOW - timedelta(days=2), timedelta(days=2))),
        ("tags", Options(), None),
        ("notes", Options(), None),
    ],
)
def test_how_far_a_first_sync_reaches_back(name: str, options: Options, wanted: Backfill | None) -> None:
    assert stream(reads(state=FIRST, options=options), name).backfill == wanted


def test_a_full_sync_reads_as_for_the_first_time() -> None:
    full = reads(ALL, options=Options(full=True))
    assert stream(full, "people").backfill == Backfill(None, None)
    assert stream(full, "people").due == "--full"
    assert stream(full, "notes").due == "--full, for all people"
    assert (stream(full, "tags").due, stream(full, "tags").backfill) == ("", None)
    assert stream(reads(ALL), "people").backfill is None


def test_every_kind_of_read_is_named() -> None:
    bookmark = Bookmark(("a",), None, NOW).dump()
    usual = {each.stream: each.reads for each in of(reads(ALL, blobs=replace(READ, resume=bookmark))).streams}
    assert usual == {
        "tags": "full", "whole": "full", "people": "changes", "notes": "per parent", "links": "batch",
        "news": "window", "deals": "feed", "calls": "per parent", "blobs": "resumed",
    }  # fmt: skip
    swept = reads(ALL, people=replace(READ, swept_at=NOW - timedelta(days=8)))
    assert stream(swept, "people").reads == "sweep"
    assert stream(reads(ALL, state=FIRST), "people").reads == "full"


def test_what_is_due_says_why() -> None:
    late = replace(READ, swept_at=NOW - timedelta(days=8))
    assert stream(reads(ALL, people=late), "people").due == "swept every 7 d, the last on 2026-05-24 12:00 UTC"
    never = replace(READ, swept_at=None)
    assert stream(reads(ALL, people=never), "people").due == "swept every 7 d, none so far"
    old = replace(READ, high_water=NOW - timedelta(days=24))
    assert stream(reads(ALL, deals=old), "deals").due == (
        "last complete read 24 d ago, and news keeps 30 d: it may have forgotten something"
    )
    again = source(notes={**STREAMS["notes"], "reread": "name = 'x'", "refresh": "7d"})
    known = {**ALL, "notes": Known(due=replace(DUE, reread=10, refresh=3))}
    assert stream(reads(known, of=again), "notes").due == (
        "10 people are read again while name = 'x'; 3 people are read again after 7 d"
    )
    assert stream(reads(ALL), "tags").due == ""
