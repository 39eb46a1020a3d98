"""SQL blocks: where they aim, and whether what they yield is what may be written there."""

from collections import Counter
from collections.abc import Iterator, Mapping

from execution.directives.catalogue import Catalogue
from execution.directives.checks.steps import is_step, with_steps
from execution.directives.document import Document, PlacedBlock
from execution.directives.model import Directive, Entity, Measures, Outcome, Section, Source
from execution.directives.problems import closest, suggest
from execution.directives.schema import BUILT_IN, DUCKDB, is_derived, key_name, view_columns
from execution.directives.sql.checking import Checked, Checker
from execution.directives.sql.flaw import Scope
from execution.errors import Problem

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_FITS: dict[str, tuple[str, ...]] = {
    "VARCHAR": ("VARCHAR",),
    "UUID": ("UUID",),
    "BIGINT": _INTEGERS,
    "DECIMAL(18,4)": (*_INTEGERS, "DECIMAL"),
    "DOUBLE": (*_INTEGERS, "DECIMAL", "DOUBLE", "FLOAT"),
    "BOOLEAN": ("BOOLEAN",),
    "TIMESTAMP": ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"),
    "DATE": ("DATE",),
    "JSON": ("JSON", "STRUCT", "MAP"),
}
"""DuckDB type of a column → what fits it without losing anything."""


