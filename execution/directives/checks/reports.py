"""Reports, their sections and goals: whether what they name is there, and a section's SQL gives what it shows."""

import re
from collections.abc import Iterable, Iterator, Mapping

from execution.directives import messages
from execution.directives.catalogue import Catalogue
from execution.directives.document import Document, PlacedBlock
from execution.directives.model import Goals, Report, Section, Team
from execution.directives.model.section import TARGET
from execution.directives.problems import suggest
from execution.directives.schema import ASKED, BUILT_IN_SECTIONS, PICTURED
from execution.directives.sql.checking import Checked, Checker
from execution.directives.sql.flaw import Scope
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

_NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL|DOUBLE|FLOAT)\b")
_TIME = re.compile(r"TIMESTAMP|DATE")
_FITS: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(("count", "number", "money", "points", "percent", "share", "days", "attainment"), _NUMBER),
    **dict.fromkeys(("day", "moment", "clock"), _TIME),
    "yes_no": re.compile("BOOLEAN"),
    **dict.fromkeys(("band", "user", "file"), re.compile("VARCHAR")),
}
"""As what a column is written → the types that can be; any may be text."""

_OF_TODAY = "measures, scores and segments are of today, and compares: true asks for the past"
_HINTS = {_NUMBER: "write it as a number", _TIME: "write it as a day or a moment"}


