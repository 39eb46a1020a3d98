"""A team's own changes over the directives that came with the repository."""

import pytest

from execution.directives import Program, load
from tests.directives.small import texts

LOCAL = "directives/local/mine.md"


def with_overlay(text: str, path: str = LOCAL) -> Program:
    """The small program and one more file."""
    return load({name: content.encode() for name, content in {**texts(), path: text}.items()})


def found(program: Program) -> list[str]:
    return [f"{p.path.rsplit('/', 1)[1]}:{p.line}:{p.column} {p.code} {p.message}" for p in program.problems]


def test_mappings_merge_values_replace_and_null_removes() -> None:
    program = with_overlay(
        "---\nextends: desk\nenabled: false\napi:\n  rate_limit: {requests: 9, per: 1s}\n  account:\n    team: null\n"
        "    org: o\nstreams:\n  people:\n    params: {team: null, org: '{account.org}'}\n"
        "    columns: {vip: {path: v, type: boolean}}\n---\n"
    )
    desk = program.sources["desk"]
    assert program.problems == ()
    assert not desk.enabled
    assert desk.title == "Help desk"
    assert desk.api.rate_limit.requests == 9
    assert desk.api.account == {"path": "/me", "org": "o"}
    assert desk.streams["people"].params == {"org": "{account.org}"}
    assert {"email", "vip"} <= set(desk.streams["people"].columns)
    assert desk.path == "directives/data-sources/desk.md"


def test_a_list_replaces_the_list_below() -> None:
    program = with_overlay("---\nextends: people\ncolumns: {name: {from: [ledger]}}\n---\n")
    assert program.entities["people"].columns["name"].sources == ("ledger",)
    assert program.entities["people"].columns["name"].type == "text"


def test_a_block_replaces_the_one_with_its_target_and_tests_are_added() -> None:
    block = "```sql people\nselect email, count(*) as logins from people group by email\n```\n"
    case = "```yaml tests\n- name: mine\n  given: {people: []}\n  expect: {people: []}\n```\n"
    desk = with_overlay(f"---\nextends: desk\n---\n{block}{case}").sources["desk"]
    assert [b.target for b in desk.blocks] == ["people", "happenings"], "it stands where the other stood"
    people = desk.sql("people")
    assert people is not None
    assert (people.path, people.line) == (LOCAL, 5)
    assert [(c.name, c.path.rsplit("/", 1)[1]) for c in desk.cases] == [
        ("two records are one person", "desk.md"),
        ("mine", "mine.md"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\nextends: desk\nenabled: maybe\n---\n", "mine.md:3:10 E113 'maybe' is not true or false"),
        ("---\nextends: desk\nstreams: {talks: {records: a..b}}\n---\n", "mine.md:3:28 E119"),
        ("---\nextends: people_health\ncomponents: {quiet: {score: days_quiett * 2}}\n---\n", "mine.md:3:29 E147"),
        ("---\nextends: desk\n---\n```sql people\nselect email, nam as name from people\n```\n", "mine.md:5:15 E147"),
        ("---\nextends: desk\nstreams: {tlks: null}\n---\n", "mine.md:3:11 E134 null takes a key away"),
        ("---\nextends: dsk\n---\n", "mine.md:2:10 E134 there is no directive named 'dsk' to extend"),
        ("---\nextends: desk\nkind: entity\n---\n", "mine.md:2:10 E134 there is no entity directive named 'desk'"),
        ("---\nextends: desk\nname: other\n---\n", "mine.md:3:7 E134 an overlay has the name"),
        ("---\nextends: [desk]\n---\n", "mine.md:2:10 E134 extends names a directive"),
    ],
)
def test_a_problem_points_into_the_file_that_said_it(text: str, expected: str) -> None:
    problems = found(with_overlay(text))
    assert len(problems) == 1
    assert problems[0].startswith(expected)


def test_a_removed_column_is_missed_where_it_is_used() -> None:
    problems = found(with_overlay("---\nextends: desk\nstreams: {people: {columns: {logins: null}}}\n---\n"))
    assert problems == ["desk.md:38:57 E147 there is no column 'logins' here"]


def test_an_overlay_belongs_into_local() -> None:
    problems = found(with_overlay("---\nextends: desk\n---\n", path="directives/data-sources/mine.md"))
    assert problems == ["mine.md:2:10 E134 an overlay stands outside directives/local/"]


def test_two_overlays_of_one_directive_are_refused() -> None:
    files = {**texts(), LOCAL: "---\nextends: desk\n---\n", "directives/local/other.md": "---\nextends: desk\n---\n"}
    problems = found(load({path: text.encode() for path, text in files.items()}))
    assert problems == ["other.md:2:10 E134 'desk' is extended by directives/local/mine.md already"]


def test_a_name_that_two_kinds_share_needs_its_kind() -> None:
    twin = texts()["directives/reports/pulse.md"].replace("name: pulse", "name: desk")
    files = {**texts(), "directives/reports/desk.md": twin, LOCAL: "---\nextends: desk\n---\n"}
    problems = found(load({path: text.encode() for path, text in files.items()}))
    assert problems == ["mine.md:2:10 E134 'desk' is the name of several directives"]
    files[LOCAL] = "---\nextends: desk\nkind: report\nlimit: 3\n---\n"
    assert load({path: text.encode() for path, text in files.items()}).reports["desk"].limit == 3


def test_local_may_hold_directives_of_its_own() -> None:
    program = with_overlay("---\nkind: report\nname: mine\naudience: me\nperiod: 1d\nsections: [summary]\n---\n")
    assert program.problems == ()
    assert set(program.reports) == {"mine", "pulse"}
