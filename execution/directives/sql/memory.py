"""SQL that was checked and holds, remembered: what checking finds depends on nothing but the text and its scope.

So what was found is kept under a hash of both. Another text, a column more or less that it may see, another measure:
each is another hash, and the text is looked at again. Only texts that hold are kept; one with a flaw is looked at every
time. Whoever keeps a memory for longer than a process must drop it with the checker that filled it.
"""

from collections.abc import Mapping
from hashlib import sha256

from execution.directives.sql.flaw import Checked, Scope

KEPT = 1_000
"""Texts remembered beyond those asked for last: those of another branch, an edit or two."""

Holding = tuple[dict[str, str], dict[str, int]]
"""The columns that a text yields, and the places of their names in it."""


class Memory:
    """Texts that hold, by their hash; the last asked for come first."""

    def __init__(self, holding: Mapping[str, Holding] | None = None) -> None:
        self._before = dict(holding or {})
        self._asked: dict[str, Holding] = {}

    def recall(self, key: str) -> Checked | None:
        """What checking found, or None where the text is not known to hold."""
        found = self._asked.get(key) or self._before.get(key)
        if found is None:
            return None
        self._asked[key] = found
        return Checked((), *found)

    def keep(self, key: str, checked: Checked) -> None:
        """Remember a text, if it holds: bound, and without a flaw."""
        if checked.columns and not checked.flaws:
            self._asked[key] = (checked.columns, checked.places)

    def holding(self) -> dict[str, Holding]:
        """Everything worth keeping for the next time."""
        rest = [(key, found) for key, found in self._before.items() if key not in self._asked]
        return self._asked | dict(rest[:KEPT])


def key_of(text: str, scope: Scope, *, is_expression: bool) -> str:
    """The hash of everything that checking the text depends on."""
    kind = "expression" if is_expression else "query"
    return sha256(f"{kind}\0{scope.fingerprint}\0{text}".encode(errors="surrogatepass")).hexdigest()
