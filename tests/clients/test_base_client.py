"""Reading a stream as its directive says: pages, account, empty answers, bad pages, re-rooting, statistics."""

import asyncio
import gzip
import json
from collections.abc import Mapping

import httpx
import pytest

from execution.clients import BaseClient, Page, client_class, client_for
from execution.clients.hubspot_client import HubSpotClient
from execution.errors import CredentialsError, NetworkError, PageError, UsageError, VendorError
from execution.settings import Environment

from .fakes import BASE, ENVIRONMENT, Chunks, FakeTime, Vendor, answer, raw, read, source


def test_a_page_is_exactly_what_was_sent() -> None:
    body = b'{ "data" : [ {"id": 1, "n": 1.10, "t": "\\u00e9\xc3\xa9"} ] }\n'
    result = read(source(), Vendor(script=[raw(body)]))

    assert [page.body for page in result.pages] == [body]
    assert (result.pages[0].count, result.pages[0].number, result.pages[0].mended) == (1, 0, 0)


def test_the_vendors_own_count_is_that_of_the_first_page() -> None:
    script = [answer({"data": [1, 2], "n": 3, "next": "x"}), answer({"data": [3], "n": 1})]
    result = read(source({"total": "n", "paginate": {"cursor": "next", "param": "c"}}), Vendor(script=script))

    assert [page.total for page in result.pages] == [3, 3]


def test_compressed_answers_are_read() -> None:
    body = json.dumps({"data": list(range(1000))}).encode()
    result = read(source(), Vendor(script=[raw(gzip.compress(body), content_encoding="gzip")]))

    assert result.pages[0].body == body


def test_a_stream_nobody_declared_is_named() -> None:
    async def run() -> None:
        async with client_for(source(), ENVIRONMENT, transport=Vendor()) as client:
            await anext(client.pages("thinks", {}))

    with pytest.raises(UsageError, match="vendor has no stream 'thinks'"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("stream", "says"),
    [
        ({"paginate": {"cursor": "data.next", "param": "c"}}, "'data.next' leads to the records or into them"),
        ({"total": "data"}, "'data' leads to the records or into them"),
        ({"records": "data[0]"}, "the path of the records has names only"),
        ({"records": "a..b"}, "is not a path"),
    ],
)
def test_a_directive_that_cannot_be_followed_is_told(stream: Mapping[str, object], says: str) -> None:
    result = read(source(stream), Vendor())

    assert isinstance(result.error, UsageError)
    assert result.error.where == "vendor/things"
    assert says in str(result.error)


def test_a_parent_without_the_value_that_is_asked_for_is_told() -> None:
    result = read(source({"path": "/p/{parents.id}"}), Vendor(), values={"parents": {"id": None}})

    assert str(result.error) == "vendor/things: E343 a record has no value for the path /p/{parents.id}"


# --- account ----------------------------------------------------------------------------------------

ACCOUNT = {"path": "/users/me", "organization": "resource.current_organization"}


def account_vendor(account: httpx.Response) -> Vendor:
    return Vendor(handler=lambda request: account if request.url.path.endswith("/me") else answer({"data": []}))


def test_the_account_is_asked_once_and_filled_in() -> None:
    vendor = account_vendor(answer({"resource": {"current_organization": "https://o/1"}}))
    directive = source({"params": {"organization": "{account.organization}"}}, account=ACCOUNT)

    async def run() -> list[dict[str, str]]:
        async with client_for(directive, ENVIRONMENT, transport=vendor) as client:
            accounts = list(await asyncio.gather(client.account(), client.account()))
            assert [page.count async for page in client.pages("things", {})] == [0]
            assert [page.count async for page in client.pages("things", {"account": {"organization": "mine"}})] == [0]
            return accounts

    assert asyncio.run(run()) == [{"organization": "https://o/1"}] * 2
    assert [request.url.path for request in vendor.asked] == ["/v1/users/me", "/v1/things", "/v1/things"]
    assert [query.get("organization") for query in vendor.queries] == [None, "https://o/1", "mine"]


