"""Streams that hang on others: followed by a feed, swept, deleted by another, asked for in batches, refreshed."""

from datetime import timedelta

import pytest

from execution.sync import reading
from execution.sync.results import RunResult
from tests.sync.conftest import World
from tests.sync.vendor import Record, down, program

BILLING = """---
kind: source
name: shop
api: {base_url: "https://shop.example", auth: {type: none}}
streams:
  changes:
    path: /changes
    params: {since: "{since:s}"}
    records: items
    key: id
    sync: {by: window, lookback: 1h, backfill: 30d}
    columns: {about: about, what: what, at: {path: at, type: timestamp, unit: s}}
  clients:
    path: /clients
    records: items
    key: id
    deleted: deleted
    sync: {by: feed, feed: changes, id: about, where: "what = 'client'", path: "/clients/{id}", keeps: 30d}
    columns: {email: email, name: name}
---
```sql customers
select email, max(name) as name from clients where email is not null group by email
```
"""

DESK = """---
kind: source
name: shop
api: {base_url: "https://shop.example", auth: {type: none}}
streams:
  people:
    path: /people
    params: {since: "{since:iso}"}
    records: items
    key: id
    version: changed
    sync: {by: cursor, column: changed, lookback: 1h, sweep: 7d}
    columns: {email: email, changed: {path: changed, type: timestamp}}
  archived:
    path: /people/archived
    records: items
    key: id
    version: archived_at
    deletes: people
    columns: {archived_at: {path: archived_at, type: timestamp}}
  links:
    each: people
    batch: 2
    refresh: 7d
    method: POST
    path: /links
    body: {inputs: [{id: "{people.id}"}]}
    records: items
    key: from
    columns: {to: {path: to, type: json}}
---
```sql customers
select email, max(key) as name from people where email is not null group by email
```
"""


def client(number: int, **more: object) -> Record:
    return {"id": f"c{number}", "email": f"c{number}@x.com", "name": "Ada", **more}


def change(number: int, about: str, what: str = "client") -> Record:
    return {"id": f"e{number}", "about": about, "what": what, "at": 1772000000 + number}


def person(number: int, changed: str = "2026-02-01T00:00:00Z") -> Record:
    return {"id": f"p{number}", "email": f"p{number}@x.com", "changed": changed}


def counts(result: RunResult, name: str) -> tuple[int, int, int]:
    found = next(s for source in result.sources for s in source.streams if s.stream == name)
    return found.new, found.changed, found.deleted


def asked(world: World, stream: str) -> list[object]:
    """The ids asked for one by one since the last time; None for a list."""
    found = [values.get("id") for name, values in world.shop.asked if name == stream]
    world.shop.asked.clear()
    return found


@pytest.fixture
def billing(world: World) -> World:
    """Two clients, read once."""
    world.program = program(shop=BILLING)
    world.shop.records = {"clients": [client(1), client(2)], "changes": [change(1, "c1")]}
    assert counts(world.sync("shop"), "clients") == (2, 0, 0)
    assert asked(world, "clients") == [None], "the first read is of everything"
    return world


@pytest.fixture
def desk(world: World) -> World:
    """Three people, read once."""
    world.program = program(shop=DESK)
    world.shop.records = {"people": [person(1), person(2), person(3)], "links/p1": [{"from": "p1", "to": [1]}]}
    world.sync("shop")
    world.shop.asked.clear()
    return world


# --- by feed ------------------------------------------------------------------------------------


def test_what_the_feed_names_is_asked_again_once_and_nothing_else(billing: World) -> None:
    billing.shop.records["clients"] = [client(1, name="Eve"), client(2, name="unseen"), client(3)]
    billing.shop.records["changes"] += [change(2, "c1"), change(3, "c1"), change(4, "c3"), change(5, "c2", "invoice")]
    assert counts(billing.sync("shop"), "clients") == (1, 1, 0)
    assert asked(billing, "clients") == ["c1", "c3"]
    names = billing.rows("SELECT email, name FROM core.customers ORDER BY email")
    assert names == [("c1@x.com", "Eve"), ("c2@x.com", "Ada"), ("c3@x.com", "Ada")]
    billing.sync("shop")
    assert asked(billing, "clients") == []


def test_gone_and_said_to_be_deleted_are_tombstones_that_may_come_back(billing: World) -> None:
    billing.shop.records["clients"] = []
    billing.shop.hidden = {"clients": [{"id": "c2", "deleted": True}]}
    billing.shop.records["changes"] += [change(2, "c1"), change(3, "c2"), change(4, "never-seen")]
    assert counts(billing.sync("shop"), "clients") == (0, 0, 2), "both say so themselves: no guard against emptiness"
    stored = billing.rows("SELECT key, deleted, email FROM raw.shop__clients ORDER BY key")
    assert stored == [("c1", True, "c1@x.com"), ("c2", True, "c2@x.com")]
    billing.shop.records["clients"] = [client(1)]
    billing.shop.records["changes"].append(change(5, "c1"))
    assert counts(billing.sync("shop"), "clients") == (0, 1, 0)


