"""The whole way of the data, from a vendor's pages to what a reader sees."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from execution import store
from execution.errors import CredentialsError, UsageError
from execution.store import journal
from execution.sync import project, reading, unfinished
from execution.sync.results import RunResult, StreamResult
from tests.sync.conftest import World
from tests.sync.vendor import COMPANIES, CRM, CUSTOMERS, SETTINGS, SHOP, Record, down, program


def order(number: int, email: str = "ada@x.com", **more: object) -> Record:
    return {
        "id": f"o{number}",
        "email": email,
        "name": "Ada",
        "amount": 5,
        "updated_at": "2026-01-01T00:00:00Z",
        **more,
    }


def person(number: int, email: str | None = "ada@x.com", **more: object) -> Record:
    return {"id": f"p{number}", "email": email, "name": "Ada L.", "changed": "2026-02-01T00:00:00Z", **more}


def stream(result: RunResult, name: str) -> StreamResult:
    return next(s for source in result.sources for s in source.streams if s.stream == name)


def counts(result: RunResult, name: str) -> tuple[int, int, int]:
    found = stream(result, name)
    return found.new, found.changed, found.deleted


def test_from_pages_to_customers(world: World) -> None:
    world.shop.records = {
        "orders": [order(1), order(2, "ADA@x.com "), order(3, "eve@y.co.uk", name="Eve")],
        "visits/o1": [{"id": "v1", "at": 1772000000}],
        "visits/o3": [{"id": "v2", "at": 1772000000}, {"id": "v3", "at": 1772000060}, {"id": "v4", "at": 1772000120}],
    }
    world.crm.records = {"people": [person(1), person(2, None), person(3, "Zoe <zoe@gmail.com>", name="Zoe")]}
    result = world.sync()
    assert result.exit_code == 0
    assert counts(result, "orders") == (3, 0, 0)
    assert counts(result, "visits") == (4, 0, 0)
    assert world.rows("SELECT email, name, orders, visits, company_domain FROM core.customers ORDER BY email") == [
        ("ada@x.com", "Ada L.", 2, 1, "x.com"),
        ("eve@y.co.uk", "Eve", 1, 3, "y.co.uk"),
        ("zoe@gmail.com", "Zoe", None, None, None),
    ]
    assert world.rows("SELECT source, source_id, email FROM core.events WHERE email = 'ada@x.com'") == [
        ("shop", "v1", "ada@x.com")
    ]


def test_a_second_run_with_nothing_new_writes_nothing(world: World) -> None:
    world.shop.records = {"orders": [order(1), order(2, amount="much")], "visits/o1": [{"id": "v1", "at": 1}]}
    world.crm.records = {"people": [person(1), {"email": "keyless@x.com"}]}
    world.sync()
    before = world.workspace.store_file.read_bytes()
    result = world.sync()
    assert result.published is None
    assert world.workspace.store_file.read_bytes() == before
    assert [entry["kind"] for entry in journal.entries(world.workspace)] == ["sync", "sync"]


def test_only_what_changed_goes_on(world: World) -> None:
    world.shop.records = {"orders": [order(n, f"c{n}@x.com") for n in range(10)]}
    world.sync()
    ids = dict(world.rows("SELECT email, customer_id FROM core.customers"))
    world.shop.records["orders"][3] = order(3, "c3@x.com", name="Changed")
    world.now += timedelta(days=1)
    result = world.sync()
    assert counts(result, "orders") == (0, 1, 0)
    changed = [(e.entity, e.changed) for e in result.entities if e.source == "shop"]
    assert changed == [("customers", 1), ("events", 0)]
    touched = world.rows("SELECT email, name FROM core.customers WHERE updated_at > created_at")
    assert touched == [("c3@x.com", "Changed")]
    assert dict(world.rows("SELECT email, customer_id FROM core.customers")) == ids


def test_children_are_read_for_changed_parents_and_while_reread_holds(world: World) -> None:
    world.shop.records = {"orders": [order(1), order(2), order(3, updated_at="2026-02-28T12:00:00Z")]}
    world.sync()
    world.shop.asked.clear()
    world.shop.records["orders"][0] = order(1, amount=6)
    world.sync()
    parents = [values["orders"]["key"] for name, values in world.shop.asked if name == "visits"]  # type: ignore[index]
    assert sorted(parents) == ["o1", "o3"], "o1 changed, o3 was updated less than two days ago"


def test_a_parent_whose_children_failed_is_asked_again(world: World) -> None:
    world.shop.records = {"orders": [order(1), order(2)], "visits/o2": [{"id": "v1", "at": 1}]}
    world.shop.fail("visits", 0, down("shop/visits"))
    first = world.sync("shop")
    assert stream(first, "visits").status == "failed"
    assert counts(first, "orders") == (2, 0, 0), "the parents are kept"
    world.shop.before_page = lambda _stream, _number: None
    second = world.sync("shop")
    assert counts(second, "visits") == (1, 0, 0)


def test_a_child_its_parent_no_longer_has_is_gone(world: World) -> None:
    world.shop.records = {"orders": [order(1), order(2)], "visits/o1": [{"id": "v1", "at": 1}, {"id": "v2", "at": 2}]}
    world.sync()
    world.shop.records |= {"orders": [order(1, amount=9), order(2)], "visits/o1": [{"id": "v2", "at": 2}]}
    assert counts(world.sync(), "visits") == (0, 0, 1)
    assert world.rows("SELECT source_id FROM core.events") == [("v2",)]


def test_a_record_the_vendor_no_longer_has_is_a_tombstone_and_may_come_back(world: World) -> None:
    world.shop.records = {"orders": [order(1), order(2, "eve@y.com")]}
    world.sync()
    kept = world.shop.records["orders"].pop()
    assert counts(world.sync(), "orders") == (0, 0, 1)
    assert world.rows("SELECT email FROM core.customers") == [("ada@x.com",)]
    assert world.rows("SELECT key, deleted FROM raw.shop__orders ORDER BY key") == [("o1", False), ("o2", True)]
    world.shop.records["orders"].append(kept)
    assert counts(world.sync(), "orders") == (0, 1, 0)
    assert len(world.rows("SELECT email FROM core.customers")) == 2


def test_an_empty_answer_deletes_nothing_unless_allowed(world: World) -> None:
    world.shop.records = {"orders": [order(1), order(2)]}
    world.sync()
    world.shop.records = {}
    result = world.sync()
    assert counts(result, "orders") == (0, 0, 0)
    assert "--allow-empty" in stream(result, "orders").warnings[0]
    assert counts(world.sync(allow_empty=True), "orders") == (0, 0, 2)


def test_fewer_records_than_the_vendor_counts_delete_nothing(world: World) -> None:
    world.shop.records = {"orders": [order(1), order(2)]}
    world.sync()
    world.shop.records = {"orders": [order(1)]}
    world.shop.totals = {"orders": 2}
    result = world.sync()
    assert counts(result, "orders") == (0, 0, 0)
    assert "the vendor counts 2" in stream(result, "orders").warnings[0]


def test_a_record_listed_twice_does_not_stand_for_one_that_was_missed(world: World) -> None:
    world.shop.records = {"orders": [order(1), order(2)]}
    world.sync()
    world.shop.records = {"orders": [order(1), order(1)]}
    world.shop.totals = {"orders": 2}
    result = world.sync()
    assert counts(result, "orders") == (0, 0, 0)
    assert "the vendor counts 2 records, 1 came" in stream(result, "orders").warnings[0]


def test_a_failing_source_leaves_the_others_committed(world: World) -> None:
    world.shop.fail("orders", 0, down("shop/orders"))
    world.crm.records = {"people": [person(1)]}
    result = world.sync()
    assert result.exit_code == 1
    assert [(s.source, s.status) for s in result.sources] == [("crm", "ok"), ("shop", "failed")]
    assert stream(result, "visits").status == "skipped"
    assert world.rows("SELECT email FROM core.customers") == [("ada@x.com",)]


def test_when_every_source_fails_the_run_did(world: World) -> None:
    world.shop.fail("orders", 0, down("shop/orders"))
    world.crm.fail("people", 0, down("crm/people"))
    assert world.sync().exit_code == 3


def test_not_connected_is_no_failure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.crm.fail("people", 0, CredentialsError("CRM_TOKEN is not set", code="E311"))
    error = CredentialsError("CRM_TOKEN is not set", code="E311")

    async def no_key(_self: object) -> dict[str, str]:
        raise error

    monkeypatch.setattr("tests.sync.vendor.FakeClient.account", no_key)
    result = world.sync()
    assert {source.status for source in result.sources} == {"not connected"}
    assert result.exit_code == 0


def test_a_failure_late_in_a_stream_keeps_the_slices_before_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SLICE_BYTES", 1)
    world.crm.records = {"people": [person(n, f"c{n}@x.com") for n in range(10)]}
    world.crm.fail("people", 3, down("crm/people"))
    first = world.sync("crm")
    assert (stream(first, "people").status, stream(first, "people").new) == ("failed", 6)
    assert world.rows("SELECT count(*) FROM raw.crm__people") == [(6,)]
    assert world.rows("SELECT count(*) FROM core.customers") == [(0,)], "readers see whole sources only"
    world.crm.before_page = lambda _stream, _number: None
    second = world.sync("crm")
    assert counts(second, "people") == (4, 0, 0)
    assert stream(second, "people").pages == 2, "read on from the bookmark, not from the start"
    assert len(world.rows("SELECT email FROM core.customers")) == 10


def test_a_cursor_overlaps_and_never_runs_ahead(world: World) -> None:
    world.crm.records = {
        "people": [person(1, changed="2026-02-10T10:00:00Z"), person(2, changed="2027-01-01T00:00:00Z")]
    }
    world.sync("crm")
    first = world.now
    world.crm.asked.clear()
    world.sync("crm")
    assert world.crm.asked[0][1]["since"] == first - timedelta(hours=1), "a time in the future counts as now"


def test_since_and_full_override_the_cursor_without_losing_it(world: World) -> None:
    world.crm.records = {"people": [person(1, changed="2026-02-10T10:00:00Z")]}
    world.sync("crm")
    world.crm.asked.clear()
    since = datetime(2025, 1, 1, tzinfo=UTC)
    world.sync("crm", since=since)
    world.sync("crm", full=True)
    world.sync("crm")
    assert [values["since"] for _, values in world.crm.asked] == [since, None, datetime(2026, 2, 10, 9, tzinfo=UTC)]


def test_an_older_version_never_replaces_a_newer(world: World) -> None:
    new, old = order(1, name="New", updated_at="2026-02-02T00:00:00Z"), order(1, name="Old")
    world.shop.records = {"orders": [new, order(2), old]}
    world.sync()
    assert world.rows("SELECT name FROM raw.shop__orders WHERE key = 'o1'") == [("New",)]
    world.shop.records = {"orders": [old, order(2)]}
    assert counts(world.sync(), "orders") == (0, 0, 0)


def test_duplicates_across_pages_are_one_record(world: World) -> None:
    world.crm.records = {"people": [person(1), person(2), person(1, name="Later"), person(2), person(2)]}
    result = world.sync("crm")
    assert counts(result, "people") == (2, 0, 0)
    assert world.rows("SELECT key, name FROM raw.crm__people ORDER BY key") == [("p1", "Later"), ("p2", "Ada L.")]


def test_what_does_not_fit_is_counted_kept_and_forgotten_once_it_fits(world: World) -> None:
    world.shop.records = {
        "orders": [order(1, amount="much"), order(2, amount=1.5), order(3, amount=""), {"email": "a@x.com"}]
    }
    result = stream(world.sync("shop"), "orders")
    assert (result.rejects, result.keyless) == (2, 1)
    noted = "SELECT key, column_name, content FROM meta.rejects ORDER BY key"
    assert world.rows(noted) == [
        ("o1", "amount", "much"),
        ("o2", "amount", "1.5"),
        (None, "(key)", '{"email":"a@x.com"}'),
    ]
    world.shop.records = {"orders": [order(1, amount=7), order(2, amount=1.5), order(3)]}
    world.sync("shop")
    assert world.rows(noted)[0][0] == "o2"
    assert world.rows("SELECT amount FROM raw.shop__orders ORDER BY key") == [(7,), (None,), (5,)]


def test_a_page_that_cannot_be_decoded_fails_its_stream_alone(world: World) -> None:
    world.shop.bodies = {"orders": [b'{"items": [{"id": "o1", "name": "\\ud800"}]}']}
    world.crm.records = {"people": [person(1)]}
    result = world.sync()
    assert stream(result, "orders").status == "failed"
    assert "E341" in stream(result, "orders").error
    assert stream(result, "people").status == "ok"


def test_role_mailboxes_and_our_own_people_are_no_customers(world: World) -> None:
    world.crm.records = {"people": [person(1), person(2, "info@x.com"), person(3, "me@us.com"), person(4, "nope")]}
    world.sync()
    assert world.rows("SELECT email FROM core.customers") == [("ada@x.com",)]
    world.program = program(settings=SETTINGS.replace("us.com", "x.com"))
    world.sync()
    assert world.rows("SELECT email FROM core.customers") == [("me@us.com",)], "a changed setting is applied at once"


def test_a_changed_mapping_is_replayed_without_a_request(world: World) -> None:
    world.shop.records = {"orders": [order(1, amount="7", nick="Addie")]}
    world.sync()
    world.program = program(shop=SHOP.replace("name: name", "name: nick").replace("type: integer", "type: text"))
    world.shop.fail("orders", 0, down("shop/orders"))
    world.sync()
    assert world.rows("SELECT name FROM core.customers") == [("Addie",)]
    assert world.rows(
        "SELECT amount, first_seen < last_changed OR first_seen = last_changed FROM raw.shop__orders"
    ) == [("7", True)]


def test_a_changed_precedence_is_applied_to_everyone(world: World) -> None:
    world.shop.records = {"orders": [order(1)]}
    world.crm.records = {"people": [person(1)]}
    world.sync()
    ids = world.rows("SELECT customer_id, created_at FROM core.customers")
    world.program = program(customers=CUSTOMERS.replace("from: [crm, shop]", "from: [shop, crm]"))
    world.now += timedelta(days=1)
    world.sync()
    assert world.rows("SELECT name FROM core.customers") == [("Ada",)]
    assert world.rows("SELECT customer_id, created_at FROM core.customers") == ids


def test_a_new_column_in_a_block_reaches_the_customers(world: World) -> None:
    world.shop.records = {"orders": [order(1)]}
    world.sync()
    world.program = program(
        customers=CUSTOMERS.replace("  orders:", "  spent: {type: integer, from: [shop]}\n  orders:"),
        shop=SHOP.replace("max(o.name) as name,", "max(o.name) as name, max(o.amount) as spent,"),
    )
    world.sync()
    assert world.rows("SELECT spent, orders FROM core.customers") == [(5, 1)]


def test_columns_in_another_order_stay_what_they_are(world: World) -> None:
    world.shop.records = {"orders": [order(n) for n in range(3)]}
    world.sync()
    before = world.rows("SELECT orders, visits FROM core.customers")
    blocks = "count(distinct o.id) as orders, count(v.id) as visits"
    world.program = program(shop=SHOP.replace(blocks, ", ".join(reversed(blocks.split(", ")))))
    world.sync()
    assert world.rows("SELECT orders, visits FROM core.customers") == before == [(3, 0)]


@pytest.mark.parametrize("few", [0, 1, 5_000])
def test_few_changes_and_many_end_alike(world: World, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(project, "FEW", few)
    world.shop.records = {"orders": [order(n, f"c'{n}@x.com") for n in range(4)]}
    world.sync()
    world.shop.records["orders"] = [*world.shop.records["orders"][2:], order(5, "c'3@x.com"), order(6, "c'6@x.com")]
    world.now += timedelta(days=1)
    world.sync()
    assert world.rows("SELECT email, orders FROM core.customers ORDER BY email") == [
        ("c'2@x.com", 1), ("c'3@x.com", 2), ("c'6@x.com", 1)
    ]  # fmt: skip


def test_a_block_with_two_rows_for_a_key_keeps_its_last_good_rows(world: World) -> None:
    world.crm.records = {"people": [person(1)]}
    world.sync()
    world.program = program(
        crm=CRM.replace("max(name) as name", "name").replace("group by email", "group by email, name")
    )
    world.crm.records["people"].append(person(2, name="Other"))
    result = world.sync()
    crm = result.sources[0]
    assert crm.status == "failed"
    assert "E360" in crm.error
    assert "2 rows for email 'ada@x.com'" in crm.error
    assert world.rows("SELECT name FROM core.customers") == [("Ada L.",)]


def test_a_block_that_fails_on_the_data_keeps_its_last_good_rows_and_stops_no_other(world: World) -> None:
    world.shop.records = {"orders": [order(1)]}
    world.crm.records = {"people": [person(1)]}
    world.sync()
    world.program = program(shop=SHOP.replace("max(o.name) as name", "cast(max(o.name) as integer)::text as name"))
    world.crm.records["people"].append(person(2, email="new@x.com"))
    result = world.sync()
    shop = next(source for source in result.sources if source.source == "shop")
    assert shop.status == "failed"
    assert "E366 the customers block of shop fails on the data: Conversion Error" in shop.error
    assert world.rows("SELECT email, orders FROM core.customers ORDER BY 1") == [("ada@x.com", 1), ("new@x.com", None)]


def test_unknown_and_disabled_sources_are_usage_errors(world: World) -> None:
    with pytest.raises(UsageError, match="no source 'shopp'"):
        world.sync("shopp")
    sources = {**world.program.sources, "crm": world.program.sources["crm"].model_copy(update={"enabled": False})}
    world.program = dataclasses.replace(world.program, sources=sources)
    with pytest.raises(UsageError, match="disabled"):
        world.sync("crm")
    assert [source.source for source in world.sync().sources] == ["shop"]


def test_a_stream_that_no_source_has_is_a_usage_error(world: World) -> None:
    with pytest.raises(UsageError, match="there is no stream 'order'") as caught:
        world.sync("shop", streams=("order",))
    assert caught.value.hint == "there are: orders, visits"


def test_only_the_streams_asked_for_with_the_parents_they_need(world: World) -> None:
    world.shop.records = {"orders": [order(1)]}
    assert [s.stream for s in world.sync("shop", streams=("visits",)).sources[0].streams] == ["orders", "visits"]
    assert [s.stream for s in world.sync("shop", streams=("orders",)).sources[0].streams] == ["orders"]


def test_a_check_counts_what_does_not_meet_it_and_unknown_meets_it(world: World) -> None:
    world.program = program(crm=CRM.replace("streams:", "validate: {people: [\"name <> 'Bad'\"]}\nstreams:", 1))
    world.crm.records = {"people": [person(1), person(2, name="Bad"), person(3, name=None)]}
    found = stream(world.sync("crm"), "people")
    assert found.invalid == {"name <> 'Bad'": 1}
    assert found.new == 3


def test_a_check_may_name_the_moment_of_the_run(world: World) -> None:
    check = "$as_of > timestamp '2000-01-01' and name <> 'Bad'"
    world.program = program(crm=CRM.replace("streams:", f'validate: {{people: ["{check}"]}}\nstreams:', 1))
    world.crm.records = {"people": [person(1), person(2, name="Bad")]}
    assert stream(world.sync("crm"), "people").invalid == {check: 1}


def test_a_blocking_check_stores_nothing_and_says_which(world: World) -> None:
    blocking = "validate: {people: [{check: \"name <> 'Bad'\", blocking: true}]}\nstreams:"
    world.program = program(crm=CRM.replace("streams:", blocking, 1))
    world.crm.records = {"people": [person(1), person(2, name="Bad")]}
    found = stream(world.sync("crm"), "people")
    assert found.status == "failed"
    assert "E342 1 records do not meet the check `name <> 'Bad'`, 'p2' among them" in found.error
    assert world.rows("SELECT count(*) FROM core.customers") == [(0,)]


def test_a_customers_domain_is_a_company(world: World) -> None:
    world.program = program(companies=COMPANIES)
    world.crm.records = {"people": [person(1), person(2, "eve@mail.x.com"), person(3, "zoe@gmail.com")]}
    world.sync()
    assert world.rows("SELECT domain FROM core.companies") == [("x.com",)]
    world.program = program(companies=COMPANIES, settings=SETTINGS.replace("[gmail.com]", "[x.com]"))
    world.sync()
    assert world.rows("SELECT domain FROM core.companies") == [("gmail.com",)]


def test_a_source_the_precedence_does_not_name_comes_last(world: World) -> None:
    world.program = program(customers=CUSTOMERS.replace("from: [crm, shop]", "from: [shop]"))
    world.crm.records = {"people": [person(1), person(2, "eve@y.com", name="Eve")]}
    world.shop.records = {"orders": [order(1)]}
    world.sync()
    assert world.rows("SELECT email, name FROM core.customers ORDER BY email") == [
        ("ada@x.com", "Ada"),
        ("eve@y.com", "Eve"),
    ]


def test_readers_keep_the_last_whole_state_of_a_source_that_fails_halfway(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.crm.records = {"people": [person(n, f"c{n}@x.com") for n in range(4)]}
    world.sync()
    monkeypatch.setattr(reading, "SLICE_BYTES", 1)
    world.crm.records = {"people": [person(n, f"c{n}@x.com", name="New") for n in range(8)]}
    world.crm.fail("people", 2, down("crm/people"))
    world.shop.records = {"orders": [order(1)]}
    world.sync()
    world.sync("shop")
    names = "SELECT name, count(*) FROM core.customers GROUP BY name ORDER BY name"
    assert world.rows(names) == [("Ada", 1), ("Ada L.", 4)]
    world.crm.before_page = lambda _stream, _number: None
    world.sync("crm")
    assert world.rows(names) == [("Ada", 1), ("New", 8)]


def test_a_run_that_ends_in_the_middle_of_another_leaves_its_source_alone(world: World) -> None:
    world.crm.records = {"people": [person(n, f"c{n}@x.com") for n in range(4)]}
    world.sync()
    world.crm.records = {"people": [person(n, f"c{n}@x.com", name="New") for n in range(8)]}
    world.sync()
    with store.writer(world.workspace) as con, store.change(con):
        con.execute("INSERT INTO meta.unfinished VALUES ('crm', 'another')")
        con.execute("UPDATE raw.crm__people SET name = 'Half' WHERE key = 'p1'")
        con.execute("UPDATE meta.streams SET changes = changes + 1")
    halves = "SELECT count(*) FROM core.customers WHERE name = 'Half'"
    with unfinished.living(world.workspace, "another"):
        world.sync("crm")
        assert world.rows(halves) == [(0,)]
    world.sync("shop")
    assert world.rows(halves) == [(0,)], "nobody has completed the source since"
    world.sync("crm")
    assert world.rows(halves) == [(1,)]
