"""Source directives that name files: what belongs into them, and what only an API has."""

import pytest

from execution.directives import load

SOURCE = """---
kind: source
name: plans
files: {folder: imports}
streams:
  plans:
    path: plans.csv
    key: id
    columns: {email: email}
---
```sql people
select email from plans
```
```yaml tests
- name: one
  given: {plans: [{id: 1, email: a@x.com}]}
  expect: {people: [{email: a@x.com}]}
```
"""
PEOPLE = """---
kind: entity
name: people
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
---
"""


def _problems(source: str) -> list[str]:
    texts = {"directives/people.md": PEOPLE, "directives/plans.md": source}
    return [str(each).splitlines()[0] for each in load({path: text.encode() for path, text in texts.items()}).problems]


def test_a_source_of_files_is_a_source_like_any_other() -> None:
    assert _problems(SOURCE) == []
    assert _problems(SOURCE.replace("plans.csv", "'*/plan.md'").replace("key: id", "key: path")) == []


def test_of_files_alone_it_is_told_when_a_record_was_first_read() -> None:
    people = PEOPLE.replace("}\n---", "}\n  since: {type: timestamp, from: [plans]}\n---")
    dated = SOURCE.replace("select email", "select email, first_seen as since")
    api = dated.replace("files: {folder: imports}", "api: {base_url: 'https://a.example', auth: {type: none}}")
    said = {}
    for name, source in {"files": dated, "api": api.replace("plans.csv", "/plans")}.items():
        texts = {"directives/people.md": people.encode(), "directives/plans.md": source.encode()}
        said[name] = [str(each).splitlines()[0] for each in load(texts).problems]
    assert said["files"] == []
    assert [each.partition("E")[2][:3] for each in said["api"]] == ["147"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{email: email}", "{first_seen: email}", "9:15: E113 every stream has a 'first_seen' already"),
        ("key: id", "key: id\n    each: plans", "9:5: E175 'each' says how an API is asked"),
        ("key: id", "key: id\n    records: data", "9:5: E175 'records' says how an API is asked"),
        ("key: id", "key: id\n    params: {a: b}", "9:5: E175 'params' says how an API is asked"),
        ("{folder: imports}", "{folder: imports, form: account}", "4:26: E175 form: account is for the frontmatter"),
        ("{folder: imports}", "{folder: imports, form: acount}", "E113 'acount' is none of account"),
        ("folder: imports", "folder: ../imports", "4:17: E119 '../imports' lies outside the workspace"),
        ("path: plans.csv", "path: ../plans.csv", "7:11: E119 '../plans.csv' lies outside the workspace"),
        ("path: plans.csv", "path: /etc/plans.csv", "E119 '/etc/plans.csv' lies outside the workspace"),
        ("path: plans.csv", "path: plans.xlsx", "7:11: E119 'plans.xlsx' is no file that can be read"),
        ("files: {folder: imports}", "owner: me", "a source has either api: or files:"),
        (
            "files: {folder: imports}",
            "files: {folder: imports}\napi: {base_url: 'https://x.com', auth: {type: none}}",
            "a source has either api: or files:",
        ),
    ],
)
def test_what_does_not_belong_there_is_refused_with_its_place(old: str, new: str, said: str) -> None:
    found = _problems(SOURCE.replace(old, new, 1))
    assert any(said in each for each in found), found


KNOWN = (
    SOURCE.replace(
        "path: plans.csv\n    key: id\n    columns: {email: email}",
        "path: '*/a.md'\n    key: data.email\n    columns: {new: {path: data.new, type: boolean}}",
    )
    .replace("select email from plans", "select key as email, new as is_new from plans")
    .replace("{id: 1, email: a@x.com}", "{data: {email: a@x.com}}")
    .replace("streams:", "known_unless: {people: is_new}\nstreams:", 1)
)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", ""),
        ("people: is_new", "persons: is_new", "5:16: E131 plans has no block for 'persons'"),
        ("people: is_new", "people: is_nw", "5:24: E132 people has no column 'is_nw'"),
        ("people: is_new", "people: email", "5:24: E136 'email' is text, and no boolean"),
        (", new as is_new", "", "E135 'is_new' is not selected"),
        ("'*/a.md'", "a.csv", "5:1: E113 known_unless is for whole Markdown files"),
        ("key: data.email", "key: id\n    records: data.plans", "5:1: E113 known_unless is for whole Markdown files"),
    ],
)
def test_rows_that_another_source_has_to_have_name_a_column_of_them(old: str, new: str, said: str) -> None:
    people = PEOPLE.replace("}\n---", "}\n  is_new: {type: boolean, from: [plans]}\n---")
    texts = {"directives/people.md": people, "directives/plans.md": KNOWN.replace(old, new, 1)}
    found = [str(each).splitlines()[0] for each in load({path: text.encode() for path, text in texts.items()}).problems]
    assert len(found) == bool(said), found
    assert all(said in each for each in found)


def test_rows_that_belong_to_their_source_are_known_to_no_other() -> None:
    people = PEOPLE.replace("}\n---", "}\n  is_new: {type: boolean, from: [plans]}\n---").replace("shared", "owned")
    found = load({"directives/people.md": people.encode(), "directives/plans.md": KNOWN.encode()}).problems
    assert "5:16: E113 rows of people belong to one source each" in "".join(map(str, found))
