"""A report as one HTML file: it opens without a network, prints well, and reads on a phone, by day and by night.

Nothing in it runs and nothing is fetched; its own rules (`Content-Security-Policy`) say so to the browser too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from execution.errors import UsageError

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
_MOST_WITHOUT_CONTENTS = 3
"""Sections that are found without a list of them."""
SKELETON, STYLE = "page.html.j2", "page.css"


@dataclass(frozen=True, slots=True)
class Look:
    """How pages look: the skeleton (a Jinja template) and the stylesheet."""

    skeleton: str
    style: str

    @classmethod
    def of(cls, root: Path | None = None) -> "Look":
        """That of a workspace: `reporting/page.html.j2` and `reporting/page.css` where it has them, else the shipped
        ones."""
        return cls(_text(root, SKELETON), _text(root, STYLE))


def _text(root: Path | None, name: str) -> str:
    own = root / "reporting" / name if root is not None else None
    if own is not None and own.is_file():
        return own.read_text(encoding="utf-8")
    return files("execution.reports").joinpath(name).read_text(encoding="utf-8")


def page(
    markdown: str, pictures: Mapping[str, str], *, title: str, language: str = "en", look: Look | None = None
) -> str:
    """The page of a report's Markdown, with its pictures (SVG by file name) where the Markdown has them.

    Raises UsageError (E298) for a language that is no language's code, and for a skeleton that does not hold.
    """
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment
    from markupsafe import Markup

    from execution.reports import markup

    if not _LANGUAGE.fullmatch(language):
        raise UsageError(f"'{language[:20]}' is no language", hint="write en or pt-BR", code="E298")
    look = look or Look.of()
    made = markup.body(markdown, pictures)
    sections = [heading for heading in made.headings if heading.level == 2]
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    values = {
        "title": title,
        "language": language,
        "has_title": any(heading.level == 1 for heading in made.headings),
        "sections": sections if len(sections) > _MOST_WITHOUT_CONTENTS else [],
        "style": Markup(look.style),  # noqa: S704 - a file of the team's own
        "body": Markup(made.html),  # noqa: S704 - made of escaped parts
    }
    try:
        return environment.from_string(look.skeleton).render(values)
    except TemplateError as error:
        hint = "mend reporting/page.html.j2, or delete it: the shipped one is taken then"
        raise UsageError(f"the page's skeleton does not hold: {error.message}", hint=hint, code="E298") from None
