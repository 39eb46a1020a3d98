"""Mistakes between scores, segments and measures: told once, at their place, with what to write instead."""

import pytest

from execution.errors import Problem
from tests.directives.small import HEALTH, problems, texts

OTHER = """\
---
kind: health
name: other_health
entity: people
components: {plan: {weight: 1, needs: [logins], score: logins}}
bands: {good: 50, bad: 0}
---
"""

BUSY = """\
---
kind: segment
name: busy
entity: people
meaning: They log in often
when: logins > 5
---
"""

TEAMS = """\
---
kind: entity
name: teams
key: team
rows: shared
columns:
  team: {type: text, from: [system]}
  size: {type: integer, from: [ledger]}
---
"""

TEAM_SIZE = """\
---
kind: measures
name: team_health
entity: teams
measures: {lowest: {type: decimal, unit: points, meaning: m, "null": n}}
---
```sql measures
select name as team, min(health_score) as lowest from unified_people group by name
```
"""


def told(*, health: str = HEALTH, **more: str) -> tuple[Problem, ...]:
    """What is wrong with the small program with another score, and with more files."""
    return problems({**texts(health=health), **{f"directives/{name}.md": text for name, text in more.items()}})


def score(**changed: str) -> str:
    """The small program's score with keys replaced or added."""
    text = HEALTH
    for key, value in changed.items():
        old = next((line for line in text.split("\n") if line.startswith(f"{key}:")), None)
        new = f"{key}: {value}"
        text = text.replace(old, new) if old else text.replace("bands:", f"{new}\nbands:")
    return text


def only(found: tuple[Problem, ...]) -> tuple[str, str, str, str]:
    """Code, message, hint and the text from where it stands, of the only problem."""
    assert len(found) == 1, "\n".join(map(str, found))
    (problem,) = found
    return problem.code, problem.message, problem.hint, f"{problem.path}:{problem.line}"


def test_the_only_score_is_primary_and_several_need_to_say_which() -> None:
    assert told() == ()
    code, message, hint, _ = only(told(other=OTHER))
    assert (code, "other_health, people_health" in message, "primary: true" in hint) == ("E160", True, True)
    assert told(other=OTHER.replace("entity: people", "entity: people\nprimary: true")) == ()


def test_two_primary_scores_are_one_too_many() -> None:
    said = "entity: people\nprimary: true"
    found = told(health=HEALTH.replace("entity: people", said), other=OTHER.replace("entity: people", said))
    code, message, hint, _ = only(found)
    assert (code, message) == ("E160", "people has two primary scores")
    assert "other_health says so already" in hint


@pytest.mark.parametrize(
    ("segments", "code", "message", "hint"),
    [
        ("{bussy: {weights: {quiet: 5}}}", "E131", "no segment 'bussy'", "did you mean 'busy'?"),
        ("{busy: {}}", "E112", "'busy' changes nothing", "weights:, bands: or coverage_floor:"),
        ("{busy: {weights: {quite: 5}}}", "E132", "no component 'quite'", "'quiet'"),
        ("{busy: {weights: {quiet: 0}}}", "E113", "a weight of 0 counts for nothing", "more than 0"),
        ("{busy: {bands: {god: 60}}}", "E132", "no band 'god'", "'good'"),
        ("{busy: {bands: {good: 0}}}", "E139", "begin at the same score", "its own"),
        ("{busy: {bands: {bad: 20}}}", "E139", "no band for a score below 20", "bad: 0"),
        ("{busy: {bands: {good: 0, bad: 50}}}", "E139", "another order", "keep the order good, bad"),
        ("{busy: {bands: {good: 101}}}", "E139", "101 is no score", "0 to 100"),
        ("{busy: {coverage_floor: 2}}", "E113", "less than or equal to 1", ""),
        ("{busy.much: {weights: {quiet: 5}}}", "E131", "no segment 'busy' with groups", "write 'busy' alone"),
        ("{plan: {weights: {quiet: 5}}}", "E131", "no segment 'plan'", "name one of its groups"),
        ("{Busy: {weights: {quiet: 5}}}", "E113", "not a name", "lower-case"),
    ],
)
def test_an_override_that_cannot_be(segments: str, code: str, message: str, hint: str) -> None:
    found = only(told(health=score(segments=segments), busy=BUSY))
    assert found[0] == code
    assert message in found[1]
    assert hint in found[2]


@pytest.mark.parametrize(
    "segments",
    ["{busy: {weights: {quiet: 5}, bands: {good: 60}, coverage_floor: 0.1}}", "{plan.pro: {bands: {good: 60}}}"],
)
def test_an_override_of_a_segment_or_of_a_group_holds(segments: str) -> None:
    assert told(health=score(segments=segments), busy=BUSY) == ()


