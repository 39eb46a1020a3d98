"""Whether the workspace's templates of context files hold: what does not, each with its line and a hint."""

from collections.abc import Collection, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from execution.context import sample, templates, view
from execution.context.accounts import known_columns
from execution.context.facts import Account, Head
from execution.context.fitting import Sheet
from execution.context.run import TEMPLATES
from execution.context.view import Ground, View
from execution.directives import Program
from execution.directives.model import Tier
from execution.directives.problems import suggest
from execution.errors import Problem, UsageError
from execution.workspace import Workspace

if TYPE_CHECKING:
    from jinja2.nodes import Template as Tree

BROKEN = "E227"
UNKNOWN = "E237"

_MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def problems(workspace: Workspace, program: Program) -> Iterator[Problem]:
    """Everything wrong with the templates that stand in the workspace: what is no template, names that mean nothing,
    and what does not render of a full account or of an empty one. `program` has no problems of its own."""
    for tier, pattern in TEMPLATES.items():
        path = workspace.root / pattern
        if not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
            templates.load(path)
        except UnicodeDecodeError as error:
            yield Problem(pattern, 1, 1, BROKEN, f"byte {error.start} is not UTF-8", "save the file as UTF-8")
        except UsageError as error:
            yield Problem(
                pattern, _line(error), 1, BROKEN, error.message, "see the templates that ship for how it is written"
            )
        else:
            unknown = list(_unknown(text, pattern, program, tier))
            yield from unknown or _unrendered(path, pattern, program, tier)


def _grounds(program: Program) -> Ground:
    columns = known_columns(program, "companies")
    return Ground(program, view.zone_of(program, _MOMENT), (), frozenset(), SimpleNamespace(**dict.fromkeys(columns)))


def _unknown(text: str, shown: str, program: Program, tier: Tier) -> Iterator[Problem]:
    """Names, columns and facts of the account that there are not."""
    from jinja2 import meta, nodes

    tree = cast("Tree", templates.parsed(text))
    names = set(_grounds(program).values(View(sample.empty(), _grounds(program)), tier, Sheet()))
    undeclared = meta.find_undeclared_variables(tree) - names
    for name in tree.find_all(nodes.Name):
        if name.name in undeclared and name.ctx == "load":
            yield _told(shown, name.lineno, f"there is nothing called '{name.name}'", name.name, names)
    for node in tree.find_all(nodes.Getattr):
        of = node.node
        if isinstance(of, nodes.Name) and of.name == "account":
            known: Collection[str] = _FACTS
            what = f"an account has no '{node.attr}'"
        elif isinstance(of, nodes.Name) and of.name == "company":
            known = known_columns(program, "companies")
            what = f"companies have no column '{node.attr}'"
        elif isinstance(of, nodes.Getattr) and of.attr == "row":
            known = known_columns(program, "customers")
            what = f"customers have no column '{node.attr}'"
        else:
            continue
        if node.attr not in known:
            yield _told(shown, node.lineno, what, node.attr, known)


_FACTS = (
    {field.name for kind in (Account, Head) for field in fields(kind)}
    | {name for name in dir(View) if not name.startswith("_")}
    | {name for name in dir(Head) if not name.startswith("_")}
)


def _told(shown: str, line: int, what: str, name: str, known: Collection[str]) -> Problem:
    hint = suggest(name, sorted(known), otherwise="the templates that ship show what there is")
    return Problem(shown, line, 1, UNKNOWN, what, hint)


def _unrendered(path: Path, shown: str, program: Program, tier: Tier) -> Iterator[Problem]:
    """The first thing that fails, of a full account or of an empty one."""
    on = _grounds(program)
    columns = {name: known_columns(program, name) for name in ("customers", "companies")}
    for account in (sample.full(columns), sample.empty()):
        try:
            sheet = Sheet()
            values = on.values(View(account, on), tier, sheet)
            sheet.written(templates.pieces(templates.load(path), path, values), budget=1 << 30)
        except UsageError as error:
            hint = "try it on an account of which little is known: what is missing is None"
            yield Problem(shown, _line(error), 1, BROKEN, error.message, hint)
            return


def _line(error: UsageError) -> int:
    line = error.where.rpartition(":")[2]
    return int(line) if line.isdigit() else 1
