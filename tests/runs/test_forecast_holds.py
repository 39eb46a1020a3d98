"""A forecast against what the sync then really asks of the sandbox: all four vendors, unchanged, changed and in full.

The bounds that are stated here: what is certain is never more than what is asked; unchanged, or read in full, a source
asks at most a third more or less than forecast; and after a week of customers' lives, all of them together at most
twice as much or half (that of one alone is a handful of changes, and as good as chance).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from execution import store
from execution.bootstrap.probing import probe
from execution.directives import load, read_folder
from execution.runs.planning import Survey, planned, survey
from execution.runs.session import Session
from execution.sandbox import Options as World
from execution.sandbox import start
from execution.sandbox.process import Running
from execution.settings import Environment
from execution.sync.forecast import Forecast
from execution.sync.plan import Options
from execution.sync.results import RunResult
from execution.sync.state import changes_to_read, parents_to_read
from execution.sync.sync_all import sync_all
from execution.workspace import Workspace

ROOT = Path(__file__).parents[2]
AS_OF = datetime(2026, 6, 1, 9, tzinfo=UTC)
VENDORS = ("calendly", "hubspot", "intercom", "stripe")
UNLIMITED = "{requests: 5000, per: 1s, concurrency: 16}"
SEARCHES = ", ".join(f"{name}: {{rate_limit: {UNLIMITED}}}" for name in ("contacts", "companies", "deals"))


@dataclass
class Moment:
    """One sync: what was known and forecast before it, with and without asking, what it did, and what the vendors saw
    of it. `due` and `named` are how many parents and ids the sync's own code would have read just then."""

    survey: Survey
    forecast: Forecast
    probed: Forecast
    result: RunResult
    log: list[dict[str, Any]]
    due: dict[tuple[str, str], int]
    named: dict[tuple[str, str], int]


@dataclass
class Portal:
    """A sandbox with every vendor, and a workspace that is synced from it again and again."""

    running: Running
    session: Session
    now: datetime = AS_OF

    def sync(self, *, days: float = 0, **options: Any) -> Moment:  # noqa: ANN401 - passed on to Options
        """Let `days` and ten minutes go by, then forecast and sync."""
        if days:
            self.running.advance(days)
        self.now += timedelta(days=days, minutes=10)
        asked = Options(**options)
        before = survey(self.session, [], asked, self.now)
        due, named = self._read_next(before) if before.publication else ({}, {})
        probed = planned(self.session, before, probe(self.session, before))
        seen = len(self.running.log())
        result = sync_all(
            self.session.workspace,
            self.session.program,
            self.session.environment,
            options=asked,
            clock=lambda: self.now,
        )
        streams = [each for source in result.sources for each in source.streams]
        assert [(each.source, each.stream, each.error) for each in streams if each.status != "ok"] == []
        forecast = planned(self.session, before)
        return Moment(before, forecast, probed, result, self.running.log(seen), due, named)

    def _read_next(self, before: Survey) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
        due, named = {}, {}
        with store.reader(self.session.workspace) as con:
            for reads in before.reads:
                for name, stream in reads.source.streams.items():
                    key = (reads.source.name, name)
                    if stream.each:
                        due[key] = len(parents_to_read(con, reads.source, name, self.now))
                    elif reads.plans[name].mode == "by feed":
                        named[key] = len(changes_to_read(con, reads.source, name))
        return due, named


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Moment]]:
    texts = read_folder(ROOT)
    for name in VENDORS:
        streams = f"streams: {{{SEARCHES}}}\n" if name == "hubspot" else ""
        overlay = f"---\nextends: {name}\nenabled: true\napi: {{rate_limit: {UNLIMITED}}}\n{streams}---\n"
        texts = {**texts, f"directives/local/{name}.md": overlay.encode()}
    texts = {**texts, "directives/local/workspace.md": b"---\nextends: workspace\nenabled: false\n---\n"}
    workspace = Workspace(tmp_path_factory.mktemp("ws"))
    with start(World(seed=3, customers=40, as_of=AS_OF, speed=0)) as running:
        program = load(texts).require_valid()
        portal = Portal(running, Session(workspace, program, Environment(running.environment)))
        yield {
            "first": portal.sync(),
            "unchanged": portal.sync(),
            "a week": portal.sync(days=7),
            "full": portal.sync(full=True),
        }


