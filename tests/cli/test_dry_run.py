"""`gtm sync --dry-run` as people and programs read it."""

from dataclasses import replace

import pytest

from execution.cli import dry_run
from execution.directives.model.source import RateLimit
from execution.sync.estimate import Known
from execution.sync.first_request import FirstRequest
from execution.sync.forecast import Forecast, forecast, source_forecast
from execution.workspace import Workspace
from tests.conftest import Golden
from tests.sync.readings import DUE, FIRST, LAST, NOW, STREAMS, reads, source

from .conftest import Gtm


@pytest.fixture
def found() -> Forecast:
    """One source before its first sync and not connected, and one that was read yesterday and has much to do."""
    made = source(notes={**STREAMS["notes"], "reread": "name = 'x'"})
    slow = RateLimit.model_validate({"requests": 1, "per": "10s"})
    api = made.api.model_copy(update={"account": {"path": "/me", "team": "id"}})
    streams = {**made.streams, "people": made.streams["people"].model_copy(update={"rate_limit": slow})}
    known = {
        "people": Known(is_stored=True, last=LAST, within=180, moment="changed", lately=120),
        "notes": Known(due=replace(DUE, requests=1200, first={"id": "p-1"})),
        "deals": Known(is_stored=True, last=LAST, named=3, lately=40),
    }
    second = reads(known, of=made.model_copy(update={"api": api, "streams": streams}), blobs=FIRST)
    return forecast(
        [
            source_forecast(reads(state=FIRST), "https://x.example", ["X_TOKEN"]),
            replace(source_forecast(second, "https://y.example", [], ["deals was not counted"]), source="y"),
        ],
        NOW,
        12,
    )


@pytest.mark.parametrize("width", [80, 100])
def test_a_forecast_as_it_is_shown(
    found: Forecast, golden: Golden, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    dry_run.show(found)
    printed = capsys.readouterr()
    assert max(len(line) for line in printed.out.splitlines()) <= width
    golden(f"dry-run/{width}.txt", "\n".join(line.rstrip() for line in printed.out.splitlines()) + "\n")
    golden("dry-run/notes.txt", printed.err)


def test_where_the_vendors_were_asked_it_says_so(found: Forecast, capsys: pytest.CaptureFixture[str]) -> None:
    dry_run.show(replace(found, asked=3, publication=None))
    said = capsys.readouterr().err
    assert "nothing is stored to go by; asked 3 requests to know" in said
    assert "--probe" not in said


def test_text_from_outside_cannot_steer_the_terminal(found: Forecast, capsys: pytest.CaptureFixture[str]) -> None:
    events = replace(found.sources[1].streams[0], basis="by \x1b[31mred", due="\x1b[2J")
    odd = replace(events, request=FirstRequest("GET", "/a\x1b[2Jb", {"q": "\x1b"}))
    dry_run.show(replace(found, sources=(replace(found.sources[1], streams=(odd,), warnings=("\x1b",)),)))
    printed = capsys.readouterr()
    assert "\x1b" not in printed.out + printed.err


def test_requests_are_shown_in_short_and_broken_where_they_can_be() -> None:
    body = {"limit": 200, "properties": ["a", "b", "c", "d", "e"], "of": [{"id": "{x.id}"}]}
    shown = dry_run._shown(FirstRequest("POST", "/search", {}, body, is_complete=False))
    assert shown == (
        "POST /search {limit: 200, properties: [a, b, c, … 5 in all], of: [{id: {x.id}}]} + the window, by its client"
    )
    query = dry_run._shown(FirstRequest("GET", "/things", {"a": "1", "b[gte]": "x y"}))
    assert query == "GET /things?a=1&b[gte]=x y"
    assert list(dry_run._lines("GET /things?first=1&second=2 and more", 20)) == [
        "GET /things?first=1", "&second=2 and more",
    ]  # fmt: skip


def test_a_window_of_several_pieces_says_so(found: Forecast) -> None:
    news = next(each for each in found.sources[0].streams if each.stream == "news")
    assert news.backfill
    (reason,) = dry_run._special([replace(news, backfill=replace(news.backfill, windows=12))])
    assert reason == "first sync, 30 d back, from 2026-05-02 12:00 on, in 12 windows"


def test_the_json_has_the_documented_fields(gtm: Gtm, workspace: Workspace) -> None:
    data = gtm("sync", "calendly", "--dry-run", "--json").envelope["data"]
    assert list(data) == [
        "as_of", "publication", "sources", "requests", "at_least", "not_known", "seconds", "asked",
    ]  # fmt: skip
    (calendly,) = data["sources"]
    assert list(calendly) == [
        "source", "connected", "missing", "base_url", "account", "after", "streams", "requests", "at_least",
        "not_known", "limits", "seconds", "warnings",
    ]  # fmt: skip
    events = calendly["streams"][0]
    assert list(events) == [
        "stream", "reads", "since", "until", "request", "page_size", "records", "requests", "at_least", "basis", "due",
        "backfill", "seconds",
    ]  # fmt: skip
    assert list(events["request"]) == ["method", "path", "params", "body", "is_complete"]
    assert events["backfill"]["reach"] == 365 * 86_400
    assert list(calendly["limits"][0]) == ["requests", "per", "concurrency", "shared_by", "asked", "seconds", "daily"]


def test_a_probe_needs_a_dry_run(gtm: Gtm, workspace: Workspace) -> None:
    called = gtm("sync", "--probe")
    assert called.code == 2
    assert "E220" in called.err


def test_an_unknown_stream_is_a_mistake(gtm: Gtm, workspace: Workspace) -> None:
    called = gtm("sync", "calendly", "--dry-run", "--stream", "evnts")
    assert called.code == 2
    assert "events, invitees" in called.err
