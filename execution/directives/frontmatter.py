"""The frontmatter of a directive: the YAML between the file's first line of `---` and the next."""

import re

from frontmatter.default_handlers import BaseHandler

from execution.directives.places import Text
from execution.directives.yaml_text import Marked, read_yaml

_BOUNDARY = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)


class MarkedHandler(BaseHandler):
    """python-frontmatter's handler interface over one file's text, keeping the place of every key and value."""

    FM_BOUNDARY = _BOUNDARY
    START_DELIMITER = END_DELIMITER = "---"

    def __init__(self, text: Text) -> None:
        super().__init__()
        self.text = text
        self.marked = Marked()

    def split(self, text: str) -> tuple[str, str]:
        """Frontmatter and body. Raises ValueError where one of the two lines of `---` is missing."""
        first = _BOUNDARY.match(text)
        second = _BOUNDARY.search(text, first.end()) if first else None
        if first is None or second is None:
            raise ValueError("no frontmatter")
        return text[first.end() : second.start()], text[second.end() :]

    def load(self, fm: str) -> dict[str, object]:
        """The keys and values, {} where it is no mapping; `marked` has the places and the problems."""
        start = self.text.content.index("---") + 3
        self.marked = read_yaml(self.text, start, start + len(fm))
        return self.marked.data if isinstance(self.marked.data, dict) else {}


def read_frontmatter(text: Text) -> tuple[Marked, int]:
    """The frontmatter's data and places, and the index at which the body begins. Never raises."""
    handler = MarkedHandler(text)
    try:
        head, body = handler.split(text.content)
    except ValueError:
        return _missing(text), len(text.content) if text.content.startswith("---") else 0
    handler.load(head)
    marked = handler.marked
    if not marked.problems and not isinstance(marked.data, dict):
        marked.problems.append(text.problem(0, "E110", "the frontmatter has no keys", "write at least kind: and name:"))
    return marked, len(text.content) - len(body)


def body_begins(text: Text) -> int:
    """The index at which the body begins; 0 where the file has no frontmatter."""
    try:
        _, body = MarkedHandler(text).split(text.content)
    except ValueError:
        return 0
    return len(text.content) - len(body)


def _missing(text: Text) -> Marked:
    if _BOUNDARY.match(text.content):
        problem = text.problem(0, "E110", "the frontmatter is never closed", "end it with a line of ---")
    else:
        hint = "the first line is ---, then keys such as kind: and name:, then --- again"
        problem = text.problem(0, "E110", "a directive begins with its frontmatter", hint)
    return Marked(problems=[problem])
