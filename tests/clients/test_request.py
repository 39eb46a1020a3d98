"""How a stream's directive becomes a request: values in their places, and no value out of its place."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.clients.request import Request, build, fill_path
from execution.directives.model import Stream
from execution.errors import PageError, UsageError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def stream(**keys: Any) -> Stream:  # noqa: ANN401 - a directive's own keys
    return Stream.model_validate({"path": "/things", "key": "id", "columns": {}, **keys})


def test_parameters_are_filled_in_and_those_without_a_value_left_out() -> None:
    request = build(
        stream(
            params={"org": "{account.org}", "since": "{since:iso}", "until": "{until:s}", "count": 100, "all": True}
        ),
        {"account": {"org": "o 1"}, "since": None, "until": NOON},
        "https://a.test/v1",
    )

    assert request == Request(
        "GET", "https://a.test/v1/things", {"org": "o 1", "until": "1767355200", "count": "100", "all": "true"}
    )


def test_a_parent_record_fills_the_path() -> None:
    assert fill_path("/calls/{calls.id}/parts", {"calls": {"id": 12}}) == "/calls/12/parts"
    assert (
        fill_path("{events.uri}/invitees", {"events": {"uri": "https://a.test/e/1"}}) == "https://a.test/e/1/invitees"
    )


@pytest.mark.parametrize("value", [None, "", ".", ".."])
def test_a_path_without_its_value_would_ask_for_something_else(value: object) -> None:
    with pytest.raises(PageError) as caught:
        fill_path("/contacts/{contacts.id}", {"contacts": {"id": value}})

    assert caught.value.code == "E343"


def test_a_name_nobody_gave_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"events\.uri"):
        fill_path("{events.uri}/invitees", {"events": {}})


@settings(max_examples=60)
@given(st.text(min_size=1).filter(lambda text: text not in {".", ".."}).filter(str.isprintable))
def test_no_value_leaves_its_place_in_the_path(value: str) -> None:
    path = fill_path("/contacts/{contacts.id}/notes", {"contacts": {"id": value}})

    assert path.count("/") == 3
    assert not set("?#\\ @") & set(path)


def test_an_absolute_address_is_only_taken_as_one_at_the_start() -> None:
    assert fill_path("/x/{e.uri}", {"e": {"uri": "https://a.test/1"}}) == "/x/https%3A%2F%2Fa.test%2F1"


def test_a_condition_without_its_value_is_left_out_whole() -> None:
    body = {
        "filters": [
            {"field": "updated_at", "operator": ">", "value": "{since:s}"},
            {"field": "role", "operator": "=", "value": "user"},
        ],
        "fixed": None,
        "after": "{since:date}",
        "tags": ["{since:s}", "x"],
    }
    declared = stream(method="POST", body=body)

    assert build(declared, {"since": None}, "https://a.test").body == {
        "filters": [{"field": "role", "operator": "=", "value": "user"}],
        "fixed": None,
        "tags": ["x"],
    }
    filled = build(declared, {"since": NOON}, "https://a.test").body
    assert filled is not None
    assert filled["filters"][0]["value"] == "1767355200"
    assert filled["after"] == "2026-01-02"


def test_a_place_in_the_body_keeps_what_stands_beside_it() -> None:
    request = Request("POST", "https://a.test", {}, {"pagination": {"per_page": 5}, "query": 1})

    assert request.with_body(("pagination", "after"), "x").body == {
        "pagination": {"per_page": 5, "after": "x"},
        "query": 1,
    }
    assert request.body == {"pagination": {"per_page": 5}, "query": 1}


def test_requests_that_ask_the_same_are_the_same() -> None:
    one = Request("GET", "https://a.test/t?b=2&a=x%20y", {})
    assert one.identity() == Request("GET", "https://a.test/t", {"a": "x y", "b": "2"}).identity()
    assert one.identity() != Request("GET", "https://a.test/t", {"a": "x y"}).identity()
    assert (
        Request("POST", "u", {}, {"a": 1, "b": 2}).identity() == Request("POST", "u", {}, {"b": 2, "a": 1}).identity()
    )
    assert Request("POST", "u", {}, {"a": 1}).identity() != Request("POST", "u", {}, {"a": 2}).identity()


def test_the_item_that_names_a_parent_is_repeated_for_each_of_several() -> None:
    batched = stream(
        method="POST", body={"inputs": [{"id": "{calls.id}", "of": {"kind": "call"}}], "fields": ["a", "b"]}
    )
    parents = [{"id": "1"}, {"id": "2"}, {"id": None}]

    request = build(batched, {"calls": parents}, "https://a.test")

    assert request.body == {
        "inputs": [{"id": "1", "of": {"kind": "call"}}, {"id": "2", "of": {"kind": "call"}}],
        "fields": ["a", "b"],
    }
    assert build(batched, {"calls": parents[0]}, "https://a.test").body == {
        "inputs": [{"id": "1", "of": {"kind": "call"}}],
        "fields": ["a", "b"],
    }
