"""What the checks of directives ask about SQL, each text once: from memory where it is known to hold.

The three looks, and with them the engine and sqlglot, are loaded when the first text is not.
"""

from typing import TYPE_CHECKING

from execution.directives.sql.flaw import Checked, Scope
from execution.directives.sql.memory import Memory, key_of

if TYPE_CHECKING:
    from execution.directives.sql.looks import Looks

__all__ = ["Checked", "Checker"]


class Checker:
    """Checks the SQL texts of one program."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = Memory() if memory is None else memory
        self._looks: Looks | None = None

    def query(self, sql: str, scope: Scope) -> Checked:
        """A SELECT over the scope's tables. At most one flaw comes from binding it."""
        return self._checked(sql, scope, is_expression=False)

    def expression(self, text: str, scope: Scope) -> Checked:
        """An expression over one row of the scope's only table; its type is that of the column `value`."""
        return self._checked(text, scope, is_expression=True)

    def _checked(self, text: str, scope: Scope, *, is_expression: bool) -> Checked:
        key = key_of(text, scope, is_expression=is_expression)
        known = self._memory.recall(key)
        if known is None:
            look = self._open().expression if is_expression else self._open().query
            known = look(text, scope)
            self._memory.keep(key, known)
        return known

    def _open(self) -> "Looks":
        if self._looks is None:
            from execution.directives.sql.looks import Looks

            self._looks = Looks()
        return self._looks
