"""What `gtm check` says of the templates of context files."""

from pathlib import Path

import pytest

from execution.bootstrap import checking_templates
from execution.context import checking
from execution.errors import Problem
from execution.workspace import Workspace
from tests.measures.stock import ROOT, shipped

NAME = "customers/templates/compact.md.j2"


def told(root: Path, template: str | bytes) -> list[Problem]:
    file = root / NAME
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(template.encode() if isinstance(template, str) else template)
    return list(checking.problems(Workspace(root), shipped()))


def test_those_that_ship_hold() -> None:
    assert list(checking.problems(Workspace(ROOT), shipped())) == []


@pytest.mark.parametrize(
    ("template", "line", "code", "message", "hint"),
    [
        ("a\n{{ acount.name }}\n", 2, "E237", "there is nothing called 'acount'", "did you mean 'account'?"),
        ("{% for p in account.peple %}{% endfor %}", 1, "E237", "an account has no 'peple'", "did you mean 'people'?"),
        ("\n\n{{ company.mrrr }}", 3, "E237", "companies have no column 'mrrr'", "did you mean 'mrr'?"),
        ("{% for p in account.people %}\n{{ p.row.mrrr }}{% endfor %}", 2, "E237", "customers have no column", "mrr"),
        ("a\n{% if %}", 2, "E227", "Expected an expression", ""),
        ("{{ account.name | shout }}", 1, "E227", "No filter named 'shout'", ""),
        ("a\n{{ account.name + 1 }}", 2, "E227", "concatenate", ""),
        ("\n{{ account.override.reason }}", 2, "E227", "None", "of which little is known"),
        ("{{ account.people[0].nam }}", 1, "E227", "nam", ""),
        (b"\xff", 1, "E227", "byte 0 is not UTF-8", "UTF-8"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, template: str | bytes, line: int, code: str, message: str, hint: str
) -> None:
    (problem,) = told(tmp_path, template)
    assert (problem.path, problem.line, problem.code) == (NAME, line, code)
    assert message in problem.message
    assert hint in problem.hint


def test_every_unknown_name_is_told_at_once(tmp_path: Path) -> None:
    assert len(told(tmp_path, "{{ a }}\n{{ b }}\n{{ account.c }}")) == 3


def test_any_column_of_the_data_model_can_be_named(tmp_path: Path) -> None:
    assert (
        told(tmp_path, "{{ company.account_csat }}{% for p in account.people %}{{ p.row.login_count_30d }}{% endfor %}")
        == []
    )


def test_those_that_held_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(tmp_path, "{{ account.name }}")
    assert checking_templates.problems(Workspace(tmp_path), shipped()) == ()
    monkeypatch.setattr(checking, "problems", lambda *_: pytest.fail("checked again"))
    assert checking_templates.problems(Workspace(tmp_path), shipped()) == ()
