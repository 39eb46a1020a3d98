"""Render a report, and keep it in `reporting/output/<name>/<date>.md`."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from execution import engine
from execution.context import compact, templates
from execution.directives import Program
from execution.errors import Problem, UsageError
from execution.files import managed, writing
from execution.files.managed import AS_OF
from execution.files.quoting import Markdown
from execution.measures import Stored
from execution.reports.facts import SECTIONS, Scene, gather
from execution.workspace import Workspace


def render(con: engine.Connection, program: Program, workspace: Workspace, name: str, as_of: datetime) -> str:
    """The report as Markdown. `con` reads the store; the same store and moment give the same text.

    The template is `reporting/<area>/<name>.md.j2`. Raises UsageError for an unknown report or section, and where the
    template does not hold.
    """
    report = program.reports.get(name)
    if report is None:
        there = ", ".join(sorted(program.reports)) or "none"
        raise UsageError(f"there is no report {name!r}", hint=f"there are: {there}", code="E212")
    unknown = [section for section in report.sections if section not in SECTIONS]
    if unknown:
        hint = f"sections are: {', '.join(SECTIONS)}"
        raise UsageError(f"there is no section {unknown[0]!r}", hint=hint, where=report.path, code="E228")
    path = templates.find(workspace, f"reporting/*/{name}.md.j2")
    scene = Scene(con, program, report, as_of, Stored.read(con))
    place = compact.Place(ZoneInfo(program.settings.time_zone), program.settings.base_currency, as_of)
    return templates.render(templates.load(path), path, _values(scene, place))


def _values(scene: Scene, place: compact.Place) -> dict[str, Any]:
    """Everything a report's template names: the facts by section, and the ways to write a figure."""
    return {
        "title": scene.report.title or scene.report.name,
        "audience": scene.report.audience,
        "as_of": Markdown(f"{AS_OF}{compact.moment(place, scene.as_of)}."),
        "sections": gather(scene, scene.report.sections),
        "limit": scene.report.limit,
        "day": lambda at: compact.day(place, at),
        "moment": lambda at: compact.moment(place, at),
        "clock": lambda at: Markdown(compact.moment(place, at).split(" ")[1]),
        "money": lambda amount, currency=place.currency: compact.money(amount, currency),
        "known_of": compact.known_of,
        "more": compact.more,
        "points": lambda value: None if value is None else Markdown(compact.points(value)),
        "percent": lambda share: None if share is None else Markdown(f"{share:.0%}"),
    }


def write(con: engine.Connection, program: Program, workspace: Workspace, name: str, as_of: datetime) -> Path:
    """Write the report of the day of `as_of`, in the team's zone; where its text now is.

    That is the day's file, or the one beside it where somebody edited the day's. Raises UsageError where the file's
    markers are broken.
    """
    text = render(con, program, workspace, name, as_of)
    date = as_of.astimezone(ZoneInfo(program.settings.time_zone)).date().isoformat()
    path = workspace.report_output / name / f"{date}.md"
    result = writing.write_block(
        workspace.root, path, writing.Block("report", name, managed.hash_of(text), lambda: text)
    )
    if not isinstance(result, Problem):
        return path
    if result.code == writing.EDITED:
        return path.with_name(f"{path.stem}.generated.md")
    raise UsageError(result.message, hint=result.hint, where=f"{result.path}:{result.line}", code=result.code)
