"""The directives that gtm ships: they hold, and so does every test they carry."""

import pytest

from execution.directives import load, read_folder
from execution.proof import run_cases
from tests.measures.stock import ROOT, shipped


def test_they_have_no_problem() -> None:
    assert load(read_folder(ROOT)).problems == ()


@pytest.mark.parametrize(
    "path",
    sorted({d.path for d in [*shipped().measures.values(), *shipped().segments.values(), *shipped().health.values()]}),
)
def test_their_own_tests_hold(path: str) -> None:
    results = run_cases(shipped(), [path])
    assert results, "a directive that counts something carries tests"
    assert [str(result.as_problem()) for result in results if not result.holds] == []


def test_the_source_tests_hold() -> None:
    results = run_cases(shipped(), [shipped().sources["calendly"].path])
    assert len(results) >= 9
    assert [str(result.as_problem()) for result in results if not result.holds] == []


def test_every_measure_is_a_declared_column_of_its_entity() -> None:
    for directive in shipped().measures.values():
        declared = shipped().entities[directive.entity].columns
        for name, measure in directive.measures.items():
            assert declared[name].sources == ("measures",), f"{directive.entity}.{name}"
            assert declared[name].type == measure.type, f"{directive.entity}.{name}"


def test_every_column_that_measures_fill_is_measured() -> None:
    for entity in shipped().entities.values():
        of_entity = [each for each in shipped().measures.values() if each.entity == entity.name]
        measured = {name for directive in of_entity for name in directive.measures}
        declared = {name for name, column in entity.columns.items() if "measures" in column.sources}
        assert declared == measured, entity.name


@pytest.mark.parametrize("name", sorted(shipped().health))
def test_the_weights_of_a_score_add_up_to_100(name: str) -> None:
    assert sum(component.weight for component in shipped().health[name].components.values()) == 100
