"""`gtm segments`, `gtm measures` and `gtm docs` as they are called."""

from pathlib import Path

import pytest

from execution import health, store
from execution.workspace import Workspace
from tests.measures.stock import Stock
from tests.segments.shop import AGE, TIER, on, program, texts

from .conftest import Gtm


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The shop as a workspace, scored at its first day and, after Ann grew, at its tenth."""
    root = tmp_path / "shop"
    for path, text in texts().items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
    monkeypatch.setenv("GTM_WORKSPACE", str(root))
    workspace = Workspace(root)
    with store.writer(workspace, then_publish=True) as con:
        stock = Stock(program(), con)
        stock.put(
            "customers",
            {"email": "ann@x.com", "name": "Ann\x1b[2J", "mrr": 50, "joined": "2026-05-20"},
            {"email": "bo@x.com", "name": "Bo", "mrr": 1200, "joined": "2026-01-01"},
            {"email": "cy@x.com"},
        )
        health.derive(con, program(), on(0))
        con.execute("UPDATE core.customers SET mrr = 400 WHERE email = 'ann@x.com'")
        health.derive(con, program(), on(10))
    return workspace


def test_segments_lists_them_with_what_they_pay_and_how_they_changed(gtm: Gtm, shop: Workspace) -> None:
    called = gtm("segments")
    assert called.code == 0
    (large,) = (line for line in called.out.splitlines() if " large " in line)
    assert large.split() == ["large", "2", "1,600.00", "+1"]
    (newcomers,) = (line for line in called.out.splitlines() if "newcomers" in line)
    assert newcomers.split()[:3] == ["newcomers", "1", "400.00"]
    assert "it is kept since 2026-06-01 00:00" in called.err
    data = gtm("segments", "--json").envelope["data"]
    tier = next(each for each in data["segments"] if each["segment"] == "tier")
    assert [(group["name"], group["members"], group["mrr"]) for group in tier["groups"]] == [
        ("small", 0, None),
        ("large", 2, 1600),
    ]
    assert (tier["unknown"], tier["as_of"]) == (1, "2026-06-11T00:00:00Z")


def test_one_segment_tells_its_members_and_who_came(gtm: Gtm, shop: Workspace) -> None:
    called = gtm("segments", "tier", "--limit", "1")
    assert "tier: How much they pay" in called.out
    assert "small: mrr < 100" in called.out
    assert "besides: 1 not known" in called.out
    assert "1 more; --limit 0 shows all" in called.err
    assert "\x1b[2J" not in gtm("segments", "tier").out
    data = gtm("segments", "tier", "--json").envelope["data"]
    assert [each["key"] for each in data["members"]] == ["bo@x.com", "ann@x.com"]
    assert [(each["key"], each["was"], each["place"]) for each in data["moves"]] == [("ann@x.com", "small", "large")]


def test_a_segment_as_it_stood(gtm: Gtm, shop: Workspace) -> None:
    data = gtm("segments", "tier", "--as-of", "2026-06-05", "--json").envelope["data"]
    assert [group["members"] for group in data["standing"]["groups"]] == [1, 1]
    before = gtm("segments", "--as-of", "2026-05-01")
    assert (before.code, before.out) == (0, "")
    assert "nothing is known of then: who was in it is kept since 2026-06-01 00:00" in before.err


def test_where_a_customer_stands(gtm: Gtm, shop: Workspace) -> None:
    data = gtm("segments", "--email", " Ann@X.com ", "--json").envelope["data"]
    assert data["email"] == "ann@x.com"
    assert [(each["segment"], each["place"], each["since"]) for each in data["places"]] == [
        ("newcomers", "in", "2026-06-11T00:00:00Z"),
        ("tier", "large", "2026-06-11T00:00:00Z"),
    ]
    (alone,) = gtm("segments", "tier", "--email", "ann@x.com", "--json").envelope["data"]["places"]
    assert [each["place"] for each in alone["moves"]] == ["large", "small"]
    assert "known from here on" in gtm("segments", "tier", "--email", "ann@x.com").out
    then = gtm("segments", "tier", "--email", "ann@x.com", "--as-of", "2026-06-05", "--json").envelope["data"]
    assert then["places"][0]["place"] == "small"


@pytest.mark.parametrize("verb", ["segments", "measures"])
def test_names_and_addresses_that_are_not_there(gtm: Gtm, shop: Workspace, verb: str) -> None:
    assert gtm(verb, "tire", "--json").envelope["error"]["code"] == "E212"
    error = gtm(verb, "--email", "anne@x.com", "--json").envelope["error"]
    assert (error["code"], error["hint"]) == ("E224", "do you mean ann@x.com?")
    assert gtm(verb, "tire", "--email", "ann@x.com").code == 2


def test_measures_lists_them_with_what_they_come_to(gtm: Gtm, shop: Workspace) -> None:
    called = gtm("measures")
    assert "age, of customers (directives/age.md)" in called.out
    (line,) = (line for line in called.out.splitlines() if "age_days" in line)
    assert line.split()[:6] == ["age_days", "days", "67%", "22", "22", "161"]
    assert "as of 2026-06-11 00:00 UTC" in called.err
    (measure,) = gtm("measures", "--json").envelope["data"]["measures"]
    assert measure["where"] == "directives/age.md:6"
    assert (measure["null"], measure["coverage"]) == ("the day is not captured", pytest.approx(2 / 3))


def test_one_measure_tells_its_sql_and_who_uses_it(gtm: Gtm, shop: Workspace) -> None:
    called = gtm("measures", "age_days")
    for said in ("Known of 2 of 3", "directives/age.md:9", "date_diff('day'", "segment newcomers", "newcomers.md:6"):
        assert said in called.out, said
    (opened,) = gtm("measures", "age_days", "--json").envelope["data"]["measures"]
    assert [use["kind"] for use in opened["used_by"]] == ["entity", "segment"]
    assert sum(each["rows"] for each in opened["spread"]) == 2


def test_one_customer_s_measures_say_what_is_not_known(gtm: Gtm, shop: Workspace) -> None:
    assert "not known: the day is not captured" in gtm("measures", "--email", "cy@x.com").out
    (value,) = gtm("measures", "--email", "bo@x.com", "--json").envelope["data"]["values"]
    assert (value["value"], value["unit"]) == (161, "days")


def test_measures_of_another_moment_leave_the_store_as_it_was(gtm: Gtm, shop: Workspace) -> None:
    before = store.current(shop)
    (value,) = gtm("measures", "--email", "bo@x.com", "--as-of", "2026-01-31", "--json").envelope["data"]["values"]
    assert value["value"] == 30
    assert store.current(shop) == before
    (value,) = gtm("measures", "--email", "bo@x.com", "--json").envelope["data"]["values"]
    assert value["value"] == 161


def test_what_was_never_worked_out_is_said(gtm: Gtm, shop: Workspace) -> None:
    new = shop.root / "directives" / "new.md"
    new.write_text(TIER.replace("name: tier", "name: sizes"), encoding="utf-8")
    width = AGE.replace("name: age", "name: width").replace("age_days", "width_days")
    (shop.root / "directives" / "width.md").write_text(width, encoding="utf-8")
    assert "not worked out yet, so run `gtm score`: sizes" in gtm("segments").err
    assert "run `gtm score`: sizes" in gtm("segments", "sizes").err
    assert "run `gtm score`: width_days" in gtm("measures").err
    assert "not worked out yet" in gtm("measures", "width_days").err


def test_docs_are_written_once_and_checked(gtm: Gtm, shop: Workspace) -> None:
    stale = gtm("docs", "--check")
    assert stale.code == 1
    assert "+++ b/directives/CATALOGUE.md" in stale.out
    assert not (shop.root / "directives" / "CATALOGUE.md").exists()
    assert "directives/CATALOGUE.md: written" in gtm("docs").out
    assert gtm("docs", "--json").envelope["data"]["written"] == []
    assert gtm("docs", "--check").code == 0
    changed = shop.root / "directives" / "tier.md"
    changed.write_text(changed.read_text(encoding="utf-8").replace("100", "250"), encoding="utf-8")
    envelope = gtm("docs", "--check", "--json").envelope
    assert list(envelope["data"]["stale"]) == ["directives/CATALOGUE.md"]
    assert "+| `large` | `mrr >= 250` |" in envelope["data"]["stale"]["directives/CATALOGUE.md"]


def test_docs_of_directives_that_do_not_hold_are_not_written(gtm: Gtm, shop: Workspace) -> None:
    (shop.root / "directives" / "bad.md").write_text("---\nkind: segment\nname: bad\n---\n", encoding="utf-8")
    assert gtm("docs").code == 2
    assert not (shop.root / "directives" / "CATALOGUE.md").exists()