def problems(catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    """Everything wrong with the SQL blocks of all directives."""
    for entry in catalogue.entries:
        directive, document = entry.directive, entry.document
        if isinstance(directive, Source):
            yield from _of_source(document, directive, catalogue, checker)
        elif isinstance(directive, Measures):
            yield from _of_measures(document, directive, catalogue, checker)
        elif directive is not None and not isinstance(directive, Outcome | Entity | Section):
            yield from (_out_of_place(placed, directive) for placed in document.blocks)


def _out_of_place(placed: PlacedBlock, directive: Directive) -> Problem:
    hint = "sql blocks belong into sources, measures and sections; for SQL that is only shown write ```text"
    return placed.problem("E123", f"a {directive.kind} directive has no sql blocks", hint)


# --- sources ------------------------------------------------------------------------------------


def _of_source(document: Document, source: Source, catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    tables = {**BUILT_IN, **{name: view_columns(source, name) for name in source.streams}}
    keys = {own for stream in source.streams.values() if (own := key_name(stream))}
    scope = Scope(f"source {source.name}", tables, unique=frozenset({"key", *keys}))
    scope, problems = with_steps(document, scope, checker)
    yield from problems
    for placed in (placed for placed in document.blocks if not is_step(placed)):
        target = placed.block.target
        if target not in catalogue.names("entity"):
            hint = suggest(target, catalogue.names("entity"), otherwise="declare it in directives/data-model/")
            yield placed.problem("E121", f"there is no entity '{target}'", hint)
        elif target in seen:
            yield placed.problem("E122", f"a second block for '{target}'", f"the first begins on line {seen[target]}")
        seen.setdefault(target, placed.block.line - 1)
        checked = checker.query(placed.block.text, scope)
        yield from _flaws(placed, checked)
        entity = catalogue.entity(target)
        if entity is not None and checked.columns:
            given = catalogue.measured(target) if source.label is not None else {}
            yield from _yields(placed, checked, entity, source.name, given)
            alone = source.known_unless.get(target)
            if alone in entity.columns and alone not in checked.columns:
                hint = "known_unless names it: say of every row whether it counts though no other source has it"
                yield placed.problem("E135", f"'{alone}' is not selected", hint)


def _flaws(placed: PlacedBlock, checked: Checked) -> Iterator[Problem]:
    for flaw in checked.flaws:
        yield placed.problem(flaw.code, flaw.message, flaw.hint, at=flaw.at or 0)


def _yields(
    placed: PlacedBlock, checked: Checked, entity: Entity, source: str, measured: Mapping[str, str]
) -> Iterator[Problem]:
    """The columns of a projection against the entity's, and against the measures that it may give."""
    yield from _key(placed, checked, entity)
    for name, kind in checked.columns.items():
        at = checked.places.get(name)
        column = entity.columns.get(name)
        if ":" in name:
            plain = name.split(":", 1)[0]
            yield placed.problem("E135", f"'{plain}' is selected twice", "name one of them otherwise", at=at)
        elif name in measured:
            if wrong := misfit(kind, measured[name]):
                yield placed.problem("E136", f"'{name}' is {kind}, and measured as {measured[name]}", wrong, at=at)
        elif column is None:
            hint = suggest(name, entity.columns, otherwise=f"declare it in the directive of {entity.name}")
            yield placed.problem("E135", f"{entity.name} has no column '{name}'", hint, at=at)
        elif name != entity.key and is_derived(column.sources):
            hint = f"the {column.sources[0]} fill it; leave it out"
            yield placed.problem("E135", f"{source} may not write {entity.name}.{name}", hint, at=at)
        elif wrong := misfit(kind, DUCKDB[column.type]):
            yield placed.problem("E136", f"'{name}' is {kind}, and {entity.name}.{name} {column.type}", wrong, at=at)


def _key(placed: PlacedBlock, checked: Checked, entity: Entity) -> Iterator[Problem]:
    if entity.key not in checked.columns:
        hint = f"every row needs its {entity.key}"
        yield placed.problem("E135", f"the key '{entity.key}' of {entity.name} is not selected", hint)


def misfit(given: str, wanted: str) -> str:
    """What to do about a type that does not fit, or nothing where it does. An untyped NULL fits all."""
    base = given.split("(", maxsplit=1)[0]
    if base in _FITS[wanted] or given == '"NULL"' or (wanted == "JSON" and given.endswith("[]")):
        return ""
    return f"write {'to_json(…)' if wanted == 'JSON' else f'(…)::{wanted.lower()}'}"


# --- measures -----------------------------------------------------------------------------------


def _of_measures(document: Document, measures: Measures, catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    entity = catalogue.entity(measures.entity)
    stored = catalogue.tables()
    held = Counter(column for columns in stored.values() for column in columns)
    keys = {other.key for _, other in catalogue.of(Entity) if held[other.key] == 1}
    tables = stored | catalogue.unified(measures.entity)
    unknown = () if catalogue.knows_all() else (name for name in tables if name not in stored)
    broken = catalogue.broken_tables() | {*unknown}
    scope = Scope(f"measures of {measures.entity}", tables, as_of=True, unique=frozenset(keys), broken=broken)
    measured: dict[str, int] = {}
    is_complete = entity is not None and document.is_whole
    for placed in document.blocks:
        if placed.block.target != "measures":
            is_complete = False
            hint = "write ```sql measures"
            yield placed.problem("E121", f"'{placed.block.target}' is no target in measures", hint)
        else:
            checked = checker.query(placed.block.text, scope)
            is_complete = is_complete and bool(checked.columns)
            yield from _flaws(placed, checked)
            if entity is not None and checked.columns:
                yield from _gives(placed, checked, entity, measures, measured)
    slips = {closest(name, measures.measures) for name in measured if name not in measures.measures}
    for name in measures.measures if is_complete else ():
        if name not in measured and name not in slips:
            hint = "select it in a sql measures block, or take it out"
            yield document.problem("E137", f"'{name}' is declared and never measured", hint, "measures", name)


def _gives(
    placed: PlacedBlock, checked: Checked, entity: Entity, measures: Measures, measured: dict[str, int]
) -> Iterator[Problem]:
    """The columns of a measures block against what is declared."""
    yield from _key(placed, checked, entity)
    is_owned = entity.rows == "owned"
    if is_owned and "source" not in checked.columns:
        hint = f"two sources may have one {entity.key}: a row of {entity.name} is known by both"
        yield placed.problem("E135", f"the source of {entity.name} is not selected", hint)
    for name, kind in checked.columns.items():
        at = checked.places.get(name)
        if name == entity.key or (is_owned and name == "source"):
            continue
        if name not in measures.measures:
            plain = name.split(":", 1)[0]
            hint = suggest(plain, measures.measures, otherwise="declare it under measures:")
            yield placed.problem("E135", f"'{plain}' is not declared as a measure", hint, at=at)
        elif name in measured:
            hint = f"the other block is on line {measured[name]}"
            yield placed.problem("E137", f"'{name}' is measured twice", hint, at=at)
        elif wrong := misfit(kind, DUCKDB[measures.measures[name].type]):
            declared = measures.measures[name].type
            yield placed.problem("E136", f"'{name}' is {kind}, and declared as {declared}", wrong, at=at)
        measured.setdefault(name, placed.block.line)
