"""A program kept as text and restored is the program that was read."""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import pytest

from execution.directives import load, read_folder
from execution.directives.kept import dump, restore
from execution.errors import DirectiveError
from tests.directives.small import DESK, encoded, texts, with_mistake

ROOT = Path(__file__).parents[2]

ODD = """\
    body: {whole: 12345678901234567890123, part: 0.1, small: 1e-7, none: null, yes: true, no: no, at: 12:30,
      text: "é 😀 \\u2028 \\\\", nested: [[1, {deep: []}], {}]}
"""
CASES = """\
```yaml tests
- name: rows of every kind
  as_of: "2026-01-08T00:00:00Z"
  given: {people: [], talks: [{uri: 1.50, at: null, title: {a: [1, 2]}}]}
  expect: {people: []}
```
"""


def test_the_small_program() -> None:
    program = load(encoded(texts()))
    assert restore(dump(program)) == program


def test_values_cases_and_blocks_of_every_kind() -> None:
    desk = DESK.replace("    records: data\n    key: uri\n", f"    records: data\n{ODD}    key: uri\n")
    desk = desk.replace("```sql happenings", "  ```sql happenings") + CASES
    program = load(encoded(texts(desk=desk)))
    assert program.problems == ()
    restored = restore(dump(program))
    assert restored == program
    assert restored.sources["desk"].cases == program.sources["desk"].cases
    assert restored.sources["desk"].streams["talks"].body == program.sources["desk"].streams["talks"].body
    assert [type(rows) for case in restored.sources["desk"].cases for rows in case.given.values()] == [tuple] * 3


def test_overlays_are_laid_over_already() -> None:
    overlay = "---\nextends: desk\nenabled: false\nfreshness: {warn: 6h, error: 1d}\n---\n"
    program = load(encoded({**texts(), "directives/local/desk.md": overlay}))
    restored = restore(dump(program))
    assert restored == program
    assert not restored.sources["desk"].enabled
    assert restored.hash == program.hash


def test_settings_that_nobody_wrote_stay_unwritten() -> None:
    program = load(encoded(texts()))
    assert not program.settings.path
    assert "settings" not in {each["written"]["kind"] for each in json.loads(dump(program))}


def test_the_directives_of_this_repository() -> None:
    found = read_folder(ROOT)
    if not found:
        pytest.skip("no directives beside the tests")
    program = load(found)
    assert restore(dump(program)) == program


def test_a_program_with_problems_cannot_be_kept() -> None:
    files, _ = with_mistake("pulse", "period: 1d", "period: soon")
    with pytest.raises(DirectiveError):
        dump(load(encoded(files)))


def test_no_kind_is_forgotten() -> None:
    """Whatever a program has by name is among its directives, and so among what is kept."""
    program = load(encoded(texts()))
    one_each: dict[str, object] = {
        field.name: {"one": f"one of {field.name}"}
        for field in fields(program)
        if isinstance(getattr(program, field.name), Mapping)
    }
    assert len(one_each) >= 6
    given = replace(program, **one_each)  # type: ignore[arg-type]
    assert sorted(map(str, given.directives())) == sorted(f"one of {name}" for name in one_each)
