"""Mistakes in outcomes, labels, files and an entity's past: each told at its place."""

import pytest

from tests.directives import small

LEAVING = """---
kind: outcome
name: leaving
entity: people
horizon: 60d
every: 30d
---
```sql outcome
select email, max(occurred_at) as happened_at
from happenings
group by email
```
```yaml tests
- name: one row each
  as_of: "2026-01-08T00:00:00Z"
  given: {happenings: [{email: a@x.com, occurred_at: "2026-01-01T00:00:00Z"}]}
  expect: {people: [{email: a@x.com, happened_at: "2026-01-01T00:00:00Z"}]}
```
"""

SURVEY = """---
kind: source
name: survey
files: {folder: imports}
streams:
  rows:
    path: survey.csv
    key: id
    columns:
      name: name
      quiet: {path: quiet, type: integer}
      asked: {path: asked, type: date}
      left: left
label: {column: left, event: "yes", observed_at: asked}
---
```sql people
select key as email, name, quiet as days_quiet from rows
```
"""

PAST = small.HAPPENINGS.replace(
    "rows: owned\n",
    """rows: owned
past:
  known_from: occurred_at
  same: [email]
  columns: {title: case when occurred_at <= $as_of then title end}
""",
)

FILES = {
    "leaving": ("directives/outcomes/leaving.md", LEAVING),
    "survey": ("directives/data-sources/survey.md", SURVEY),
    "happenings": (small.FILES["happenings"][0], PAST),
}


def texts(**changed: str) -> dict[str, str]:
    return {**small.texts(), **{path: changed.get(name, text) for name, (path, text) in FILES.items()}}


