"""Every fault that the sandbox knows, at every vendor, through a whole sync: the right data in the end, or an error
that says where and what to do; nothing lost, nothing twice, and never without an end."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from execution import engine
from execution.directives import Program
from execution.sandbox import Options as World
from execution.sandbox import Running, start
from execution.sandbox.faults import BEFORE, SPOILING
from execution.sync.plan import Options
from execution.sync.results import SourceResult, StreamResult
from execution.workspace import Workspace
from tests.sync.disturbed import AS_OF, BEGUN, DAYS, VENDORS, Ended, Trial, shipped
from tests.sync.judging import every_row

ATTEMPTS = 5
"""As often the directives have a request made."""

Fault = Mapping[str, Any]


class Place(NamedTuple):
    """Requests by their path, which of them is meant, and whose they are."""

    path: str
    number: int
    stream: str


PLACES: Mapping[str, Mapping[str, Place]] = {
    "calendly": {
        "the account": Place("/users/me$", 1, "events"),
        "the first page": Place("/scheduled_events$", 1, "events"),
        "a page in the middle": Place("/scheduled_events$", 2, "events"),
        "the last page": Place("/scheduled_events$", 3, "events"),
        "one parent of many": Place("/invitees$", 4, "invitees"),
    },
    "hubspot": {
        "the first page": Place("/contacts/search$", 1, "contacts"),
        "a page in the middle": Place("/contacts/search$", 2, "contacts"),
        "the last page": Place("/contacts/search$", 4, "contacts"),
        "one batch of many": Place("/contacts/companies/batch/read$", 2, "contact_companies"),
        "the archive": Place("/objects/contacts$", 1, "contacts_archived"),
    },
    "intercom": {
        "the account": Place("/me$", 1, "tags"),
        "the first page": Place("/contacts/search$", 1, "contacts"),
        "a page in the middle": Place("/contacts/search$", 2, "contacts"),
        "the last page": Place("/contacts/search$", 3, "contacts"),
        "one parent of many": Place(r"/conversations/\d+$", 3, "threads"),
        "the list": Place("/companies/list$", 1, "companies"),
    },
    "stripe": {
        "the first page": Place("/v1/events$", 1, "events"),
        "a page in the middle": Place("/v1/events$", 2, "events"),
        "the last page": Place("/v1/events$", 3, "events"),
        "one record of a feed": Place("/v1/subscriptions/", 2, "subscriptions"),
        "the list": Place("/v1/products$", 1, "products"),
    },
}

PASSING: Mapping[str, Fault] = {
    "500": {"kind": "status", "status": 500},
    "502": {"kind": "status", "status": 502},
    "503": {"kind": "status", "status": 503},
    "503, to be asked later": {"kind": "status", "status": 503, "retry_after": "20"},
    "429": {"kind": "status", "status": 429},
    "429, to be asked later": {"kind": "status", "status": 429, "retry_after": "30"},
    "slow": {"kind": "slow", "ms": 30},
    "hang": {"kind": "hang"},
    "truncated": {"kind": "truncated"},
    "html": {"kind": "html"},
    "empty": {"kind": "empty"},
    "invalid_utf8": {"kind": "invalid_utf8"},
}
"""What is right when it is asked for again."""

LASTING: Mapping[str, tuple[Fault, str]] = {
    **{name: (PASSING[name], "E330") for name in ("500", "502", "503", "503, to be asked later", "429", "hang")},
    **{name: (PASSING[name], "E340") for name in ("truncated", "html", "empty", "invalid_utf8")},
    "429 for a day": ({"kind": "status", "status": 429, "retry_after": "86400"}, "E322"),
    "400": ({"kind": "status", "status": 400}, "E320"),
    "403": ({"kind": "status", "status": 403}, "E314"),
    "expired_token": ({"kind": "expired_token"}, "E313"),
}
"""What ends a stream when it goes on and on, and with which error."""

ASTRAY: Mapping[str, Mapping[str, str]] = {
    "repeat_cursor": {"calendly": "E350", "hubspot": "E350", "intercom": "E340", "stripe": "E350"},
    "cycle": {"calendly": "E350", "hubspot": "", "intercom": "E350", "stripe": "E350"},
    "foreign_host": {"calendly": "E323", "hubspot": "E350", "intercom": "E350", "stripe": ""},
}
"""What leads from page to page wrongly, and the error; none where that vendor's client does not go by it."""

