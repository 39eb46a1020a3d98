"""The command line as others ask for it: whether `gtm` can be called with these words. Nothing is run."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from execution.cli.door import Door
from execution.cli.lazy import LazyGroup
from execution.cli.verbs import VERBS
from execution.errors import GtmError

if TYPE_CHECKING:
    from execution.agents.commands import Flaw

_EAGER = frozenset({"--help", "-h", "--version"})
"""Options that answer at once, whatever stands beside them."""


class Grammar:
    """`execution.agents.commands.Commands` over Typer's own parser, which knows every option, its type and choices."""

    def flaw(self, words: Sequence[str], *, is_whole: bool) -> "Flaw | None":
        """What is wrong with `gtm` and these words. Where it is not `is_whole`, arguments and verbs may be missing."""
        return _flaw(tuple(words), is_whole=is_whole)


@cache
def _flaw(words: tuple[str, ...], *, is_whole: bool) -> "Flaw | None":
    from execution.agents.commands import Flaw
    from execution.cli.root import globals_first

    asked = [word for word in words if word not in _EAGER]
    is_whole = is_whole and len(asked) == len(words)
    try:
        return _parsed(globals_first(asked), is_whole=is_whole)
    except GtmError as error:
        return Flaw(error.message, error.hint)
    except TyperException as error:
        if not is_whole and type(error).__name__ == "MissingParameter":
            return None
        said = error.format_message().strip().rstrip(".")
        where = getattr(error, "ctx", None)
        hint = f"see `{where.command_path} --help`" if where is not None else "see `gtm --help`"
        return Flaw(said[:1].lower() + said[1:], hint)


def _parsed(words: list[str], *, is_whole: bool) -> "Flaw | None":
    """Parse the words verb by verb. Raises what Typer, or a verb that is not there, raises."""
    command: TyperCommand | TyperGroup = _root()
    context = command.make_context("gtm", words, obj=Door())
    while isinstance(command, TyperGroup):
        rest = [*context._protected_args, *context.args]  # noqa: SLF001 - where a group leaves its verb
        if not rest:
            return _missing_verb(command) if is_whole else None
        found = _verb(rest[0]) if command is _root() else command.resolve_command(context, rest)[1]
        if not isinstance(found, TyperCommand | TyperGroup):
            return _missing_verb(command)
        command = found
        context = command.make_context(rest[0], rest[1:], parent=context)
    return None


@cache
def _root() -> LazyGroup:
    from execution.cli.root import app

    root = get_command(app)
    if not isinstance(root, LazyGroup):
        raise TypeError("the root of the command line is another than it was")
    return root


@cache
def _verb(name: str) -> TyperCommand | TyperGroup | None:
    """A verb of the root, made once: making it takes longer than all that is asked of it."""
    return _root().get_command(None, name)


def _missing_verb(group: TyperGroup) -> "Flaw | None":
    """That a verb is missing; a group that does something by itself, as `gtm revenue`, needs none."""
    from execution.agents.commands import Flaw

    if group.invoke_without_command:
        return None
    return Flaw(f"a verb is missing after {group.name or 'gtm'!r}", f"one of {', '.join(group.commands or VERBS)}")
