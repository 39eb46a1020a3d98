"""`gtm test`: a case holds, or says what differs."""

from pathlib import Path

import pytest

from execution.directives import load, read_folder
from execution.proof import run_cases, stage
from execution.proof.rows import is_equal
from execution.store.migrations import has_table
from tests.sync.vendor import SHOP, TEXTS

MEASURES = """---
kind: measures
name: activity
entity: customers
measures:
  events_30d: {type: integer, unit: events, meaning: Events in 30 days, "null": none known}
---
```sql measures
select email, count(*) as events_30d from events
where occurred_at between $as_of - interval 30 days and $as_of group by email
```
"""

HEALTH = """---
kind: health
name: customer
entity: customers
components:
  activity: {weight: 1, needs: [events_30d], score: "case when events_30d > 2 then 100 else 40 end"}
bands: {good: 70, bad: 0}
---
"""


def verdicts(name: str, text: str, cases: str) -> dict[str, tuple[str, ...]]:
    """What came of the cases, by name; `text` is the directive they are in."""
    texts = {path: body.encode() for path, body in {**TEXTS, "directives/measures/activity.md": MEASURES}.items()}
    texts |= {name: f"{text}\n```yaml tests\n{cases}\n```\n".encode()}
    return {result.name: result.differences for result in run_cases(load(texts).require_valid())}


def source(cases: str) -> dict[str, tuple[str, ...]]:
    return verdicts("directives/data-sources/shop-sync.md", SHOP, cases)


def test_a_source_is_tested_on_raw_records_and_only_what_is_named_is_compared() -> None:
    assert source("""
- name: holds
  given:
    orders: [{id: o1, email: ADA@x.com, amount: 5}]
    visits: [{at: 1772000000}, {at: 1772000060}]
  expect:
    customers: [{email: ada@x.com, orders: 1, visits: 2}]
    events:
      - {occurred_at: "2026-02-25T06:13:20Z", email: ada@x.com}
      - {source_id: visits-1}
""") == {"holds": ()}


@pytest.mark.parametrize(
    ("expect", "difference"),
    [
        ("customers: [{email: ada@x.com, orders: 2}]", "customers: ada@x.com: orders is 1, expected 2"),
        ("customers: [{email: eve@x.com}]", "customers: no row {email: eve@x.com}; there is only ada@x.com"),
        ("customers: []", "customers: unexpected row {email: ada@x.com}"),
        ("customers: [{email: ada@x.com, name: null}]", "customers: ada@x.com: name is 'Ada', expected None"),
    ],
)
def test_a_case_that_does_not_hold_says_what_differs(expect: str, difference: str) -> None:
    given = "{orders: [{id: o1, email: ada@x.com, name: Ada}]}"
    assert difference in source(f"- {{name: differs, given: {given}, expect: {{{expect}}}}}")["differs"]


def test_a_child_of_several_parents_says_whose_it_is() -> None:
    assert source("""
- name: holds
  given:
    orders: [{id: o1, email: a@x.com}, {id: o2, email: b@x.com}]
    visits: [{id: v1, parent_key: o2, at: 1}]
  expect: {events: [{source_id: v1, email: b@x.com}]}
""") == {"holds": ()}


def test_measures_are_tested_at_a_moment() -> None:
    rows = "{email: a@x.com, source_id: v1, occurred_at: '2026-02-20T00:00:00Z'}"
    cases = f"""
- name: within
  as_of: "2026-03-01T00:00:00Z"
  given: {{customers: [{{email: a@x.com}}], events: [{rows}]}}
  expect: {{customers: [{{email: a@x.com, events_30d: 1}}]}}
- name: past
  as_of: "2026-06-01T00:00:00Z"
  given: {{customers: [{{email: a@x.com}}], events: [{rows}]}}
  expect: {{customers: [{{email: a@x.com, events_30d: 1}}]}}
"""
    assert verdicts("directives/measures/activity.md", MEASURES, cases) == {
        "within": (),
        "past": ("customers: a@x.com: events_30d is None, expected 1",),
    }


def test_a_score_is_tested_on_columns_and_measures() -> None:
    cases = """
- name: known
  given: {customers: [{email: a@x.com, events_30d: 3}, {email: b@x.com, events_30d: 1}]}
  expect: {customers: [{email: a@x.com}, {email: b@x.com}]}
"""
    assert verdicts("directives/health/customer.md", HEALTH, cases) == {"known": ()}


def segment(name: str, entity: str, when: str, cases: str) -> dict[str, tuple[str, ...]]:
    text = f"---\nkind: segment\nname: {name}\nentity: {entity}\nmeaning: {name}\nwhen: {when}\n---\n"
    texts = {**TEXTS, "directives/measures/activity.md": MEASURES, "directives/health/customer.md": HEALTH}
    texts |= {f"directives/segments/{name}.md": f"{text}\n```yaml tests\n{cases}\n```\n"}
    program = load({path: body.encode() for path, body in texts.items()}).require_valid()
    return {result.name: result.differences for result in run_cases(program, ["directives/segments"])}


