"""Mistakes in sections, reports and goals: each named once, with its code, place and hint."""

import pytest

from tests.directives.small import problems
from tests.directives.small_reports import texts, with_mistake

E = tuple[str, str, str, str, str, str]

MISTAKES: list[E] = [
    # file, what is there, what is written instead, code, message, hint
    ("loud", "  email: {as: code}", "  §emial: {as: code}", "E193", "no column 'emial'", "'email'"),
    ("loud", "currency: currency}", "currency: §curency}", "E193", "no column 'curency'", "'currency'"),
    ("loud", "order: [logins desc", "order: [§login desc", "E193", "no column 'login'", "'logins'"),
    ("loud", "total: [logins]", "total: [§days]", "E193", "no column 'days'", "days_quiet"),
    ("loud", "total: [logins]", "total: [§name]", "E194", "no sum", ""),
    ("loud", "value: logins}", "value: §login}", "E193", "no column 'login'", "'logins'"),
    ("loud", "value: logins}", "§valu: logins, value: logins}", "E193", "has no 'valu'", "'value'"),
    ("loud", "{label: email, value: logins}", "{label: email}", "E193", "needs value", "which column"),
    ("loud", "{title: Logins, as: count}", "{title: Logins, as: §day}", "E194", "BIGINT", "a moment"),
    ("loud", "name: {null: nobody}", "name: {as: §money}", "E194", "VARCHAR", "a number"),
    ("loud", "  last: {as: moment}", "  last: {as: §yes_no}", "E194", "TIMESTAMP", ""),
    ("loud", "as: code}", "as: §cod}", "E113", "none of text", "'code'"),
    ("loud", "from people p", "from §peple p", "E142", "'peple'", "'people'"),
    ("loud", "p.days_quiet", "§p.day_quiet", "E147", "no column 'day_quiet'", "'days_quiet'"),
    ("loud", "< $until", "< §$untl", "E144", "no parameter $untl", "'until'"),
    ("loud", "```sql section", "```sql §rows", "E121", "no target in a section", "sql section"),
    ("loud", "name: loud", "name: §summary", "E130", "of gtm's own", "otherwise"),
    ("loud", "title: Who is loud", "titel: Who is loud", "E111", "'titel'", "'title'"),
    ("loud", "owners: [{owner", "§ownrs: [{owner", "E151", "no 'ownrs' to give", "'owners'"),
    ("loud", "{rows: [{email", "{§row: [{email", "E151", "no 'row' to expect", "'rows'"),
    ("saying", 'line: "{name}: {logins}', 'line: "§{nam}: {logins}', "E193", "no column 'nam'", "'name'"),
    ("saying", 'line: "{name}: {logins}', 'line: "{name}: §{email}', "E193", "how 'email' is read", "add email:"),
    ("saying", "do: call them", 'do: "call them §}"', "E193", "stands alone", "}}"),
    ("saying", 'line: "{name}: {logins}[, on {plan}]"\n', "", "E113", "a list has a line", "line:"),
    ("happened", "from happenings where", "from happenings h join people p on §p.days_quiet = 1 where",
     "E147", "no column", "of today"),
    ("own", "[loud, saying", "[§laud, saying", "E131", "no section 'laud'", "'loud'"),
    ("own", "period: last_7_days", "period: §last_7_dais", "E113", "no period", "last_7_days"),
    ("own", "compare: previous", "compare: §last", "E113", "none of previous, yoy, qoq", ""),
    ("own", "roles: csm", "roles: §cms", "E195", "nobody of the team is 'cms'", "'csm'"),
    ("own", "area: personal", "area: team", "E195", "only a personal report", "area: personal"),
    ("goals", "people: {mia:", "people: {§mai:", "E131", "nobody 'mai'", "'mia'"),
    ("goals", "roles: {csm:", "roles: {§cms:", "E195", "nobody of the team is 'cms'", "'csm'"),
    ("goals", "day: {calls: 3}", "day: {§call: 3}", "E131", "no goal 'call'", "'calls'"),
    ("goals", "week: {talks: 10}", "week: {talks: §0}", "E113", "greater than 0", ""),
    ("goals", "week: {talks: 4}", "§wek: {talks: 4}", "E113", "none of day", "'week'"),
]  # fmt: skip


def test_the_program_has_no_mistake() -> None:
    assert problems(texts()) == ()


@pytest.mark.parametrize(("file", "old", "new", "code", "message", "hint"), MISTAKES)
def test_a_mistake_is_named_at_its_place(file: str, old: str, new: str, code: str, message: str, hint: str) -> None:
    files, place = with_mistake(file, old, new)
    found = [each for each in problems(files) if not _follows(each.code, each.message, code)]
    shown = "\n".join(map(str, found))
    assert {problem.code for problem in found} == {code}, shown
    assert message in found[0].message, shown
    assert hint in found[0].hint, shown
    if "§" in new:
        assert f"{found[0].path}:{found[0].line}:{found[0].column}" == place, shown
        assert len(found) == 1, shown


def _follows(code: str, message: str, wanted: str) -> bool:
    """What else is wrong because of the one mistake: a section that is not there any more, or has no block."""
    return code != wanted and (
        (code == "E131" and "no section 'loud'" in message) or (code == "E193" and "without a sql" in message)
    )


def test_a_section_without_a_select_and_one_with_two_are_named() -> None:
    files, _ = with_mistake("happened", "```sql section", "```text")
    (found,) = problems(files)
    assert (found.code, found.message) == ("E193", "a section without a sql section block")
    twice = "```sql section\nselect 1 as talks\n```\n```sql section"
    files, _ = with_mistake("happened", "```sql section", twice)
    (found,) = problems(files)
    assert (found.code, found.hint) == ("E122", "the first begins on line 9")


def test_there_is_one_file_of_goals() -> None:
    path = "directives/more-goals.md"
    files = texts() | {path: texts()["directives/goals.md"].replace("name: goals", "name: more")}
    (found,) = problems(files)
    assert (found.code, found.path) == ("E130", path)
