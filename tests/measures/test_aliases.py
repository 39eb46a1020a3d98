"""Another name of a measure means the same wherever a measure may be named."""

from execution.directives import load
from execution.directives.facts import Fact, Step
from execution.directives.lineage import lineage, rules
from execution.measures.users import users
from execution.proof import run_cases
from tests.directives.small import encoded
from tests.directives.small_alerts import ALERTS, texts

SILENT = """\
---
kind: segment
name: silent_ones
entity: people
meaning: Silent
when: no_activity > 30
---
```yaml tests
- name: by either name
  given: {people: [{email: a@x.com, days_quiet: 31}, {email: b@x.com, no_activity: 30}, {email: c@x.com}]}
  expect:
    people:
      - {email: a@x.com, silent_ones: true}
      - {email: b@x.com, silent_ones: false}
      - {email: c@x.com, silent_ones: null}
```
"""
PATH = "directives/segments/silent.md"


def test_it_is_a_fact_in_the_measures_own_column() -> None:
    facts = load(encoded(texts())).facts("people")
    assert facts["no_activity"] == facts["days_quiet"] == Fact("BIGINT", "days_quiet", Step("measures", "people"))


def test_what_names_it_works_on_the_measure() -> None:
    program = load(encoded({**texts(), PATH: SILENT}))
    assert program.problems == ()
    assert [case.differences for case in run_cases(program, [PATH])] == [()]


def test_what_names_it_rests_on_the_directive_that_measures_it() -> None:
    files = {**texts(), PATH: SILENT}
    program, step = load(encoded(files)), Step("segment", "silent_ones")
    assert [each.name for each in lineage(program, step)] == ["quiet", "silent_ones"]
    path, text = ALERTS["quiet"]
    edited = load(encoded({**files, path: text.replace("max(occurred_at)", "min(occurred_at)")}))
    assert rules(edited, step) != rules(program, step)


def test_who_names_it_uses_the_measure() -> None:
    program = load(encoded({**texts(), PATH: SILENT}))
    assert "silent_ones" in [user.name for user in users(program, "people", "days_quiet")]
