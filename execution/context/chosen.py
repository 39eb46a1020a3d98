"""Who gets a brief: the accounts that the settings' `briefs` name by segment.

An account is chosen where it is in one of these segments itself, or somebody of it is. Who is in a segment is read as
it was last worked out.
"""

from execution.directives import Program
from execution.directives.facts import Step
from execution.directives.model import EVERYBODY, Segment
from execution.engine import ident, literal
from execution.errors import UsageError
from execution.measures import Stored


def relations(program: Program, stored: Stored) -> list[str]:
    """CTEs `chosen_people`, of e-mails, and `chosen_companies`, of domains; they stand after `customers`.

    Raises UsageError where a segment was not worked out yet: who is in it is not known, and nobody is no answer.
    """
    people, companies = ["SELECT NULL AS email WHERE false"], ["SELECT NULL AS domain WHERE false"]
    for name in program.settings.briefs if stored.columns("core.customers") else ():
        if name == EVERYBODY:
            people.append("SELECT email FROM customers")
            continue
        segment = program.segments[name.partition(".")[0]]
        selects = people if segment.entity == "customers" else companies
        selects.append(_members(program, stored, segment, name.partition(".")[2]))
    both = {"chosen_people": people, "chosen_companies": companies}
    return [f"{name} AS ({' UNION ALL '.join(selects)})" for name, selects in both.items()]


def _members(program: Program, stored: Stored, segment: Segment, group: str) -> str:
    table = f"derived.{Step('segment', segment.name).table}"
    if not stored.columns(table):
        raise UsageError(
            f"briefs go by the segment {segment.name}, and who is in it was not worked out yet",
            hint="run `gtm score`",
            where=program.settings.path,
            code="E235",
        )
    place = ident(segment.name)
    condition = f"{place} = {literal(group)}" if group else f"{place} IS NOT NULL" if segment.groups else place
    return f"SELECT {ident(program.entities[segment.entity].key)} FROM {table} WHERE {condition}"
