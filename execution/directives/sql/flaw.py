"""A mistake in a piece of SQL, before it is known where that SQL stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with the character at index `at` of a SQL text; None means with all of it."""

    code: str
    message: str
    hint: str = ""
    at: int | None = None


@dataclass(frozen=True)
class Scope:
    """What a piece of SQL may see. `tables` has the columns and DuckDB types of each table by its bare name.

    `unique` are columns with one value per row, so an order by one of them has no ties; `known` are columns that are
    never NULL where the SQL counts. `as_of` says whether the moment may be asked for. Of `broken` tables nobody knows
    the columns: SQL that reads one is not bound.
    """

    schema: str
    tables: dict[str, dict[str, str]]
    as_of: bool = False
    unique: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