def problems(catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    """Everything wrong with the sections, the reports and the goals."""
    for document, section in catalogue.of(Section):
        yield from _of_section(document, section, catalogue, checker)
    for document, report in catalogue.of(Report):
        yield from _of_report(document, report, catalogue)
    for document, goals in catalogue.of(Goals):
        yield from _of_goals(document, goals, catalogue)


# --- sections -----------------------------------------------------------------------------------


def _of_section(document: Document, section: Section, catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    if section.name in BUILT_IN_SECTIONS:
        yield document.problem(
            "E130", f"'{section.name}' is a section of gtm's own", "name it otherwise", "name", value=True
        )
    if section.block is None:
        message = f"a section without a sql {TARGET} block"
        yield document.problem("E193", message, f"add ```sql {TARGET} with a SELECT", "columns")
    seen: PlacedBlock | None = None
    for placed in document.blocks:
        if placed.block.target != TARGET:
            yield placed.problem("E121", f"'{placed.block.target}' is no target in a section", f"write ```sql {TARGET}")
        elif seen is not None:
            hint = f"the first begins on line {seen.block.line - 1}"
            yield placed.problem("E122", f"a second block for '{TARGET}'", hint)
        else:
            seen = placed
            yield from _of_block(document, section, placed, scope_of(section, catalogue), checker)


def scope_of(section: Section, catalogue: Catalogue) -> Scope:
    """What a section's SQL sees. One that compares sees no measure, score or segment: they are of today."""
    tables = catalogue.reported(with_derived=not section.compares)
    unknown = () if catalogue.knows_all() else (name for name in tables if name in catalogue.names("entity"))
    broken = catalogue.broken_tables() | {*(unknown if not section.compares else ())}
    keys = frozenset({"alert", "task", "user"})
    about = "compared sections" if section.compares else "sections"
    return Scope(about, tables, as_of=True, unique=keys, broken=broken, asked=frozenset(ASKED))


def _of_block(
    document: Document, section: Section, placed: PlacedBlock, scope: Scope, checker: Checker
) -> Iterator[Problem]:
    checked = checker.query(placed.block.text, scope)
    for flaw in checked.flaws:
        hint = flaw.hint
        if section.compares and flaw.code == "E147":
            hint = "; ".join(part for part in (hint, _OF_TODAY) if part)
        yield placed.problem(flaw.code, flaw.message, hint, at=flaw.at or 0)
    if checked.columns:
        yield from _named(document, section, checked)
        yield from _said(document, section, checked)
        yield from _types(document, section, checked)


def _named(document: Document, section: Section, checked: Checked) -> Iterator[Problem]:
    """Columns that are named somewhere and are none of those that the SELECT gives."""
    named: list[tuple[KeyPath, str, bool]] = [(("columns", name), name, False) for name in section.columns]
    named += [
        (("columns", name, "currency"), shown.currency, True)
        for name, shown in section.columns.items()
        if shown.currency is not None
    ]
    named += [(("order", n), word.split(" ")[0], True) for n, word in enumerate(section.order)]
    named += [(("total", n), name, True) for n, name in enumerate(section.total)]
    if section.picture is not None:
        named += [(("picture", "columns", part), name, True) for part, name in section.picture.columns.items()]
    for path, name, is_value in named:
        if name not in checked.columns:
            hint = suggest(name, checked.columns)
            yield document.problem("E193", f"the SELECT gives no column '{name}'", hint, *path, value=is_value)
    if section.picture is not None:
        parts = PICTURED[section.picture.kind]
        for part in section.picture.columns:
            if part not in parts:
                hint = suggest(part, parts)
                yield document.problem("E193", f"a picture of {section.picture.kind} has no '{part}'", hint,
                                       "picture", "columns", part)  # fmt: skip
        lacking = [part for part, is_needed in parts.items() if is_needed and part not in section.picture.columns]
        if lacking:
            message = f"a picture of {section.picture.kind} needs {', '.join(lacking)}"
            yield document.problem("E193", message, "say which column each is", "picture", "columns")


def _said(document: Document, section: Section, checked: Checked) -> Iterator[Problem]:
    """The sentences of a list: what they name, and whether they can be read."""
    for key in ("line", "why", "do"):
        text: str | None = getattr(section, key)
        if text is None:
            continue
        message = messages.parse(text)
        for stray in message.stray:
            yield document.inside("E193", stray.message, stray.hint, (key,), stray.at)
        for each in message.names:
            if each.name not in checked.columns:
                hint = suggest(each.name, checked.columns)
                yield document.inside("E193", f"the SELECT gives no column '{each.name}'", hint, (key,), each.at)
            elif each.name not in section.columns:
                hint = f"add {each.name}: under columns, with as: where it is no text"
                yield document.inside("E193", f"nothing says how '{each.name}' is read", hint, (key,), each.at)


def _types(document: Document, section: Section, checked: Checked) -> Iterator[Problem]:
    for name, shown in section.columns.items():
        kind, wanted = checked.columns.get(name), _FITS.get(shown.written)
        if kind is not None and wanted is not None and kind != '"NULL"' and not wanted.match(kind):
            path = ("columns", name, "as") if ("columns", name, "as") in document.marks else ("columns", name)
            hint = _HINTS.get(wanted, "leave as: out to show it as text")
            yield document.problem("E194", f"'{name}' is {kind}, and cannot be read as {shown.written}", hint, *path,
                                   value=True)  # fmt: skip
    for number, name in enumerate(section.total):
        if name in checked.columns and not _NUMBER.match(checked.columns[name]):
            message = f"'{name}' is {checked.columns[name]}, of which there is no sum"
            yield document.problem("E194", message, "", "total", number, value=True)


# --- reports and goals ----------------------------------------------------------------------------


def _of_report(document: Document, report: Report, catalogue: Catalogue) -> Iterator[Problem]:
    known = {*catalogue.names("section"), *BUILT_IN_SECTIONS}
    for number, name in enumerate(report.sections):
        if name not in known:
            hint = suggest(name, known)
            yield document.problem("E131", f"there is no section '{name}'", hint, "sections", number, value=True)
    if report.roles and report.area != "personal":
        hint = "write area: personal"
        yield document.problem("E195", "only a personal report is one of each of these roles", hint, "roles")
    yield from _roles(document, report.roles, ("roles",), catalogue)


def _roles(document: Document, roles: Iterable[str], at: KeyPath, catalogue: Catalogue) -> Iterator[Problem]:
    """Roles that nobody of the team has. A team that cannot be read may have them."""
    teams = list(catalogue.of(Team))
    if catalogue.names("team") and not teams:
        return
    known = {person.role for _, team in teams for person in team.people.values() if person.role}
    for number, role in enumerate(roles):
        if role not in known:
            path = next((path for path in ((*at, role), (*at, number)) if path in document.marks), at)
            hint = suggest(role, known, otherwise="say it of somebody in directives/team.md")
            is_key = path[-1] == role
            yield document.problem("E195", f"nobody of the team is '{role}'", hint, *path, value=not is_key)


def _of_goals(document: Document, goals: Goals, catalogue: Catalogue) -> Iterator[Problem]:
    people = {name for _, team in catalogue.of(Team) for name in team.people}
    yield from _roles(document, goals.roles, ("roles",), catalogue)
    for name in goals.people if people else ():
        if name not in people:
            hint = suggest(name, people)
            yield document.problem("E131", f"there is nobody '{name}' in the team", hint, "people", name)
    for part, targets in (("roles", goals.roles), ("people", goals.people)):
        for who, every in targets.items():
            for unit, aims in every.items():
                for goal in aims:
                    if goal not in goals.goals:
                        hint = suggest(goal, goals.goals)
                        yield document.problem("E131", f"there is no goal '{goal}'", hint, part, who, unit, goal)
