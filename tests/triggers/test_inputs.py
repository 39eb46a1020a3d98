"""Which sources a rule rests on: what it names, back to the blocks that give it."""

import pytest

from execution.directives import Program
from execution.directives.model import Trigger
from execution.triggers import constants
from execution.triggers.inputs import Rests, unreliable
from tests.measures.stock import shipped

from .yard import Yard, program, rule


@pytest.fixture(scope="module")
def rests() -> Rests:
    return Rests(shipped())


def trigger(when: str, entity: str = "customers", **more: object) -> Trigger:
    return Trigger.model_validate({"kind": "trigger", "name": "asked", "entity": entity, "when": when, **more})


@pytest.mark.parametrize(
    ("when", "entity", "sources"),
    [
        ("mrr > 100", "customers", {"stripe", "intercom"}),
        ("mrr > 100", "companies", {"stripe"}),  # by the ledger of revenue
        ("mrr_trend < -50", "customers", {"stripe"}),
        ("days_since_payment_failure < 3", "customers", {"stripe"}),  # events, but payments alone
        ("calls_missed_90d > 2", "customers", {"calendly"}),  # events, but meetings alone
        ("open_tickets > 3", "customers", {"intercom"}),
        ("payment_failures_90d > 0", "customers", {"stripe"}),  # in one block with logins and conversations
        ("sentiment_30d < 0", "customers", {"intercom"}),
        ("paying and open_deals", "customers", {"stripe", "intercom", "hubspot"}),  # segments
        ("health_score < 40", "customers", {"stripe", "intercom", "calendly"}),
        ("drop(health_score, 7d) > 20", "customers", {"stripe", "intercom", "calendly"}),
        ("entered(lifecycle.churned)", "customers", {"stripe", "intercom", "hubspot"}),
        ("people_health_lowest < 20", "companies", {"stripe", "intercom", "calendly"}),  # of their people
        ("stage = 'won'", "deals", {"hubspot"}),
        ("email like '%@x.com'", "customers", set()),  # the key is nobody's
        ("created_at > $as_of - interval 3 days", "customers", set()),
    ],
)
def test_what_a_rule_of_this_workspace_rests_on(rests: Rests, when: str, entity: str, sources: set[str]) -> None:
    assert rests.of_rule(trigger(when, entity)) == sources


def test_what_ends_it_and_what_tells_its_alerts_apart_count_too(rests: Rests) -> None:
    found = rests.of_rule(trigger("mrr_trend < 0", resolve_when="open_tickets = 0", key="deal_stage"))
    assert found == {"stripe", "intercom", "hubspot"}


def test_why_it_is_unknown_is_said_of_every_source(rests: Rests) -> None:
    stale = {"stripe": "last read in May", "intercom": "last read in June", "calendly": "never"}
    assert unreliable(rests, trigger("mrr > 100"), stale) == "intercom: last read in June; stripe: last read in May"
    assert unreliable(rests, trigger("stage = 'won'", "deals"), stale) is None
    assert unreliable(rests, trigger("mrr > 100"), {}) is None


def test_a_source_that_is_switched_off_feeds_nothing() -> None:
    here = Yard(program(rule("quiet", when="quiet > 30")))
    about = here.program.triggers["quiet"]
    assert Rests(here.program).of_rule(about) == {"desk"}
    assert Rests(_without(here.program, "desk")).of_rule(about) == frozenset()


def _without(given: Program, source: str) -> Program:
    off = given.sources[source].model_copy(update={"enabled": False})
    from dataclasses import replace

    return replace(given, sources={**given.sources, source: off})


TABLES = {"events": {"email": "VARCHAR", "kind": "VARCHAR", "amount": "BIGINT"}, "people": {"email": "VARCHAR"}}


@pytest.mark.parametrize(
    ("sql", "column", "asked"),
    [
        ("select count(*) as n from events where kind = 'call'", "n", {"call"}),
        ("select count(*) as n from events where 'call' = kind", "n", {"call"}),
        ("select count(*) filter (where kind in ('call', 'mail')) as n from events", "n", {"call", "mail"}),
        ("select bool_or(kind = 'call') as a, bool_or(kind = 'mail') as b from events", "b", {"mail"}),
        ("with e as (select kind from events) select max(case when kind = 'a' then 1 end) as n from e", "n", {"a"}),
        ("select count(*) as n from events where kind <> 'call'", "n", None),
        ("select count(*) as n from events where kind = email", "n", None),
        ("select count(*) as n from events where kind like 'c%' and kind = 'call'", "n", None),
        ("select count(*) as n from events", "n", None),
        ("select count(distinct kind) as n from events where kind = 'call'", "n", None),
        ("select this is no sql", "n", None),
    ],
)  # fmt: skip
def test_which_texts_are_asked_of_a_column(sql: str, column: str, asked: set[str] | None) -> None:
    found = constants.asked(sql, TABLES).get(column, {}).get("kind")
    assert (None if found is None else set(found)) == asked


def test_which_texts_are_given_in_a_column() -> None:
    sql = "select 'call' as Kind, 3 as n, email, lower('x') as low from people"
    assert constants.given(sql) == {"kind": "call"}
    assert constants.may_have(sql, {"kind": frozenset({"call"})})
    assert not constants.may_have(sql, {"kind": frozenset({"mail"})})
    assert constants.may_have(sql, {"email": frozenset({"a@x.com"})})
    assert constants.may_have("no sql (", {"kind": frozenset({"mail"})})


def test_which_columns_a_select_gives() -> None:
    assert constants.gives("select a, b as c from x", "C")
    assert not constants.gives("select a, b as c from x", "b")
    assert constants.gives("select * from x", "b")
    assert constants.gives("select (", "b")
