"""The columns that a template may ask of a row, with what each means: those of the data model, measures and scores."""

from collections.abc import Mapping

from execution.directives import Program
from execution.directives.schema import entity_columns
from execution.drafts.fields import Column

COMPANIES, PEOPLE, DEALS, EVENTS = "companies", "customers", "deals", "events"

NEEDED: Mapping[str, Mapping[str, str]] = {
    COMPANIES: {"domain": "text", "name": "text"},
    PEOPLE: {
        "email": "text", "name": "text", "company_domain": "text", "mrr": "decimal", "last_seen_at": "timestamp",
    },
    DEALS: {
        "source": "text", "deal_id": "text", "email": "text", "company_domain": "text", "status": "text",
        "amount": "decimal",
    },
    EVENTS: {
        "source": "text", "source_id": "text", "email": "text", "kind": "text", "status": "text",
        "occurred_at": "timestamp",
    },
}  # fmt: skip
"""The columns that rows are found and ordered by; a workspace whose data model lacks one has it as unknown."""


def columns(program: Program, entity: str) -> dict[str, Column]:
    """Every column that a row of an entity has, with its meaning and unit."""
    directive = program.entities.get(entity)
    if directive is None:
        return {name: Column(name.replace("_", " ")) for name in NEEDED[entity]}
    about = [each for each in program.measures.values() if each.entity == entity]
    measured = {name: each for of in about for name, each in of.measures.items()}
    placed = {name: each.meaning for name, each in program.segments.items() if each.entity == entity}
    found: dict[str, Column] = {}
    for name in (*entity_columns(directive), *directive.columns, *program.facts(entity)):
        told = directive.columns.get(name) or measured.get(name)
        meaning = (told.meaning if told is not None else "") or placed.get(name) or name.replace("_", " ")
        found[name] = Column(meaning, (told.unit or "") if told is not None else "")
    return found
