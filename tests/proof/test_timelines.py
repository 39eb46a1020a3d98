"""Timelines, played: what a rule says from moment to moment, and how a test that does not hold is told."""

from functools import cache

import pytest

from execution.directives import Program, load
from execution.proof import CaseResult, run_cases
from tests.directives.small import encoded
from tests.directives.small_alerts import ALERTS, LEAVING, texts

RULE = """\
---
kind: trigger
name: asked
entity: people
{keys}
---
```yaml tests
- name: played
  timeline:
{moments}
```
"""
PATH = "directives/triggers/asked.md"
A = "a@x.com"


def _program(keys: str, moments: list[str]) -> Program:
    rule = RULE.format(keys=keys, moments="\n".join(f"    - {moment}" for moment in moments))
    program = load(encoded({**texts(), PATH: rule}))
    assert program.problems == (), "\n".join(map(str, program.problems))
    return program


def played(keys: str, *moments: str) -> list[str]:
    """What does not hold, without the place at which it stands."""
    (result,) = run_cases(_program(keys, list(moments)), [PATH])
    return [difference.split("): ", 1)[1] for difference in result.differences]


def _given(day: float, row: str, expect: str, more: str = "") -> str:
    return f"{{day: {day}, given: {{people: [{{email: {A}, {row}}}]}}, expect: {{{A}: {expect}}}{more}}}"


def _then(day: float, expect: str, more: str = "") -> str:
    return f"{{day: {day}, expect: {{{A}: {expect}}}{more}}}"


def test_a_rule_goes_through_all_that_it_can_say() -> None:
    keys = "when: no_activity > 30\nfor: 1d\nresolve_when: days_quiet < 7"
    assert (
        played(
            keys,
            _given(0, "days_quiet: 30", "silent"),
            _given(1, "days_quiet: 31", "pending"),
            _then(2, "fires"),
            _then(3, "unknown", ", stale: [desk]"),
            _given(4, "days_quiet: 20", "firing"),
            _given(5, "no_activity: 6", "resolves"),
            _then(6, "silent"),
            _given(7, "days_quiet: 40", "pending"),
            _then(8, "fires again"),
        )
        == []
    )


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("silent", "a@x.com fires, expected silent"),
        ("firing", "a@x.com fires, expected firing"),
        ("fires again", "a@x.com fires, expected fires again"),
        ("{is: fires, message: Bob}", "a@x.com: message is 'Ada', expected 'Bob'"),
        ("{is: fires, severity: low}", "a@x.com: severity is 'medium', expected 'low'"),
        ("{is: fires, reason: {days_quiet: 41}}", "a@x.com: reason.days_quiet is 40, expected 41"),
    ],
)
def test_what_does_not_hold_is_told(expect: str, said: str) -> None:
    keys = 'when: days_quiet > 30\nmessage: "{name}"'
    assert played(keys, _given(0, "name: Ada, days_quiet: 40", expect)) == [said]


def test_what_holds_of_an_alert_is_not_told() -> None:
    keys = 'when: days_quiet > 30\nmessage: "{name}"'
    expect = "{is: fires, message: Ada, severity: medium, episode: 1, account: a@x.com, reason: {days_quiet: 40}}"
    assert played(keys, _given(0, "name: Ada, days_quiet: 40", expect)) == []


def test_what_fires_and_was_not_expected_is_told() -> None:
    moment = (
        "{day: 0, given: {people: [{email: a@x.com, days_quiet: 40}, {email: b@x.com}]}, expect: {b@x.com: silent}}"
    )
    assert played("when: days_quiet > 30", moment) == ["a@x.com fires, and nothing is expected of it"]


def test_the_place_of_a_moment_is_told() -> None:
    (result,) = run_cases(_program("when: days_quiet > 30", [_given(7, "days_quiet: 3", "fires")]), [PATH])
    assert result.differences == ("line 10 (2026-01-08T06:00): a@x.com is silent, expected fires",)
    assert str(result.as_problem()).startswith(f"{PATH}:8:1: E155 test 'played': line 10")


def test_scores_that_are_given_have_a_past() -> None:
    assert (
        played(
            "when: drop(health_score, 7d) >= 20 or was(health_status, 1d) = 'good' and health_status = 'bad'",
            _given(0, "health_score: 90, health_status: good", "silent"),
            _given(8, "health_score: 71", "silent"),
            _given(16, "health_score: 50", "fires"),
            _given(25, "health_score: 50", "resolves"),
            _given(26, "health_status: bad", "fires again"),
        )
        == []
    )


def test_segments_that_are_given_have_a_past() -> None:
    assert (
        played(
            "when: entered(size.small) or left(busy)",
            _given(0, "size: large, busy: true", "silent"),
            _given(1, "size: small", "fires"),
            _given(2, "size: small", "resolves"),
            _given(3, "busy: false", "fires again"),
        )
        == []
    )


def test_items_tell_the_alerts_of_one_row_apart() -> None:
    assert (
        played(
            "when: days_quiet > 30\nkey: plan",
            _given(0, "plan: basic, days_quiet: 40", "{items: {basic: fires}}"),
            _given(1, "plan: pro", "{items: {basic: resolves, pro: fires}}"),
        )
        == []
    )
    assert played(
        "when: days_quiet > 30\nkey: plan", _given(0, "plan: pro, days_quiet: 40", "{items: {basic: silent}}")
    ) == ["a@x.com (pro) fires, and nothing is expected of it"]


@cache
def _leaving(expect: str) -> tuple[CaseResult, ...]:
    tests = f"""\
```yaml tests
- name: words
  timeline:
    - day: 0
      given:
        people: [{{email: a@x.com}}]
        messages:
          - {{source_id: "1", source: desk, email: a@x.com, sent_at: "2026-01-01T05:00:00Z", direction: outbound,
              body: "You cancel?"}}
      expect: {{a@x.com: silent}}
    - day: 1
      given:
        messages:
          - {{source_id: "2", source: desk, email: a@x.com, sent_at: "2026-01-02T05:00:00Z", direction: inbound,
              body: "We must cancel it."}}
      expect: {{a@x.com: {expect}}}
    - {{day: 40, expect: {{a@x.com: resolves}}}}
```
"""
    path = ALERTS["leaving"][0]
    program = load(encoded({**texts(), path: LEAVING + tests}))
    assert program.problems == ()
    return tuple(run_cases(program, [path]))


def test_words_are_found_in_what_is_given() -> None:
    (result,) = _leaving("{is: fires, words: cancel, source: desk, snippet: We must cancel it.}")
    assert result.differences == ()


def test_words_that_were_not_expected_are_told() -> None:
    (result,) = _leaving("{is: fires, words: quit}")
    assert [each.split("): ", 1)[1] for each in result.differences] == ["a@x.com: words is 'cancel', expected 'quit'"]


def test_a_rule_that_fails_on_what_is_given_is_told() -> None:
    (said,) = played("when: plan::integer > 3", _given(0, "plan: basic", "silent"))
    assert said.startswith("the rule fails on what is given: Conversion Error")
