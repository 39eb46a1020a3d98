"""Sections: what their SQL sees, and how their rows read."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from execution.context.wording import Place
from execution.directives import Program
from execution.directives.model import Goals, Report, Section, Team, parse_period
from execution.directives.model.shape import Block
from execution.directives.schema import BUILT_IN_SECTIONS, REPORTED
from execution.errors import UsageError
from execution.measures import Stored
from execution.reports import rows
from execution.reports.built_in import SECTIONS
from execution.reports.rows import Answer
from execution.reports.scene import Scene
from execution.reports.shown import Ways, markdown, told, without
from execution.store import journal
from execution.workspace import Workspace
from tests.measures.stock import AS_OF, Stock, shipped

TEAM = Team.model_validate(
    {
        "kind": "team",
        "name": "team",
        "people": {
            "ann": {"name": "Ann Lee", "email": "ann@us.com", "role": "csm", "crm_owner": ["17"]},
            "bob": {"name": "Bob Ray", "email": "bob@us.com", "role": "csm", "left": "2026-01-01"},
        },
    }
)
GOALS = Goals.model_validate(
    {
        "kind": "goals",
        "name": "goals",
        "goals": {"calls": {"meaning": "Calls", "unit": "calls"}, "quota": {"meaning": "Won"}},
        "roles": {"csm": {"week": {"calls": 10}, "month": {"quota": 500}}},
        "people": {"ann": {"month": {"quota": 900}}},
        "marks": {100: "+", 75: "~", 0: "-"},
    }
)


def section(sql: str, **keys: Any) -> Section:  # noqa: ANN401
    columns = keys.pop("columns", {"x": {}})
    made = Section.model_validate({"kind": "section", "name": "asked", "columns": columns, **keys})
    return made.model_copy(update={"blocks": (Block("section", sql, 3),), "path": "directives/reports/sections/a.md"})


def program(**changed: Any) -> Program:  # noqa: ANN401
    return replace(shipped(), team=TEAM, goals=GOALS, **changed)


def scene(stock: Stock, root: Path, period: str = "7d", user: str | None = None) -> Scene:
    report = Report(kind="report", name="r", audience="all", period=parse_period(period), sections=("asked",), limit=3)
    span = report.period.span(AS_OF, ZoneInfo("UTC"))
    return Scene(stock.con, program(), Workspace(root), report, AS_OF, span, Stored.read(stock.con), user)


def asked(stock: Stock, root: Path, sql: str, user: str | None = None, **keys: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    return rows.read(scene(stock, root, user=user), section(sql, **keys))


# --- what SQL sees --------------------------------------------------------------------------------


def test_every_table_is_there_in_an_empty_store_with_its_columns_and_types(tmp_path: Path) -> None:
    stock = Stock()
    for name, columns in REPORTED.items():
        if name in ("people", "owners", "goals", "sources", "spans"):
            continue
        found = asked(stock, tmp_path, f"select * from {name}")
        assert found == [], name
        described = stock.con.execute(
            f"DESCRIBE {rows.sql(scene(stock, tmp_path), section(f'select * from {name}'))}"
        ).fetchall()
        assert {row[0]: row[1] for row in described} == columns, name


def test_every_entity_is_there_with_everything_known_of_it(tmp_path: Path) -> None:
    stock = Stock()
    stock.put("customers", {"email": "a@x.com", "name": "Ada", "last_seen_at": "2026-06-29", "csat_score": 5})
    stock.score()
    (row,) = asked(
        stock, tmp_path, "select name, days_since_seen, health_status, risk_signals, lifecycle from customers"
    )
    assert (row["name"], row["days_since_seen"]) == ("Ada", 1)
    assert json.loads(row["risk_signals"] or "[]") == []
    (whole,) = asked(stock, tmp_path, "select * from customers")
    assert {"health_score_components", "email", "customer_id"} <= set(whole)
    assert asked(stock, tmp_path, "select count(*) as x from deals") == [{"x": 0}]


def test_a_section_that_compares_reads_only_what_sources_wrote(tmp_path: Path) -> None:
    stock = Stock()
    stock.put("customers", {"email": "a@x.com", "name": "Ada"})
    assert asked(stock, tmp_path, "select count(name) as x from customers", show="figures", compares=True) == [{"x": 1}]


def test_people_owners_and_goals_are_those_of_the_directives(tmp_path: Path) -> None:
    stock = Stock()
    people = asked(stock, tmp_path, 'select "user" as x, is_here from people', order=("x",))
    assert people == [{"x": "ann", "is_here": True}, {"x": "bob", "is_here": False}]
    owners = asked(stock, tmp_path, """select owner as x from owners where "user" = 'ann'""", order=("x",))
    assert [row["x"] for row in owners] == ["17", "ann", "ann lee", "ann@us.com"]
    goals = asked(stock, tmp_path, 'select "user" as x, goal, every, target, unit from goals', order=("x", "goal"))
    assert [(row["x"], row["goal"], row["every"], row["target"]) for row in goals] == [
        ("ann", "calls", "week", 10),
        ("ann", "quota", "month", 900),
        ("bob", "calls", "week", 10),
        ("bob", "quota", "month", 500),
    ]


ALERT = """INSERT INTO ops.alerts BY NAME SELECT '{id}' AS alert, 'cancel_mention' AS trigger, 'customers' AS entity,
    'a@x.com' AS key, '' AS item, 1 AS episode,
    'x.com' AS account, 'firing' AS state, 'critical' AS severity,
    false AS is_experimental, 'They wrote' AS message, '{{}}' AS reason, '' AS directive,
    TIMESTAMP '{at}' AS pending_since, TIMESTAMP '{at}' AS fired_at, TIMESTAMP '{at}' AS last_true_at,
    {acknowledged} AS acknowledged_at"""


def test_alerts_say_whose_they_are_and_how_they_stand(tmp_path: Path) -> None:
    stock = Stock()
    stock.put("customers", {"email": "a@x.com", "name": "Ada", "assigned_am": "ANN lee"})
    stock.con.execute(ALERT.format(id="a1", at="2026-06-29", acknowledged="TIMESTAMP '2026-06-29 01:00'"))
    stock.con.execute(ALERT.format(id="a2", at="2026-07-29", acknowledged="NULL"))
    (row,) = asked(stock, tmp_path, 'select alert as x, state, "user", title, respond_within_s from alerts')
    assert (row["x"], row["state"], row["user"]) == ("a1", "acknowledged", "ann"), "the other fires later"
    assert row["title"] == shipped().triggers["cancel_mention"].title
    assert row["respond_within_s"] == 3600


def test_tasks_say_whose_they_are_and_of_which_account(tmp_path: Path) -> None:
    stock = Stock()
    stock.con.execute(ALERT.format(id="a1", at="2026-06-29", acknowledged="NULL"))
    stock.con.execute(
        "INSERT INTO ops.tasks BY NAME SELECT 't1' AS task, 'a1' AS alert, 'Call' AS title, 'ann' AS assignee, "
        "TIMESTAMP '2026-06-30' AS created_at"
    )
    assert asked(stock, tmp_path, 'select title as x, "user", account, done_at from tasks') == [
        {"x": "Call", "user": "ann", "account": "x.com", "done_at": None}
    ]


def test_scores_have_every_state_and_how_long_it_was(tmp_path: Path) -> None:
    stock = Stock()
    stock.put(
        "customers", {"email": "a@x.com", "last_seen_at": "2026-06-29", "csat_score": 5, "signup_date": "2024-01-01"}
    )
    stock.con.execute("UPDATE core.customers SET subscription_status = 'active', mrr = 900")
    stock.score(datetime(2026, 6, 29, 12, tzinfo=UTC))
    stock.con.execute("UPDATE core.customers SET csat_score = 1, subscription_status = 'unpaid'")
    stock.score()
    found = asked(
        stock,
        tmp_path,
        "select since as x, until, points, band, band_before from scores where is_primary",
        order=("x",),
    )
    assert [row["until"] for row in found] == [found[1]["x"], None]
    assert found[0]["points"] > found[1]["points"]
    assert found[1]["band_before"] == found[0]["band"]


def test_runs_are_those_of_the_journal_up_to_the_moment(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    sources = [
        {"source": "stripe", "status": "failed", "error": "no"},
        {"source": "hubspot", "status": "ok", "error": "", "streams": [{"seconds": 2.0}, {"seconds": 0.5}]},
    ]
    for run, at in (("r1", "2026-06-30T06:00:00+00:00"), ("r2", "2026-07-30T06:00:00+00:00")):
        journal.append(workspace, "sync", {"run": run, "started": at, "seconds": 9.0, "sources": sources})
    found = asked(Stock(), tmp_path, "select source as x, status, seconds, error from runs", order=("x",))
    assert [(row["x"], row["status"], row["error"]) for row in found] == [
        ("hubspot", "ok", None),
        ("stripe", "failed", "no"),
    ]
    assert [row["seconds"] for row in found] == [Decimal("2.5"), None]


def test_money_of_other_currencies_is_converted_by_the_rates_of_the_settings(tmp_path: Path) -> None:
    stock = Stock()
    assert asked(stock, tmp_path, "select base_currency as x from settings") == [{"x": "USD"}]
    assert asked(stock, tmp_path, "select currency as x from rates where is_last") == [{"x": "USD"}]


def test_what_a_section_asks_for_is_its_period_and_its_user(tmp_path: Path) -> None:
    (row,) = asked(
        Stock(),
        tmp_path,
        "select $user as x, $begin as b, $end as e, $until as u, $today as t, $tomorrow as m, $day as d, $every as v",
        "ann",
    )
    assert (row["d"], row["v"]) == (date(2026, 6, 30), None)
    assert (row["x"], row["b"], row["e"]) == ("ann", datetime(2026, 6, 23, 12), datetime(2026, 6, 30, 12))  # noqa: DTZ001
    assert (row["t"], row["m"]) == (datetime(2026, 6, 30), datetime(2026, 7, 1))  # noqa: DTZ001
    assert asked(Stock(), tmp_path, "select $user is null as x") == [{"x": True}]


def test_rows_come_in_the_sections_order_and_ties_are_broken(tmp_path: Path) -> None:
    values = "select * from (values (1, 'b'), (3, 'z'), (1, 'a'), (null, 'n')) t(x, y)"
    for order, expected in (
        (("x desc",), ["z", "a", "b", "n"]),
        (("x", "y desc"), ["b", "a", "z", "n"]),
        ((), ["a", "b", "z", "n"]),
    ):
        assert [row["y"] for row in asked(Stock(), tmp_path, values, order=order)] == expected


def test_a_select_that_the_store_refuses_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the section asked cannot be worked out: Conversion Error") as caught:
        asked(Stock(), tmp_path, "select cast(name as integer) as x from (select 'a' as name)")
    assert (caught.value.code, caught.value.where) == ("E290", "directives/reports/sections/a.md:3")


def test_an_answer_has_as_many_rows_as_are_shown_and_the_sums_of_all(tmp_path: Path) -> None:
    of = section(
        "select i as x, i * 2.5::decimal(18, 4) as y from range(5) t(i)", columns={"x": {}, "y": {}}, total=("y",)
    )
    found = rows.answer(scene(Stock(), tmp_path), of)
    assert (len(found.rows), found.total, found.sums) == (3, 5, {"y": Decimal(25)})
    assert len(rows.answer(scene(Stock(), tmp_path), of.model_copy(update={"limit": 4})).rows) == 4


def test_figures_are_held_against_the_period_before(tmp_path: Path) -> None:
    stock = Stock()
    for day in ("2026-06-25", "2026-06-26", "2026-06-20", "2026-06-10"):
        stock.meeting("a@x.com", f"{day} 09:00")
    counted = section(
        "select count(*) as x from events where occurred_at >= $begin and occurred_at < $until",
        show="figures", compares=True, columns={"x": {"as": "count"}},
    )  # fmt: skip
    now = scene(stock, tmp_path)
    found = rows.answer(now, counted, now.before("previous"))
    assert (found.rows, found.before) == (({"x": 2},), {"x": 1})
    alone = rows.answer(now, counted.model_copy(update={"compares": False}), now.before("previous"))
    assert alone.before is None


def test_the_built_in_sections_are_those_that_directives_may_name() -> None:
    assert set(SECTIONS) == set(BUILT_IN_SECTIONS)


# --- how they read --------------------------------------------------------------------------------

WAYS = Ways(Place(ZoneInfo("Europe/Berlin"), "USD", AS_OF), TEAM, GOALS, "reporting/output")
MOMENT = datetime(2026, 6, 30, 22, 30)  # noqa: DTZ001 - the store's times are UTC without a zone


def shown(of: Section, *given: dict[str, Any], total: int | None = None, **more: Any) -> list[str]:  # noqa: ANN401
    answer = Answer(given, len(given) if total is None else total, more.pop("sums", {}), more.pop("before", None))
    return markdown(of, answer, WAYS, **more).splitlines()


@pytest.mark.parametrize(
    ("written", "value", "text"),
    [
        ("text", "a|b <x>", r"a\|b &lt;x&gt;"),
        ("code", "a@x.com", "`a@x.com`"),
        ("count", 12345, "12,345"),
        ("number", Decimal("12.50"), "12.5"),
        ("money", Decimal("1200.5"), "USD 1,200.50"),
        ("points", Decimal("28.824"), "28.8"),
        ("percent", Decimal("41.6"), "42 %"),
        ("share", Decimal("0.416"), "42 %"),
        ("day", MOMENT, "2026-07-01"),
        ("moment", MOMENT, "2026-07-01 00:30 Europe/Berlin"),
        ("clock", MOMENT, "00:30"),
        ("band", "high_risk", "high risk"),
        ("days", 1, "1 day"),
        ("days", 1200, "1,200 days"),
        ("user", "ann", "Ann Lee"),
        ("user", "who@else.com", "who(at)else.com"),
        ("attainment", Decimal("112.4"), r"112 % \+"),
        ("attainment", Decimal(75), r"75 % ~"),
        ("yes_no", False, "no"),
        ("file", "customers/a b/c.md", "[x](../../customers/a%20b/c.md)"),
        ("money", None, "not captured"),
    ],
)
def test_a_value_is_written_as_its_column_says(written: str, value: object, text: str) -> None:
    lines = shown(section("", columns={"x": {"as": written, "title": "x"}}), {"x": value})
    assert lines[-1].replace(r"\~", "~") == f"| {text} |"


def test_an_amount_is_in_the_currency_of_its_row() -> None:
    of = section("", columns={"x": {"as": "money", "currency": "c"}})
    assert shown(of, {"x": 5, "c": "EUR"}, {"x": 5, "c": None})[-2:] == ["| EUR 5 |", "| currency not captured, 5 |"]


def test_a_table_has_its_titles_its_sums_and_how_many_more_there_are() -> None:
    of = section(
        "", title="Deals", intro="Of this team.", total=("n",), columns={"who": {"title": "Who"}, "n": {"as": "count"}}
    )
    assert shown(of, {"who": "A", "n": 2}, {"who": None, "n": 3}, total=7, sums={"n": Decimal(40)}) == [
        "## Deals", "", "Of this team.", "",
        "| Who | n |", "| --- | ---: |", "| A | 2 |", "| not captured | 3 |", "| **all** | **40** |", "", "… 5 more",
    ]  # fmt: skip


def test_a_list_says_a_sentence_for_each_row_with_its_reason() -> None:
    of = section(
        "", show="list", line="**{who}**[, worth {mrr}]: {why}", why="{why}[ since {day}]", do="[{do}]",
        columns={"who": {}, "mrr": {"as": "money"}, "why": {}, "day": {"as": "day"}, "do": {}},
    )  # fmt: skip
    assert shown(
        of,
        {"who": "A_B", "mrr": 5, "why": "silent", "day": MOMENT, "do": "call"},
        {"who": None, "mrr": None, "why": "[x](http://e)", "day": None, "do": None},
    )[2:] == [
        "1. **A_B**, worth USD 5: silent", "    - Why: silent since 2026-07-01", "    - Do: call",
        r"2. **not captured**: \[x\](hxxp\[:\]//e)", r"    - Why: \[x\](hxxp\[:\]//e)",
    ]  # fmt: skip


def test_figures_say_what_they_were_before() -> None:
    of = section(
        "", show="figures",
        columns={"won": {"title": "Won", "as": "count"}, "sum": {"as": "money", "null": "nothing"}, "who": {},
                 "rate": {"as": "percent"}, "part": {"as": "share"}},
    )  # fmt: skip
    row = {"won": 6, "sum": None, "who": "A", "rate": Decimal(40), "part": Decimal("0.5")}
    before = {"won": 4, "sum": 10, "who": "B", "rate": None, "part": Decimal("0.4")}
    assert shown(of, row, before=before)[2:] == [
        "- Won: 6 (before: 4, +50 %)", "- sum: nothing (before: USD 10)", "- who: A",
        "- rate: 40 % (before: not captured)", "- part: 50 % (before: 40 %, +10 points)",
    ]  # fmt: skip
    assert shown(of, row, before=row)[2] == "- Won: 6 (before: the same)"


def test_columns_about_something_can_be_left_out() -> None:
    of = section("", columns={"done": {"as": "count"}, "target": {"as": "count", "about": "goals"}})
    assert without(of, ()) is of
    assert shown(without(of, {"goals"}), {"done": 2, "target": 3})[2:] == ["| done |", "| ---: |", "| 2 |"]


def test_a_template_gets_rows_as_people_read_them_with_their_sentences() -> None:
    of = section(
        "", show="list", line="**{who}**[ ({mrr})]", why="{who} waits",
        columns={"who": {"null": "nobody"}, "mrr": {"as": "money"}},
    )  # fmt: skip
    given = Answer(({"who": "<A>", "mrr": 5}, {"who": None, "mrr": None}), 2, {})
    assert told(of, given, WAYS) == [
        {"who": "&lt;A&gt;", "mrr": "USD 5", "line": "**&lt;A&gt;** (USD 5)", "why": "&lt;A&gt; waits"},
        {"who": "nobody", "mrr": None, "line": "**nobody**", "why": "nobody waits"},
    ]


def test_a_section_without_rows_says_what_it_says_then() -> None:
    assert shown(section("", empty="Nobody is."), picture="![p](p.svg)") == [
        "## asked",
        "",
        "![p](p.svg)",
        "",
        "Nobody is.",
    ]
