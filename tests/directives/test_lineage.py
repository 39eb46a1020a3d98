"""What a step rests on, and where things stand in the files."""

from execution.directives import load
from execution.directives.facts import Step
from execution.directives.lineage import lineage, rules
from execution.directives.locating import Places
from tests.segments.shop import AGE, NEWCOMERS, TIER, program, texts


def names(step: Step, **changed: str) -> list[str]:
    return [f"{each.kind} {each.name}" for each in lineage(program(**changed), step)]


def test_a_segment_rests_on_all_that_it_names_near_or_far() -> None:
    assert names(Step("segment", "tier")) == ["segment tier"]
    assert names(Step("segment", "newcomers")) == ["measures age", "segment newcomers", "segment tier"]
    assert names(Step("health", "worth")) == ["health worth", "segment tier"]


def test_measures_that_nobody_names_do_not_count() -> None:
    other = AGE.replace("name: age", "name: other").replace("age_days", "width")
    assert names(Step("segment", "newcomers"), other=other) == names(Step("segment", "newcomers"))
    assert "measures other" in names(Step("measures", "customers"), other=other)


def test_the_rules_change_with_what_they_rest_on_and_not_with_prose() -> None:
    step = Step("segment", "newcomers")
    before = rules(program(), step)
    assert rules(program(tier=TIER.replace("100", "200")), step) != before
    assert rules(program(age=AGE.replace("'day'", "'week'")), step) != before
    assert rules(program(newcomers=NEWCOMERS + "\nMore prose.\n"), step) == before
    assert rules(program(big_deals=""), step) == before


def test_a_key_is_found_in_its_file() -> None:
    given = texts()
    places = Places(given)
    loaded = load(given)
    assert places.shown(loaded.measures["age"], "measures", "age_days") == "directives/age.md:6"
    assert places.shown(loaded.segments["tier"], "groups", "large", "when") == "directives/tier.md:8"
    assert places.shown(loaded.segments["tier"], "groups", "nobody") == "directives/tier.md:6"


def test_what_an_overlay_says_is_found_there() -> None:
    overlay = "---\nextends: tier\nkind: segment\ngroups:\n  large: {when: mrr > 5000}\n---\n"
    given = {**texts(), "directives/local/tier.md": overlay.encode()}
    loaded = load(given).require_valid()
    places = Places(given)
    assert places.shown(loaded.segments["tier"], "groups", "large", "when") == "directives/local/tier.md:5"
    assert places.shown(loaded.segments["tier"], "groups", "small", "when") == "directives/tier.md:7"


def test_a_file_that_is_gone_is_named_all_the_same() -> None:
    assert Places({}).line(program().segments["tier"], "when") == ("directives/tier.md", 1)
