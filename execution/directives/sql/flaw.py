"""A piece of SQL before it is known where it stands: what it may see, what is wrong with it, what it yields."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256


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
    never NULL where the SQL counts. `as_of` says whether the moment may be asked for, `asked` what a report may ask for
    beside it: its period and whose it is. Of `broken` tables nobody knows the columns: SQL that reads one is not bound.
    """

    schema: str
    tables: dict[str, dict[str, str]]
    as_of: bool = False
    unique: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()

    @property
    def parameters(self) -> frozenset[str]:
        """What may be asked for as $name."""
        return self.asked | {"as_of"} if self.as_of else self.asked

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything in it; of the tables and their columns in this order."""
        sets = [sorted(names) for names in (self.unique, self.known, self.broken, self.asked)]
        return sha256(json.dumps([self.schema, self.tables, self.as_of, *sets]).encode()).hexdigest()


@dataclass(frozen=True)
class Checked:
    """What checking a text found: its flaws, and if it binds the columns it yields with their DuckDB types.

    `places` has the index of each column's name in the text, where it is written out.
    """

    flaws: tuple[Flaw, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