DISORDER: Mapping[str, Mapping[str, str]] = {
    "duplicates": {"calendly": "", "hubspot": "E350", "intercom": "", "stripe": ""},
    "out_of_order": {"calendly": "", "hubspot": "E350", "intercom": "", "stripe": ""},
}
"""What is no matter where records are told by their keys; HubSpot's search goes by the order that it asks for."""

LISTS = {
    "calendly": Place("/scheduled_events$", 1, "events"),
    "hubspot": Place("/objects/contacts", 1, "contacts_archived"),  # waits for contacts, which are searched
    "intercom": Place("/contacts/search$", 1, "contacts"),
    "stripe": Place("/v1/events$", 1, "events"),
}
"""Where that is tried, but for searches that want their order."""
SEARCHES = {
    ("hubspot", "duplicates"): Place("/contacts/search$", 1, "contacts"),
    ("hubspot", "out_of_order"): Place("/deals/search$", 1, "deals"),
}

OF_CONTENT = ("changed", "huge_text", "hostile_text", "email_mess")
"""What changes what the vendor says: the tests at the end."""


def test_every_kind_of_fault_has_its_case() -> None:
    tried = {fault["kind"] for fault in (*PASSING.values(), *(fault for fault, _ in LASTING.values()))}
    assert tried | {*ASTRAY, *DISORDER, *OF_CONTENT} == {*BEFORE, *SPOILING}


@pytest.fixture(scope="module")
def program() -> Program:
    return shipped()


@pytest.fixture(scope="module")
def trials(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Trial]]:
    """Every vendor synced once, then three days go by in which something happens at each of them."""
    with start(World(seed=3, customers=12, as_of=AS_OF, speed=0, associations_page=1)) as running:
        made = {vendor: Trial(running, program, tmp_path_factory.mktemp(vendor), vendor) for vendor in VENDORS}
        for trial in made.values():
            assert trial.sync(trial.store("before"), at=BEGUN).result.status == "ok"
        happen(running, made)
        yield made


def happen(running: Running, trials: Mapping[str, Trial]) -> None:
    def keys(vendor: str, table: str, order: str = "key") -> list[str]:
        with engine.read_only(trials[vendor].store("before").store_file) as con:
            return [row[0] for row in con.execute(f"SELECT key FROM raw.{vendor}__{table} ORDER BY {order}").fetchall()]

    contacts, people = keys("hubspot", "contacts"), keys("intercom", "contacts", "role DESC, key")
    customers = keys("stripe", "customers")
    changes: list[dict[str, Any]] = [
        {"change": "bulk_update"},
        {"change": "archive", "id": contacts[0]},
        {"change": "merge", "id": contacts[1], "into": contacts[2]},
        *({"change": "say", "contact": person, "body": "Hello"} for person in people[:5]),
        {"change": "forget", "contact": people[5]},
        {"change": "delete_customer", "customer": customers[0]},
        {"change": "churn", "customer": customers[1]},
    ]
    running.advance(DAYS, changes)


def at(place: Place, fault: Fault, *, lasting: bool = False) -> Fault:
    """The fault at that place: once, or for all requests from there on."""
    return {**fault, "path": place.path, **({"after": place.number - 1} if lasting else {"nth": place.number})}


def require_told(trial: Trial, ended: Ended, code: str) -> None:
    """Whoever reads the result must learn which stream failed at which request, and what to do."""
    told: list[StreamResult | SourceResult] = [*ended.failed.values()] or [ended.result]
    for each in told:
        place, _, rest = each.error.partition(": ")
        assert place.startswith(f"{trial.vendor}/"), each.error
        assert rest.startswith(f"{code} "), each.error
        assert any(request.partition(" ")[2] in rest for request in ended.requests), each.error
        assert each.hint, each.error
    assert ended.result.status == "failed"


