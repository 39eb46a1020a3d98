"""HubSpot's search against a stand-in that keeps its rules: 10,000 at most, ids as numbers, filters by property."""

import asyncio
import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from execution.clients import client_for
from execution.clients.hubspot_client import LAG
from execution.directives.model import Source
from execution.errors import GtmError, LoopError, PageError, UsageError, VendorError
from execution.settings import Environment

from .fakes import FakeTime, Handler, Vendor, answer

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ENVIRONMENT = Environment({"HUBSPOT_TOKEN": "pat"})
SEARCH = {
    "method": "POST",
    "path": "/crm/v3/objects/contacts/search",
    "body": {"properties": ["email", "lastmodifieddate"]},
    "records": "results",
    "total": "total",
    "key": "id",
    "paginate": {"keyset": "id", "param": "hs_object_id"},
    "rate_limit": {"requests": 5, "per": "1s"},
    "sync": {"by": "cursor", "column": "modified", "lookback": "1h"},
    "columns": {"modified": {"path": "properties.lastmodifieddate", "type": "timestamp"}},
}


def source(**stream: Any) -> Source:  # noqa: ANN401 - a directive's own keys
    return Source.model_validate(
        {
            "kind": "source",
            "name": "hubspot",
            "api": {
                "base_url": "https://api.hubapi.com",
                "auth": {"type": "bearer", "token": "env:HUBSPOT_TOKEN"},
                "paginate": {"cursor": "paging.next.after", "param": "after"},
                "error_message": "message",
            },
            "streams": {
                "contacts": {**SEARCH, **stream},
                "owners": {"path": "/crm/v3/owners", "records": "results", "key": "id", "columns": {}},
            },
        }
    )


@dataclass
class HubSpot:
    """Contacts by id, each with the milliseconds of its last change; kept in the order of ids."""

    contacts: dict[int, int]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.asked.append(body)
        limit, skip = body["limit"], int(body.get("after", 0))
        if limit > 200 or skip + limit > 10_000:
            return answer({"status": "error", "category": "VALIDATION_ERROR", "message": "10,000 results"}, 400)
        assert body["sorts"] == ["hs_object_id"]
        (group,) = body["filterGroups"]
        found = self._found(group["filters"])
        results = [{"id": str(number), "properties": {}} for number in found[skip : skip + limit]]
        return answer({"total": len(found), "results": results})

    def _found(self, filters: list[dict[str, str]]) -> list[int]:
        found = sorted(self.contacts)
        for rule in filters:
            bound, is_id = int(rule["value"]), rule["propertyName"] == "hs_object_id"
            assert is_id or rule["propertyName"] == "lastmodifieddate"
            match rule["operator"], is_id:
                case "GT", True:
                    found = found[bisect_right(found, bound) :]
                case "GTE", True:
                    found = found[bisect_left(found, bound) :]
                case "LTE", True:
                    found = found[: bisect_right(found, bound)]
                case "GTE", False:
                    found = [number for number in found if self.contacts[number] >= bound]
                case "LTE", False:
                    found = [number for number in found if self.contacts[number] <= bound]
                case other:
                    raise AssertionError(other)
        return found


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


OLD = ms(NOW - timedelta(days=9))
FULL: Mapping[str, object] = {"since": None, "until": NOW, "now": NOW}


@dataclass
class Result:
    ids: list[int] = field(default_factory=list)
    totals: list[int | None] = field(default_factory=list)
    resumes: list[str | None] = field(default_factory=list)
    error: GtmError | None = None


def read(vendor: Handler, values: Mapping[str, object] = FULL, resume: str | None = None, **stream: Any) -> Result:  # noqa: ANN401
    result = Result()

    async def _read() -> None:
        clock = FakeTime().clock()
        async with client_for(source(**stream), ENVIRONMENT, transport=Vendor(handler=vendor), clock=clock) as client:
            try:
                async for page in client.pages("contacts", values, resume=resume):
                    result.ids += [int(record["id"]) for record in json.loads(page.body)["results"]]
                    result.totals.append(page.total)
                    result.resumes.append(page.resume)
            except GtmError as exc:
                result.error = exc

    asyncio.run(_read())
    return result


def slices(vendor: Handler, values: Mapping[str, object] = FULL) -> tuple[str | None, ...]:
    async def _slices() -> tuple[str | None, ...]:
        clock = FakeTime().clock()
        async with client_for(source(), ENVIRONMENT, transport=Vendor(handler=vendor), clock=clock) as client:
            return await client.slices("contacts", values)

    return asyncio.run(_slices())


