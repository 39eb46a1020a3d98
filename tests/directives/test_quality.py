"""Mistakes in the quality directive: each told once, at its place, with what to write instead."""

import pytest

from execution.directives import load
from tests.directives.small import encoded, texts

PATH = "directives/data-quality.md"
QUALITY = """\
---
kind: quality
name: data_quality
scores: {people: {completeness: 60, match: 40}}
sources: {freshness: 1, validity: 1}
checks:
  known:
    dimension: completeness
    entity: people
    columns: {name: 2, days_quiet: 1}
    known: 60%
    at_most: 5%
    meaning: m
    remedy: r
  sure:
    dimension: match
    entity: people
    levels: {id: {when: sources_known >= 2, points: 90}, mail: {when: "true", points: 40}}
    at_least: 50
    meaning: m
    remedy: r
  sane:
    dimension: validity
    entity: people
    where: logins is not null
    holds: logins >= 0
    at_most: 0
    meaning: m
    remedy: r
  stay:
    dimension: anomaly
    entity: people
    blocking: true
    at_most: 50%
    meaning: m
    remedy: r
  usual: {dimension: anomaly, days: 28, minimum: 14, deviations: 6, meaning: m, remedy: r}
  sent: {dimension: validity, counts: rejects, sources: [desk], meaning: m, remedy: r}
  once: {dimension: uniqueness, entity: people, same: [name], meaning: m, remedy: r}
---
"""


def found(text: str, **more: str) -> list[tuple[str, str, str, str]]:
    """(place, code, message, hint) of every problem of the small program with this quality directive."""
    files = {**texts(), PATH: text, **{f"directives/{name}.md": each for name, each in more.items()}}
    return [(f"{p.path}:{p.line}:{p.column}", p.code, p.message, p.hint) for p in load(encoded(files)).problems]


def test_it_holds() -> None:
    assert found(QUALITY) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "message", "hint"),
    [
        ("columns: {name: 2,", "columns: {§nme: 2,", "E132", "no column or measure 'nme'", "did you mean 'name'?"),
        ("same: [name]", "same: [§nmae]", "E132", "no column or measure 'nmae'", "did you mean 'name'?"),
        ("days_quiet: 1}", "days_quiet: §0}", "E185", "the weight 0 is not above 0", "left out"),
        ("days_quiet: 1}", "days_quiet: §-2}", "E185", "the weight -2 is not above 0", "left out"),
        ("match: 40}}", "match: §0}}", "E185", "the weight 0 is not above 0", "left out"),
        ("validity: 1}", "validity: §5000}", "E185", "above 1000", "only the shares count"),
        ("at_most: 5%", "at_most: §120%", "E185", "120% is more than all", "0% to 100%"),
        ("at_most: 5%", "at_most: §-3", "E185", "-3 is below 0", "0 or more"),
        ("at_most: 5%", "at_most: §many", "E113", "'many' is no threshold", "as in 5%"),
        ("known: 60%", "known: §60", "E185", "60 is no share", "as in 60%"),
        ("points: 90}", "points: §190}", "E185", "190 is not from 0 to 100", ""),
        ("at_least: 50", "at_least: §-1", "E185", "-1 is not from 0 to 100", ""),
        ("minimum: 14", "minimum: §40", "E185", "40 days", "of 28 days"),
        ("deviations: 6", "deviations: §0", "E185", "0 is not above 0", "above 0"),
        ("    at_most: 50%\n", "", "E187", "how many rows may be gone", "as in 50%"),
        ("dimension: completeness", "dimension: §complete", "E118", "unknown dimension 'complete'", "'completeness'"),
        ("    holds: logins >= 0\n", "", "E187", "'sane' says nothing that should be valid", "add holds:"),
        ("holds: logins >= 0", "holds: §logins", "E148", "this gives BIGINT, not true or false", "a comparison"),
        ("holds: logins >= 0", "holds: §loggins >= 0", "E147", "loggins", "logins"),
        ("entity: people\n    columns", "entity: §peple\n    columns", "E131", "no entity 'peple'", "'people'"),
        ("sources: [desk]", "sources: [§desc]", "E131", "no source 'desc'", "'desk'"),
        ("counts: rejects,", "counts: rejects, entity: people,", "E187", "about rows and about what sources", "either"),
        ("completeness: 60,", "completeness: 60, §anomaly: 1,", "E188", "not rated for anomaly", "in sources:"),
        ("completeness: 60,", "completeness: 60, §uniqueness: 0.5,", "", "", ""),
        ("freshness: 1,", "freshness: 1, §match: 1,", "E188", "a source is not rated for match", "freshness, validity"),
        ("same: [name]", "same: mailbox", "", "", ""),
    ],
)  # fmt: skip
def test_a_mistake(old: str, new: str, code: str, message: str, hint: str) -> None:
    assert QUALITY.count(old) == 1
    edited = QUALITY.replace(old, new)
    before, mark, _ = edited.partition("§")
    told = found(edited.replace("§", ""))
    if not code:
        assert told == []
        return
    assert code in [each[1] for each in told], told
    (place, _, said, hinted) = next(each for each in told if each[1] == code)
    assert message in said
    assert hint in hinted
    if mark:
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        assert place == f"{PATH}:{line}:{column}"


