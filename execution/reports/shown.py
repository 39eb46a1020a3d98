"""A section as people read it: its rows as a table, a list or figures, in Markdown.

Whatever comes from outside is made harmless here; what the directive itself says is the team's own Markdown.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from execution.context import wording
from execution.directives import messages
from execution.directives.model import Goals, Section, Shown, Team
from execution.directives.model.section import As
from execution.files.quoting import Markdown, code, inline
from execution.reports.rows import Answer, Row

_RIGHT = frozenset({"count", "number", "money", "points", "percent", "share", "days", "attainment"})
_SUMMED = frozenset({"count", "number", "money", "days"})
_UNKNOWN = inline(None)


@dataclass(frozen=True, slots=True)
class Ways:
    """What is needed to write a value: the place (zone, currency), who is who, and the marks of goals."""

    place: wording.Place
    team: Team | None = None
    goals: Goals | None = None
    folder: str = ""
    """Where the report is written, from the workspace: what its links to other files start from."""

    def write(self, value: object, shown: Shown, row: Row) -> Markdown | None:
        """A value as its column is read; None where it is not known."""
        if value is None:
            return None
        if shown.written == "money":
            currency = row.get(shown.currency) if shown.currency else self.place.currency
            return wording.money(_decimal(value), None if currency is None else str(currency))
        if shown.written == "file":
            return self.file(value, shown.title)
        return _WAYS[shown.written](self, value)

    def name(self, user: object) -> Markdown:
        """A person of the team by their full name; anybody else as they are written."""
        person = self.team.people.get(str(user)) if self.team else None
        return inline(person.name if person else user)

    def file(self, path: object, title: str) -> Markdown:
        """A link to a file of the workspace, under the column's title."""
        up = "../" * len(PurePosixPath(self.folder).parts)
        return Markdown(f"[{inline(title or path)}]({up}{quote(str(path))})")

    def reached(self, share: Decimal) -> Markdown:
        """A share of a goal in percent, with its mark."""
        marks = self.goals.marks if self.goals else {}
        mark = next((sign for floor, sign in sorted(marks.items(), reverse=True) if share >= floor), "")
        return Markdown(f"{share:.0f} %{' ' + inline(mark) if mark else ''}")


def without(section: Section, subjects: Collection[str]) -> Section:
    """The section without its columns about one of these subjects."""
    kept = {name: shown for name, shown in section.columns.items() if shown.about not in subjects}
    return section if len(kept) == len(section.columns) else section.model_copy(update={"columns": kept})


def markdown(section: Section, answer: Answer, ways: Ways, picture: str = "") -> str:
    """The section under its heading. `picture` is the Markdown that shows one, or nothing."""
    parts: list[str] = [f"## {section.title or section.name.replace('_', ' ')}", section.intro, picture]
    if not answer.rows:
        parts.append(section.empty)
    elif section.show == "table":
        parts.append(_table(section, answer, ways))
    elif section.show == "list":
        parts.append("\n".join(_item(section, row, ways, n) for n, row in enumerate(answer.rows, start=1)))
    else:
        parts.append(_figures(section, answer, ways))
    parts.append(str(wording.more(len(answer.rows), answer.total)).strip() if section.show != "figures" else "")
    return "\n\n".join(part for part in parts if part) + "\n"


def told(section: Section, answer: Answer, ways: Ways) -> list[dict[str, Markdown | None]]:
    """The rows for a template that says more than a section does: every column as people read it, None where it is not
    known and nothing stands for that, and the sentences of a list as `line`, `why` and `do`."""
    return [_told(section, row, ways) for row in answer.rows]


def _told(section: Section, row: Row, ways: Ways) -> dict[str, Markdown | None]:
    found: dict[str, Markdown | None] = {}
    for name, shown in section.columns.items():
        written = ways.write(row.get(name), shown, row)
        found[name] = Markdown(shown.null) if written is None and shown.null is not None else written
    for name, text in (("line", section.line), ("why", section.why), ("do", section.do)):
        if text is not None:
            found[name] = Markdown(sentence(text, section, row, ways))
    return found


# --- tables ---------------------------------------------------------------------------------------


def _table(section: Section, answer: Answer, ways: Ways) -> str:
    shown = section.columns
    lines: list[list[str]] = [
        [inline(each.title or name.replace("_", " ")) for name, each in shown.items()],
        ["---:" if each.written in _RIGHT else "---" for each in shown.values()],
        *([_cell(row, name, each, ways) for name, each in shown.items()] for row in answer.rows),
    ]
    if section.total:
        lines.append(_sums(section, answer, ways))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(row: Row, name: str, shown: Shown, ways: Ways) -> str:
    written = ways.write(row.get(name), shown, row)
    return written if written is not None else _lacking(shown)