def require_nothing_lost(trial: Trial, found: Mapping[str, set[Any]], before: Mapping[str, set[Any]]) -> None:
    """Every record is as it was, or as an undisturbed sync leaves it."""
    right = trial.raw(trial.store("undisturbed"))
    for stream, rows in found.items():
        assert rows <= before[stream] | right[stream], f"{stream} has records that nobody sent"
        assert {row[0] for row in rows} >= {row[0] for row in before[stream]}, f"{stream} lost records"


# --- faults that pass ---------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("turn", range(3))
def test_faults_that_pass_leave_the_right_data(trials: Mapping[str, Trial], vendor: str, turn: int) -> None:
    """Every place meets a fault, in each turn another one; together the turns are all of them."""
    trial = trials[vendor]
    right, usual = trial.undisturbed
    faults = passing(vendor, turn)
    store = trial.store(f"passing {turn}")
    ended = trial.sync(store, *faults, timeout=timedelta(seconds=0.5))
    assert (ended.result.status, ended.result.error) == ("ok", "")
    assert ended.struck == [1] * len(faults)
    assert len(ended.requests) <= usual + len(faults)
    assert every_row(store) == right


def passing(vendor: str, turn: int) -> list[Fault]:
    struck: list[tuple[str, int]] = []
    faults = []
    names = list(PASSING)
    each = len(names) // 3
    places = list(PLACES[vendor].values())
    for position, name in enumerate(names[turn * each : (turn + 1) * each]):
        place = places[(position + turn) % len(places)]
        earlier = sum(one == place.path and number <= place.number for one, number in struck)
        faults.append(at(place._replace(number=place.number + earlier), PASSING[name]))
        struck.append((place.path, place.number))
    return faults


# --- faults that last ---------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("name", LASTING)
def test_a_fault_that_lasts_is_told_and_costs_nothing(trials: Mapping[str, Trial], vendor: str, name: str) -> None:
    trial = trials[vendor]
    _, usual = trial.undisturbed
    fault, code = LASTING[name]
    places = list(PLACES[vendor].values())
    turn = list(LASTING).index(name) + VENDORS.index(vendor)
    store = trial.store("worn")
    before = trial.raw(store)
    place = places[turn % len(places)]
    wanted = Options(streams=(place.stream,))
    ended = trial.sync(store, at(place, fault, lasting=True), options=wanted, timeout=timedelta(seconds=0.5))
    require_told(trial, ended, code)
    assert len(ended.requests) <= usual + 8 * ATTEMPTS
    require_nothing_lost(trial, trial.raw(store), before)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("kind", [*ASTRAY, *DISORDER])
def test_pages_in_disorder_are_told_or_no_matter(trials: Mapping[str, Trial], vendor: str, kind: str) -> None:
    trial = trials[vendor]
    right, usual = trial.undisturbed
    code = {**ASTRAY, **DISORDER}[kind][vendor]
    store = trial.store("worn" if code else kind)
    before = trial.raw(store)
    place = SEARCHES.get((vendor, kind), LISTS[vendor])
    fault = {"kind": kind, "path": place.path} if code else {"kind": kind}
    ended = trial.sync(store, fault, options=Options(streams=(place.stream,) if code else ()))
    assert len(ended.requests) <= usual + 4
    if code:
        require_told(trial, ended, code)
        require_nothing_lost(trial, trial.raw(store), before)
    else:
        assert (ended.result.status, ended.result.error) == ("ok", "")
        assert every_row(store) == right


@pytest.mark.parametrize("vendor", VENDORS)
def test_after_all_of_them_the_next_sync_ends_as_if_nothing_had_been(trials: Mapping[str, Trial], vendor: str) -> None:
    trial = trials[vendor]
    right, _ = trial.undisturbed
    assert trial.sync(trial.store("worn")).result.status == "ok"
    assert every_row(trial.store("worn")) == right


