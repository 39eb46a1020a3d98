"""SQL whose result would depend on the order in which rows happen to come.

An order has no ties where it has two keys or more, or a column with one value per row, or the very value that is
taken. Two keys are a rule of thumb: nobody adds a second one but to break ties.
"""

from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from execution.directives.sql.flaw import Flaw, Scope
from execution.directives.sql.tree import Tree

_NEED_ORDER = (exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist)
_NEED_TIES_BROKEN = (exp.RowNumber, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)
_LISTS = (exp.ArrayAgg, exp.GroupConcat)
_BY_VALUE = (exp.ArgMax, exp.ArgMin)

_TIE = "add a tie-break, a column with one value per row, as in `order by occurred_at, key`"


def flaws_of_order(tree: Tree, scope: Scope) -> list[Flaw]:
    """Everything in the text that takes the first or the next of rows without saying which that is."""
    return [flaw for node in tree.nodes for flaw in _of_order(tree, node, scope.unique)]


def _of_order(tree: Tree, node: exp.Expr, unique: frozenset[str]) -> Iterator[Flaw]:
    if isinstance(node, exp.AnyValue):
        yield Flaw("E145", "any_value() takes whichever row comes first", "use max(…), or max_by(…, (moment, key))",
                   tree.call_at(node, "any_value"))  # fmt: skip
    elif isinstance(node, exp.First | exp.Last):
        if not isinstance(node.parent, exp.Window | exp.IgnoreNulls):
            yield from _ordered(tree, node, (node.key,), unique)
    elif isinstance(node, _LISTS):
        yield from _ordered(tree, node, ("list", "array_agg", "string_agg", "group_concat", "listagg"), unique)
    elif isinstance(node, _BY_VALUE):
        yield from _by_value(tree, node, unique)
    elif isinstance(node, exp.Window):
        yield from _window(tree, node, unique)
    elif isinstance(node, exp.Select):
        yield from _cut(tree, node, unique)


def _ordered(tree: Tree, node: exp.Expr, names: tuple[str, ...], unique: frozenset[str]) -> Iterator[Flaw]:
    """An aggregate that depends on the order it meets its rows in."""
    order = node.this if isinstance(node.this, exp.Order) else node.args.get("order")
    if order is None and isinstance(node.parent, exp.WithinGroup):
        order = node.parent.expression
    at = tree.call_at(node, *names)
    name = tree.sql[at:].split("(", 1)[0].strip() if at is not None else node.key
    if not isinstance(order, exp.Order):
        hint = f"give it one: {name}(… order by occurred_at, key)"
        yield Flaw("E145", f"{name}() without an order takes rows as they come", hint, at)
    elif not _no_ties(order.expressions, unique, order.this):
        yield Flaw("E145", f"the order in {name}() can have ties", _TIE, at)


def _by_value(tree: Tree, node: exp.Expr, unique: frozenset[str]) -> Iterator[Flaw]:
    by = node.expression
    by = by.unnest() if isinstance(by, exp.Paren) else by
    is_row = isinstance(by, exp.Tuple | exp.Struct) or by.name.lower() in ("row", "struct_pack")
    if is_row or (isinstance(by, exp.Column) and by.name.lower() in unique):
        return
    at = tree.call_at(
        node, "arg_max", "arg_min", "max_by", "min_by", "arg_max_null", "arg_min_null", "argmax", "argmin"
    )
    name = tree.sql[at:].split("(", 1)[0].strip() if at is not None else "max_by"
    hint = f"compare a row that has no ties: {name}(…, ({by.sql('duckdb')}, key))"
    yield Flaw("E145", f"{name}() can have ties", hint, at)


def _window(tree: Tree, node: exp.Window, unique: frozenset[str]) -> Iterator[Flaw]:
    function = node.this
    while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
        function = function.this
    order = _window_order(node)
    frame = node.args.get("spec")
    by_rows = frame is not None and str(frame.args.get("kind", "")).upper() == "ROWS"
    taken = isinstance(function, _NEED_TIES_BROKEN)
    name = f"{tree.sql[at:].split('(', 1)[0].strip()}()" if (at := tree.at(function)) is not None else "this window"
    if order is None and (taken or by_rows or isinstance(function, _NEED_ORDER)):
        yield Flaw("E145", f"{name} over rows in no order", "add order by … to over (…)", at)
    elif order is not None and (taken or by_rows) and not _no_ties(order.expressions, unique, None):
        yield Flaw("E145", f"the order of {name} can have ties", _TIE, at)


def _window_order(node: exp.Window) -> exp.Order | None:
    """The order of a window, its own or that of the named one it stands on."""
    order = node.args.get("order")
    select = node.find_ancestor(exp.Select)
    if order is None and select is not None:
        used = str(node.alias or node.args.get("alias") or "").lower()
        named = [w for w in select.args.get("windows") or () if w.name.lower() == used and used]
        order = next((window.args.get("order") for window in named), None)
    return order if isinstance(order, exp.Order) else None


def _cut(tree: Tree, node: exp.Select, unique: frozenset[str]) -> Iterator[Flaw]:
    """A query that keeps only the first of its rows: limit, offset, distinct on."""
    order = node.args.get("order")
    keys = order.expressions if isinstance(order, exp.Order) else []
    distinct = node.args.get("distinct")
    on = distinct.args.get("on") if isinstance(distinct, exp.Distinct) else None
    if on is not None:
        same = {part.sql() for part in on.expressions}
        rest = [key for key in keys if key.this.sql() not in same]
        if not _no_ties(rest, unique, None):
            message = "distinct on keeps whichever row comes first"
            yield Flaw(
                "E145",
                message,
                "order by its columns, then by what has no ties, as in `occurred_at desc, key`",
                tree.at(on),
            )
    if any(isinstance(node.args.get(part), exp.Expr) for part in ("limit", "offset")):
        at = next((t.start for t in tree.tokens if t.token_type in (TokenType.LIMIT, TokenType.OFFSET)), None)
        if not keys:
            yield Flaw(
                "E145", "limit without an order keeps whichever rows come first", "add order by occurred_at, key", at
            )
        elif not _no_ties(keys, unique, None):
            yield Flaw("E145", "limit over an order that can have ties", _TIE, at)


def _no_ties(keys: Sequence[exp.Expr], unique: frozenset[str], value: exp.Expr | None) -> bool:
    plain = [key.this if isinstance(key, exp.Ordered) else key for key in keys]
    if any(isinstance(key, exp.Column) and key.name.lower() in unique for key in plain):
        return True
    if any(isinstance(key, exp.Tuple | exp.Struct) for key in plain):
        return True
    taken = value.expressions[0] if isinstance(value, exp.Distinct) and value.expressions else value
    return len({key.sql() for key in plain}) > 1 or any(taken is not None and key.sql() == taken.sql() for key in plain)