def test_reads_beyond_ten_thousand_though_all_changed_in_one_moment() -> None:
    vendor = HubSpot(dict.fromkeys(range(1, 10_502), OLD))
    result = read(vendor)

    assert result.error is None
    assert result.ids == list(range(1, 10_502))
    assert len(vendor.asked) == 53
    assert set(result.totals) == {10_501}


def test_ids_are_ordered_as_numbers() -> None:
    ids = [9, 10, 99, 100, 1_000_000_000_000]

    assert read(HubSpot(dict.fromkeys(ids, OLD)), body={"limit": 2}).ids == ids


def test_asks_for_the_window_less_the_lag_and_for_the_declared_properties() -> None:
    vendor = HubSpot({1: OLD})
    since = NOW - timedelta(days=30)
    read(vendor, {"since": since, "until": NOW, "now": NOW})

    assert vendor.asked == [
        {
            "limit": 200,
            "after": "0",
            "properties": ["email", "lastmodifieddate"],
            "filterGroups": [
                {
                    "filters": [
                        {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(ms(since))},
                        {"propertyName": "lastmodifieddate", "operator": "LTE", "value": str(ms(NOW - LAG))},
                    ]
                }
            ],
            "sorts": ["hs_object_id"],
        }
    ]


def test_what_changed_at_the_very_ends_of_the_window_is_read() -> None:
    since = NOW - timedelta(days=1)
    contacts = {1: ms(since) - 1, 2: ms(since), 3: ms(NOW - LAG), 4: ms(NOW - LAG) + 1}

    assert read(HubSpot(contacts), {"since": since, "until": NOW, "now": NOW}).ids == [2, 3]


def test_a_run_soon_after_the_last_asks_for_no_reversed_window() -> None:
    vendor = HubSpot({1: OLD})
    since = NOW - timedelta(seconds=5)
    read(vendor, {"since": since, "until": NOW, "now": NOW})

    bounds = {rule["operator"]: int(rule["value"]) for rule in vendor.asked[0]["filterGroups"][0]["filters"]}
    assert bounds == {"GTE": ms(since), "LTE": ms(since)}


def test_no_request_has_more_than_three_filters_in_a_first_load() -> None:
    vendor = HubSpot(dict.fromkeys(range(1, 12_002), OLD))
    for place in slices(vendor):
        assert read(vendor, resume=place).error is None

    assert max(len(body["filterGroups"][0]["filters"]) for body in vendor.asked) == 3


def test_goes_on_in_another_run_with_the_window_of_the_first() -> None:
    vendor = HubSpot(dict.fromkeys(range(1, 1001), OLD))
    whole = read(vendor)
    vendor.asked.clear()

    rest = read(vendor, {"since": NOW, "until": NOW + timedelta(days=1), "now": NOW}, resume=whole.resumes[1])

    assert rest.ids == list(range(401, 1001))
    assert json.loads(str(whole.resumes[1]))["after"] == "400"
    assert {"propertyName": "lastmodifieddate", "operator": "LTE", "value": str(ms(NOW - LAG))} in (
        vendor.asked[0]["filterGroups"][0]["filters"]
    )


def test_the_directives_own_filters_stay() -> None:
    vendor = HubSpot(dict.fromkeys(range(1, 10), OLD))
    own = {"propertyName": "hs_object_id", "operator": "GTE", "value": "5"}
    result = read(vendor, body={"limit": 2, "filterGroups": [{"filters": [own]}]})

    assert result.ids == [5, 6, 7, 8, 9]
    assert all(own in body["filterGroups"][0]["filters"] for body in vendor.asked)


def test_without_a_cursor_everything_is_searched() -> None:
    vendor = HubSpot({1: OLD, 2: ms(NOW)})

    assert read(vendor, sync={"by": "full"}).ids == [1, 2]
    assert vendor.asked[0]["filterGroups"] == [{"filters": []}]


@pytest.mark.parametrize("second", [["5", "6"], ["4", "9"], ["9", "7"]], ids=["the same", "one before", "not in order"])
def test_ids_that_do_not_advance_are_an_error(second: list[str]) -> None:
    pages = iter([["4", "5"], second])

    def unsorted(_: httpx.Request) -> httpx.Response:
        return answer({"total": 9, "results": [{"id": number} for number in next(pages)]})

    result = read(unsorted)

    assert result.ids == [4, 5]
    assert isinstance(result.error, LoopError)
    assert result.error.where == "hubspot/contacts"
    assert f"asked for those behind 5, it gave {second[0]} to {second[1]}" in str(result.error)


