"""What sections read, put together once for all of the reports that one call composes.

A section's own SELECT reads temporary tables; without them each would join every step of deriving anew, which for a
small store is most of the work.
"""

from execution import engine
from execution.directives import Program
from execution.directives.facts import SHOWN
from execution.directives.model import Entity
from execution.directives.schema import DUCKDB
from execution.engine import ident
from execution.health import view
from execution.measures import Stored
from execution.measures.relation import facts_select


class Kept:
    """The temporary tables of one connection, by the SELECT that each is made of, for as long as what it reads does not
    change."""

    def __init__(self) -> None:
        self._made: dict[str, str] = {}

    def rows(self, con: engine.Connection, select: str) -> str:
        """A SELECT of the same rows, that are put together when they are first asked for."""
        if select not in self._made:
            table = ident("temp", f"reported_{len(self._made)}")
            con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {select}")
            self._made[select] = table
        return f"FROM {self._made[select]}"


def whole(program: Program, entity: Entity, stored: Stored) -> str:
    """SELECT of an entity's rows with all their columns, those too that nothing fills."""
    if entity.rows == "shared" and stored.columns(f"core.{entity.name}"):
        return view.view_sql(program, entity, stored)
    facts = program.facts(entity.name)
    nothing = "".join(
        f", NULL::{DUCKDB[column.type]} AS {ident(name)}"
        for name, column in entity.columns.items()
        if name not in facts
    )
    shown = "".join(f", NULL::{kind} AS {ident(name)}" for name, kind in SHOWN.items() if name not in entity.columns)
    return f"SELECT *{nothing}{shown} FROM ({facts_select(program, entity, list(facts), stored)})"
