"""The first request of a stream, as the client would send it, with names where only an answer could tell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from execution.directives.model import Source
from execution.sync.first_request import FirstRequest, first_request
from execution.sync.plan import Bookmark, Options, StreamPlan, StreamState, plan_stream

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
READ = StreamState(high_water=NOW - timedelta(hours=2), rows=3)
CURSOR = {"by": "cursor", "column": "changed", "lookback": "1h"}
FEED = {"by": "feed", "feed": "news", "id": "name", "path": "/deals/{id}", "keeps": "30d"}


def source(**stream: Any) -> Source:  # noqa: ANN401 - parts of a directive
    columns = {"name": "name", "uri": "uri", "changed": {"path": "changed", "type": "timestamp"}}
    api = {
        "base_url": "https://x.example/v1/",
        "auth": {"type": "api_key", "query": "key", "key": "env:X_KEY"},
        "account": {"path": "/me", "team": "team.id"},
        "paginate": {"cursor": "next", "param": "after"},
    }
    streams = {
        "people": {"path": "/people", "key": "id", "columns": columns},
        "news": {"path": "/news", "key": "id", "columns": columns, "sync": {**CURSOR}},
        "things": {"path": "/things", "key": "id", "columns": columns, **stream},
    }
    return Source.model_validate({"kind": "source", "name": "x", "api": api, "streams": streams})


def planned(made: Source, state: StreamState = READ) -> StreamPlan:
    return plan_stream(made, "things", state, NOW, Options())


def first(parent: dict[str, Any] | None = None, *, state: StreamState = READ, **stream: Any) -> FirstRequest:  # noqa: ANN401
    made = source(**stream)
    return first_request(made, planned(made, state), NOW, parent)


def test_the_account_stays_a_name() -> None:
    params = {"team": "{account.team}", "limit": 50, "all": True, "from": "{since:date}", "to": "{now+1d:s}"}
    found = first(path="/teams/{account.team}/things", params=params, sync=CURSOR)
    assert found == FirstRequest(
        "GET",
        "/teams/{account.team}/things",
        {"team": "{account.team}", "limit": "50", "all": "true", "from": "2026-06-01", "to": "1780401600"},
    )


def test_what_has_no_value_is_left_out() -> None:
    found = first(params={"since": "{since:iso}", "limit": 50}, sync=CURSOR, state=StreamState())
    assert found.params == {"limit": "50"}


def test_the_first_parent_is_taken_where_it_is_known() -> None:
    assert first(each="people", path="/people/{people.name}/things").path == "/people/{people.name}/things"
    known = first(
        {"name": "a/b", "uri": "https://x.example/v1/p/7"}, each="people", path="/people/{people.name}/things"
    )
    assert known.path == "/people/a%2Fb/things"


def test_a_parent_may_say_the_whole_url() -> None:
    path = "{people.uri}/things"
    assert first(each="people", path=path).path == path
    assert first({"uri": "https://x.example/v1/p/7"}, each="people", path=path).path == "/p/7/things"
    assert first({"uri": "https://y.example/p/7"}, each="people", path=path).path == "https://y.example/p/7/things"


def test_a_batch_shows_one_item_for_all() -> None:
    found = first(each="people", batch=50, method="POST", path="/read", body={"inputs": [{"id": "{people.id}"}]})
    assert found.body == {"inputs": [{"id": "{people.id}"}]}


def test_what_a_feed_names_is_asked_for_by_its_id() -> None:
    assert first(sync=FEED).path == "/deals/{id}"
    assert first(sync=FEED, state=StreamState()).path == "/things"


def test_paging_is_part_of_it() -> None:
    assert first(paginate={"page": "page", "size": 60, "size_param": "per"}).params == {"page": "1", "per": "60"}
    assert first(paginate={"offset": "skip", "limit": 30}).params == {"limit": "30", "skip": "0"}


def test_an_unfinished_read_goes_on_where_it_was() -> None:
    bookmark = Bookmark(('"tok"', '"other"'), None, NOW - timedelta(hours=1)).dump()
    made = source(sync=CURSOR, params={"until": "{until:iso}"})
    found = first_request(made, planned(made, replace(READ, resume=bookmark)), NOW)
    assert found.params == {"until": "2026-06-01T11:00:00.000000Z", "after": "tok"}
    foreign = Bookmark(('{"to": 5}',), None, NOW).dump()
    assert "after" not in first_request(made, planned(made, replace(READ, resume=foreign)), NOW).params


def test_where_the_directive_does_not_say_the_window_the_client_does() -> None:
    search: dict[str, Any] = {"method": "POST", "path": "/search", "body": {"limit": 100}, "sync": CURSOR}
    assert not first(**search).is_complete
    assert first(**{**search, "body": {"since": "{since:s}"}}).is_complete
    assert first().is_complete


def test_what_cannot_be_made_is_shown_as_it_is_written() -> None:
    found = first({"name": ""}, each="people", path="/people/{people.name}/things")
    assert (found.path, found.is_complete) == ("/people/{people.name}/things", False)


@pytest.mark.parametrize("stream", [{}, {"params": {"limit": 5}}])
def test_the_credential_is_no_part_of_it(stream: dict[str, Any]) -> None:
    assert "key" not in first(**stream).params