def test_a_record_without_an_id_is_a_bad_page() -> None:
    result = read(lambda _: answer({"total": 9, "results": [{"vid": 1}]}))

    assert isinstance(result.error, PageError)
    assert "no id of digits at id" in str(result.error)


def test_a_search_that_finds_records_and_gives_none_is_a_bad_page() -> None:
    result = read(lambda _: answer({"total": 3, "results": []}))

    assert isinstance(result.error, PageError)
    assert "a search that finds 3 gives none of them" in str(result.error)


def test_a_small_first_load_is_one_slice() -> None:
    vendor = HubSpot(dict.fromkeys(range(1, 10_001), OLD))

    assert len(slices(vendor)) == 1
    assert len(vendor.asked) == 1


def test_an_incremental_read_is_one_slice_and_asks_nothing() -> None:
    vendor = HubSpot({})

    assert slices(vendor, {"since": NOW, "until": NOW, "now": NOW}) == (None,)
    assert vendor.asked == []


@pytest.mark.parametrize(
    "ids",
    [
        list(range(1, 30_001)),
        [*range(1, 29_001), *range(10**12, 10**12 + 1000)],
        [*range(100, 200), *range(10**9, 10**9 + 14_900), *range(10**14, 10**14 + 15_000)],
    ],
    ids=["dense", "an old account that grew far away", "three clusters"],
)
def test_slices_are_even_and_together_the_whole(ids: list[int]) -> None:
    vendor = HubSpot(dict.fromkeys(ids, OLD))
    places = slices(vendor)
    looks = len(vendor.asked)
    parts = [read(vendor, resume=place).ids for place in places]

    assert [number for part in parts for number in part] == ids
    assert [len(part) for part in parts] == [10_000, 10_000, 10_000]
    assert looks == 3