def test_a_check_that_blocks_needs_a_threshold() -> None:
    text = QUALITY.replace("holds: logins >= 0\n    at_most: 0", "holds: logins >= 0\n    blocking: true")
    assert [(each[1], each[2]) for each in found(text)] == [("E186", "'sane' blocks and has no threshold")]


def test_a_dimension_that_no_check_tells() -> None:
    text = QUALITY.replace("  once: {dimension: uniqueness, entity: people, same: [name], meaning: m, remedy: r}\n", "")
    told = found(text.replace("completeness: 60,", "completeness: 60, uniqueness: 5,"))
    assert [(each[1], each[2]) for each in told] == [("E188", "no check tells the uniqueness of people")]


def test_quality_is_said_once() -> None:
    told = found(QUALITY, other=QUALITY.replace("name: data_quality", "name: other"))
    assert [each[1] for each in told] == ["E189"]
    assert "directives/local/" in told[0][3]


def test_a_segment_may_ask_for_it_and_quality_not_for_a_segment() -> None:
    segment = "---\nkind: segment\nname: doubtful\nentity: people\nmeaning: m\nwhen: data_quality_score < 50\n---\n"
    assert found(QUALITY, doubtful=segment) == []
    told = found(QUALITY.replace("holds: logins >= 0", "holds: doubtful"), doubtful=segment)
    assert [each[1] for each in told if each[1] != "E133"] == ["E147"]


@pytest.mark.parametrize(
    ("worth", "code", "message"),
    [
        ("{people: logins}", "", ""),
        ("{people: logns}", "E132", "'people' has no column 'logns'"),
        ("{people: name}", "E136", "'name' is no number"),
        ("{peple: logins}", "E131", "there is no entity 'peple'"),
    ],
)
def test_what_a_row_is_worth_is_a_column_with_a_number(worth: str, code: str, message: str) -> None:
    told = found(QUALITY.replace("checks:\n", f"worth: {worth}\nchecks:\n", 1))
    assert [(each[1], each[2]) for each in told] == ([(code, message)] if code else [])


@pytest.mark.parametrize(
    ("column", "code", "message"),
    [
        ("data_quality_score: {type: decimal, from: [quality]}", "", ""),
        ("data_quality_score: {type: text, from: [quality]}", "E136", "'data_quality_score' has two types"),
        ("data_quality_scores: {type: decimal, from: [quality]}", "E131", "quality gives no 'data_quality_scores'"),
    ],
)
def test_a_column_from_quality_is_one_of_its_points(column: str, code: str, message: str) -> None:
    more = "---\nkind: entity\nname: people\nkey: email\nrows: shared\ncolumns:\n"
    people = next(text for text in texts().values() if "name: people\n" in text and "kind: entity" in text)
    place = next(path for path, text in texts().items() if text is people)
    assert more.splitlines()[1] in people
    files = {**texts(), PATH: QUALITY, place: people.replace("columns:\n", f"columns:\n  {column}\n", 1)}
    assert [(p.code, p.message) for p in load(encoded(files)).problems] == ([(code, message)] if code else [])
    unscored = QUALITY.replace("scores: {people: {completeness: 60, match: 40}}\n", "")
    told = [p.message for p in load(encoded({**files, PATH: unscored})).problems]
    assert "people have no points of quality" in told or code == "E131"