def _lacking(shown: Shown) -> str:
    return _UNKNOWN if shown.null is None else shown.null


def _sums(section: Section, answer: Answer, ways: Ways) -> list[str]:
    """The line below a table: sums of all its rows, those that are not shown too."""
    cells: list[str] = []
    for name, shown in section.columns.items():
        if name in section.total:
            written = ways.write(answer.sums[name], shown, {})
            cells.append(f"**{written if written is not None else _lacking(shown)}**")
        else:
            cells.append("" if cells else "**all**")
    return cells


# --- lists ----------------------------------------------------------------------------------------


def _item(section: Section, row: Row, ways: Ways, number: int) -> str:
    lines = [f"{number}. {sentence(section.line or '', section, row, ways)}"]
    for label, text in (("Why", section.why), ("Do", section.do)):
        said = sentence(text, section, row, ways) if text else ""
        lines += [f"    - {label}: {said}"] if said.strip() else []
    return "\n".join(lines)


def sentence(text: str, section: Section, row: Row, ways: Ways) -> str:
    """A sentence of a directive with the row's values: what stands in brackets falls away where one is not known, and
    elsewhere that is said."""

    def value(name: str) -> str | None:
        shown = section.columns.get(name, Shown())
        written = ways.write(row.get(name), shown, row)
        return written if written is not None else shown.null

    said: list[str] = []
    for part in messages.parse(text).parts:
        if isinstance(part, messages.IfKnown):
            inner = [each if isinstance(each, str) else value(each.name) for each in part.parts]
            said += [] if None in inner else [str(each) for each in inner]
        else:
            said.append(part if isinstance(part, str) else value(part.name) or _UNKNOWN)
    return "".join(said)


# --- figures --------------------------------------------------------------------------------------


def _figures(section: Section, answer: Answer, ways: Ways) -> str:
    (row, *_) = answer.rows
    lines = []
    for name, shown in section.columns.items():
        title = inline(shown.title or name.replace("_", " "))
        said = _cell(row, name, shown, ways)
        if answer.before is not None:
            said += _against(row.get(name), answer.before, name, shown, ways)
        lines.append(f"- {title}: {said}")
    return "\n".join(lines)


def _against(now: object, before: Row, name: str, shown: Shown, ways: Ways) -> str:
    """What the figure was before, and by how much it changed."""
    then = before.get(name)
    if shown.written not in _RIGHT:
        return ""
    if then is None:
        return f" (before: {_lacking(shown)})"
    said = f" (before: {_cell(before, name, shown, ways)}"
    if now is None:
        return f"{said})"
    change = _decimal(now) - _decimal(then)
    if not change:
        return " (before: the same)"
    if shown.written in _SUMMED and _decimal(then):
        return f"{said}, {change / abs(_decimal(then)) * 100:+.0f} %)"
    if shown.written == "share":
        return f"{said}, {change * 100:+.0f} points)"
    return f"{said}, {change:+.1f})".replace(".0)", ")")


# --- values ---------------------------------------------------------------------------------------


def _decimal(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _count(value: object) -> Markdown:
    return Markdown(f"{_decimal(value):,.0f}")


def _number(value: object) -> Markdown:
    return Markdown(f"{_decimal(value):,.1f}".removesuffix(".0"))


def _days(value: object) -> Markdown:
    count = f"{_decimal(value):,.0f}"
    return Markdown(f"{count} day" if count == "1" else f"{count} days")


def _time(value: object) -> Any:  # noqa: ANN401 - a day or a moment
    return value if isinstance(value, date | datetime) else None


def _clock(ways: Ways, value: object) -> Markdown:
    at = _time(value)
    return Markdown(wording.moment(ways.place, at).split(" ")[1]) if isinstance(at, datetime) else inline(value)


_WAYS: Mapping[As, Callable[[Ways, Any], Markdown]] = {
    "text": lambda _, value: inline(value),
    "code": lambda _, value: code(value),
    "count": lambda _, value: _count(value),
    "number": lambda _, value: _number(value),
    "points": lambda _, value: Markdown(wording.points(_decimal(value))),
    "percent": lambda _, value: Markdown(f"{_decimal(value):.0f} %"),
    "share": lambda _, value: Markdown(f"{_decimal(value) * 100:.0f} %"),
    "day": lambda ways, value: wording.day(ways.place, _time(value)),
    "moment": lambda ways, value: wording.moment(ways.place, _time(value)),
    "clock": _clock,
    "band": lambda _, value: inline(str(value).replace("_", " ")),
    "days": lambda _, value: _days(value),
    "user": lambda ways, value: ways.name(value),
    "attainment": lambda ways, value: ways.reached(_decimal(value)),
    "yes_no": lambda _, value: Markdown("yes" if value else "no"),
}
