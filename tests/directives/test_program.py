"""What loading gives: directives by kind, their hashes, and whether they may be used."""

from pathlib import Path

import pytest

from execution.directives import load, read_folder
from execution.errors import DirectiveError
from tests.directives.small import DESK, MORNING, PULSE, texts, with_mistake

ROOT = Path(__file__).parents[2]


def hashes(files: dict[str, str]) -> tuple[str, str]:
    """That of the source and that of the program."""
    program = load({path: text.encode() for path, text in files.items()})
    return program.sources["desk"].hash, program.hash


def test_the_directives_of_this_repository_hold() -> None:
    texts = read_folder(ROOT)
    if not texts:
        pytest.skip("no directives beside the tests")
    assert [str(problem) for problem in load(texts).problems] == []


def test_every_kind_is_found_by_name() -> None:
    program = load({path: text.encode() for path, text in texts().items()}).require_valid()
    named = [program.sources, program.entities, program.measures, program.health, program.reports, program.schedules]
    assert [sorted(kind) for kind in named] == [
        ["desk"], ["happenings", "people"], ["quiet"], ["people_health"], ["pulse"], ["morning"],
    ]  # fmt: skip
    assert program.settings.time_zone == "UTC"
    assert [case.line for case in program.sources["desk"].cases] == [49]


def test_an_invalid_program_may_not_be_used() -> None:
    files, _ = with_mistake("pulse", "period: 1d", "period: soon")
    program = load({path: text.encode() for path, text in files.items()})
    with pytest.raises(DirectiveError) as caught:
        program.require_valid()
    assert caught.value.problems == program.problems


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("# Help desk\n", "# The help desk\nwith prose\n", False),
        ("title: Help desk\n", "title: Help desk   # a comment\n", False),
        ("kind: source\nname: desk", "name: desk\nkind: source", False),
        ("- name: two records are one person", "- name: they are one", False),
        ("group by email\n```", "group by email;\n```", False),
        ("requests", "requests", False),
        ("lookback: 1d", "lookback: 2d", True),
        ("sum(logins)", "max(logins)", True),
        ("title: Help desk", "title: Desk", True),
    ],
)
def test_a_hash_follows_the_meaning_not_the_words(old: str, new: str, *, changes: bool) -> None:
    before, after = hashes(texts()), hashes(texts(desk=DESK.replace(old, new)))
    assert [x != y for x, y in zip(before, after, strict=True)] == [changes, changes]


def test_two_directives_of_one_name_are_both_named() -> None:
    files = {**texts(), "directives/reports/second.md": PULSE, "directives/schedules/second.md": MORNING}
    problems = load({path: text.encode() for path, text in files.items()}).problems
    assert [(p.path, p.line, p.code) for p in problems] == [
        ("directives/reports/second.md", 3, "E130"), ("directives/schedules/second.md", 3, "E130"),
    ]  # fmt: skip
    assert "directives/reports/pulse.md:3" in problems[0].hint


def test_settings_stand_once() -> None:
    one, two = (f"---\nkind: settings\nname: {name}\ntime_zone: Europe/Berlin\n---\n" for name in ("a", "b"))
    files = {**texts(), "directives/a.md": one, "directives/b.md": two}
    program = load({path: text.encode() for path, text in files.items()})
    assert [(p.path, p.code) for p in program.problems] == [("directives/b.md", "E130")]
    assert program.settings.name == "a"


def test_circles_are_named_once() -> None:
    second = DESK.replace("name: desk", "name: ledger\nafter: [desk]").replace("```sql", "```text").split("```yaml")[0]
    files = {**texts(desk=DESK.replace("title: Help desk", "after: [ledger]")), "directives/ledger.md": second}
    problems = load({path: text.encode() for path, text in files.items()}).problems
    assert [p.message for p in problems] == ["sources wait for each other: desk → ledger → desk"]
