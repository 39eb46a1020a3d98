"""A source with every kind of stream, and what may be known of it before a run."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from execution.directives.model import Source
from execution.sync.estimate import Due, Known, LastRead, Reads
from execution.sync.plan import Options, StreamState, plan_stream, streams_in_order

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
COLUMNS = {"name": "name", "changed": {"path": "changed", "type": "timestamp"}}
PAGED = {"cursor": "next", "param": "after"}
STREAMS: dict[str, dict[str, Any]] = {
    "tags": {"path": "/tags", "params": {"limit": 50}},
    "whole": {"path": "/whole", "paginate": {"single": True}},
    "people": {
        "path": "/people",
        "params": {"limit": 100, "since": "{since:iso}"},
        "total": "total",
        "sync": {"by": "cursor", "column": "changed", "lookback": "1h", "sweep": "7d"},
    },
    "notes": {"path": "/people/{people.id}/notes", "each": "people"},
    "links": {"path": "/links", "method": "POST", "each": "people", "batch": 50, "body": {"of": ["{people.id}"]}},
    "news": {"path": "/news", "params": {"limit": 100}, "sync": {"by": "window", "lookback": "1h", "backfill": "30d"}},
    "deals": {
        "path": "/deals",
        "params": {"limit": 100},
        "sync": {"by": "feed", "feed": "news", "id": "name", "path": "/deals/{id}", "keeps": "30d"},
    },
    "calls": {"path": "/deals/{deals.id}/calls", "each": "deals"},
    "blobs": {"path": "/blobs", "sync": {"by": "cursor", "column": "changed", "lookback": "1h"}},
}
READ = StreamState(high_water=YESTERDAY, rows=250, swept_at=YESTERDAY)
LAST = LastRead(YESTERDAY, pages=3)
FIRST = StreamState()
DUE = Due(parents=12, unread=2, reread=10, refresh=0, requests=15)


def source(**streams: Mapping[str, Any]) -> Source:
    named = {name: {"key": "id", "columns": COLUMNS, **stream} for name, stream in {**STREAMS, **streams}.items()}
    api = {"base_url": "https://x.example", "auth": {"type": "none"}, "paginate": PAGED}
    return Source.model_validate({"kind": "source", "name": "x", "api": api, "streams": named})


def reads(
    known: Mapping[str, Known] | None = None,
    *,
    state: StreamState = READ,
    options: Options | None = None,
    of: Source | None = None,
    **states: StreamState,
) -> Reads:
    """All streams planned from `state`; those that `known` leaves out are stored, were read yesterday, and nothing of
    theirs is due."""
    made, asked = of or source(), options or Options()
    every = {name: states.get(name, state) for name in made.streams}
    plans = {name: plan_stream(made, name, every[name], NOW, asked) for name in streams_in_order(made)}
    usual = Known(is_stored=True, last=LAST, due=Due(0, 0, 0, 0, 0), named=0) if state.rows else Known()
    return Reads(made, asked, NOW, plans, every, {name: (known or {}).get(name, usual) for name in plans})