def test_a_segment_is_tested_on_a_figure_of_a_score_whose_rest_is_not_given() -> None:
    cases = """
- name: by the band alone
  given: {customers: [{email: a@x.com, health_status: bad}, {email: b@x.com, health_status: good}, {email: c@x.com}]}
  expect:
    customers: [{email: a@x.com, failing: true}, {email: b@x.com, failing: false}, {email: c@x.com, failing: null}]
"""
    assert segment("failing", "customers", "health_status = 'bad'", cases) == {"by the band alone": ()}


def test_a_segment_of_rows_that_stand_side_by_side_is_tested_too() -> None:
    cases = """
- name: by row
  given: {events: [{source: shop, source_id: e1, email: a@x.com}, {source: shop, source_id: e2}]}
  expect: {events: [{source_id: e1, known: true}, {source_id: e2, known: false}]}
"""
    assert segment("known", "events", "email is not null", cases) == {"by row": ()}


def test_a_value_that_does_not_fit_is_a_difference_not_a_crash() -> None:
    cases = """
- name: misfit
  given: {customers: [{email: a@x.com}], events: [{email: a@x.com, occurred_at: yesterday}]}
  expect: {customers: [{email: a@x.com}]}
"""
    assert "does not fit" in verdicts("directives/measures/activity.md", MEASURES, cases)["misfit"][0]


@pytest.mark.parametrize(
    ("expected", "actual", "equal"),
    [(1, 1.0, True), ("1", 1, True), (True, 1, False), (None, 0, False), ("x", 1, False), ("a", "a", True)],
)
def test_values_are_compared_by_what_they_mean(expected: object, actual: object, equal: bool) -> None:
    assert is_equal(expected, actual, "VARCHAR") is equal


@pytest.mark.timeout(600)
def test_every_shipped_case_holds() -> None:
    root = Path(__file__).parents[2]
    results = run_cases(load(read_folder(root)).require_valid())
    assert len(results) > 20
    assert [result.as_problem() for result in results if not result.holds] == []


LEFT_BEHIND = """
- name: first
  given:
    orders: [{id: o1, email: "  Ada <ADA@x.com>", amount: 5, name: Ada}]
    visits: [{at: 1772000000}]
  expect: {customers: [{email: ada@x.com, orders: 1, visits: 1, name: Ada}]}
- name: second
  given: {orders: [{id: o2, email: eve@x.com}]}
  expect:
    customers: [{email: eve@x.com, orders: 1, name: null}]
    events: []
- name: nothing
  given: {}
  expect: {customers: [], events: []}
"""


def test_a_case_sees_nothing_of_the_cases_before_it() -> None:
    assert source(LEFT_BEHIND) == {"first": (), "second": (), "nothing": ()}


def test_a_score_starts_without_the_band_and_the_rows_of_the_case_before() -> None:
    cases = """
- name: somebody
  given: {customers: [{email: a@x.com, events_30d: 3}]}
  expect: {customers: [{email: a@x.com, health_score: 100}]}
- name: nobody
  given: {}
  expect: {customers: []}
- name: somebody else
  given: {customers: [{email: b@x.com}]}
  expect: {customers: [{email: b@x.com, health_score: null}]}
"""
    assert set(verdicts("directives/health/customer.md", HEALTH, cases).values()) == {()}


def test_what_is_done_to_a_copy_of_the_empty_store_is_gone_with_it() -> None:
    with stage.empty() as store:
        with stage.copy_of(store) as con:
            con.execute("CREATE TABLE core.left_behind AS SELECT 1 AS a")
            con.execute("CREATE TEMP TABLE fresh AS SELECT 1 AS a")
            con.execute("UPDATE meta.changes SET count = 7")
            con.execute("BEGIN")  # as a case leaves it that fails in the middle of a step
        with stage.copy_of(store) as con:
            assert not has_table(con, "core", "left_behind")
            assert has_table(con, "derived", "score_history")
            assert con.execute("FROM meta.changes").fetchall() == [(0,)]
            assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchall() == [(0,)]
            con.execute(
                "INSERT INTO derived.score_runs (run, score, entity, as_of, directive, version) "
                "VALUES (1, 's', 'customers', now(), 'h', 1)"
            )
            con.execute("INSERT INTO derived.score_changes (run, key) VALUES (1, 'a@x.com')")
            assert con.execute("SELECT key FROM derived.score_history").fetchall() == [("a@x.com",)]


def test_the_row_that_does_not_fit_is_named_among_others_that_do() -> None:
    cases = """
- name: misfit
  given: {events: [{email: a@x.com, occurred_at: "2026-02-20"}, {email: b@x.com, occurred_at: yesterday}]}
  expect: {customers: []}
"""
    (said,) = verdicts("directives/measures/activity.md", MEASURES, cases)["misfit"]
    assert "b@x.com" in said
    assert "a@x.com" not in said


def test_a_block_that_fails_on_the_records_says_so_as_a_sync_would() -> None:
    failing = SHOP.replace("count(distinct o.id) as orders", "count(distinct cast(o.name as integer)) as orders")
    assert failing != SHOP
    cases = "- {name: fails, given: {orders: [{id: o1, email: a@x.com, name: Ada}]}, expect: {customers: []}}"
    (said,) = verdicts("directives/data-sources/shop-sync.md", failing, cases)["fails"]
    assert "the customers block of shop fails on the data" in said