def test_what_is_whole_has_no_problem() -> None:
    assert [str(problem) for problem in small.problems(texts())] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "said"),
    [
        ("leaving", "entity: people", "entity: §peple", "E131", "there is no entity 'peple'"),
        ("leaving", "horizon: 60d", "horizon: §6h", "E113", "horizon is shorter than a day"),
        ("leaving", "every: 30d", "every: §1h", "E113", "every is shorter than a day"),
        ("leaving", "every: 30d", "every: 30d\n§evry: 1d", "E111", "unknown key 'evry'"),
        ("leaving", "every: 30d", "foretold_by: §good score", "E113", "is none of"),
        ("leaving", "every: 30d", "minimum: {rows: §0}", "E113", ""),
        ("leaving", "sql outcome", "sql §outcomes", "E121", "'outcomes' is no target in an outcome"),
        ("leaving", "select email, max", "select max", "E135", "'email' is not selected"),
        ("leaving", ") as happened_at", ") as §at", "E135", "'at' is no part of an outcome"),
        ("leaving", "max(occurred_at) as happened", "count(*) as §happened", "E136", "is BIGINT, and no time"),
        ("leaving", "from happenings", "from §nowhere", "E142", "'nowhere' is not a table"),
        ("leaving", "max(occurred_at) as", "max(§occured_at) as", "E147", ""),
        ("leaving", "{email: a@x.com, happened_at:", "{email: a@x.com, §at:", "E151", "'people' has no column 'at'"),
        ("survey", "column: left", "column: §lef", "E132", "'rows' has no column 'lef'"),
        ("survey", "observed_at: asked", "observed_at: §name", "E136", "'name' is no time"),
        ("survey", "label: {", "label: {stream: §row, ", "E131", "there is no stream 'row'"),
        ("survey", "event: \"yes\", ", "", "E112", "key 'event' is missing"),
        ("survey", "path: survey.csv", "path: §survey.xlsx", "E119", "'survey.xlsx' is no file that can be read"),
        ("survey", "path: survey.csv", "path: §../survey.csv", "E119", "'../survey.csv' lies outside the workspace"),
        ("survey", "folder: imports", "folder: §/srv/imports", "E119", "'/srv/imports' lies outside the workspace"),
        ("survey", "quiet as days_quiet", "name as §days_quiet", "E136", "is VARCHAR, and measured as BIGINT"),
        ("survey", "quiet as days_quiet", "quiet as §health_status", "E135", "may not write people.health_status"),
        ("happenings", "same: [email]", "same: [§e_mail]", "E132", "no column 'e_mail' is stored"),
        ("happenings", "known_from: occurred_at", "known_from: §title", "E148", "this gives VARCHAR, not TIMESTAMP"),
        ("happenings", "{title: case", "{§titel: case", "E132", "no column 'titel' is stored"),
        ("happenings", "occurred_at <= $as_of then", "§ocurred_at <= $as_of then", "E147", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(file: str, old: str, new: str, code: str, said: str) -> None:
    path, text = FILES[file]
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    edited = text.replace(old, new)
    before, mark, _ = edited.partition("§")
    found = small.problems(texts(**{file: edited.replace("§", "")}))
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    here = [
        problem
        for problem in found
        if problem.code == code and (not mark or f"{problem.path}:{problem.line}" == f"{path}:{line}")
    ]
    assert here, f"no {code} at {path}:{line}: {[str(problem) for problem in found]}"
    assert any(said in problem.message for problem in here)
    if mark:
        assert column in {problem.column for problem in here}


def test_an_outcome_without_a_block() -> None:
    bare = LEAVING.partition("```sql")[0]
    (problem,) = small.problems(texts(leaving=bare))
    assert (problem.code, problem.message) == ("E112", "there is no sql outcome block")


def test_two_primary_outcomes_of_one_entity() -> None:
    second = LEAVING.replace("name: leaving", "name: second\nprimary: true")
    files = {
        **texts(leaving=LEAVING.replace("name: leaving", "name: leaving\nprimary: true")),
        "directives/second.md": second,
    }
    (problem,) = small.problems(files)
    assert problem.code == "E113"
    assert "are both the primary outcome of people" in problem.message


def test_a_label_of_one_of_several_streams_says_which() -> None:
    more = SURVEY.replace("label:", "  others: {path: others.csv, key: id, columns: {name: name}}\nlabel:")
    (problem,) = small.problems(texts(survey=more))
    assert (problem.code, problem.hint) == ("E112", "add stream: one of rows, others")


@pytest.mark.parametrize("extra", ["api: {base_url: https://x.example, auth: {type: none}}\n", ""])
def test_a_source_has_either_an_api_or_files(extra: str) -> None:
    text = SURVEY.replace("files: {folder: imports}\n", "" if not extra else f"files: {{folder: imports}}\n{extra}")
    found = small.problems(texts(survey=text))
    assert any("a source has either api: or files:" in problem.message for problem in found)


PEOPLE_PAST = (
    small.PEOPLE
    + """```sql past
select email, max_by(title, (occurred_at, source_id)) as plan from happenings group by email
```
"""
)


def test_a_block_may_tell_of_an_entity_s_past() -> None:
    assert small.problems({**texts(), small.FILES["people"][0]: PEOPLE_PAST}) == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("sql past", "sql then", "E121"),
        ("from happenings", "from people", "E142"),
        ("as plan", "as colour", "E135"),
        ("as plan", "as logins", "E136"),
        ("select email, ", "select ", "E135"),
    ],
)
def test_a_block_of_the_past_that_does_not_fit(old: str, new: str, code: str) -> None:
    found = small.problems({**texts(), small.FILES["people"][0]: PEOPLE_PAST.replace(old, new)})
    assert code in {problem.code for problem in found}


def test_a_labelled_source_stands_apart_from_those_that_are_synced() -> None:
    from execution.directives import load

    program = load({path: text.encode() for path, text in texts().items()}).require_valid()
    assert (set(program.sources), set(program.labelled)) == ({"desk"}, {"survey"})
    assert "survey" in {directive.name for directive in program.directives()}
