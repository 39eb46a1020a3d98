"""What customers said or wrote, as their entities keep it: one relation, a row for each text."""

from collections.abc import Mapping
from hashlib import sha256

from execution.directives import Program
from execution.directives.model import Entity
from execution.engine import ident, literal
from execution.measures.stored import Stored, key_columns
from execution.segments.history import key_sql

PARAGRAPH = "\u2029"
"""What stands between the columns of one text: no phrase reaches over it."""


def entities(program: Program, stored: Stored) -> Mapping[str, Entity]:
    """The entities with texts that the store has."""
    return {
        name: entity
        for name, entity in sorted(program.entities.items())
        if entity.texts is not None and stored.columns(f"core.{name}")
    }


def texts_select(entity: Entity, stored: Stored, *, with_text: bool = True) -> str:
    """SELECT of `text` (a number that another text of the same row does not have), `changed_at`, `key`, `who`,
    `said_at`, `source` and, if wanted, what was said: `said`.

    Numbering the texts does not read them where the store keeps a hash of the row. Of what the store has not got there
    is no text.
    """
    have, texts = stored.columns(f"core.{entity.name}"), entity.texts
    if texts is None or not {texts.who, texts.at} <= have.keys():
        return _NOTHING
    keys = key_columns(entity)
    columns = [ident(name) for name in texts.columns if name in have]
    told_apart = ["row_hash"] if "row_hash" in have else [texts.who, texts.at, *(n for n in texts.columns if n in have)]
    source = ident("source") if "source" in have else literal(entity.name)
    changed = next((name for name in ("changed_at", "updated_at") if name in have), None)
    selected = [
        f"hash({', '.join(map(ident, (*keys, *told_apart)))}) AS text",
        f"{ident(changed) if changed else 'NULL'}::TIMESTAMP AS changed_at",
        f"{key_sql(keys)} AS key",
        f"{ident(texts.who)}::VARCHAR AS who",
        f"{ident(texts.at)}::TIMESTAMP AS said_at",
        f"{source}::VARCHAR AS source",
    ]
    if with_text:
        said = ", ".join(f"{column}::VARCHAR" for column in columns)
        selected.append(f"concat_ws({literal(PARAGRAPH)}, {said or 'NULL'}) AS said")
    where = [f"{ident(texts.who)} IS NOT NULL", f"{ident(texts.at)} IS NOT NULL"]
    if texts.where is not None:
        where.append(f"(\n{texts.where}\n)")
    return f"SELECT {', '.join(selected)} FROM {ident('core', entity.name)} WHERE {' AND '.join(where)}"


_NOTHING = (
    "SELECT NULL::UBIGINT AS text, NULL::TIMESTAMP AS changed_at, NULL::VARCHAR AS key, NULL::VARCHAR AS who, "
    "NULL::TIMESTAMP AS said_at, NULL::VARCHAR AS source, NULL::VARCHAR AS said WHERE false"
)


def fingerprint(entity: Entity, stored: Stored) -> str:
    """What numbering and reading an entity's texts depends on beside its rows."""
    texts = entity.texts.model_dump_json() if entity.texts is not None else ""
    has_hash = "row_hash" in stored.columns(f"core.{entity.name}")
    return sha256(f"{texts}\n{entity.key}\n{entity.rows}\n{has_hash}".encode()).hexdigest()[:16]


def made_from(program: Program, entity: Entity, state: Mapping[str, str]) -> str | None:
    """What the entity's rows were made from, by the state of the store's steps: while it is the same so are they. None
    where that is not known, as of rows that no sync has put there."""
    steps = [f"project {name}" for name, source in sorted(program.sources.items()) if source.sql(entity.name)]
    known = [f"{step}={state[step]}" for step in (*steps, f"unify {entity.name}") if step in state]
    return sha256("\n".join(known).encode()).hexdigest()[:16] if known else None
