"""The looks, one after the other, over one connection for all SQL of a program."""

from dataclasses import replace

from execution import engine
from execution.directives.sql import binding, comparing, missing, order, reach, tree
from execution.directives.sql.flaw import Checked, Flaw, Scope

_BEFORE = "select (\n"


class Looks:
    """Looks at SQL texts over one in-memory database, in which every scope has a schema of its own.

    What is found depends on the text and its scope alone, not on what was looked at before.
    """

    def __init__(self) -> None:
        self._con = binding.open_binder()
        self._made: dict[str, dict[str, dict[str, str]]] = {}

    def query(self, sql: str, scope: Scope) -> Checked:
        """A SELECT over the scope's tables. At most one flaw comes from binding it."""
        return self._checked(sql, scope, is_expression=False)

    def expression(self, text: str, scope: Scope) -> Checked:
        """An expression over one row of the scope's only table; its type is that of the column `value`."""
        (table,) = scope.tables
        wrapped = f"{_BEFORE}{text}\n) as value from {engine.ident(table)}"
        checked = self._checked(wrapped, scope, is_expression=True)
        return replace(checked, flaws=tuple(_unwrapped(flaw, text) for flaw in checked.flaws))

    def _checked(self, sql: str, scope: Scope, *, is_expression: bool) -> Checked:
        try:
            return self._looked_at(sql, scope, is_expression=is_expression)
        except RecursionError:
            hint = "write the inner parts as queries of their own"
            return Checked((Flaw("E140", "this is nested too deep to check", hint, 0),))

    def _looked_at(self, sql: str, scope: Scope, *, is_expression: bool) -> Checked:
        reached = reach.flaws_of_reach(self._con, sql, scope)
        if any(flaw.code in ("E140", "E141") for flaw in reached):
            return Checked(tuple(reached))
        read = tree.read_tree(sql)
        if isinstance(read, Flaw):
            return Checked((*reached, read))
        reached += tree.flaws_of_expression(read) if is_expression else []
        reached += tree.flaws_of_shape(read, scope)
        reached += order.flaws_of_order(read, scope) + missing.flaws_of_missing(read, scope)
        if reached or scope.broken & read.tables:
            return Checked(_once(reached))
        self._make_tables(scope)
        columns = binding.bind(self._con, sql, scope, asks=read.parameters)
        if isinstance(columns, Flaw):
            return Checked((columns,))
        typed = binding.flaws_of_sums(self._con, sql, asks=read.parameters)
        outputs = read.outputs
        typed += comparing.flaws_of_comparing(self._con, read)
        return Checked(_once(typed), columns, outputs)

    def _make_tables(self, scope: Scope) -> None:
        """Two directives of one name, which is a problem of its own, have two scopes of one schema."""
        made = self._made.get(scope.schema)
        if made == scope.tables:
            return
        if made is not None:
            binding.drop_tables(self._con, scope.schema)
        binding.create_tables(self._con, scope)
        self._made[scope.schema] = scope.tables


def _once(flaws: list[Flaw]) -> tuple[Flaw, ...]:
    """The flaws in the order of the text, one of a code at a place."""
    by_place = {(flaw.code, flaw.at): flaw for flaw in reversed(flaws)}
    return tuple(sorted(by_place.values(), key=lambda flaw: (flaw.at or 0, flaw.code)))


def _unwrapped(flaw: Flaw, text: str) -> Flaw:
    at = None if flaw.at is None else max(0, min(flaw.at - len(_BEFORE), max(0, len(text) - 1)))
    return replace(flaw, at=at)
