"""The audit directive: what may be written, and every mistake with its place."""

from pathlib import Path

import pytest

from execution.directives import load
from execution.directives.model import Audit
from execution.errors import Problem

PATH = "directives/policies/audit.md"
SHIPPED = (Path(__file__).parents[2] / PATH).read_text(encoding="utf-8")


def problems(text: str, **overlays: str) -> tuple[Problem, ...]:
    texts = {PATH: text.encode()} | {f"directives/local/{name}.md": body.encode() for name, body in overlays.items()}
    return load(texts).problems


def audit_of(text: str, **overlays: str) -> Audit:
    texts = {PATH: text.encode()} | {f"directives/local/{name}.md": body.encode() for name, body in overlays.items()}
    found = load(texts).require_valid().audit
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("before", "after", "code", "message", "hint"),
    [
        ("broken_links: warning", "brokn_links: warning", "E113", "'brokn_links' is none of", "'broken_links'"),
        ("broken_links: warning", "broken_links: warn", "E113", "'warn' is none of", "'warning'"),
        ("{error: 5,", "{error: 500,", "E113", "500", ""),
        ("fair: 70}", "fair: -1}", "E113", "-1", ""),
        ("briefs: 2d", "briefs: soon", "E113", "'soon' is not a duration", ""),
        ("store: 20GB", "store: much", "E113", "'much' is no size", "as in 5GB"),
        ("leftover: 1h}", "leftovr: 1h}", "E111", "unknown key 'leftovr'", "'leftover'"),
        ("an AWS key: \\b(?:", "an AWS key: \\b(((?:", "E113", "is no pattern", "regular expression"),
        ("folders: [directives,", "folders: [../etc, directives,", "E113", "leads out of the workspace", "below it"),
        ("folders: [directives,", "folders: [/etc, directives,", "E113", "leads out of the workspace", "below it"),
        ('python: "3.11"', "python: new", "E113", "'new' is no version", "3.11"),
        ("name: audit", "name: other", "E113", "'other' is none of", ""),
        ("length: 20", "length: 2", "E113", "2", ""),
    ],
)
def test_a_mistake_is_told_with_its_place(before: str, after: str, code: str, message: str, hint: str) -> None:
    assert before in SHIPPED
    found = [each for each in problems(SHIPPED.replace(before, after, 1)) if each.code == code]
    assert found, problems(SHIPPED.replace(before, after, 1))
    (problem,) = found
    assert message in problem.message
    assert hint in problem.hint
    line = SHIPPED[: SHIPPED.index(before)].count("\n") + 1
    assert line <= problem.line <= line + 1


def test_bands_are_reached_from_their_points_on() -> None:
    audit = audit_of(SHIPPED)
    assert [audit.band(score) for score in (100, 90, 89, 80, 79, 70, 69, 0)] == [
        "excellent", "excellent", "good", "good", "fair", "fair", None, None,
    ]  # fmt: skip


def test_an_overlay_changes_what_it_names() -> None:
    overlay = "---\nextends: audit\nchecks: {broken_links: 'off'}\nsizes: {store: 5 MB}\n---\n"
    audit = audit_of(SHIPPED, workspace=overlay)
    assert audit.level("broken_links") == "off"
    assert audit.level("broken_markers") == "error"
    assert (audit.sizes.store, audit.sizes.free) == (5_000_000, 2_000_000_000)


def test_a_second_audit_is_a_mistake() -> None:
    texts = {PATH: SHIPPED.encode(), "directives/other.md": SHIPPED.encode()}
    assert "E130" in {problem.code for problem in load(texts).problems}
