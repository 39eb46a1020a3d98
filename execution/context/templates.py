"""Templates of generated files: the workspace's own, or those that ship with gtm; rendered in a sandbox."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import execution
from execution.errors import UsageError
from execution.files import quoting
from execution.workspace import Workspace

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

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


def load(path: Path) -> "Template":
    """The template, ready to render. Raises UsageError with its line where it does not hold."""
    import jinja2

    try:
        return _environment().from_string(path.read_text(encoding="utf-8"))
    except jinja2.TemplateSyntaxError as error:
        raise _broken(path, error.lineno, error.message or "it is not a template") from error


def render(template: "Template", path: Path, values: Mapping[str, Any]) -> str:
    """The filled template, with no more than one empty line in a row. Raises UsageError naming the template's line."""
    import jinja2

    try:
        text = template.render(values)
    except jinja2.TemplateError as error:
        raise _broken(path, _line_of(error), error.message or type(error).__name__) from error
    except (TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        raise _broken(path, _line_of(error), str(error)) from error
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines).strip("\n") + "\n"


@cache
def _environment() -> "SandboxedEnvironment":
    """Everything a template prints is made harmless, unless it is Markdown of ours."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=quoting.inline,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # Markdown, not HTML: `finalize` does what Markdown needs
    )
    environment.filters["code"] = quoting.code
    environment.filters["fenced"] = quoting.fenced
    return environment


def _line_of(error: Exception) -> int:
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
