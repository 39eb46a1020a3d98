"""A store in memory with subscriptions in it, as sources would have left them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from execution import engine, revenue
from execution.directives import Program
from execution.directives.model import Rate, Revenue
from execution.directives.schema import entity_columns
from execution.engine import ident
from execution.revenue import periods, seen
from execution.store import migrations
from tests.measures.stock import shipped

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)


@cache
def program(*rates: tuple[str, str], **changed: Any) -> Program:  # noqa: ANN401 - whatever the directive holds
    """The shipped directives at these rates, with these keys of the revenue directive changed."""
    base = shipped()
    settings = base.settings.model_copy(update={"rates": {code: (Rate(None, Decimal(rate)),) for code, rate in rates}})
    mine = base.revenue["recurring_revenue"].model_copy(update={"hash": f"{rates}{changed}", **changed})
    return replace(base, settings=settings, revenue={mine.name: mine})


@dataclass
class Book:
    """Subscriptions in a store; each `put` replaces what the source says now."""

    program: Program = field(default_factory=program)
    con: engine.Connection = field(default_factory=engine.memory)

    def __post_init__(self) -> None:
        migrations.migrate(self.con)
        for name in ("subscriptions", "subscription_changes", "events"):
            columns = entity_columns(self.program.entities[name]) | {"changed_at": "TIMESTAMP"}
            listed = ", ".join(f"{ident(column)} {kind}" for column, kind in columns.items())
            self.con.execute(f"CREATE TABLE {ident('core', name)} ({listed})")

    def saw(self, *rows: Mapping[str, Any]) -> None:
        """What earlier runs noted, in the order they did; each row is as in `sub`, with `seen_at` for `changed_at`."""
        seen.create(self.con, self.program.entities[seen.ENTITY])
        numbers: dict[str, int] = {}
        made: list[Mapping[str, Any]] = []
        for row in rows:
            name = str(row["subscription_id"])
            numbers[name] = numbers.get(name, 0) + 1
            given = {name: value for name, value in row.items() if name != "changed_at"}
            given |= {"source": "stripe", "number": numbers[name], "is_gone": False, "is_remapped": False} | {
                name: value for name, value in row.items() if name in ("is_gone", "is_remapped")
            }
            made.append(given)
        self._insert(ident("derived", seen.TABLE), made)

    @property
    def directive(self) -> Revenue:
        return self.program.revenue["recurring_revenue"]

    def put(self, name: str, *rows: Mapping[str, Any]) -> None:
        """What sources say of an entity now, instead of what they said before."""
        self.con.execute(f"DELETE FROM {ident('core', name)}")
        own = [{"change_id": str(number)} if name == "subscription_changes" else {} for number in range(len(rows))]
        self._insert(
            ident("core", name), [{"source": "stripe", **one, **row} for one, row in zip(own, rows, strict=True)]
        )

    def _insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        names = list(dict.fromkeys(name for row in rows for name in row))
        values = [row.get(name) for row in rows for name in names]
        plain = [str(value) if isinstance(value, datetime | Decimal) else value for value in values]
        marks = ", ".join(f"({', '.join('?' for _ in names)})" for _ in rows)
        if rows:
            self.con.execute(f"INSERT INTO {table} ({', '.join(map(ident, names))}) VALUES {marks}", plain)

    def run(self, as_of: datetime = AS_OF) -> revenue.Kept:
        return revenue.run(self.con, self.program, as_of)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()

    def moves(self, entity: str = "customers", key: str | None = None) -> list[tuple[str, str, Decimal]]:
        """Day, kind and change in base of every movement, in order."""
        where = f"entity = '{entity}'" + (f" AND key = '{key}'" if key else "")
        return [
            (str(day), kind, change)
            for day, kind, change in self.rows(
                f"SELECT day, kind, change FROM derived.mrr_movements WHERE {where} ORDER BY day, turn, key"
            )
        ]

    def bridge(self, *spans: tuple[date, date], entity: str = "customers") -> list[dict[str, Any]]:
        """The sums and figures of these spans."""
        return periods.read(self.con, self.directive, [periods.Span(*span) for span in spans], entity=entity)

    def ledger(self) -> list[tuple[Any, ...]]:
        """Everything in the ledger, in one order."""
        return self.rows("SELECT * FROM derived.mrr_ledger ORDER BY ALL")


def sub(name: str, email: str | None = "a@x.com", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """An active subscription to 100 dollars a month since January, unless it says otherwise."""
    return {
        "subscription_id": name, "payer": f"cus_{name}", "email": email, "status": "active", "currency": "USD",
        "yearly_amount": 1200, "started_at": "2026-01-10", "changed_at": "2026-06-01", **more,
    }  # fmt: skip
