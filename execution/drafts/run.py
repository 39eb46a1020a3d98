"""Fill one template with what is known of an account: the text, what it rests on, and what is left to fill in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from execution.actions.people import Directory
from execution.context import templates
from execution.directives import Program
from execution.drafts import environment, facts
from execution.drafts.columns import COMPANIES, DEALS, EVENTS, NEEDED, PEOPLE, columns
from execution.drafts.fields import STORE, TEAM, Column, Field, Page, Row, Used, reference
from execution.drafts.kinds import Kind
from execution.errors import DirectiveError, UsageError
from execution.files.quoting import code, inline

if TYPE_CHECKING:
    from execution.drafts.facts import Known, Values

_PERSON = {"name": Column("Name"), "email": Column("Address")}
"""What is known of somebody of the team."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft: `text` is the whole file, `gaps` what a person has to fill in, `references` the facts it names."""

    kind: str
    account: str
    to: str | None
    as_of: datetime
    text: str
    gaps: tuple[str, ...]
    references: tuple[str, ...]


def draft(program: Program, kind: Kind, known: "Known", person: "Values", as_of: datetime) -> Draft:
    """A draft of a kind for an account; `person` is whom it is written to, empty where nobody is known there.

    Raises DirectiveError where the template does not hold, UsageError where it cannot be filled.
    """
    import jinja2

    if wrong := environment.of_kind(kind, program):
        raise DirectiveError(tuple(wrong))
    zone = ZoneInfo(program.settings.time_zone)
    page = Page(zone, program.settings.base_currency, kind.is_mail)
    try:
        body = environment.load(kind).render(_values(page, program, known, person, as_of))
    except (jinja2.TemplateError, TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        where = f"{kind.path}:{templates.line_of(error)}"
        raise UsageError(f"the draft cannot be made: {error}", where=where, hint="mend it", code="E256") from error
    named = _name(known)
    told = tuple(used for used in page.used if used.shown is not None)
    gaps = tuple(used for used in page.used if used.shown is None)
    return Draft(
        kind=kind.name,
        account=known.key,
        to=str(person["email"]) if person else None,
        as_of=as_of,
        text=_composed(_heading(kind, named, person, as_of.astimezone(zone)), _tidy(body), kind, told, gaps),
        gaps=tuple(used.label for used in gaps),
        references=tuple(dict.fromkeys(used.reference for used in told if used.is_stored and used.reference)),
    )


def _values(page: Page, program: Program, known: "Known", person: "Values", as_of: datetime) -> dict[str, object]:
    """Everything that a template may name."""
    known_columns = {entity: columns(program, entity) for entity in NEEDED}

    def row(entity: str, values: "Values") -> Row:
        at = reference(entity, str(values.get(facts.KEY, "")))
        return Row(page, values, known_columns[entity], None, at)

    def rows(entity: str, found: Sequence["Values"]) -> list[Row]:
        return [row(entity, values) for values in found]

    # Somebody without a company is an account alone; what only companies have is then not known.
    account = Row(page, known.account, known_columns[COMPANIES], None, reference(known.of, known.key))
    return environment.names(
        {
            "account": account,
            "person": row(PEOPLE, person),
            "people": rows(PEOPLE, known.people),
            "deals": rows(DEALS, known.deals),
            "happened": rows(EVENTS, known.happened),
            "coming": rows(EVENTS, known.coming),
        },
        {
            "gap": lambda what: Field(page, Used(str(what), None, None), None),
            "member": lambda word: _member(page, program, known, str(word), as_of),
            "today": Field(page, Used("Day", f"{as_of.astimezone(page.zone):%Y-%m-%d}", None), as_of),
        },
    )


def _member(page: Page, program: Program, known: "Known", word: str, as_of: datetime) -> Row:
    """Somebody of the team by a word of the routing, as `owner`; a group writes no mails."""
    team = Directory(program.team, program.routing, program.settings.time_zone)
    reached = team.reach(word, known.of, known.account, as_of)
    is_person = reached.name is not None and not reached.members
    values: Mapping[str, object] = {"name": reached.title, "email": reached.email} if is_person else {}
    labels = {name: Column(f"{column.label} of the {word}") for name, column in _PERSON.items()}
    return Row(page, values, labels, TEAM, None)


def _name(known: "Known") -> str:
    return str(known.account.get("name") or known.key)


# --- the file -------------------------------------------------------------------------------------------


def _heading(kind: Kind, account: str, person: "Values", as_of: datetime) -> list[str]:
    lines = [f"# {inline(kind.title)}: {inline(account)}", ""]
    if person:
        lines += [f"Contact: {inline(person.get('name'))}, {code(person['email'])}", ""]
    return [*lines, f"A draft, from facts as of {as_of:%Y-%m-%d %H:%M} {as_of.tzname()}. Nothing was sent.", ""]


def _composed(heading: list[str], body: str, kind: Kind, told: Sequence[Used], gaps: Sequence[Used]) -> str:
    """The whole file. A mail's text stands in a block that nothing in it can close, to be copied as it is."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", body)), default=0))
    lines = [*heading, *([f"{fence}text", body, fence] if kind.is_mail else [body]), ""]
    if gaps:
        lines += ["## To fill in before it goes out", "", *(f"- {_gap(used)}" for used in gaps), ""]
    if any(used.reference for used in told):
        lines += ["## What it rests on", "", *(_rests(used) for used in told if used.reference), ""]
    return "\n".join(lines)


def _gap(used: Used) -> str:
    """What is missing, and where it would be captured."""
    return f"{inline(used.label)} ({_place(used)})" if used.is_stored else inline(used.label)


def _rests(used: Used) -> str:
    """A fact with its reference; of an item of a list it is said where that list stands."""
    if not used.is_stored:
        return f"- {inline(used.label)}: {inline(used.shown)} (directives/team.md)"
    if used.is_part:
        return f"- {inline(used.label)}: {inline(used.shown)} (in {_place(used)})"
    return f"- {inline(used.label)}: [{inline(used.shown)}]({used.reference})"


def _place(used: Used) -> str:
    return code((used.reference or "").removeprefix(STORE))


def _tidy(text: str) -> str:
    """No blanks at ends of lines, no more than one empty line in a row."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip("\n")
