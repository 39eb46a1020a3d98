"""The sandbox in which templates of drafts are filled, what they may name, and what is wrong with one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from execution.directives import Program
from execution.directives.problems import suggest
from execution.drafts.columns import COMPANIES, DEALS, EVENTS, NEEDED, PEOPLE, columns
from execution.drafts.fields import Field
from execution.drafts.kinds import Kind
from execution.errors import Problem
from execution.files import quoting

if TYPE_CHECKING:
    from jinja2 import Template, nodes
    from jinja2.sandbox import SandboxedEnvironment

ROWS: Mapping[str, str] = {"account": COMPANIES, "person": PEOPLE}
"""Names in a template that are one row, and the entity whose columns it has."""

LISTS: Mapping[str, str] = {
    "people": PEOPLE, "deals": DEALS, "happened": EVENTS, "coming": EVENTS,
}  # fmt: skip
"""Names that are lists of rows."""

OTHERS = frozenset({"gap", "member", "today"})
"""What else a template may name: a gap to fill in, somebody of the team, and the day."""


@cache
def environment() -> "SandboxedEnvironment":
    """Whatever a template prints is made harmless by the page it is for."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    made = SandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # text and Markdown, not HTML: fields are made harmless by their page
    )
    made.filters["beginning"] = Field.beginning
    made.tests["known"] = lambda value: isinstance(value, Field) and value.shown is not None
    return made


def load(kind: Kind) -> "Template":
    """A kind's template, ready to be filled. Raises jinja2's error where it is none."""
    return environment().from_string(kind.file.read_text(encoding="utf-8"))


def _printed(value: object) -> object:
    """Fields know their page. Other text is a template's own, or was made of one: it is made harmless once more."""
    if isinstance(value, Field):
        return value.printed()
    return value if isinstance(value, quoting.Markdown) else quoting.inline(value)


# --- what is wrong with a template ----------------------------------------------------------------------


def problems(kinds: Iterable[Kind], program: Program) -> Iterator[Problem]:
    """Everything wrong with templates: what does not parse, and names that nothing stands for."""
    for kind in kinds:
        yield from of_kind(kind, program)


def of_kind(kind: Kind, program: Program) -> list[Problem]:
    """Everything wrong with one template, by line."""
    import jinja2

    def told(line: int, message: str, hint: str) -> Problem:
        return Problem(kind.path, line, 1, "E197", message, hint)

    try:
        text = kind.file.read_text(encoding="utf-8")
        environment().from_string(text)
        tree = environment().parse(text)
    except jinja2.TemplateSyntaxError as error:
        return [told(error.lineno, error.message or "this is no template", "mend it")]
    except (OSError, UnicodeDecodeError) as error:
        return [told(1, f"it cannot be read: {type(error).__name__}", "save it as UTF-8")]
    return sorted({*_unknown_names(tree, told), *_unknown_columns(tree, program, told)})


Told = Callable[[int, str, str], Problem]


def _unknown_names(tree: "nodes.Template", told: Told) -> Iterator[Problem]:
    from jinja2 import meta, nodes

    known = {*ROWS, *LISTS, *OTHERS}
    for name in meta.find_undeclared_variables(tree) - known:
        for node in tree.find_all(nodes.Name):
            if node.name == name:
                hint = suggest(name, known)
                yield told(node.lineno, f"a template knows no '{name}'", hint)


def _unknown_columns(tree: "nodes.Template", program: Program, told: Told) -> Iterator[Problem]:
    known = {entity: columns(program, entity) for entity in NEEDED}
    for entity, node in _attributes(tree, ROWS):
        if node.attr not in known[entity]:
            hint = suggest(node.attr, known[entity])
            yield told(node.lineno, f"{entity} has no column '{node.attr}'", hint)


def _attributes(node: "nodes.Node", scope: Mapping[str, str]) -> Iterator[tuple[str, "nodes.Getattr"]]:
    """Every column that is asked of a row of which it is known what entity it is of, with that entity."""
    from jinja2 import nodes

    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name in scope:
        yield scope[node.node.name], node
    if isinstance(node, nodes.For):
        scope = _within(node, scope)
    for child in node.iter_child_nodes():
        yield from _attributes(child, scope)


def _within(loop: "nodes.For", scope: Mapping[str, str]) -> dict[str, str]:
    """What names stand for in a loop: its own is a row of the list that it goes through, or nothing that is known."""
    from jinja2 import nodes

    source: nodes.Node | None = loop.iter
    while isinstance(source, nodes.Filter | nodes.Getitem):
        source = source.node
    target = loop.target.name if isinstance(loop.target, nodes.Name) else ""
    inner = {name: entity for name, entity in scope.items() if name != target}
    if isinstance(source, nodes.Name) and source.name in LISTS:
        inner[target] = LISTS[source.name]
    return inner


def names(rows: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """What a template is filled with; that it is all that templates may name is what `problems` goes by."""
    filled = {**rows, **others}
    if filled.keys() != {*ROWS, *LISTS, *OTHERS}:
        raise ValueError(f"templates are promised other names than {sorted(filled)}")
    return filled
