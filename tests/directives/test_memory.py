"""Remembered SQL spares the looks at it, and nothing else: what is found is what is found without a memory."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.directives import load
from execution.directives.sql.checking import Checker
from execution.directives.sql.flaw import Checked, Flaw, Scope
from execution.directives.sql.looks import Looks
from execution.directives.sql.memory import KEPT, Memory, key_of
from tests.directives.small import FILES, HAPPENINGS, HEALTH, PEOPLE, QUIET, encoded, holding, problems, texts

SCOPE = Scope("s", {"talks": {"key": "VARCHAR", "at": "TIMESTAMP"}})


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are looked at from now on; the small program's are known."""
    holding()
    seen: list[str] = []
    for name in ("query", "expression"):
        look = getattr(Looks, name)

        def counted(self: Looks, text: str, scope: Scope, look: object = look) -> Checked:
            seen.append(text)
            return look(self, text, scope)  # type: ignore[operator, no-any-return]

        monkeypatch.setattr(Looks, name, counted)
    return seen


def test_what_is_known_is_not_looked_at(looked: list[str]) -> None:
    assert load(encoded(texts()), Memory(holding())).problems == ()
    assert looked == []


def test_after_an_edit_only_its_sql_is_looked_at(looked: list[str]) -> None:
    files = texts(quiet=QUIET.replace("max(occurred_at)", "min(occurred_at)"))
    assert load(encoded(files), Memory(holding())).problems == ()
    assert [text for text in looked if "min(occurred_at)" not in text] == []
    assert len(looked) == 1


def test_a_column_renamed_in_one_file_breaks_the_block_of_another() -> None:
    renamed = HAPPENINGS.replace("occurred_at: {type", "happened_at: {type")
    found = problems(texts(happenings=renamed))
    assert ("directives/measures/quiet.md", "E147") in {(problem.path, problem.code) for problem in found}


def test_a_measure_renamed_in_one_file_breaks_the_expressions_of_another() -> None:
    renamed = QUIET.replace("days_quiet", "days_silent")
    people = PEOPLE.replace("days_quiet", "days_silent")
    found = problems(texts(quiet=renamed, people=people, health=HEALTH.replace("[days_quiet]", "[days_silent]")))
    assert [(problem.path, problem.code) for problem in found] == [("directives/health/people.md", "E147")] * 2


def test_a_column_of_another_type_is_looked_at_anew(looked: list[str]) -> None:
    found = problems(
        texts(happenings=HAPPENINGS.replace("occurred_at: {type: timestamp}", "occurred_at: {type: json}"))
    )
    assert found
    assert looked


def test_of_two_directives_of_one_name_each_sees_its_own_columns() -> None:
    """They would share a schema; the second must not be bound to the first one's tables, nor to what is known of it."""
    path, desk = FILES["desk"]
    second = (
        desk.replace("name: name\n", "called: name\n").replace("max_by(name,", "max_by(called,").split("```yaml")[0]
    )
    files = {**texts(), path.replace("desk.md", "desk2.md"): second}
    assert {(problem.path, problem.code) for problem in problems(files)} == {
        ("directives/data-sources/desk2.md", "E130")
    }


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_memory_that_goes_through_many_edits_changes_no_verdict(data: st.DataObject) -> None:
    """Each edit puts a word of a file in another's place: a column, a type, a table, a key."""
    kept = json.dumps(holding())
    changed: dict[str, str] = {}
    for _ in range(3):
        name = data.draw(st.sampled_from(["desk", "people", "happenings", "quiet", "health"]))
        parts = re.split(r"(\w+)", FILES[name][1])
        one, other = (data.draw(st.integers(0, len(parts) // 2 - 1)) * 2 + 1 for _ in range(2))
        parts[one] = parts[other]
        changed[name] = "".join(parts)
        files, memory = encoded(texts(**changed)), Memory(json.loads(kept))
        assert load(files, memory).problems == load(files).problems
        kept = json.dumps(memory.holding())


@pytest.mark.parametrize(
    "other",
    [
        Scope("t", SCOPE.tables),
        Scope("s", {"talks": {"key": "VARCHAR"}}),
        Scope("s", {"talks": {"at": "TIMESTAMP", "key": "VARCHAR"}}),
        Scope("s", {"talks": {"key": "VARCHAR", "at": "DATE"}}),
        Scope("s", {**SCOPE.tables, "people": {}}),
        Scope("s", SCOPE.tables, as_of=True),
        Scope("s", SCOPE.tables, unique=frozenset({"key"})),
        Scope("s", SCOPE.tables, known=frozenset({"key"})),
        Scope("s", SCOPE.tables, broken=frozenset({"key"})),
    ],
)
def test_whatever_a_text_may_see_is_in_its_key(other: Scope) -> None:
    assert key_of("from talks", other, is_expression=False) != key_of("from talks", SCOPE, is_expression=False)


def test_the_text_and_what_it_stands_for_are_in_its_key() -> None:
    keys = {key_of(text, SCOPE, is_expression=is_one) for text in ("key", "key ") for is_one in (True, False)}
    assert len(keys) == 4


def test_only_what_holds_is_kept() -> None:
    memory = Memory()
    memory.keep("flawed", Checked((Flaw("E145", "ties"),), {"a": "BIGINT"}))
    memory.keep("unbound", Checked())
    memory.keep("holds", Checked((), {"a": "BIGINT"}, {"a": 7}))
    assert memory.holding() == {"holds": ({"a": "BIGINT"}, {"a": 7})}
    assert memory.recall("flawed") is None


def test_sql_over_a_broken_table_is_not_taken_to_hold() -> None:
    memory = Memory()
    broken = Scope("s", SCOPE.tables, broken=frozenset({"people"}))
    assert Checker(memory).query("select * from people", broken) == Checked()
    assert memory.holding() == {}


def test_what_is_asked_for_outlives_what_is_not() -> None:
    found = ({"a": "BIGINT"}, {"a": 1})
    memory = Memory({str(number): found for number in range(KEPT + 5)})
    memory.recall(str(KEPT + 4))
    kept = list(memory.holding())
    assert kept[0] == str(KEPT + 4)
    assert kept[1:] == [str(number) for number in range(KEPT)]
