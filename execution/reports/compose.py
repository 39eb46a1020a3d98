"""A report: the facts of its sections, put together by its template as Markdown, with its pictures."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from execution import engine
from execution.actions.people import Directory
from execution.context import templates, wording
from execution.directives import Program
from execution.directives.model import Compare, Period, Report, Section, Span
from execution.directives.model.section import Picture
from execution.directives.problems import suggest
from execution.directives.schema import PICTURED
from execution.errors import UsageError
from execution.files.managed import AS_OF
from execution.files.quoting import Markdown, inline
from execution.measures import Stored
from execution.reports import rows
from execution.reports.built_in import SECTIONS
from execution.reports.kept import Kept
from execution.reports.rows import Answer
from execution.reports.scene import Scene
from execution.reports.shown import Ways, markdown, told, without
from execution.workspace import OUTPUT, Workspace

DEFAULT = "reporting/report.md.j2"
"""What composes a report that has no template of its own."""

_BEFORE: Mapping[Compare, str] = {
    "previous": "the period before", "yoy": "a year earlier", "qoq": "a quarter earlier",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks of a report: whose it is to be, another period or comparison than its directive says, and
    what it is to be about no section of (`about` of sections)."""

    user: str | None = None
    period: Period | None = None
    compare: Compare | None = None
    without: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished report. `key` tells it from others of its day, `stem` is the name of its files without an end and
    `folder` where they are, from the workspace; `pictures` are SVG by the path that its Markdown names, `facts` what
    its sections are made of."""

    name: str
    title: str
    key: str
    stem: str
    user: str | None
    span: Span
    as_of: datetime
    text: str
    folder: str
    pictures: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def compose(
    con: engine.Connection,
    program: Program,
    workspace: Workspace,
    name: str,
    as_of: datetime,
    wish: Wish | None = None,
    kept: Kept | None = None,
) -> Composed:
    """The report by name as of a moment. `con` reads the store; the same store, moment and wish give the same text.
    What is `kept` serves several reports from one state of the store.

    The template is `reporting/<area>/<name>.md.j2`, or the default one. Raises UsageError for an unknown report or
    person, a personal report of nobody, and where a template or a section does not hold.
    """
    wish = wish or Wish()
    report = _known(program, name)
    user = _user(program, report, wish.user, as_of)
    zone = ZoneInfo(program.settings.time_zone)
    period = wish.period or report.period
    span = period.span(as_of, zone, program.settings.fiscal_year_starts)
    scene = Scene(con, program, workspace, report, as_of, span, Stored.read(con), user, kept or Kept())
    stem = as_of.astimezone(zone).date().isoformat()
    stem += f"_{period.text.replace('..', '_to_')}" if wish.period and wish.period != report.period else ""
    page = _Page(scene, wish, stem)
    path = templates.find_or(workspace, f"reporting/*/{name}.md.j2", DEFAULT)
    sections = [each for each in report.sections if not _is_left_out(program, each, wish.without)]
    text = templates.render(templates.load(path), path, page.values(sections))
    key = name + "".join(
        f"{sign}{word}" for sign, word in (("/", user), (":", wish.period.text if wish.period else None)) if word
    )
    to = folder(report, user)
    return Composed(name, page.title, key, stem, user, span, as_of, text, to, page.pictures, page.facts)


def _known(program: Program, name: str) -> Report:
    report = program.reports.get(name)
    if report is None:
        hint = suggest(name, program.reports, otherwise="none is declared in directives/reports/")
        raise UsageError(f"there is no report {name!r}", hint=hint, code="E212")
    return report


def _user(program: Program, report: Report, given: str | None, as_of: datetime) -> str | None:
    """The person whose report it is. A report of the team may be asked for one of them too."""
    people = program.team.people if program.team else {}
    if given is None:
        if report.area != "personal":
            return None
        raise UsageError(
            f"{report.name} is a report of one person",
            hint=f"name them: --user, one of {', '.join(readers(program, report, as_of)) or ', '.join(people)}",
            where=report.path,
            code="E291",
        )
    known = Directory(program.team, program.routing, program.settings.time_zone).known
    found = known(given) or known(given.replace(".", "_"))
    if found is None:
        hint = suggest(given, people, otherwise="directives/team.md has nobody yet")
        raise UsageError(f"the team has nobody called {given!r}", hint=hint, code="E291")
    return found


def readers(program: Program, report: Report, as_of: datetime) -> list[str]:
    """The people of the roles whose report a personal one is, those who have left aside."""
    directory = Directory(program.team, program.routing, program.settings.time_zone)
    people = program.team.people.items() if program.team else ()
    return [name for name, each in people if each.role in report.roles and not directory.has_left(name, as_of)]


def folder(report: Report, user: str | None) -> str:
    """Where a report is written, from the workspace: below its own folder or that of all reports, by person."""
    below = report.folder or f"{OUTPUT}/{report.name}"
    return f"{below}/{user}" if user else below


def _is_left_out(program: Program, name: str, without: Collection[str]) -> bool:
    section = program.sections.get(name)
    return section is not None and section.about is not None and section.about in without


class _Page:
    """A report while it is put together: every section is worked out once, where its template shows it."""

    def __init__(self, scene: Scene, wish: Wish, stem: str) -> None:
        settings, compare = scene.program.settings, wish.compare or scene.report.compare
        self._scene = scene
        self._without = wish.without
        self._compare = compare
        self._before = scene.before(compare) if compare else None
        self._place = wording.Place(ZoneInfo(settings.time_zone), settings.base_currency, scene.as_of)
        to = folder(scene.report, scene.user)
        self._ways = Ways(self._place, scene.program.team, scene.program.goals, to)
        self._stem = stem
        self.pictures: dict[str, str] = {}
        self.facts: dict[str, Any] = {}

    @property
    def title(self) -> str:
        report = self._scene.report
        title, user = report.title or report.name, self._scene.user
        people = self._scene.program.team.people if self._scene.program.team else {}
        return f"{title}: {people[user].name}" if user in people else title

    def values(self, sections: Collection[str]) -> dict[str, Any]:
        """Everything a report's template names."""
        span = self._scene.span
        return {
            "title": self.title,
            "audience": self._scene.report.audience,
            "as_of": Markdown(f"{AS_OF}{wording.moment(self._place, self._scene.as_of)}."),
            "period": Markdown(span.label),
            "compared": Markdown(f"{_BEFORE[self._compare]}, {self._before.span.label}")
            if self._compare and self._before else None,
            "sections": list(sections),
            "show": self.show,
            "told": self.told,
            "limit": self._scene.report.limit,
            **self._writing(),
        }  # fmt: skip

    def show(self, name: str, title: str | None = None, number: int | None = None) -> Markdown:
        """A section, whole, as Markdown; one of a directive under another title where the template says so, and with a
        number before it."""
        section = self._scene.program.sections.get(name)
        if section is None:
            return self._built_in(name)
        heading = title or section.title or section.name.replace("_", " ")
        section = section.model_copy(update={"title": f"{number}. {heading}" if number else heading})
        answer = self._answer(section)
        return Markdown(markdown(without(section, self._without), answer, self._ways, self._picture(section)))

    def told(self, name: str, limit: int | None = None) -> list[dict[str, Markdown | None]]:
        """The rows of a section of a directive, `limit` at most, written as people read them; none of one that is left
        out."""
        section = self._scene.program.sections.get(name)
        if section is None:
            raise self._unknown(name)
        if section.about in self._without:
            return []
        section = section.model_copy(update={"limit": limit or section.limit})
        return told(section, self._answer(section), self._ways)

    def _answer(self, section: Section) -> Answer:
        answer = rows.answer(self._scene, section, self._before)
        self.facts[section.name] = _plain(answer)
        return answer

    def _unknown(self, name: str) -> UsageError:
        hint = suggest(name, {*SECTIONS, *self._scene.program.sections})
        return UsageError(f"there is no section {name!r}", hint=hint, where=self._scene.report.path, code="E228")

    def _built_in(self, name: str) -> Markdown:
        if name not in SECTIONS:
            raise self._unknown(name)
        facts = SECTIONS[name](self._scene)
        self.facts[name] = facts
        path = templates.find(self._scene.workspace, f"reporting/sections/{name}.md.j2")
        values = {
            "facts": facts,
            "limit": self._scene.report.limit,
            "draw": partial(self._drawn, name),
            **self._writing(),
        }
        return Markdown(templates.render(templates.load(path), path, values))

    def _picture(self, section: Section) -> str:
        picture = section.picture
        if picture is None:
            return ""
        given = [
            {part: row.get(picture.columns.get(part, "")) for part in PICTURED[picture.kind]}
            for row in rows.read(self._scene, section)
        ]
        if not given:
            return ""
        title = picture.title or section.title or section.name
        return self._drawn(section.name, picture.kind, given, title, picture.unit or self._currency(section, picture))

    def _currency(self, section: Section, picture: Picture) -> str:
        """The base currency, where a picture is of money in it."""
        drawn = (section.columns.get(picture.columns.get(part, "")) for part in ("amount", "value"))
        in_base = any(shown and shown.written == "money" and shown.currency is None for shown in drawn)
        return self._place.currency if in_base else ""

    def _drawn(self, name: str, kind: str, given: list[dict[str, Any]], title: str, unit: str = "") -> Markdown:
        """A picture of rows, kept with the report; the Markdown that shows it."""
        from execution.charts import draw

        path = PurePosixPath(self._stem, f"{name}.svg").as_posix()
        self.pictures[path] = draw(kind, given, title=title, unit=unit)
        return Markdown(f"![{inline(title)}]({path})")

    def _writing(self) -> dict[str, Any]:
        """The ways to write a figure."""
        place = self._place
        return {
            "day": lambda at: wording.day(place, at),
            "moment": lambda at: wording.moment(place, at),
            "clock": lambda at: Markdown(wording.moment(place, at).split(" ")[1]),
            "money": lambda amount, currency=place.currency: wording.money(amount, currency),
            "known_of": wording.known_of,
            "more": wording.more,
            "number": lambda value: None if value is None else Markdown(f"{value:,.1f}".removesuffix(".0")),
            "points": lambda value: None if value is None else Markdown(wording.points(value)),
            "percent": lambda share: None if share is None else Markdown(f"{share:.0%}"),
        }


def _plain(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = {"rows": [dict(row) for row in answer.rows], "total": answer.total}
    if answer.sums:
        found["sums"] = dict(answer.sums)
    if answer.before is not None:
        found["before"] = dict(answer.before)
    return found


def as_json(composed: Composed) -> str:
    """The report's facts as JSON: numbers as numbers, times as ISO text, what is not known as null."""
    told = {
        "report": composed.name,
        "title": composed.title,
        "user": composed.user,
        "as_of": composed.as_of.isoformat(),
        "period": {"begin": composed.span.begin.isoformat(), "end": composed.span.end.isoformat()},
        "sections": composed.facts,
    }
    return json.dumps(told, default=_jsonable, ensure_ascii=False, indent=2) + "\n"


def _jsonable(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return getattr(value, "__dict__", None) or str(value)
