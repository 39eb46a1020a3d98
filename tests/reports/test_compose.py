"""Reports: whose they are, which time they are about, and the files they become."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from execution import reports
from execution.directives import Program
from execution.directives.model import Report, Section, parse_period
from execution.directives.model.shape import Block
from execution.errors import UsageError
from execution.reports import Composed, Wish
from execution.workspace import Workspace
from tests.measures.stock import AS_OF, Stock, shipped
from tests.reports.test_sections import GOALS, TEAM


def made(name: str, sql: str, **keys: object) -> Section:
    section = Section.model_validate({"kind": "section", "name": name, "columns": {"x": {"as": "count"}}, **keys})
    return section.model_copy(update={"blocks": (Block("section", sql, 1),)})


SECTIONS = {
    "held": made("held", "select count(*) as x from events where occurred_at >= $begin and occurred_at < $until",
                 title="Calls", show="figures", compares=True),
    "aims": made("aims", "select count(*) as x from goals where \"user\" = $user", show="figures", about="goals"),
    "whose": made("whose", "select 1 as x where $user is not null", empty="Nobody's own."),
}  # fmt: skip


def of(**keys: object) -> Report:
    given = {"kind": "report", "name": "own", "audience": "them", "period": "last_7_days", "sections": list(SECTIONS)}
    return Report.model_validate(given | keys)


def program(report: Report, **changed: object) -> Program:
    return replace(
        shipped(),
        team=TEAM,
        goals=GOALS,
        reports={report.name: report},
        sections=SECTIONS,
        **changed,  # type: ignore[arg-type]
    )


def compose(root: Path, report: Report, wish: Wish | None = None, stock: Stock | None = None) -> Composed:
    stock = stock or Stock()
    return reports.compose(stock.con, program(report), Workspace(root), report.name, AS_OF, wish)


def test_a_report_of_the_team_is_nobodys_own(tmp_path: Path) -> None:
    found = compose(tmp_path, of(title="All"))
    assert (found.user, found.key, found.stem, found.title) == (None, "own", "2026-06-30", "All")
    assert found.text.splitlines()[0] == "# All"
    assert "Nobody's own." in found.text
    assert "For them. Period: 2026-06-24 to 2026-06-30." in found.text


@pytest.mark.parametrize("user", ["ann", "Ann Lee", "ANN@us.com", "17"])
def test_a_personal_report_is_found_by_whatever_its_person_is_called(tmp_path: Path, user: str) -> None:
    found = compose(tmp_path, of(area="personal", roles="csm"), Wish(user))
    assert (found.user, found.title, found.key) == ("ann", "own: Ann Lee", "own/ann")
    assert found.facts["aims"]["rows"] == [{"x": 2}]
    assert "Nobody's own." not in found.text


def test_a_name_with_a_dot_is_one_of_the_team() -> None:
    team = TEAM.model_copy(update={"people": {"john_smith": TEAM.people["ann"]}})
    there = program(of(area="personal"))
    there = replace(there, team=team)
    found = reports.compose(Stock().con, there, Workspace(Path()), "own", AS_OF, Wish("john.smith"))
    assert found.user == "john_smith"


def test_a_personal_report_of_nobody_and_one_of_a_stranger_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a report of one person") as caught:
        compose(tmp_path, of(area="personal", roles="csm"))
    assert (caught.value.code, caught.value.hint) == ("E291", "name them: --user, one of ann")
    with pytest.raises(UsageError, match="nobody called 'anne'") as caught:
        compose(tmp_path, of(), Wish("anne"))
    assert caught.value.hint == "did you mean 'ann'?"


def test_the_readers_of_a_personal_report_are_those_of_its_roles_who_are_here() -> None:
    report = of(area="personal", roles="csm")
    assert reports.readers(program(report), report, AS_OF) == ["ann"]
    assert reports.readers(program(report), report, datetime(2025, 6, 1, tzinfo=UTC)) == ["ann", "bob"]


def test_another_period_is_told_and_has_a_file_of_its_own(tmp_path: Path) -> None:
    found = compose(tmp_path, of(), Wish(period=parse_period("2026-01-05..2026-02-10")))
    assert found.stem == "2026-06-30_2026-01-05_to_2026-02-10"
    assert found.key == "own:2026-01-05..2026-02-10"
    assert compose(tmp_path, of(), Wish(period=parse_period("last_7_days"))).stem == "2026-06-30"


def test_figures_are_compared_with_what_the_directive_says_or_what_is_asked(tmp_path: Path) -> None:
    stock = Stock()
    for day in ("2026-06-25", "2026-06-26", "2026-06-20"):
        stock.meeting("a@x.com", f"{day} 09:00")
    found = compose(tmp_path, of(compare="previous"), stock=stock)
    assert "compared with the period before, 2026-06-17 to 2026-06-23." in found.text
    assert "- x: 2 (before: 1, +100 %)" in found.text
    assert found.facts["held"]["before"] == {"x": 1}
    assert "a year earlier, 2025-06-24" in compose(tmp_path, of(compare="previous"), Wish(compare="yoy"), stock).text
    assert "before" not in compose(tmp_path, of(), stock=stock).text


def test_sections_about_something_can_be_left_out(tmp_path: Path) -> None:
    assert "## aims" in compose(tmp_path, of()).text
    assert "## aims" not in compose(tmp_path, of(), Wish(without=("goals",))).text


def test_a_template_of_its_own_composes_a_report(tmp_path: Path) -> None:
    path = tmp_path / "reporting" / "team" / "own.md.j2"
    path.parent.mkdir(parents=True)
    path.write_text("# {{ title }}\n{{ show('held') }}\nThat is {{ period }}.\n")
    assert compose(tmp_path, of(title="<b>")).text == (
        "# &lt;b&gt;\n## Calls\n\n- x: 0\n\nThat is 2026-06-24 to 2026-06-30.\n"
    )
    path.write_text("{{ show('hold') }}")
    with pytest.raises(UsageError, match="no section 'hold'") as caught:
        compose(tmp_path, of())
    assert caught.value.hint == "did you mean 'held'?"


def test_a_report_is_written_once_with_its_facts_beside(tmp_path: Path) -> None:
    workspace, report = Workspace(tmp_path), of(area="personal")
    written = reports.write(workspace, compose(tmp_path, report, Wish("ann")), ("md", "json"))
    folder = tmp_path / "reporting" / "output" / "own" / "ann"
    assert (written.path, written.others) == (folder / "2026-06-30.md", (folder / "2026-06-30.json",))
    told = json.loads(written.others[0].read_text())
    assert (told["user"], told["period"]["begin"]) == ("ann", "2026-06-24T00:00:00+00:00")
    assert told["sections"]["held"] == {"rows": [{"x": 0}], "total": 1}
    before = [file.stat().st_mtime_ns for file in (written.path, *written.others)]
    again = reports.write(workspace, compose(tmp_path, report, Wish("ann")), ("md", "json"))
    assert [file.stat().st_mtime_ns for file in (again.path, *again.others)] == before
