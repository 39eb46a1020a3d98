"""Comparisons of text with numbers. The engine refuses `text < 3`, and turns the text of `text = 3` into a number for
every row: a row where that cannot be done then fails the whole run.

The engine knows the types, so each comparison is put to it as one with `<`.
"""

import re
from collections.abc import Iterator

from sqlglot import exp

from execution import engine
from execution.directives.sql import binding
from execution.directives.sql.flaw import Flaw
from execution.directives.sql.tree import Tree, read_tree

_EQUALITIES = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
_ORDERS = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)
_COMPARED = (*_EQUALITIES, *_ORDERS, exp.In, exp.Case, exp.Nullif)
_TIME = re.compile(r"\d{4}-\d{2}|\d{1,2}:\d{2}")
_TYPES = re.compile(r"Cannot compare values of type (\S+) and type (\S+)")
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT|DECIMAL|DOUBLE|FLOAT")


def flaws_of_comparing(con: engine.Connection, tree: Tree) -> list[Flaw]:
    """Everything in a text that binds which compares text with a number. `con` has its tables.

    It is the last look at a tree, which is another afterwards: a copy would take longer than all else here.
    """
    places = [number for number, node in enumerate(tree.nodes) if _compares(node)]
    if not places or not binding.refused(con, _put(tree.root, set(places)), asks=tree.parameters):
        return []
    again = read_tree(tree.sql)
    if isinstance(again, Flaw) or binding.refused(con, _put(again.root.copy(), set()), asks=tree.parameters):
        return []
    return list(_found(con, again, places))


def _found(con: engine.Connection, tree: Tree, places: list[int]) -> Iterator[Flaw]:
    for place in places:
        said = binding.refused(con, _put(tree.root.copy(), {place}), asks=tree.parameters)
        types = _TYPES.search(said)
        if types and "VARCHAR" in types.groups() and any(map(_NUMBER.match, types.groups())):
            hint = "write the value as what it is compared with: text in quotes, a number without"
            yield Flaw("E147", "text is compared with a number", hint, tree.at(tree.nodes[place]))


def _compares(node: exp.Expr) -> bool:
    return isinstance(node, _COMPARED) and not (isinstance(node, exp.Case) and node.this is None)


def _put(root: exp.Expr, places: set[int]) -> str:
    """The text with the comparisons at these places, counted over all nodes, as ones with `<`. The tree is changed."""
    nodes = list(root.walk())
    for number in sorted(places, reverse=True):  # what lies deeper first
        nodes[number].replace(_as_orders(nodes[number]))
    return root.sql("duckdb")


def _as_orders(node: exp.Expr) -> exp.Expr:
    """A comparison as a tuple of what it compares, each with `<`. It gives its operands away, which saves copying them:
    nobody needs it afterwards."""
    if isinstance(node, exp.Case | exp.Nullif):
        whole = node.copy()
        return exp.Case(ifs=[exp.If(this=_all(node), true=exp.null())], default=whole)
    return exp.paren(_all(node), copy=False)


def _all(node: exp.Expr) -> exp.Expr:
    pairs = [exp.LT(this=_typed(one), expression=_typed(other)) for one, other in _pairs(node)]
    return exp.and_(*pairs, copy=False)


def _pairs(node: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """What is compared with what, each to be had once."""
    match node:
        case exp.In():
            query = node.args.get("query")
            for other in [query] if query is not None else node.expressions:
                yield node.this.copy(), other
        case exp.Case():
            for branch in node.args["ifs"]:
                yield node.this.copy(), branch.this
        case exp.Between():
            yield node.this.copy(), node.args["low"]
            yield node.this, node.args["high"]
        case _:
            yield node.this, node.expression


def _typed(node: exp.Expr) -> exp.Expr:
    """An operand on its own. Text that could be a time stays open: it becomes one where it is compared with one."""
    if isinstance(node, exp.Literal) and node.is_string and not _TIME.match(node.name):
        return exp.cast(node, "varchar", copy=False)
    return exp.paren(node, copy=False)
