"""Named steps of a source's SQL: what they see, what sees them, and the mistakes there are to make."""

import pytest

from execution.directives import load
from tests.directives.small import DESK, problems, texts

STEPS = """```sql step named
select email, max_by(name, (updated, key)) as name, sum(logins) as logins
from people
group by email
```

```sql step frequent
select email, name, logins from named where logins > 3
```

```sql people
select email, name, logins from frequent
```
"""
PEOPLE = DESK[DESK.index("```sql people") : DESK.index("```sql happenings")]


def with_steps(steps: str) -> dict[str, str]:
    return texts(desk=DESK.replace(PEOPLE, steps + "\n"))


def test_a_step_is_a_table_for_what_comes_below_it() -> None:
    files = with_steps(STEPS)
    assert problems(files) == ()
    desk = load({path: text.encode() for path, text in files.items()}).sources["desk"]
    assert [name for name, _ in desk.steps()] == ["named", "frequent"]
    assert desk.feeds == ("people", "happenings")


def test_an_overlay_replaces_a_step_where_it_stands() -> None:
    overlay = (
        "---\nextends: desk\n---\n```sql step named\nselect email, 'x' as name, 9::bigint as logins from people\n```\n"
    )
    files = {**with_steps(STEPS), "directives/local/desk.md": overlay}
    assert problems(files) == ()
    desk = load({path: text.encode() for path, text in files.items()}).sources["desk"]
    assert [name for name, _ in desk.steps()] == ["named", "frequent"]
    assert "'x' as name" in next(desk.steps())[1].text


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("step named", "step Named", "E121", "'Named' is not a name"),
        ("step named", "step people", "E122", "there is a table 'people' to be read here already"),
        ("step named", "step rates", "E122", "there is a table 'rates' to be read here already"),
        ("step frequent", "step named", "E122", "there is a table 'named' to be read here already"),
        ("step named", "step one two", "E121", "'step one two' is more than one name"),
        ("from named where", "from later where", "E142", "'later' is not a table that may be read here"),
        ("select email, name, logins from named", "select email, nam, logins from named", "E147", "no column 'nam'"),
        ("sum(logins) as logins", "sum(logins) as name", "E135", "'name' is selected twice"),
        ("group by email\n", "group by email, now()\n", "E144", "now() depends on the clock"),
    ],
)
def test_a_mistake_in_a_step_is_told_once_and_where_it_is(old: str, new: str, code: str, said: str) -> None:
    found = problems(with_steps(STEPS.replace(old, new, 1)))
    assert code in {problem.code for problem in found}
    assert any(said in problem.message for problem in found)
    assert {problem.path for problem in found} == {"directives/data-sources/desk.md"}


def test_a_stream_may_not_take_the_name_of_a_table_that_is_there() -> None:
    found = problems(texts(desk=DESK.replace("  talks:\n", "  rates:\n").replace("from talks t", "from rates t")))
    assert [problem.code for problem in found if problem.code == "E113"] == ["E113"]
    assert any("has a table 'rates' already" in problem.message for problem in found)


def test_measures_have_no_steps() -> None:
    files = texts()
    path = "directives/measures/quiet.md"
    files[path] = files[path].replace("```sql measures", "```sql step quiet\nselect 1 as one\n```\n```sql measures")
    assert [(problem.code, problem.message) for problem in problems(files)] == [
        ("E121", "'step quiet' is no target in measures")
    ]