def test_the_account_is_not_asked_where_nothing_needs_it() -> None:
    vendor = account_vendor(answer({}, 500))
    assert read(source(account=ACCOUNT), vendor).error is None
    assert len(vendor.asked) == 1


def test_without_an_account_there_is_nothing_to_know() -> None:
    async def run() -> Mapping[str, str]:
        async with client_for(source(), ENVIRONMENT, transport=Vendor()) as client:
            return await client.account()

    assert asyncio.run(run()) == {}


@pytest.mark.parametrize(
    ("account", "error", "says"),
    [
        (answer({"resource": {}}), PageError, "has no text at resource.current_organization"),
        (answer({"resource": {"current_organization": {}}}), PageError, "has no text at resource.current_organization"),
        (answer([], 200), PageError, "has no text at"),
        (raw(b"<html>"), PageError, "GET /v1/users/me was asked 1 time; the last answer was not JSON"),
        (answer({"message": "expired"}, 401), CredentialsError, "401 Unauthorized: expired"),
    ],
)
def test_an_account_that_cannot_be_had(account: httpx.Response, error: type[Exception], says: str) -> None:
    directive = source(
        {"params": {"o": "{ account.organization }"}}, account=ACCOUNT, attempts=1, error_message="message"
    )
    result = read(directive, account_vendor(account))

    assert isinstance(result.error, error)
    assert "vendor/account" in str(result.error)
    assert says in str(result.error)


def test_an_account_that_is_no_json_is_kept_as_pages_are() -> None:
    directive = source({"params": {"o": "{account.organization}"}}, account=ACCOUNT, attempts=1)
    result = read(directive, account_vendor(raw(b"<html>")))

    assert [(stream, body) for stream, body, _ in result.bad] == [("account", b"<html>")]
    assert isinstance(result.error, PageError)
    assert result.error.hint.startswith("the bad answers are kept in data/landing/vendor/account, ")


# --- answers that mean nothing, or are nothing ------------------------------------------------------


@pytest.mark.parametrize(("records", "body"), [("data", b'{"data":[]}'), ("a.b", b'{"a":{"b":[]}}'), ("", b"[]")])
def test_a_status_may_mean_no_records(records: str, body: bytes) -> None:
    directive = source({"records": records, "empty_status": [404], "paginate": {"page": "p", "size": 1}})
    result = read(directive, Vendor(script=[answer({"errors": ["No calls found"]}, 404)]))

    assert result.error is None
    assert [(page.body, page.count, page.resume) for page in result.pages] == [(body, 0, None)]


GOOD = b'{"data":[{"id":1}]}'


CUT = Chunks(GOOD[:5], error=httpx.RemoteProtocolError("closed"))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (raw(b""), "an empty answer"),
        (raw(b"", 204), "an empty answer"),
        (raw(b"<html>Log in</html>"), "an HTML or XML page instead of JSON"),
        (raw(GOOD[:-3]), "JSON that breaks off before its end"),
        (raw(b'{"data":["\xff"]}'), "not UTF-8 at byte 10"),
        (raw(b'{"items":[]}'), "no records at data: the keys are items"),
        (httpx.Response(200, stream=CUT), "the connection was closed in the middle of the answer"),
        (raw(gzip.compress(GOOD)[:-9], content_encoding="gzip"), "compressed data that breaks off before its end"),
        (raw(GOOD, content_encoding="gzip"), "not compressed as it says"),
        (raw(GOOD, content_encoding="br"), "compressed as 'br', which was not asked for"),
    ],
)
def test_a_bad_page_is_kept_as_evidence_and_asked_for_again(bad: httpx.Response, reason: str) -> None:
    result = read(source(), Vendor(script=[bad, raw(GOOD)]))

    assert result.error is None
    assert result.counts == [1]
    assert [(stream, why) for stream, _, why in result.bad] == [("things", reason)]
    assert result.client is not None
    assert result.client.stats.retries == 1


def test_a_page_that_stays_bad_is_an_error_with_its_reason() -> None:
    result = read(source(attempts=3), Vendor(handler=lambda _: raw(b'{"ok":false,"error":"x"}')))

    assert isinstance(result.error, PageError)
    assert str(result.error) == (
        "vendor/things: E340 GET /v1/things was asked 3 times; "
        "the last answer was no records at data: the keys are ok, error"
    )
    assert [body for _, body, _ in result.bad] == [b'{"ok":false,"error":"x"}'] * 3