def test_a_path_where_nothing_is_ever_found_deletes_nothing(billing: World) -> None:
    billing.shop.records["clients"] = []
    billing.shop.records["changes"] += [change(n, f"c{n}") for n in range(2, 13)]
    result = billing.sync("shop")
    assert "none of the 11 records" in result.sources[0].error
    assert billing.rows("SELECT count(*) FROM raw.shop__clients WHERE NOT deleted") == [(2,)]
    assert counts(billing.sync("shop", allow_empty=True), "clients") == (0, 0, 1), "c2; c1 was not named again"


def test_an_answer_that_failed_is_asked_for_again(billing: World) -> None:
    billing.shop.records["changes"] += [change(2, "c1"), change(3, "c2")]

    def fail(stream: str, _number: int) -> None:
        if stream == "clients":
            raise down("shop/clients")

    billing.shop.before_page = fail
    assert billing.sync("shop").exit_code == 3
    asked(billing, "clients")
    billing.shop.before_page = lambda _stream, _number: None
    billing.shop.records["changes"] = []
    billing.sync("shop")
    assert asked(billing, "clients") == ["c1", "c2"], "the feed no longer gives the rows, but they are not followed yet"


def test_each_slice_takes_its_own_rows_of_the_feed(billing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SLICE_BYTES", 1)
    monkeypatch.setattr(reading, "PARENTS_AT_ONCE", 1)
    billing.shop.records["clients"] = [client(n, name="Eve") for n in range(1, 4)]
    billing.shop.records["changes"] += [change(n, f"c{n}") for n in (1, 2, 3)]
    billing.shop.records["changes"] += [change(n + 3, f"c{n}") for n in (1, 2, 3)]

    def fail(stream: str, _number: int) -> None:
        if stream == "clients" and billing.shop.asked[-1][1]["id"] == "c3":
            raise down("shop/clients")

    billing.shop.before_page = fail
    billing.sync("shop")
    asked(billing, "clients")
    billing.shop.before_page = lambda _stream, _number: None
    assert counts(billing.sync("shop"), "clients") == (1, 0, 0)
    assert asked(billing, "clients") == ["c3"]


def test_a_feed_that_may_have_forgotten_is_not_trusted(billing: World) -> None:
    billing.now += timedelta(days=22)
    billing.sync("shop")
    assert asked(billing, "clients") == []
    billing.now += timedelta(days=23)
    billing.shop.records["clients"] = [client(2)]
    assert counts(billing.sync("shop"), "clients") == (0, 0, 1), "a whole read: absence is deletion"
    assert asked(billing, "clients") == [None]


def test_a_run_in_full_reads_everything_and_follows_nothing_twice(billing: World) -> None:
    billing.shop.records["changes"].append(change(2, "c1"))
    billing.sync("shop", full=True)
    assert asked(billing, "clients") == [None]
    billing.sync("shop")
    assert asked(billing, "clients") == []


def test_a_feed_that_failed_holds_back_what_follows_it(billing: World) -> None:
    billing.shop.fail("changes", 0, down("shop/changes"))
    result = billing.sync("shop", streams=("clients",))
    assert [(s.stream, s.status) for s in result.sources[0].streams] == [("changes", "failed"), ("clients", "skipped")]


def test_a_quiet_feed_writes_nothing(billing: World) -> None:
    before = billing.workspace.store_file.read_bytes()
    assert billing.sync("shop").published is None
    assert billing.workspace.store_file.read_bytes() == before


# --- sweeps -------------------------------------------------------------------------------------


def test_a_sweep_finds_what_is_gone_and_only_every_so_often(desk: World) -> None:
    desk.shop.records["people"] = [person(1), person(2)]
    assert counts(desk.sync("shop"), "people") == (0, 0, 0)
    desk.now += timedelta(days=7)
    assert counts(desk.sync("shop"), "people") == (0, 0, 1)
    assert [values["since"] for name, values in desk.shop.asked if name == "people"][-1] is None
    desk.shop.records["people"] = [person(1)]
    assert counts(desk.sync("shop"), "people") == (0, 0, 0), "the next one is due in a week"


def test_an_api_that_leaves_records_out_is_swept_without_deleting(desk: World) -> None:
    desk.shop.leaves_out = ("people",)
    desk.shop.records["people"] = [person(1), person(2)]
    desk.now += timedelta(days=7)
    result = desk.sync("shop")
    assert counts(result, "people") == (0, 0, 0)
    assert "say `deletes`" in result.sources[0].streams[0].warnings[0]
    desk.shop.asked.clear()
    desk.sync("shop")
    assert desk.shop.asked[0][1]["since"] is not None, "it is not read whole again and again"


def test_a_sweep_that_finds_nothing_deletes_nothing(desk: World) -> None:
    desk.shop.records["people"] = []
    desk.now += timedelta(days=7)
    result = desk.sync("shop")
    assert counts(result, "people") == (0, 0, 0)
    assert "--allow-empty" in result.sources[0].streams[0].warnings[0]


# --- deletes ------------------------------------------------------------------------------------


def archived(number: int, at: str) -> Record:
    return {"id": f"p{number}", "archived_at": at}


def test_a_record_of_the_archive_is_a_tombstone_there(desk: World) -> None:
    desk.shop.records["archived"] = [archived(1, "2026-03-01T12:00:00Z"), archived(9, "2026-03-01T12:00:00Z")]
    result = desk.sync("shop")
    assert next(s.buried for s in result.sources[0].streams if s.stream == "archived") == 1
    assert desk.rows("SELECT email FROM core.customers ORDER BY 1") == [("p2@x.com",), ("p3@x.com",)]
    desk.sync("shop")
    assert len(desk.rows("SELECT email FROM core.customers")) == 2, "a search that still shows it does not matter"
    desk.shop.records["people"] = []
    before = desk.workspace.store_file.read_bytes()
    assert desk.sync("shop").published is None
    assert desk.workspace.store_file.read_bytes() == before


def test_a_record_read_as_live_later_comes_back_and_stays(desk: World) -> None:
    desk.shop.records["archived"] = [archived(1, "2026-03-01T12:00:00Z")]
    desk.sync("shop")
    desk.shop.records["people"] = [person(1, "2026-03-02T00:00:00Z")]
    desk.sync("shop")
    assert ("p1@x.com",) in desk.rows("SELECT email FROM core.customers")
    desk.shop.records["people"] = []
    desk.sync("shop")
    assert ("p1@x.com",) in desk.rows("SELECT email FROM core.customers"), "the archive's copy is the older version"


def test_leaving_the_archive_alone_revives_nothing(desk: World) -> None:
    desk.shop.records["archived"] = [archived(1, "2026-03-01T12:00:00Z"), archived(2, "2026-03-01T12:00:00Z")]
    desk.shop.records["people"] = []
    desk.sync("shop")
    desk.shop.records["archived"].pop(0)
    desk.sync("shop")
    assert desk.rows("SELECT email FROM core.customers") == [("p3@x.com",)]


# --- batches and refreshing ---------------------------------------------------------------------


def batches(world: World) -> list[list[object]]:
    found = [values["people"] for name, values in world.shop.asked if name == "links"]
    world.shop.asked.clear()
    return [[parent["key"] for parent in parents] for parents in found if isinstance(parents, list)]


def test_parents_are_asked_for_in_batches_and_records_are_theirs(world: World) -> None:
    world.program = program(shop=DESK)
    world.shop.records = {"people": [person(n) for n in range(1, 6)], "links/p4": [{"from": "p4", "to": [7]}]}
    world.sync("shop")
    assert sorted(batches(world)) == [["p1", "p2"], ["p3", "p4"], ["p5"]]
    assert world.rows('SELECT key, parent_key, "to" FROM raw.shop__links') == [("p4", "p4", "[7]")]


def test_a_parent_without_a_record_in_its_batch_has_none_any_more(desk: World) -> None:
    desk.shop.records |= {"people": [person(1, "2026-02-02T00:00:00Z"), person(2, "2026-02-02T00:00:00Z")]}
    desk.shop.records |= {"links/p1": [], "links/p2": [{"from": "p2", "to": [2]}]}
    assert counts(desk.sync("shop"), "links") == (1, 0, 1)


def test_children_are_read_again_once_their_last_read_is_old(desk: World) -> None:
    desk.now += timedelta(days=6)
    desk.sync("shop")
    assert batches(desk) == []
    desk.shop.records["links/p1"] = [{"from": "p1", "to": [1, 2]}]
    desk.now += timedelta(days=2)
    assert counts(desk.sync("shop"), "links") == (0, 1, 0)
    assert sorted(batches(desk)) == [["p1", "p2"], ["p3"]]
    desk.sync("shop")
    assert batches(desk) == [], "the next refresh is due in a week"
