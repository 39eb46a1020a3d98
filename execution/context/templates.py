"""Templates of generated files: the workspace's own, or those that ship with gtm; rendered in a sandbox."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import execution
from execution.context import fitting, wording
from execution.errors import UsageError
from execution.files import quoting
from execution.workspace import Workspace

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

_OF_PEOPLE = re.compile(r"\brow\.([a-z_][a-z0-9_]*)")
_OF_COMPANIES = re.compile(r"\bcompany\.([a-z_][a-z0-9_]*)")

PACKAGE = Path(execution.__file__).parent


def find(workspace: Workspace, pattern: str) -> Path:
    """The template at `pattern` (a glob below the root), of the workspace if it has one, else the one shipped.

    Raises UsageError where there is none, or more than one.
    """
    for root in (workspace.root, PACKAGE.parent, PACKAGE / "seed"):
        found = sorted(root.glob(pattern))
        if len(found) > 1:
            names = ", ".join(file.relative_to(root).as_posix() for file in found)
            raise UsageError(f"more than one template fits: {names}", hint="keep one of them", code="E226")
        if found:
            return found[0]
    raise UsageError(f"there is no template {pattern}", hint="`gtm init` puts back what is missing", code="E226")


def find_or(workspace: Workspace, pattern: str, default: str) -> Path:
    """The same, or the `default` one where there is none at `pattern`."""
    is_there = any(any(root.glob(pattern)) for root in (workspace.root, PACKAGE.parent, PACKAGE / "seed"))
    return find(workspace, pattern if is_there else default)


def load(path: Path) -> "Template":
    """The template, ready to render. Raises UsageError with its line where it does not hold."""
    import jinja2

    try:
        return _environment().from_string(path.read_text(encoding="utf-8"))
    except jinja2.TemplateSyntaxError as error:
        raise _broken(path, error.lineno, error.message or "it is not a template") from error


def render(template: "Template", path: Path, values: Mapping[str, Any]) -> str:
    """The filled template, with no more than one empty line in a row. Raises UsageError naming the template's line."""
    return fitting.tidy("".join(pieces(template, path, values)))


def pieces(template: "Template", path: Path, values: Mapping[str, Any]) -> Iterator[str]:
    """The filled template piece by piece, as it is made. Raises UsageError naming the template's line."""
    import jinja2

    try:
        yield from template.generate(values)
    except jinja2.TemplateError as error:
        raise _broken(path, line_of(error), error.message or type(error).__name__) from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise _broken(path, line_of(error), str(error)) from error


def parsed(text: str) -> object:
    """The tree of a template that holds, as jinja2 has it."""
    return _environment().parse(text)


def named(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The columns that a template may name besides: of people as `person.row.x`, of the company as `company.x`."""
    return frozenset(_OF_PEOPLE.findall(text)), frozenset(_OF_COMPANIES.findall(text))


@cache
def _environment() -> "SandboxedEnvironment":
    """Everything a template prints is made harmless, unless it is Markdown of ours."""
    from jinja2 import StrictUndefined

    from execution.context.sandboxed import Environment

    environment = Environment(
        undefined=StrictUndefined,
        finalize=wording.shown,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # Markdown, not HTML: `finalize` does what Markdown needs
    )
    environment.filters["code"] = quoting.code
    environment.filters["fenced"] = quoting.fenced
    environment.filters["words"] = wording.phrase
    environment.filters["inside"] = quoting.inside
    return environment


def line_of(error: Exception) -> int:
    """The line of the template that a traceback ends in; jinja2 names templates made from text so."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _broken(path: Path, line: int, reason: str) -> UsageError:
    return UsageError(
        f"the template does not render: {reason}", where=f"{path.name}:{line}", hint="mend it", code="E227"
    )