# --- what the vendor says is another thing ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("vendor", "stream", "words"),
    [("calendly", "events", " (moved)"), ("intercom", "contacts", " (edited)")],
)
def test_what_changed_while_it_was_read_is_there_as_it_was_last(
    trials: Mapping[str, Trial], vendor: str, stream: str, words: str
) -> None:
    trial = trials[vendor]
    assert trial.undisturbed
    store = trial.store("changed")
    assert trial.sync(store, {"kind": "changed"}).result.status == "ok"
    assert payloads(trial, stream, store, words) >= 1
    assert trial.sync(store).result.status == "ok"
    assert payloads(trial, stream, store, words) >= 1, "an older version never replaces a newer"
    right = trial.raw(trial.store("undisturbed"))
    for name, rows in trial.raw(store).items():
        assert {(key, gone) for key, _, gone in rows} == {(key, gone) for key, _, gone in right[name]}, name


@pytest.mark.parametrize("vendor", ["hubspot", "stripe"])
def test_a_record_that_cannot_come_again_where_it_did_is_told(trials: Mapping[str, Trial], vendor: str) -> None:
    """In the order of ids, or of what was made last, an edited record stays where it is."""
    trial = trials[vendor]
    right, _ = trial.undisturbed
    store = trial.store("changed")
    before = trial.raw(store)
    stream = "contacts" if vendor == "hubspot" else "events"
    ended = trial.sync(store, {"kind": "changed"}, options=Options(streams=(stream,)))
    require_told(trial, ended, "E350")
    require_nothing_lost(trial, trial.raw(store), before)
    assert trial.sync(store).result.status == "ok"
    assert every_row(store) == right


def payloads(trial: Trial, stream: str, store: Workspace, words: str) -> int:
    """How many records of a stream have these words somewhere."""
    with engine.read_only(store.store_file) as con:
        table = f"raw.{trial.vendor}__{stream}"
        found = con.execute(f"SELECT count(*) FROM {table} WHERE contains(payload, ?)", [words]).fetchone()
    return int(found[0]) if found else 0


@pytest.mark.parametrize("vendor", VENDORS)
def test_huge_and_hostile_text_is_text(trials: Mapping[str, Trial], vendor: str) -> None:
    trial = trials[vendor]
    assert trial.undisturbed
    store = trial.store("hostile")
    streams = TEXTS[vendor]
    ended = trial.sync(
        store, {"kind": "huge_text", "every": 3}, {"kind": "hostile_text"}, options=Options(streams=streams)
    )
    assert (ended.result.status, ended.result.error) == ("ok", "")
    plain = trial.store("in full", of="undisturbed")
    for each in (plain, store):
        assert trial.sync(each, options=Options(full=True, streams=streams)).result.status == "ok"
    assert trial.raw(store)[streams[0]] == trial.raw(plain)[streams[0]]


TEXTS = {
    "calendly": ("events",),
    "hubspot": ("contacts", "contacts_archived"),
    "intercom": ("contacts",),
    "stripe": ("products",),
}
EMAILS = {"calendly": "invitees", "hubspot": "contacts", "intercom": "contacts", "stripe": "customers"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_addresses_in_a_mess_end_in_the_keys_that_the_rules_of_identity_say(
    trials: Mapping[str, Trial], vendor: str
) -> None:
    trial = trials[vendor]
    store = trial.store("mess")
    ended = trial.sync(store, {"kind": "email_mess"}, options=Options(full=True, streams=(EMAILS[vendor],)))
    assert (ended.result.status, ended.result.error) == ("ok", "")
    path = "$.properties.email" if vendor == "hubspot" else "$.email"
    with engine.read_only(store.store_file) as con:
        table = f"raw.{vendor}__{EMAILS[vendor]}"
        sent = con.execute(f"SELECT payload ->> '{path}' FROM {table} WHERE NOT deleted").fetchall()
        keys = con.execute("SELECT email FROM core.customers WHERE email IS NOT NULL").fetchall()
    allowed = {key for (text,) in sent if text is not None for key in canonical(text)}
    found = {key for (key,) in keys}
    assert len(found) >= 3
    assert found <= allowed


def canonical(text: str) -> set[str]:
    """The key of an address as the sandbox messes it up; none where there is more than a mess."""
    if text in {"n/a", ""} or " at " in text or "," in text:
        return set()
    bare = text.strip("\u200b\u00a0 ").removeprefix("mailto:").rstrip(".")
    bare = bare.removeprefix("Some Body <").removesuffix(">").lower()
    return {bare.replace("@bücher.", "@xn--bcher-kva.")}