def test_there_are_never_more_slices_than_are_read_side_by_side() -> None:
    def enormous(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        bounds = {rule["operator"]: rule["value"] for rule in body["filterGroups"][0]["filters"]}
        at = int(bounds.get("GT", 0)) + int(body["after"]) + 1
        return answer({"total": 1_000_000 - int(bounds.get("GT", 0)), "results": [{"id": str(at)}]})

    places = slices(enormous)

    ends = [json.loads(str(place))["to"] for place in places]
    assert ends == ["130000", "260000", "390000", "520000", "650000", "780000", "910000", None]


def test_the_last_slice_is_open_for_what_turns_up_late() -> None:
    vendor = HubSpot(dict.fromkeys(range(1, 12_001), OLD))
    places = slices(vendor)
    vendor.contacts[99_999] = OLD

    assert 99_999 in read(vendor, resume=places[-1]).ids


@pytest.mark.parametrize(
    "response",
    [
        answer({"message": "limit", "policyName": "DAILY"}, 429),
        answer({"message": "limit"}, 429, x_hubspot_ratelimit_daily_remaining="0"),
    ],
)
def test_a_spent_day_fails_fast(response: httpx.Response) -> None:
    asked: list[httpx.Request] = []
    vendor = HubSpot({})

    def spent(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return response

    vendor_like = Vendor(handler=spent)

    async def run() -> None:
        async with client_for(source(), ENVIRONMENT, transport=vendor_like, clock=FakeTime().clock()) as client:
            await anext(client.pages("contacts", FULL))

    with pytest.raises(VendorError) as caught:
        asyncio.run(run())
    assert caught.value.code == "E322"
    assert len(asked) == 1
    assert vendor.asked == []


def test_a_busy_second_is_waited_out() -> None:
    script = [answer({"message": "x", "policyName": "TEN_SECONDLY_ROLLING"}, 429), answer({"total": 0, "results": []})]
    vendor = Vendor(script=script)

    async def run() -> int:
        async with client_for(source(), ENVIRONMENT, transport=vendor, clock=FakeTime().clock()) as client:
            return len([page async for page in client.pages("contacts", FULL)])

    assert asyncio.run(run()) == 1


def test_everything_else_is_read_the_usual_way() -> None:
    vendor = Vendor(script=[answer({"results": [1], "paging": {"next": {"after": "7"}}}), answer({"results": [2]})])

    async def run() -> list[int]:
        async with client_for(source(), ENVIRONMENT, transport=vendor, clock=FakeTime().clock()) as client:
            assert await client.slices("owners", FULL) == (None,)
            return [page.count async for page in client.pages("owners", FULL)]

    assert asyncio.run(run()) == [1, 1]
    assert vendor.queries[1] == {"after": "7"}


@pytest.mark.parametrize("place", ['"x"', '{"after":"1"}', '{"since":null,"until":null,"after":"x","to":null}'])
def test_a_place_that_is_none_of_its_own_is_refused(place: str) -> None:
    result = read(HubSpot({}), resume=place)

    assert isinstance(result.error, UsageError)
    assert result.error.code == "E251"


@pytest.mark.parametrize("values", [{}, {"until": NOW.replace(tzinfo=None)}, {"until": "today"}])
def test_a_search_needs_a_moment(values: Mapping[str, object]) -> None:
    result = read(HubSpot({}), values)

    assert isinstance(result.error, UsageError)
    assert result.error.code == "E253"


# --- associations -------------------------------------------------------------------------------

LINKS = {
    "each": "contacts",
    "batch": 100,
    "method": "POST",
    "path": "/crm/v4/associations/contacts/companies/batch/read",
    "body": {"inputs": [{"id": "{contacts.id}"}]},
    "records": "results",
    "key": "from.id",
    "columns": {"to": {"path": "to", "type": "json"}},
}


def associated(of: Mapping[str, list[int]], size: int = 2) -> Handler:
    """Answers a batch with the associations of each record, `size` of one at a time; who has none is not there."""

    def handler(request: httpx.Request) -> httpx.Response:
        results = []
        for wanted in json.loads(request.content)["inputs"]:
            at, all_of_it = int(wanted.get("after", 0)), of.get(wanted["id"], [])
            if not all_of_it:
                continue
            record = {"from": {"id": wanted["id"]}, "to": [{"toObjectId": n} for n in all_of_it[at : at + size]]}
            more = {"paging": {"next": {"after": str(at + size), "link": "?"}}} if len(all_of_it) > at + size else {}
            results.append(record | more)
        return answer({"status": "COMPLETE", "results": results}, 200 if len(results) > 1 else 207)

    return handler


def read_links(handler: Handler, *ids: str) -> tuple[dict[str, list[int]], Vendor]:
    time = FakeTime()
    vendor = Vendor(handler, time=time)
    made = source()
    both = made.model_copy(update={"streams": {**made.streams, "links": made.streams["owners"].model_validate(LINKS)}})

    async def run() -> dict[str, list[int]]:
        async with client_for(both, ENVIRONMENT, transport=vendor, clock=time.clock()) as client:
            values = {"contacts": [{"id": number} for number in ids]}
            (page,) = [page async for page in client.pages("links", values)]
            found = json.loads(page.body)["results"]
            assert not any("paging" in record for record in found)
            return {record["from"]["id"]: [to["toObjectId"] for to in record["to"]] for record in found}

    return asyncio.run(run()), vendor


def test_a_batch_asks_for_every_record_at_once() -> None:
    found, vendor = read_links(associated({"1": [7], "3": [8, 9]}), "1", "2", "3")
    assert found == {"1": [7], "3": [8, 9]}
    assert vendor.bodies == [{"inputs": [{"id": "1"}, {"id": "2"}, {"id": "3"}]}]


def test_each_record_of_a_batch_is_read_to_its_own_end() -> None:
    found, vendor = read_links(associated({"1": [1, 2, 3, 4, 5], "2": [6], "3": [7, 8, 9]}), "1", "2", "3")
    assert found == {"1": [1, 2, 3, 4, 5], "2": [6], "3": [7, 8, 9]}
    assert vendor.bodies[1:] == [
        {"inputs": [{"id": "1", "after": "2"}, {"id": "3", "after": "2"}]},
        {"inputs": [{"id": "1", "after": "4"}]},
    ]


def test_associations_that_do_not_advance_are_an_error() -> None:
    again = {"from": {"id": "1"}, "to": [], "paging": {"next": {"after": "2"}}}
    with pytest.raises(LoopError, match="went on before"):
        read_links(lambda _: answer({"results": [again]}), "1")


def test_associations_of_a_record_that_was_not_asked_for_are_an_error() -> None:
    going_on = {"from": {"id": "1"}, "to": [], "paging": {"next": {"after": "2"}}}
    pages = iter([going_on, {"from": {"id": "7"}, "to": []}])

    def mixed(_: httpx.Request) -> httpx.Response:
        return answer({"results": [next(pages)]})

    with pytest.raises(PageError, match="gave those of another"):
        read_links(mixed, "1")


def test_only_what_is_no_search_by_time_shows_everything() -> None:
    client = client_for(source(), ENVIRONMENT, transport=Vendor(lambda _: answer({})))
    assert (client.shows_all("contacts"), client.shows_all("owners")) == (False, True)
