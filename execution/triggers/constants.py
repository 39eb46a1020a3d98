"""Which constants a block of SQL gives in a column, and which another asks of it: `'meeting' as kind` here, `kind =
'payment'` there. Whoever gives only meetings does not feed what counts payments.

Read from the text; what cannot be read asks for everything, and may have everything.
"""

from collections.abc import Mapping
from functools import lru_cache

from sqlglot import exp, lineage, parse_one
from sqlglot.errors import SqlglotError

from execution.directives.sql.origins import Tables

Asked = Mapping[str, frozenset[str]]
"""Column, in lower case → the only values that are asked of it."""


@lru_cache(maxsize=256)
def given(sql: str) -> Mapping[str, str]:
    """The columns that a SELECT gives one text in, in every row: their names in lower case → that text."""
    tree = _tree(sql)
    found = {}
    for each in tree.expressions if isinstance(tree, exp.Select) else ():
        value = each.this if isinstance(each, exp.Alias) else None
        if isinstance(value, exp.Literal) and value.is_string:
            found[each.alias.lower()] = str(value.this)
    return found


def gives(sql: str, column: str) -> bool:
    """Whether a SELECT gives a column of that name; one that cannot be read, or takes all there are, may."""
    tree = _tree(sql)
    names = {name.lower() for name in tree.named_selects} if isinstance(tree, exp.Query) else {"*"}
    return column.lower() in names or "*" in names


def asked(sql: str, tables: Tables) -> Mapping[str, Asked]:
    """What a SELECT asks for to give each of its columns; of what it does not ask itself, what the whole does."""
    tree = _tree(sql)
    whole = _compared([tree]) if tree is not None else {}
    schema = {name: dict(columns) for name, columns in tables.items()}
    try:
        nodes = lineage.lineage(None, sql, schema=schema, dialect="duckdb")
    except (SqlglotError, ValueError, RecursionError):
        nodes = {}
    found = {name: _compared(_parts(node)) for name, node in nodes.items()} if isinstance(nodes, dict) else {}
    every = dict.fromkeys(tree.named_selects if isinstance(tree, exp.Query) else (), whole)
    return every | {name: {**whole, **own} for name, own in found.items()}


def _parts(node: lineage.Node) -> list[exp.Expr]:
    """The expressions that a column is made by, step by step."""
    return [each.expression for each in node.walk() if not isinstance(each.expression, exp.Query | exp.Table)]


def may_have(sql: str, asked: Asked) -> bool:
    """Whether a SELECT may give a row that is asked for."""
    constant = given(sql)
    return all(constant[name] in values for name, values in asked.items() if name in constant)


@lru_cache(maxsize=256)
def _tree(sql: str) -> exp.Expr | None:
    try:
        return parse_one(sql, dialect="duckdb")
    except (SqlglotError, RecursionError):
        return None


def _compared(trees: list[exp.Expr]) -> Asked:
    """The columns that are compared with texts, and with nothing else, wherever they stand."""
    found: dict[str, set[str]] = {}
    otherwise: set[str] = set()
    for column in (each for tree in trees for each in tree.find_all(exp.Column)):
        name, texts = column.name.lower(), _texts(column)
        if texts is not None:
            found.setdefault(name, set()).update(texts)
        elif not isinstance(column.parent, exp.Select | exp.Alias):  # which only hand it on
            otherwise.add(name)
    return {name: frozenset(texts) for name, texts in found.items() if name not in otherwise}


def _texts(column: exp.Column) -> list[str] | None:
    """What a column is held against with `=` or `in`, where those are texts."""
    around = column.parent
    if isinstance(around, exp.EQ):
        others: list[exp.Expr] = [around.right if around.left is column else around.left]
    elif isinstance(around, exp.In) and around.this is column and not around.args.get("query"):
        others = around.expressions
    else:
        return None
    return [str(each.this) for each in others] if all(_is_text(each) for each in others) else None


def _is_text(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Literal) and bool(tree.is_string)