def by_source(moment: Moment, forecast: Forecast) -> list[tuple[str, int, int, int]]:
    """(source, requests certain, forecast and made) of each source that was synced."""
    made = {each.source: each.requests for each in moment.result.sources}
    return [(each.source, each.at_least, each.requests, made[each.source]) for each in forecast.sources]


ALL = ("first", "unchanged", "a week", "full")


@pytest.mark.parametrize("name", ALL)
def test_what_is_certain_is_never_more_than_what_is_asked(moments: dict[str, Moment], name: str) -> None:
    moment = moments[name]
    pages = {(each.source, stream.stream): stream.pages for each in moment.result.sources for stream in each.streams}
    for forecast in (moment.forecast, moment.probed):
        assert forecast.at_least <= moment.result.requests
        for source in forecast.sources:
            for stream in source.streams:
                assert stream.at_least <= pages[source.source, stream.stream], f"{source.source}/{stream.stream}"
    assert [certain <= made for _, certain, _, made in by_source(moment, moment.forecast)] == [True] * len(VENDORS)


@pytest.mark.parametrize("name", ["unchanged", "full"])
def test_a_source_asks_about_as_much_as_forecast(moments: dict[str, Moment], name: str) -> None:
    for forecast in (moments[name].forecast, moments[name].probed):
        assert not forecast.not_known
        found = by_source(moments[name], forecast)
        assert [source for source, *_ in found] == list(VENDORS)
        for source, _, expected, made in found:
            assert expected * 3 / 4 <= made <= expected * 4 / 3, f"{source}: {expected} forecast, {made} made"


def test_what_changes_is_forecast_by_what_changed_before(moments: dict[str, Moment]) -> None:
    moment = moments["a week"]
    assert moment.forecast.at_least < moment.forecast.requests
    assert moment.forecast.requests / 2 <= moment.result.requests <= moment.forecast.requests * 2


def test_an_unchanged_store_is_forecast_to_the_request(moments: dict[str, Moment]) -> None:
    """But for what Intercom's client asks beside the pages: whether its companies are too many for a list."""
    moment = moments["unchanged"]
    pages = {(each.source, stream.stream): stream.pages for each in moment.result.sources for stream in each.streams}
    expected = {
        (source.source, stream.stream): stream.requests
        for source in moment.forecast.sources
        for stream in source.streams
    }
    assert expected == pages
    assert moment.forecast.requests == moment.result.requests - 1


def test_before_the_first_sync_only_what_the_vendors_count_is_known(moments: dict[str, Moment]) -> None:
    first = moments["first"]
    assert (first.forecast.publication, first.forecast.asked) == (None, 0)
    assert first.forecast.requests == first.forecast.at_least
    known = {stream.stream for source in first.forecast.sources for stream in source.streams if stream.requests}
    assert known == {"pipelines", "admins", "tags"}, "those of one answer"
    intercom = next(each for each in first.probed.sources if each.source == "intercom")
    made = next(each.requests for each in first.result.sources if each.source == "intercom")
    assert (intercom.not_known, intercom.requests) == ((), made - 1)
    assert first.probed.asked == 7, "six totals and Intercom's account"


@pytest.mark.parametrize("name", ALL[1:])
def test_what_is_due_is_what_the_sync_reads(moments: dict[str, Moment], name: str) -> None:
    """The forecast counts parents and named ids by its own statements: they are to find what the sync's do."""
    moment = moments[name]
    known = {(reads.source.name, stream): each for reads in moment.survey.reads for stream, each in reads.known.items()}
    assert {key: each.due.parents for key, each in known.items() if each.due} == moment.due
    assert {key: each.named for key, each in known.items() if each.named is not None} == moment.named
    assert sum(moment.due.values())


@pytest.mark.parametrize("name", ["unchanged", "full"])
def test_the_requests_shown_are_the_requests_made(moments: dict[str, Moment], name: str) -> None:
    moment = moments[name]
    seen = [
        (each["vendor"], each["method"], each["path"], dict(parse_qsl(each["query"], keep_blank_values=True)))
        for each in moment.log
    ]
    shown = 0
    for source in moment.forecast.sources:
        for stream in source.streams:
            request = stream.request
            if not stream.counted or "{" in request.path:
                continue
            shown += 1
            alike = [query for *what, query in seen if what == [source.source, request.method, request.path]]
            told = {key: value for key, value in request.params.items() if not value.startswith("{account.")}
            assert any(told == {key: query.get(key) for key in told} for query in alike), f"{stream.stream}: {request}"
            assert any(request.params.keys() == query.keys() for query in alike), f"{stream.stream}: {request}"
    assert shown > 15
