"""Points of rows: parts that add up, what is unknown left out, and what every check comes to."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution import engine, quality
from execution.directives import Program
from execution.errors import GtmError
from execution.identity.normalise import mailbox, mailbox_sql
from execution.quality.findings import Finding
from tests.measures.stock import AS_OF, Stock, program

PEOPLE = """\
---
kind: entity
name: people
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
  name: {type: text, from: [desk, ledger]}
  plan: {type: text, from: [ledger]}
  mrr: {type: decimal, from: [ledger]}
---
"""
DESK = """\
---
kind: source
name: desk
api: {base_url: "https://desk.example", auth: {type: none}}
freshness: {warn: 6h, error: 24h}
validate: {people: ["name <> 'Test'"]}
streams: {people: {path: /p, records: data, key: id, columns: {email: email, name: name}}}
---
```sql people
select email, max(name) as name from people group by email
```
"""
QUALITY = """\
---
kind: quality
name: data_quality
scores: {people: {completeness: 50, freshness: 20, validity: 10, uniqueness: 5, match: 15}}
sources: {freshness: 50, validity: 30, anomaly: 20}
checks:
  known:
    {dimension: completeness, entity: people, columns: {name: 3, plan: 1}, known: 75%, at_most: 50%, meaning: m,
     remedy: r}
  priced:
    {dimension: completeness, entity: people, where: plan = 'pro', columns: {mrr: 4}, at_most: 0, severity: error,
     meaning: m, remedy: r}
  sane:
    {dimension: validity, entity: people, where: mrr is not null, holds: mrr >= 0, at_most: 1, meaning: m, remedy: r}
  once: {dimension: uniqueness, entity: people, same: mailbox, meaning: m, remedy: r}
  alike: {dimension: uniqueness, entity: people, same: [name, plan], meaning: m, remedy: r}
  sure:
    dimension: match
    entity: people
    levels: {two: {when: sources_known >= 2, points: 100}, one: {when: sources_known = 1, points: 60}}
    at_least: 80
    at_most: 50%
    meaning: m
    remedy: r
  fresh: {dimension: freshness, at_most: 0, severity: error, meaning: m, remedy: r}
  early: {dimension: freshness, past: warn, at_most: 0, meaning: m, remedy: r}
  fits: {dimension: validity, counts: rejects, at_most: 10%, meaning: m, remedy: r}
  expected: {dimension: validity, counts: expectations, at_most: 10%, meaning: m, remedy: r}
  usual: {dimension: anomaly, days: 10, minimum: 5, least: 5, at_most: 0, meaning: m, remedy: r}