def test_a_group_that_a_segment_has_not() -> None:
    tier = BUSY.replace("name: busy", "name: tier").replace(
        "when: logins > 5", "groups: {high: {when: logins > 5}, low: {when: logins >= 0}}"
    )
    assert told(health=score(segments="{tier.high: {bands: {good: 60}}}"), tier=tier) == ()
    code, message, hint, _ = only(told(health=score(segments="{tier.hihg: {bands: {good: 60}}}"), tier=tier))
    assert (code, message, hint) == ("E131", "the segment 'tier' has no group 'hihg'", "did you mean 'high'?")


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        ("{good: 98, bad: 0}", "with a hysteresis of 3 'good' could never be come back to"),
        ("{good: 2, bad: 0}", "with a hysteresis of 3 'good' could never be left"),
    ],
)
def test_a_hysteresis_that_a_band_has_no_room_for(bands: str, message: str) -> None:
    found = only(told(health=score(bands=bands, hysteresis="3")))
    assert found[:2] == ("E139", message)
    assert "between 3 and 97" in found[2]


@pytest.mark.parametrize("value", ["-1", "50", "much"])
def test_a_hysteresis_that_cannot_be(value: str) -> None:
    assert only(told(health=score(hysteresis=value)))[0] == "E113"


@pytest.mark.parametrize("name", ["logins", "days_quiet", "other_health_status"])
def test_a_name_that_would_mean_two_things(name: str) -> None:
    primary = HEALTH.replace("entity: people", "entity: people\nprimary: true")
    found = told(health=primary, other=OTHER, segment=BUSY.replace("name: busy", f"name: {name}"))
    code, message, hint, _ = only(found)
    assert (code, message) == ("E161", f"'{name}' would mean two things of people")
    assert "name one otherwise" in hint


def test_a_column_that_no_score_gives() -> None:
    people = texts()["directives/data-model/people.md"].replace("health_status: {", "health_band: {")
    found = problems({**texts(health=score(actions="[]")), "directives/data-model/people.md": people})
    code, message, hint, place = only(found)
    assert (code, message) == ("E131", "no score gives 'health_band'")
    assert place.startswith("directives/data-model/people.md:")
    assert "known here" in hint or "did you mean" in hint


def test_a_column_of_a_score_by_its_own_name_and_of_another_type() -> None:
    people = texts()["directives/data-model/people.md"]
    own = people.replace("  health_status:", "  people_health: {type: decimal, from: [health]}\n  health_status:")
    assert problems({**texts(), "directives/data-model/people.md": own}) == ()
    found = only(problems({**texts(), "directives/data-model/people.md": own.replace("decimal", "text")}))
    assert found[0] == "E136"


def test_an_own_figure_is_known_to_actions_and_expansion_only() -> None:
    rule = "{r: {when: people_health > 5 and health_status = 'good', potential: high, reason: r}}"
    assert told(health=score(expansion=rule)) == ()
    found = only(told(health=score(where="health_score > 5")))
    assert found[0] == "E133"
    assert "health:people_health → health:people_health" in found[1]
    assert "only actions and expansion" in found[2]


def test_another_score_may_be_named_and_a_circle_of_scores_is_told_with_its_path() -> None:
    primary = OTHER.replace("entity: people", "entity: people\nprimary: true")
    assert told(health=score(where="other_health > 5"), other=primary) == ()
    circle = primary.replace("score: logins", 'score: "people_health"')
    code, message, hint, place = only(told(health=score(where="other_health > 5"), other=circle))
    assert code == "E133"
    assert "health:other_health → health:people_health → health:other_health" in message
    assert "'people_health'" in hint
    assert place == "directives/other.md:6"


def test_a_segment_that_a_score_uses_may_not_depend_on_it() -> None:
    busy = BUSY.replace("logins > 5", "health_score > 50")
    assert told(busy=busy) == ()
    code, message, _, place = only(told(health=score(where="busy"), busy=busy))
    assert (code, place) == ("E133", "directives/health/people.md:17")
    assert "health:people_health → segment:busy → health:people_health" in message


def test_measures_may_read_what_is_known_of_another_entity() -> None:
    assert told(teams=TEAMS, size=TEAM_SIZE) == ()


@pytest.mark.parametrize(
    ("sql", "code", "message"),
    [
        ("select name as team, min(helth_score) as lowest from unified_people group by name", "E147", "'helth_score'"),
        ("select team, 1.0 as lowest from unified_teams", "E142", "'unified_teams'"),
        ("select email as team, 1.0 as lowest from unified_happenings", "E142", "'unified_happenings'"),
    ],
)
def test_what_measures_may_not_read(sql: str, code: str, message: str) -> None:
    block = "select name as team, min(health_score) as lowest from unified_people group by name"
    found = only(told(teams=TEAMS, size=TEAM_SIZE.replace(block, sql)))
    assert found[0] == code
    assert message in found[1]