def test_an_error_inside_a_200_is_told_in_the_vendors_words() -> None:
    result = read(
        source(attempts=1, error_message="error"), Vendor(script=[answer({"ok": False, "error": "missing_scope"})])
    )

    assert "it says: missing_scope" in str(result.error)


def test_pages_before_a_bad_one_stand() -> None:
    script = [answer({"data": [1], "next": "x"}), raw(b"")]
    result = read(source({"paginate": {"cursor": "next", "param": "c"}}, attempts=1), Vendor(script=script))

    assert result.counts == [1]
    assert isinstance(result.error, PageError)


def test_half_a_character_is_mended_counted_and_the_original_kept() -> None:
    sent = rb'{"data":[{"id":1,"preview":"cut here \ud83d"}]}'
    result = read(source(), Vendor(script=[raw(sent)]))

    assert result.error is None
    assert result.pages[0].body == sent.replace(rb"\ud83d", rb"\ufffd")
    assert result.pages[0].mended == 1
    assert result.bad == [("things", sent, "1 halves of characters were replaced")]


# --- where it asks ----------------------------------------------------------------------------------

SANDBOX = Environment({"VENDOR_TOKEN": "t", "GTM_VENDOR__BASE_URL": "http://127.0.0.1:9/vendor/"})


def test_links_and_ids_of_the_vendor_are_asked_at_the_base_in_use() -> None:
    vendor = Vendor(script=[answer({"data": [1], "next": f"{BASE}/things/9/parts?page=2"}), answer({"data": [2]})])
    directive = source({"path": "{parents.uri}/parts", "paginate": {"next_url": "next"}})
    result = read(directive, vendor, values={"parents": {"uri": f"{BASE}/things/9"}}, environment=SANDBOX)

    assert result.error is None
    assert [str(request.url) for request in vendor.asked] == [
        "http://127.0.0.1:9/vendor/things/9/parts",
        "http://127.0.0.1:9/vendor/things/9/parts?page=2",
    ]
    assert result.pages[0].resume == f'"{BASE}/things/9/parts?page=2"'


@pytest.mark.parametrize("environment", [ENVIRONMENT, SANDBOX], ids=["as declared", "sandbox"])
@pytest.mark.parametrize(
    "link", ["https://evil.test/x", "//evil.test/x", "http://api.vendor.test/v1/x", "javascript:1"]
)
def test_a_link_to_another_origin_is_not_followed(environment: Environment, link: str) -> None:
    vendor = Vendor(script=[answer({"data": [1], "next": link})])
    result = read(source({"paginate": {"next_url": "next"}}), vendor, environment=environment)

    assert isinstance(result.error, VendorError)
    assert (result.error.code, result.error.where) == ("E323", "vendor/things")
    assert len(vendor.asked) == 1


def test_a_record_that_is_a_foreign_address_is_not_asked() -> None:
    vendor = Vendor()
    result = read(source({"path": "{p.uri}/x"}), vendor, values={"p": {"uri": "https://evil.test/p"}})

    assert isinstance(result.error, VendorError)
    assert vendor.asked == []


def test_a_redirect_within_the_origin_is_followed() -> None:
    vendor = Vendor(script=[raw(b"", 301, location="/v1/stuff?x=1"), raw(GOOD)])
    result = read(source({"params": {"a": "1"}}), vendor)

    assert result.counts == [1]
    assert str(vendor.asked[1].url) == f"{BASE}/stuff?x=1"
    assert vendor.asked[1].headers["authorization"] == vendor.asked[0].headers["authorization"]


@pytest.mark.parametrize(
    ("location", "stream"),
    [("https://evil.test/v1", {}), ("/v1/things", {}), ("/v1/other", {"method": "POST", "body": {}})],
    ids=["foreign", "in a circle", "a POST that would become a GET"],
)
def test_a_redirect_elsewhere_is_not(location: str, stream: Mapping[str, object]) -> None:
    vendor = Vendor(handler=lambda _: raw(b"", 302, location=location))
    result = read(source(stream), vendor)

    assert isinstance(result.error, VendorError)
    assert {request.url.host for request in vendor.asked} == {"api.vendor.test"}


