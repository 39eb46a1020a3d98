"""SQL in which what is missing, or a zero, would silently become a number."""

from collections.abc import Iterator

from sqlglot import exp

from execution.directives.sql.flaw import Flaw, Scope
from execution.directives.sql.tree import Tree


def flaws_of_missing(tree: Tree, scope: Scope) -> list[Flaw]:
    """Divisions by what may be zero, and least and greatest over what may be missing."""
    return [flaw for node in tree.nodes for flaw in _of_missing(tree, node, scope)]


def _of_missing(tree: Tree, node: exp.Expr, scope: Scope) -> Iterator[Flaw]:
    if isinstance(node, exp.Div):
        divisor = node.expression.unnest()
        if not _is_not_zero(divisor) and not _is_guarded(node, [divisor.sql()]):
            what = divisor.sql("duckdb", normalize_functions="lower")
            hint = f"write nullif({what}, 0)" if len(what) <= 40 else "write nullif(…, 0)"
            yield Flaw(
                "E146", "a division by zero gives infinity, not an error", hint, tree.at(divisor) or tree.at(node)
            )
    elif isinstance(node, exp.Least | exp.Greatest):
        arguments = [argument for argument in (node.this, *node.expressions) if argument is not None]
        if not any(isinstance(argument.unnest(), exp.Literal | exp.Neg) for argument in arguments):
            return
        unknown = [column for argument in arguments for column in _may_be_null(argument, scope)]
        if unknown and not _is_guarded(node, [column.sql() for column in unknown]):
            hint = f"write case when {unknown[0].sql('duckdb')} is not null then {node.key}(…) end"
            yield Flaw("E146", f"{node.key}() leaves out what is missing, so it would become a number", hint,
                       tree.call_at(node, node.key))  # fmt: skip


def _is_not_zero(divisor: exp.Expr) -> bool:
    while isinstance(divisor, exp.Cast | exp.Paren | exp.Round | exp.Ln):
        divisor = divisor.this
    if isinstance(divisor, exp.Nullif):
        return True
    if not isinstance(divisor, exp.Literal) and divisor.find(exp.Column, exp.Func, exp.Query) is None:
        return True  # arithmetic over constants, which the author can do in their head
    if isinstance(divisor, exp.Literal):
        return not divisor.is_string and float(divisor.name) != 0
    if isinstance(divisor, exp.Greatest):
        return any(_is_positive(part) for part in (divisor.this, *divisor.expressions))
    if isinstance(divisor, exp.Mul):
        return _is_not_zero(divisor.this) and _is_not_zero(divisor.expression)
    if isinstance(divisor, exp.Count) and isinstance(divisor.this, exp.Star):
        select = divisor.find_ancestor(exp.Select)
        return select is not None and select.args.get("group") is not None and divisor.parent_select is select
    return isinstance(divisor, exp.Interval)


def _is_positive(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and float(node.name) > 0


def _may_be_null(argument: exp.Expr, scope: Scope) -> list[exp.Column]:
    """Columns of an argument whose NULL would reach it: not counted, not replaced, not known to be there."""
    found: list[exp.Column] = []
    for column in argument.find_all(exp.Column):
        shield = column.find_ancestor(exp.Coalesce, exp.Count, exp.Case, exp.If)
        inside = shield is not None and any(shield is part for part in argument.walk())
        if not inside and column.name.lower() not in scope.known:
            found.append(column)
    return found


def _is_guarded(node: exp.Expr, texts: list[str]) -> bool:
    """Whether a CASE around the node, or the WHERE of its query, speaks of the same thing."""
    conditions: list[str] = []
    inner: exp.Expr = node
    while (around := inner.parent) is not None:
        if isinstance(around, exp.If) and around.this is not inner:
            conditions.append(around.this.sql())
        elif isinstance(around, exp.Case):
            conditions += [branch.this.sql() for branch in around.args["ifs"] if branch is not inner]
        elif isinstance(around, exp.Filter):
            conditions.append(around.expression.sql())
        elif isinstance(around, exp.Select):
            conditions += [part.sql() for part in (around.args.get("where"), around.args.get("having")) if part]
            break
        inner = around
    return bool(texts) and all(any(text in condition for condition in conditions) for text in texts)
