"""A SQL text as sqlglot's tree: its shape, the tables it names, and whether it asks the clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.tokenizer_core import Token, TokenType

from execution.directives.problems import suggest
from execution.directives.sql.flaw import Flaw, Scope
from execution.directives.sql.reach import table_flaw

_FORBIDDEN = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Pivot, exp.TableSample, exp.Set, exp.Use, exp.Copy)
_CLOCK_WORDS = {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}


@dataclass(frozen=True)
class Tree:
    """A SQL text as sqlglot reads it."""

    sql: str
    root: exp.Expr
    tokens: Sequence[Token]

    @cached_property
    def nodes(self) -> tuple[exp.Expr, ...]:
        """Every node; five looks go over them, and walking takes longer than looking."""
        return tuple(self.root.walk())

    def at(self, node: exp.Expr | None) -> int | None:
        """Where a node begins, as near as its parts that kept their place can tell."""
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta] if node is not None else []
        return min(starts, default=None)

    def call_at(self, node: exp.Expr, *names: str) -> int | None:
        """Where the innermost call of one of `names` around a node's parts begins."""
        inside = self.at(node)
        calls = [start for start, name in self._calls if name in names and (inside is None or start <= inside)]
        return max(calls, default=inside)

    @cached_property
    def _calls(self) -> list[tuple[int, str]]:
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return [(word.start, word.text.lower()) for word, after in pairs if after.token_type is TokenType.L_PAREN]

    @property
    def tables(self) -> set[str]:
        """The names of all tables the text reads, its own included."""
        return {node.name.lower() for node in self.nodes if isinstance(node, exp.Table)}

    @property
    def parameters(self) -> frozenset[str]:
        """What the text asks for as $name."""
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return frozenset(name.text for sign, name in pairs if sign.token_type is TokenType.PARAMETER)

    @property
    def outputs(self) -> dict[str, int]:
        """Where each column that the text yields gets its name."""
        select = self.root
        while isinstance(select, exp.SetOperation | exp.Subquery | exp.Paren):
            select = select.this
        found: dict[str, int] = {}
        for item in select.expressions if isinstance(select, exp.Select) else ():
            place: exp.Expr = item.args["alias"] if isinstance(item, exp.Alias) else item
            at = max((part.meta["start"] for part in place.walk() if "start" in part.meta), default=None)
            if at is not None:
                found[item.alias_or_name] = at
        return found


def read_tree(sql: str) -> Tree | Flaw:
    """The tree of a text that the engine's parser has accepted, or why sqlglot does not read it."""
    try:
        dialect = DuckDB()
        tokens = dialect.tokenize(sql)
        statements = [statement for statement in dialect.parser().parse(tokens, sql) if statement is not None]
    except Exception as error:  # noqa: BLE001 - a fault of the parser is for the author to go round, not to crash on
        details = getattr(error, "errors", None) or [{}]
        said = str(details[0].get("description") or error).splitlines()[0]
        return Flaw("E140", f"this cannot be checked: {said}", "write it in plainer SQL", 0)
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        return Flaw("E141", "this is not exactly one SELECT", "a directive can only read: write one SELECT", 0)
    return Tree(sql, statements[0], tokens)


def flaws_of_shape(tree: Tree, scope: Scope) -> list[Flaw]:
    """What the text names that it may not, and what it is that a directive's SQL is not."""
    found = [*_of_tokens(tree, scope)]
    names = (
        {name.lower() for name in scope.tables}
        | scope.broken
        | {node.alias.lower() for node in tree.nodes if isinstance(node, exp.CTE)}
    )
    for node in tree.nodes:
        found += _of_shape(tree, node, names, scope)
    return found


def flaws_of_expression(tree: Tree) -> list[Flaw]:
    """What a text in the place of an expression has that is more than one expression about one row."""
    root = tree.root
    inner = root.expressions[0] if isinstance(root, exp.Select) and len(root.expressions) == 1 else None
    if not (isinstance(inner, exp.Alias) and isinstance(inner.this, exp.Paren) and inner.alias == "value"):
        return [Flaw("E148", "this is not one expression", "write what could stand between two parentheses", 0)]
    flaws = []
    for node in inner.this.walk():
        if isinstance(node, exp.Query):
            flaws.append(Flaw("E148", "an expression reads one row, no tables", "count it in a measure", tree.at(node)))
        elif isinstance(node, exp.AggFunc | exp.Window):
            flaws.append(Flaw("E148", "an expression is about one row", "add rows up in a measure", tree.at(node)))
    return flaws[:1]


# --- shape, tables, the clock -------------------------------------------------------------------


def _of_tokens(tree: Tree, scope: Scope) -> Iterator[Flaw]:
    for before, token, after in zip([None, *tree.tokens], tree.tokens, [*tree.tokens[1:], None], strict=False):
        word = token.text.lower()
        if token.token_type is TokenType.SEMICOLON:
            yield Flaw("E141", "a semicolon inside", "write one SELECT", token.start)
        elif token.token_type in (TokenType.PARAMETER, TokenType.PLACEHOLDER):
            name = after.text if after is not None and after.start == token.end + 1 else ""
            if name == "as_of" and not scope.as_of:
                hint = "what depends on the moment is a measure"
                yield Flaw("E144", "a projection may not mention time", hint, token.start)
            elif name not in {"as_of", *scope.asked}:
                hint = suggest(name, scope.parameters) if scope.asked else "the one parameter is $as_of"
                yield Flaw("E144", f"there is no parameter {token.text}{name}", hint, token.start)
        elif word in _CLOCK_WORDS and token.token_type is not TokenType.IDENTIFIER:
            named = before is not None and before.token_type in (TokenType.DOT, TokenType.ALIAS)
            if not named:
                yield Flaw("E144", f"{word} depends on the clock", "use $as_of in a measure", token.start)


def _of_shape(tree: Tree, node: exp.Expr, names: set[str], scope: Scope) -> Iterator[Flaw]:
    if isinstance(node, _FORBIDDEN):
        yield Flaw("E141", f"{node.key} is not for directives", "write it as plain SELECTs", tree.at(node))
    elif isinstance(node, exp.With) and node.recursive:
        yield Flaw("E141", "recursive queries are not for directives", "write it without recursive", tree.at(node))
    elif isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        name = ".".join(part.name for part in node.parts)
        if len(node.parts) > 1 or name.lower() not in names:
            yield table_flaw(name, scope, tree.at(node))
    elif isinstance(node, exp.DataType) and node.this in (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMETZ):
        hint = "times in the store are timestamp, in UTC"
        yield Flaw("E144", "a time with a zone depends on the session", hint, tree.at(node.parent))