def test_measures_of_two_entities_that_read_each_other() -> None:
    quiet = texts()["directives/measures/quiet.md"].replace("from happenings\n", "from unified_teams, happenings\n")
    quiet = quiet.replace("max(occurred_at)", "max(occurred_at) filter (where lowest > 5)")
    found = told(teams=TEAMS, size=TEAM_SIZE, quiet=quiet.replace("name: quiet", "name: loud"))
    codes = {problem.code for problem in found}
    message = next(problem.message for problem in found if problem.code == "E133")
    assert "E133" in codes
    assert "health:people_health → measures:people → measures:teams → health:people_health" in message


def test_reading_stored_columns_of_each_other_is_no_circle() -> None:
    quiet = texts()["directives/measures/quiet.md"]
    quiet = quiet.replace("from happenings\n", "from happenings where (select max(size) from unified_teams) > 1\n")
    files = {**texts(), "directives/measures/quiet.md": quiet}
    assert problems({**files, "directives/teams.md": TEAMS, "directives/size.md": TEAM_SIZE}) == ()


COMPARISONS = [
    "plan = 3", "plan <> 3", "plan in (1, 2)", "logins = 'many'", "logins > 'many'", "logins in ('x')",
    "nullif(plan, 0) is null", "plan is distinct from 1", "case plan when 1 then true end", "logins between 1 and '3'",
    "(name = 'x' or (logins > 3 and plan = 3))", "logins = plan",
]  # fmt: skip


@pytest.mark.parametrize("condition", COMPARISONS)
def test_text_is_not_compared_with_numbers(condition: str) -> None:
    code, message, hint, place = only(told(health=score(where=f'"{condition}"')))
    assert (code, message) == ("E147", "text is compared with a number")
    assert "text in quotes, a number without" in hint
    assert place == "directives/health/people.md:17"


@pytest.mark.parametrize(
    "condition",
    [
        "plan = '3'", "logins in (1, 2.5)", "created_at > '2026-01-01'", "plan in ('a', 'b')", "logins = 3.0",
        "case plan when 'x' then true end", "created_at > $as_of - interval 3 days", "plan between 'a' and 'b'",
    ],
)  # fmt: skip
def test_comparisons_of_like_with_like_hold(condition: str) -> None:
    assert told(health=score(where=f'"{condition}"')) == ()


def test_a_measure_that_compares_text_with_numbers_or_divides_by_zero() -> None:
    measure = texts()["directives/measures/quiet.md"]
    block = "date_diff('day', max(occurred_at), $as_of)"
    wrong = (
        measure.replace(block, f"{block} filter (where title = 3)")
        .replace("date_diff", "max(date_diff")
        .replace("$as_of) filter", "$as_of)) filter")
    )
    wrong = measure.replace("from happenings\n", "from happenings where title = 3\n")
    assert only(problems({**texts(), "directives/measures/quiet.md": wrong}))[:2] == (
        "E147",
        "text is compared with a number",
    )
    wrong = measure.replace(block, "count(*) / count(title)")
    assert only(problems({**texts(), "directives/measures/quiet.md": wrong}))[0] == "E146"


def test_a_wrong_weight_hides_nothing_below_it() -> None:
    broken = HEALTH.replace("weight: 25", "weight: -3").replace("when days_quiet <= 7", "when days_quite <= 7")
    broken = broken.replace("severity: high", "severity: huge").replace("logins < 3", "login < 3")
    found = told(health=broken)
    assert [(problem.code, problem.line) for problem in found] == [
        ("E113", 7),
        ("E147", 11),
        ("E147", 14),
        ("E113", 15),
    ]


def test_what_else_is_right_is_not_called_wrong_for_it() -> None:
    broken = HEALTH.replace("weight: 25", "weight: -3")
    given = TEAM_SIZE.replace(
        "group by name\n```",
        "group by name\n```\n```yaml tests\n- name: the lowest\n"
        "  given: {unified_people: [{name: t, health_score: 3}]}\n  expect: {teams: [{team: t, lowest: 3}]}\n```",
    )
    assert told(teams=TEAMS, size=given) == ()
    code, *_ = only(told(health=broken, teams=TEAMS, size=given))
    assert code == "E113"
    code, *_ = only(told(health=HEALTH.replace("entity: people", "entity: 7"), teams=TEAMS, size=given))
    assert code == "E113"