---
"""
DIMENSIONS = ("completeness", "freshness", "validity", "uniqueness", "match")
TODAY = engine.naive_utc(AS_OF)


def small(text: str = QUALITY) -> Program:
    return program(people=PEOPLE, desk=DESK, ledger=DESK.replace("desk", "ledger"), quality=text).require_valid()


def shop(*rows: dict[str, Any], known: Program | None = None, age: timedelta = timedelta(hours=1)) -> Stock:
    """A store with people; `by` of a row are the sources that know it. The desk was read `age` ago."""
    stock = Stock(known or small())
    stock.table("people", last_desk_change="TIMESTAMP", last_ledger_change="TIMESTAMP")
    for row in rows:
        by = {f"last_{source}_change": TODAY for source in row.get("by", ())}
        stock.put("people", {name: value for name, value in row.items() if name != "by"} | by)
    stock.con.execute("INSERT INTO meta.sources VALUES ('desk', ?)", [TODAY - age])
    return stock


def rate(stock: Stock, at: datetime = AS_OF) -> dict[str, dict[str, Any]]:
    """The ratings by address."""
    quality.rate(stock.con, stock.program, "people", at)
    return {row["email"]: row for row in stock.rows("FROM derived.quality__people")}


def judged(stock: Stock, at: datetime = AS_OF) -> dict[str, Finding]:
    rate(stock, at)
    return {each.check: each for each in quality.run(stock.con, stock.program, at)}


ADA = {"email": "ada@x.com", "name": "Ada", "plan": "free", "by": ["desk", "ledger"]}


def test_a_row_with_everything_has_100_points() -> None:
    row = rate(shop({**ADA, "mrr": 0}))["ada@x.com"]
    assert (row["quality_score_milli"], row["quality_coverage_milli"]) == (100_000, 1000)
    assert [row[f"part.{name}"] for name in DIMENSIONS] == [50_000, 20_000, 10_000, 5_000, 15_000]


def test_what_is_missing_costs_its_share_and_what_does_not_apply_nothing() -> None:
    rows = rate(shop({**ADA, "plan": None}, {"email": "b@x.com", "plan": "pro", "by": ["desk"]}))
    ada, bob = rows["ada@x.com"], rows["b@x.com"]
    assert ada["part.validity"] is None, "no price, so nothing to be valid"
    assert ada["part.completeness"] == round(50_000 * 0.75 / 0.9)
    assert ada["quality_coverage_milli"] == 900
    assert ada["check.priced"] is None, "she has no plan that is paid for"
    assert bob["check.priced"] is False
    assert bob["part.completeness"] == round(50_000 * (1 / 8) / 0.9), "the plan of eight points: name 3, plan 1, mrr 4"
    assert bob["part.match"] == pytest.approx(15_000 * 0.6 / 0.9, abs=1)


def test_text_without_a_character_is_not_known() -> None:
    assert rate(shop({**ADA, "name": ""}))["ada@x.com"]["check.known"] is False


@pytest.mark.parametrize(
    ("age", "part", "failing"),
    [
        (timedelta(hours=1), 20_000, set()),
        (timedelta(hours=7), 10_000, {"early"}),
        (timedelta(hours=25), 0, {"early", "fresh"}),
        (timedelta(hours=-1), None, set()),
    ],
)
def test_freshness_of_a_row_is_that_of_the_sources_that_know_it(
    age: timedelta, part: int | None, failing: set[str]
) -> None:
    stock = shop({**ADA, "mrr": 0}, age=age)
    assert rate(stock)["ada@x.com"]["part.freshness"] == part
    found = judged(stock)
    assert {name for name in ("early", "fresh") if found[name].verdict == "failing"} == failing
    if part is None:
        assert found["fresh"].verdict == "unknown", "how old it was before it was read last is not known"


def test_nothing_known_is_no_score_and_no_coverage() -> None:
    text = QUALITY.replace("completeness: 50, freshness: 20, validity: 10, uniqueness: 5, match: 15", "validity: 10")
    row = rate(shop({"email": "a@x.com"}, known=small(text)))["a@x.com"]
    assert (row["quality_score_milli"], row["quality_coverage_milli"], row["part.validity"]) == (None, 0, None)


def test_candidates_are_counted_and_never_merged() -> None:
    stock = shop(
        {"email": "ada@x.com", "name": "Ada", "plan": "pro"},
        {"email": "ada+news@x.com", "name": " ada ", "plan": "PRO"},
        {"email": "a.d.a@gmail.com", "name": "Ada"},
        {"email": "ada@googlemail.com", "plan": "pro"},
        {"email": "bob@x.com", "name": "Bob", "plan": "pro"},
    )
    found = judged(stock)
    assert (found["once"].failing, found["once"].of, found["once"].verdict) == (4, 5, "counted")
    assert (found["alike"].failing, found["alike"].of) == (2, 3), "who has no plan or no name is like nobody"
    assert stock.one("SELECT count(*) FROM core.people") == (5,)


@given(st.lists(st.sampled_from(["a.b", "ab", "a+x", "+x", "a.b+y+z", "..", "a"]), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_the_mailbox_in_sql_is_that_in_python(locals_: list[str]) -> None:
    con = engine.memory()
    for local in locals_:
        for domain in ("gmail.com", "googlemail.com", "x.com", "notgmail.com"):
            email = f"{local}@{domain}"
            row = con.execute(f"SELECT {mailbox_sql(engine.literal(email))}").fetchone()
            assert row == (mailbox(email),)
    con.close()


_CELL = st.none() | st.sampled_from(["", "x", "pro", "free"])


@given(st.lists(st.tuples(_CELL, _CELL, st.none() | st.integers(-2, 9), st.sets(st.sampled_from(["desk", "ledger"])))))
@settings(max_examples=25, deadline=None)
def test_parts_add_up_to_the_score(rows: list[tuple[str | None, str | None, int | None, set[str]]]) -> None:
    made = [
        {"email": f"p{n}@x.com", "name": name, "plan": plan, "mrr": mrr, "by": sorted(by)}
        for n, (name, plan, mrr, by) in enumerate(rows)
    ]
    stock = shop(*made)
    for row in rate(stock).values():
        parts = [row[f"part.{name}"] for name in DIMENSIONS]
        assert sum(part or 0 for part in parts) == row["quality_score_milli"]
        assert 0 <= row["quality_score_milli"] <= 100_000
        assert all(part is None or part >= 0 for part in parts)
    stock.con.close()


def test_checks_say_how_many_fail_and_whether_that_is_too_many() -> None:
    found = judged(
        shop(
            ADA,
            {"email": "b@x.com", "plan": "pro", "mrr": -1, "by": ["desk"]},
            {"email": "c@x.com", "plan": "pro", "mrr": -1},
            {"email": "d@x.com"},
        )
    )
    said = {name: (each.failing, each.of, each.verdict) for name, each in found.items() if each.about == "people"}
    assert said == {
        "known": (3, 4, "failing"),
        "priced": (0, 2, "ok"),
        "sane": (2, 2, "failing"),
        "once": (0, 4, "counted"),
        "alike": (0, 1, "counted"),
        "sure": (1, 2, "ok"),
    }
    assert found["known"].examples == ("b@x.com", "c@x.com", "d@x.com")
    assert list(found) == [
        "known",
        "priced",
        "sane",
        "once",
        "alike",
        "sure",
        "fresh",
        "early",
        "fits",
        "expected",
        "usual",
    ]


def test_the_same_store_gives_the_same_and_writes_nothing() -> None:
    stock = shop(ADA, {"email": "b@x.com"})
    judged(stock)
    first, count = stock.rows("FROM derived.quality__people ORDER BY ALL"), stock.one("SELECT count FROM meta.changes")
    judged(stock)
    assert stock.rows("FROM derived.quality__people ORDER BY ALL") == first
    assert stock.one("SELECT count FROM meta.changes") == count


def test_a_check_that_fails_on_the_data_says_so() -> None:
    stock = shop(ADA, known=small(QUALITY.replace("holds: mrr >= 0", "holds: cast(name as integer) >= 0").replace(
        "where: mrr is not null, ", "")))  # fmt: skip
    with pytest.raises(GtmError, match="E380") as caught:
        rate(stock)
    assert "the quality of people could not be told" in caught.value.message


def test_points_are_facts_of_the_row_and_shown_beside_it() -> None:
    text = "---\nkind: segment\nname: doubtful\nentity: people\nmeaning: m\nwhen: data_quality_score < 50\n---\n"
    known = program(
        people=PEOPLE, desk=DESK, ledger=DESK.replace("desk", "ledger"), quality=QUALITY, doubtful=text
    ).require_valid()
    stock = shop({**ADA, "mrr": 0}, {"email": "b@x.com", "mrr": -1}, known=known)
    stock.score()
    rows = stock.rows(
        "SELECT email, data_quality_score, data_quality_coverage, doubtful FROM unified_people ORDER BY email"
    )
    assert [(row["email"], float(row["data_quality_score"]), row["doubtful"]) for row in rows] == [
        ("ada@x.com", 100.0, False),
        ("b@x.com", 7.692, True),
    ]
