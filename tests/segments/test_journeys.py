"""Journeys: where rows stand, since when, what holds them, and what can be wrong with one."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from execution.directives import load
from execution.errors import DataError
from execution.segments.journeys import Criterion, Missing, travellers, way
from execution.segments.standing import standing
from tests.measures.stock import Stock

from .shop import DAY, on, program, shop, texts

JOURNEY = """\
---
kind: journey
name: path
entity: customers
meaning: How far they have come
where: email <> 'gone@x.com'
stages:
  known: {when: name is not null, meaning: We know a name, benchmark: 14d, exit: [{says: They pay, when: mrr > 0}]}
  paying:
    when: mrr > 0
    since: joined
    meaning: They pay
    benchmark: 30d
    owner: sales
    exit:
      - {says: They pay much, when: mrr >= 100}
      - {says: We know their plan, when: plan = 'gold'}
      - They say so themselves
  large: {when: tier = 'large' and mrr >= 100, meaning: They pay much}
---
"""

TEAM = """\
---
kind: team
name: team
people: {ann: {name: Ann, email: ann@us.com}}
groups: {sales: {members: [ann]}}
---
"""

ROUTING = """\
---
kind: routing
name: routing
actions: {tell: {do: notify, to: sales}, begin: {do: playbook, playbook: start}}
fallback: sales
---
"""

START = "---\nkind: playbook\nname: start\nsteps: [{title: Call them, to: sales}]\n---\n"

ENTERED = """\
---
kind: trigger
name: came
entity: customers
when: entered(path.paying)
actions: [begin]
---
"""

ALL = {"path": JOURNEY, "team": TEAM, "routing": ROUTING, "start": START, "came": ENTERED}


@pytest.fixture
def stock() -> Stock:
    """Ann pays a little, Bo much, of Cy nothing is known; Di has only a name, and gone@x.com is not meant."""
    stock = Stock(program(**ALL))
    stock.put(
        "customers",
        {"email": "a@x.com", "name": "Ann", "mrr": 50, "joined": date(2026, 4, 1)},
        {"email": "b@x.com", "name": "Bo", "mrr": 200, "plan": "gold", "joined": date(2026, 5, 20)},
        {"email": "c@x.com"},
        {"email": "d@x.com", "name": "Di"},
        {"email": "gone@x.com", "name": "Gone", "mrr": 500},
    )
    stock.score(DAY)
    return stock


def test_the_furthest_stage_counts_and_who_is_not_meant_is_in_none(stock: Stock) -> None:
    found = {each.key: each.stage for each in travellers(stock.con, stock.program, stock.program.journeys["path"])}
    assert found == {"a@x.com": "paying", "b@x.com": "large", "d@x.com": "known"}


def test_a_journey_is_a_segment_to_all_else(stock: Stock) -> None:
    journey = stock.program.segments["path"]
    found = standing(stock.con, stock.program, journey)
    assert [(group.name, group.members) for group in found.groups] == [("known", 1), ("paying", 1), ("large", 1)]
    assert stock.one("SELECT path FROM unified_customers WHERE email = 'a@x.com'") == ("paying",)
    later = on(3)
    stock.con.execute("UPDATE core.customers SET mrr = 300 WHERE email = 'a@x.com'")
    stock.score(later)
    lines = "SELECT place FROM derived.segment_history WHERE segment = 'path' AND key = 'a@x.com' ORDER BY as_of"
    assert stock.rows(lines) == [{"place": "paying"}, {"place": "large"}]


def test_criteria_are_met_or_not_or_not_known_and_some_are_for_people(stock: Stock) -> None:
    (ann,) = travellers(stock.con, stock.program, stock.program.journeys["path"], "a@x.com")
    assert ann.criteria == (
        Criterion("They pay much", met=False, is_judged=False),
        Criterion("We know their plan", met=None, is_judged=False),
        Criterion("They say so themselves", met=None, is_judged=True),
    )
    assert [each.says for each in ann.missing()] == ["They pay much", "We know their plan"]


def test_since_is_what_the_data_say_and_otherwise_the_history(stock: Stock) -> None:
    journey = stock.program.journeys["path"]
    ann, di = (travellers(stock.con, stock.program, journey, key)[0] for key in ("a@x.com", "d@x.com"))
    assert (ann.since, ann.is_at_least, ann.days, ann.over_days) == (
        DAY.replace(tzinfo=None) - timedelta(days=61),
        False,
        61,
        31,
    )
    assert (di.days, di.is_at_least, di.over_days) == (0, True, 0)
    stock.score(on(20))
    (di,) = travellers(stock.con, stock.program, journey, "d@x.com")
    assert (di.days, di.is_at_least, di.over_days) == (20, True, 6)
    stock.con.execute("UPDATE core.customers SET mrr = 20 WHERE email = 'd@x.com'")
    stock.score(on(30))
    stock.con.execute("UPDATE core.customers SET mrr = NULL WHERE email = 'd@x.com'")
    stock.score(on(40))
    (di,) = travellers(stock.con, stock.program, journey, "d@x.com")
    assert (di.stage, di.days, di.is_at_least) == ("known", 0, False)


def test_a_stage_tells_how_many_how_long_and_what_most_lack(stock: Stock) -> None:
    found = way(stock.con, stock.program, stock.program.journeys["path"])
    known, paying, large = found.stages
    assert (known.travellers, known.mrr, known.benchmark_days, known.missing) == (
        1,
        None,
        14,
        (Missing("They pay", 0, 1),),
    )
    assert (paying.travellers, paying.mrr, paying.median_days, paying.over, paying.owner) == (
        1,
        Decimal(50),
        61,
        1,
        "sales",
    )
    assert paying.missing == (Missing("They pay much", 1, 0), Missing("We know their plan", 0, 1))
    assert (large.travellers, large.benchmark_days, large.missing) == (1, None, ())


def test_before_the_first_scoring_nothing_is_told() -> None:
    stock = Stock(program(**ALL))
    found = way(stock.con, stock.program, stock.program.journeys["path"])
    assert (found.as_of, [each.travellers for each in found.stages]) == (None, [0, 0, 0])


def test_a_criterion_that_fails_on_the_data_says_so_and_where() -> None:
    broken = JOURNEY.replace("when: plan = 'gold'", "when: cast(plan as integer) > 1")
    stock = Stock(program(**ALL | {"path": broken}))
    stock.put("customers", {"email": "a@x.com", "name": "Ann", "mrr": 50, "plan": "gold"})
    stock.score(DAY)
    with pytest.raises(DataError, match="the journey path failed") as failed:
        travellers(stock.con, stock.program, stock.program.journeys["path"])
    assert (failed.value.code, failed.value.where) == ("E363", "directives/path.md")


def test_without_people_on_the_way_the_shop_is_as_before() -> None:
    stock = shop(path=JOURNEY.replace("owner: sales\n    ", ""))
    assert {each.stage for each in travellers(stock.con, stock.program, stock.program.journeys["path"])} == {
        "paying",
        "large",
    }


# --- what can be wrong ----------------------------------------------------------------------------------

ACTING = JOURNEY.replace("owner: sales\n", "owner: sales\n    actions: [begin]\n")


LAST = "when: tier = 'large' and mrr >= 100"


@pytest.mark.parametrize("action", ["begin", "start"])
def test_an_action_is_taken_by_a_trigger_under_its_name_or_its_playbooks(action: str) -> None:
    assert load(texts(**ALL | {"path": ACTING.replace("[begin]", f"[{action}]")})).problems == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "message", "hint"),
    [
        ("mrr > 0\n    since", "mmr > 0\n    since", "E147", "no column 'mmr'", "did you mean 'mrr'?"),
        ("when: mrr >= 100}", "when: mrr}", "E148", "not true or false", "comparison"),
        ("when: plan = 'gold'", "when: plann = 'gold'", "E147", "no column 'plann'", "did you mean 'plan'?"),
        ("since: joined", "since: mrr", "E148", "not a day", "name a day"),
        ("where: email", "where: mrr > now() and email", "E144", "depends on the clock", "$as_of"),
        ("[begin]", "[begn]", "E131", "no action and no playbook 'begn'", "did you mean 'begin'?"),
        ("[begin]", "[tell]", "E196", "no trigger takes 'tell' when a row enters 'paying'", "entered(path.paying)"),
        ("owner: sales", "owner: sale", "E131", "there is nobody 'sale'", "did you mean 'sales'?"),
        ("when: name is not null, ", "", "E112", "'when' is missing", "add when:"),
        ("benchmark: 30d", "benchmark: soon", "E113", "is not a duration", ""),
        ("benchmark: 30d", "benchmark: 0d", "E113", "takes no time", "as in 14d"),
        ("    meaning: They pay\n", "", "E112", "'meaning' is missing", "add meaning:"),
        ("- They say so themselves", "- {when: mrr > 0}", "E112", "'says' is missing", "add says:"),
        ("- They say so themselves", "- {say: So, when: mrr > 0}", "E111", "unknown key 'say'", "did you mean 'says'?"),
        ("stages:\n", "stagess:\n", "E111", "unknown key 'stagess'", "did you mean 'stages'?"),
        ("where: email <> 'gone@x.com'", "when: mrr > 0", "E113", "no when: of its own", "write where:"),
        (LAST, "when: mrr > 0", "E165", "nobody can be in 'paying'", "stands after it"),
        (LAST, "when: true", "E165", "nobody can be in 'paying'", "be the first"),
        ("name: path", "name: tier", "E130", "two segment directives named 'tier'", "extends"),
        ("name: path", "name: plan", "E161", "'plan' would mean two things", "a column"),
        ("entity: customers", "entity: people", "E131", "no entity 'people'", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told(old: str, new: str, code: str, message: str, hint: str) -> None:
    assert old in ACTING
    problems = load(texts(**ALL | {"path": ACTING.replace(old, new)})).problems
    told = [each for each in problems if each.code == code and message in each.message]
    assert told, problems
    assert hint in told[0].hint


def test_a_journey_that_names_itself_is_a_circle() -> None:
    (found,) = (
        each
        for each in load(texts(**ALL | {"path": JOURNEY.replace("when: mrr > 0\n", "when: path = 'known'\n")})).problems
        if each.code == "E133"
    )
    assert found.path == "directives/path.md"


def test_a_trigger_that_does_not_hold_makes_no_action_one_that_nobody_takes() -> None:
    problems = load(texts(**ALL | {"path": ACTING, "came": ENTERED.replace("actions:", "action:")})).problems
    assert {each.code for each in problems} == {"E111"}
