"""Schedules: the times they name, and the reports they write."""

import re
from collections.abc import Iterator

from execution.directives.catalogue import Catalogue
from execution.directives.model import Schedule
from execution.directives.problems import closest, suggest
from execution.errors import Problem

_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    ("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_PART = re.compile(r"(\*|(?P<first>\w+)(-(?P<last>\w+))?)(/(?P<step>\d{1,4}))?")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with each schedule."""
    for document, schedule in catalogue.of(Schedule):
        if wrong := cron_problem(schedule.at):
            hint = "write minute, hour, day, month, weekday, as in 0 6 * * 1-5 for weekdays at 06:00"
            yield document.problem("E138", wrong, hint, "at", value=True)
        for number, name in enumerate(schedule.reports):
            if name not in catalogue.names("report"):
                hint = suggest(name, catalogue.names("report"))
                yield document.problem("E131", f"there is no report '{name}'", hint, "reports", number, value=True)
        if schedule.reports and "report" not in schedule.steps:
            yield document.problem(
                "E138", "reports are named and no step writes them", "add report to steps", "reports"
            )


def cron_problem(expression: str) -> str:
    """What is wrong with a five-field cron expression; nothing where it names times that come."""
    fields = expression.split()
    if len(fields) != len(_FIELDS):
        return f"'{expression}' has {len(fields)} fields, a time has five"
    for text, (name, least, most, words) in zip(fields, _FIELDS, strict=True):
        for part in text.split(","):
            if wrong := _part_problem(part, least, most, words):
                return f"{name} '{text}': {wrong}"
    return _never(fields)


def _part_problem(part: str, least: int, most: int, words: tuple[str, ...]) -> str:
    match = _PART.fullmatch(part)
    if not match:
        return f"'{part}' is not *, a number, a range or a step"
    if match["step"] is not None and not 1 <= int(match["step"]) <= most:
        return f"a step of {match['step']} is not 1 to {most}"
    numbers = [_number(word, words) for word in (match["first"], match["last"]) if word]
    for word, number in zip((match["first"], match["last"]), numbers, strict=False):
        if number is None or not least <= number <= most:
            meant = closest(word, words) if number is None else None
            return f"'{word}' is not {least} to {most}" + (f"; did you mean {meant}?" if meant else "")
    if len(numbers) == 2 and (numbers[0] or 0) > (numbers[1] or 0):
        return f"'{part}' ends before it begins"
    return ""


def _number(word: str, words: tuple[str, ...]) -> int | None:
    if word.lower() in words:
        return words.index(word.lower()) + (1 if len(words) == 12 else 0)
    return int(word) if word.isdecimal() and len(word) < 5 else None


def _never(fields: list[str]) -> str:
    """A day that none of the months has, as 30 February."""
    day, month, weekday = fields[2], fields[3], fields[4]
    if weekday == "*" and day.isdecimal() and re.fullmatch(r"[\d,]+", month):
        longest = max(_LONGEST[int(number) - 1] for number in month.split(","))
        if int(day) > longest:
            return f"day {day} of month {month} never comes"
    return ""
