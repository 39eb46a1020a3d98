"""Timelines in the tests of triggers: how they are written, and every mistake in them with its place."""

import pytest

from execution.directives import load
from execution.directives.kept import dump, restore
from tests.directives.small import encoded, problems
from tests.directives.small_alerts import ALERTS, SILENT, texts

TESTED = (
    SILENT
    + """\
```yaml tests
- name: silence
  start: "2026-02-01T00:00:00Z"
  timeline:
    - day: 0
      given: {people: [{email: a@x.com, days_quiet: 31, health_score: 90}]}
      expect: {a@x.com: silent}
    - at: "2026-02-02T12:00:00+02:00"
      given: {people: [{email: a@x.com, health_score: 60}]}
      expect: {a@x.com: {is: pending, items: {basic: pending}}}
    - {day: 2.5, stale: [desk], expect: {a@x.com: unknown}}
```
"""
)

E = tuple[str, str, str, str, str]

MISTAKES: list[E] = [
    ("start:", "§strat:", "E150", "unknown key 'strat' in a test", "'start'"),
    ('start: "2026-02-01T00:00:00Z"', "§start: soon", "E150", "start is not a moment", "write UTC"),
    ("start:", "§given: {people: []}\n  start:", "E150", "has no 'given'", "in the moments"),
    ("    - day: 0\n", "    - §days: 0\n      day: 0\n", "E150", "unknown key 'days' in a moment", "'day'"),
    ("    - day: 0\n", "    - §day: first\n", "E150", "no number of days", "as in 7"),
    ("    - day: 0\n", "    - §day: -1\n", "E150", "no number of days", "as in 7"),
    ("- at:", "- §day: 1\n      at:", "E150", "either day: or at:", "one of the two"),
    ('at: "2026-02-02T12:00:00+02:00"', "§at: tomorrow", "E150", "at is not a moment", "write UTC"),
    ("{day: 2.5,", "{§day: 1,", "E150", "not after the moment before", "one way"),
    ("stale: [desk]", "stale: [§dsk]", "E151", "no source 'dsk'", "'desk'"),
    ("stale: [desk]", "§stale: {desk: 1}", "E150", "a list of sources", "names"),
    ("a@x.com: silent}", "§a@x.com: silnt}", "E150", "'silnt' is nothing a rule says", "'silent'"),
    ("a@x.com: silent}", "§b@x.com: silent}", "E151", "no row 'b@x.com'", "'a@x.com'"),
    ("{is: pending, items", "{§iss: pending, items", "E150", "unknown key 'iss' of an alert", "'is'"),
    (
        "a@x.com: {is: pending, items: {basic: pending}}",
        "§a@x.com: {message: hello}",
        "E150",
        "not said what the alert is",
        "add is:",
    ),
    ("{basic: pending}", "{§basic: pendin}", "E150", "'pendin' is nothing", "'pending'"),
    ("days_quiet: 31,", "§day_quiet: 31,", "E151", "no column 'day_quiet'", "'days_quiet'"),
    (
        "{people: [{email: a@x.com, health_score: 60}]}",
        "{§peple: [{email: a@x.com}]}",
        "E151",
        "no 'peple'",
        "'people'",
    ),
    (
        "{people: [{email: a@x.com, health_score: 60}]}",
        "{people: [§{health_score: 60}]}",
        "E151",
        "without its key",
        "add email",
    ),
    ("{people: [{email: a@x.com, health_score: 60}]}", "{§people: {email: a@x.com}}", "E150", "not a list of rows", ""),
    ("name: silence", "name: §[silence]", "E150", "a test's name is text", "quote it"),
]


def _with(text: str) -> dict[str, str]:
    return {**texts(), ALERTS["silent"][0]: text}


def test_a_timeline_is_read_with_its_moments() -> None:
    program = load(encoded(_with(TESTED)))
    assert program.problems == ()
    (case,) = program.triggers["silent"].cases
    assert [moment.at for moment in case.timeline] == [
        "2026-02-01T00:00:00+00:00", "2026-02-02T12:00:00+02:00", "2026-02-03T12:00:00+00:00",
    ]  # fmt: skip
    first, second, third = case.timeline
    assert first.expect == {"a@x.com": {"is": "silent"}}
    assert second.expect == {"a@x.com": {"is": "pending", "items": {"basic": {"is": "pending"}}}}
    assert (third.stale, third.given, third.line) == (("desk",), {}, 23)


def test_a_program_with_timelines_is_kept_and_restored() -> None:
    program = load(encoded(_with(TESTED)))
    assert restore(dump(program)) == program


@pytest.mark.parametrize(("old", "new", "code", "message", "hint"), MISTAKES)
def test_a_mistake_in_a_timeline_is_named_at_its_place(old: str, new: str, code: str, message: str, hint: str) -> None:
    assert TESTED.count(old) == 1, old
    edited = TESTED.replace(old, new)
    before, _, _ = edited.partition("§")
    found = problems(_with(edited.replace("§", "")))
    shown = "\n".join(map(str, found))
    assert {problem.code for problem in found} == {code}, shown
    assert message in found[0].message, shown
    assert hint in found[0].hint, shown
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    if "name: §" not in edited:  # a test is told at its key
        assert (found[0].line, found[0].column) == (line, column), shown


def test_other_directives_have_no_timeline_and_triggers_nothing_else() -> None:
    plain = "```yaml tests\n- name: x\n  given: {people: []}\n  expect: {people: []}\n```\n"
    (found,) = problems(_with(SILENT + plain))
    assert (found.code, found.message) == ("E150", "a test of a trigger has a timeline")
    path, text = ALERTS["busy"]
    timeline = "```yaml tests\n- {name: x, timeline: [{day: 0}]}\n```\n"
    (found,) = problems({**texts(), path: text + timeline})
    assert (found.code, found.message) == ("E151", "only tests of a trigger have a timeline")