# --- the rest ---------------------------------------------------------------------------------------


def test_counts_what_it_took() -> None:
    time = FakeTime()
    script: list[httpx.Response | Exception] = [
        httpx.ConnectError("no"),
        answer({"data": [1], "next": "x"}),
        answer({"data": [2]}),
    ]
    result = read(source({"paginate": {"cursor": "next", "param": "c"}}), Vendor(script=script), time=time)

    assert result.client is not None
    stats = result.client.stats
    assert (stats.requests, stats.retries, stats.waited_s) == (3, 1, 1.0)
    assert stats.bytes == sum(len(page.body) for page in result.pages)


def test_a_stream_with_a_limit_of_its_own_is_held_to_it() -> None:
    time = FakeTime()
    vendor = Vendor(
        handler=lambda request: answer({"data": [1], "next": int(request.url.params.get("c", 0)) + 1}), time=time
    )
    directive = source(
        {"paginate": {"cursor": "next", "param": "c"}, "rate_limit": {"requests": 2, "per": "1s"}},
        rate_limit={"requests": 100, "per": "1s"},
    )

    async def run() -> None:
        async with client_for(directive, ENVIRONMENT, transport=vendor, clock=time.clock()) as client:
            async for page in client.pages("things", {}):
                if page.number == 5:
                    break

    asyncio.run(run())
    assert [round(moment) for moment in vendor.times] == [0, 0, 1, 1, 2, 2]


def test_streams_are_one_slice_unless_a_client_knows_better() -> None:
    async def run() -> tuple[str | None, ...]:
        async with client_for(source(), ENVIRONMENT, transport=Vendor()) as client:
            return await client.slices("things", {})

    assert asyncio.run(run()) == (None,)


FED = {
    "method": "POST",
    "params": {"limit": 100},
    "body": {"all": True},
    "total": "n",
    "sync": {"by": "feed", "feed": "changes", "id": "about", "path": "/things/{id}?expand=all", "keeps": "30d"},
}


def _record(response: httpx.Response, id_: str = "a/b") -> tuple[Page, httpx.Request]:
    async def run() -> tuple[Page, httpx.Request]:
        vendor = Vendor(script=[response])
        async with client_for(source(FED), ENVIRONMENT, transport=vendor) as client:
            return await client.record("things", id_, {}), vendor.asked[0]

    return asyncio.run(run())


def test_a_record_that_a_feed_names_is_asked_for_alone() -> None:
    page, asked = _record(answer({"id": "a/b", "n": 7}))
    assert (json.loads(page.body), page.count, page.total, page.resume) == ({"id": "a/b", "n": 7}, 1, None, None)
    assert (asked.method, str(asked.url), asked.content) == ("GET", f"{BASE}/things/a%2Fb?expand=all", b"")


def test_a_record_that_is_gone_is_no_record_and_no_error() -> None:
    page, _ = _record(answer({"error": "no such thing"}, 404))
    assert (page.body, page.count) == (b"[]", 0)


def test_a_record_without_an_id_is_never_the_whole_list() -> None:
    with pytest.raises(PageError, match="no value for the path"):
        _record(answer({}), "")


def test_a_source_finds_its_own_client_by_its_name() -> None:
    assert client_class("vendor") is BaseClient
    assert client_class("hubspot") is HubSpotClient
    assert client_class("base") is BaseClient


def test_a_cancelled_read_leaves_nothing_behind() -> None:
    async def run() -> None:
        hanging = Vendor(handler=lambda _: _never())
        async with client_for(source(), ENVIRONMENT, transport=hanging) as client:
            reading = asyncio.ensure_future(anext(client.pages("things", {})))
            await asyncio.sleep(0)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading

    asyncio.run(run())


async def _never() -> httpx.Response:
    await asyncio.Event().wait()
    raise NetworkError("unreachable")
