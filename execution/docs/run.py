"""The pages on disk: what stands between the markers is ours, everything around them is people's."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from execution.errors import UsageError

BEGIN, END = "<!-- catalogue: written by `gtm docs` -->", "<!-- /catalogue -->"

_FIRST = """\
# Catalogue

What the directives of this workspace define, made from them by `gtm docs`. Change a directive and run it again; text
outside the markers stays.

"""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its path, its text as it is (None where there is none), and as it should be."""

    path: str
    before: str | None
    after: str

    @property
    def is_stale(self) -> bool:
        return self.before != self.after

    @property
    def diff(self) -> str:
        """What writing it would change."""
        old, new = (self.before or "").splitlines(keepends=True), self.after.splitlines(keepends=True)
        return "".join(unified_diff(old, new, f"a/{self.path}", f"b/{self.path}"))


def compared(root: Path, blocks: Mapping[str, str]) -> tuple[Page, ...]:
    """The pages as they are and as they should be, by what belongs between their markers. Writes nothing.

    Raises UsageError where the markers of a page do not fit together.
    """
    found = []
    for path, block in blocks.items():
        file = root / path
        before = file.read_text(encoding="utf-8") if file.is_file() else None
        found.append(Page(path, before, _laid(path, before, block)))
    return tuple(found)


def _laid(path: str, before: str | None, block: str) -> str:
    text = _FIRST if before is None else before
    written = f"{BEGIN}\n{block.rstrip()}\n{END}"
    lines = text.splitlines()
    begins = [number for number, line in enumerate(lines, 1) if line.strip() == BEGIN]
    ends = [number for number, line in enumerate(lines, 1) if line.strip() == END]
    if not begins and not ends:
        return f"{text.rstrip()}\n\n{written}\n"
    if len(begins) != 1 or len(ends) != 1 or begins[0] > ends[0]:
        at = (begins[1:] or ends[1:] or begins or ends)[0]
        raise UsageError(
            "the markers of the catalogue do not fit together",
            hint=f"leave one line {BEGIN} and after it one line {END}, or take all of them out",
            where=f"{path}:{at}",
            code="E232",
        )
    around = lines[: begins[0] - 1], lines[ends[0] :]
    return "\n".join([*around[0], written, *around[1]]) + "\n"


def write(root: Path, pages: tuple[Page, ...]) -> tuple[str, ...]:
    """Write the pages that are not as they should be; their paths."""
    stale = [page for page in pages if page.is_stale]
    for page in stale:
        file = root / page.path
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.name}.partial")
        partial.write_text(page.after, encoding="utf-8")
        partial.replace(file)
    return tuple(page.path for page in stale)
