"""What a SQL text would reach, read by the engine's own parser: what is checked here is what would run."""

import json
from collections.abc import Iterator
from typing import Any, cast

from execution import engine
from execution.directives.problems import suggest
from execution.directives.sql.flaw import Flaw, Scope
from execution.directives.sql.functions import ALLOWED, REFUSED, TABLE_FUNCTIONS

_TABLE_REFERENCES = {"BASE_TABLE", "TABLE_FUNCTION", "SUBQUERY", "JOIN", "EMPTY", "EMPTY_FROM", "EXPRESSION_LIST"}
_QUERY_NODES = {"SELECT_NODE", "SET_OPERATION_NODE"}
_NOWHERE = 2**63


def flaws_of_reach(con: engine.Connection, sql: str, scope: Scope) -> list[Flaw]:
    """Everything the text would reach and may not, or why it is no single SELECT. The text is only parsed."""
    row = con.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
    read: dict[str, Any] = json.loads(cast("tuple[str]", row)[0])
    if read["error"]:
        return [_syntax(sql, read)]
    if len(read["statements"]) != 1:
        return [Flaw("E141", "this is not exactly one SELECT", "write one statement, without a semicolon in it")]
    nodes = list(_nodes(read["statements"][0]["node"]))
    flaws = [flaw for node in nodes for flaw in _flaws(sql, node)]
    return sorted(set(flaws), key=lambda flaw: (flaw.at or 0, flaw.message)) or _of_tables(sql, nodes, scope)


def _syntax(sql: str, read: dict[str, Any]) -> Flaw:
    said = str(read.get("error_message", "it cannot be read"))
    if "max expression depth" in said.lower():
        return Flaw("E140", "this is nested too deep to check", "write the inner parts as queries of their own", 0)
    if "SELECT statements" in said:
        return Flaw("E141", "this is not a SELECT", "a directive can only read: write one SELECT", 0)
    at = _index(sql, int(read["position"])) if "position" in read else None
    hint = "a name that is also a word of SQL stands in double quotes" if "syntax error" in said else ""
    return Flaw("E140", f"DuckDB cannot read this: {said.splitlines()[0]}", hint, at)


def _nodes(root: object) -> Iterator[dict[str, Any]]:
    """Every mapping of the tree."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("type") == "TABLE_FUNCTION":  # DuckDB 2 places the reference, not the function in it
                node["function"]["query_location"] = node["query_location"]
            yield node
            waiting += [value for value in node.values() if isinstance(value, dict | list)]
        elif isinstance(node, list):
            waiting += node


def _flaws(sql: str, node: dict[str, Any]) -> Iterator[Flaw]:
    at = _index(sql, node.get("query_location", _NOWHERE))
    kind = node.get("class")
    if kind in ("FUNCTION", "WINDOW") and not node.get("is_operator"):
        name = str(node["function_name"]).lower()
        yield from _call(name, at)
        if name == "age" and len(node.get("children") or node.get("arguments") or ()) == 1:
            yield Flaw("E144", "age() of one time is measured from the clock", "write age($as_of, …) in a measure", at)
    elif kind is None and "cte_map" in node and node.get("type") not in _QUERY_NODES:
        what = "recursive" if "RECURSIVE" in str(node["type"]) else "of this kind"
        yield Flaw("E141", f"queries {what} are not for directives", "write it as plain SELECTs", at)
    elif kind is None and "query_location" in node and "sample" in node and node.get("type") not in _TABLE_REFERENCES:
        yield Flaw("E141", f"{str(node['type']).lower()} is not for directives", "write it as a plain SELECT", at)
    if node.get("sample"):
        yield Flaw("E145", "a sample takes rows by chance", "choose rows with where", at)
    if node.get("ref_type") == "POSITIONAL":
        yield Flaw("E145", "a positional join pairs rows in whatever order they come", "join on a column", at)


def _call(name: str, at: int | None) -> Iterator[Flaw]:
    if name in REFUSED:
        code, why, remedy = REFUSED[name]
        yield Flaw(code, f"{name}() {why}", remedy, at)
    elif name not in ALLOWED and name not in TABLE_FUNCTIONS:
        hint = suggest(name, ALLOWED, otherwise="directives/README.md lists the functions there are")
        yield Flaw("E143", f"there is no function {name}() for directives", hint, at)


def _of_tables(sql: str, nodes: list[dict[str, Any]], scope: Scope) -> list[Flaw]:
    """Tables that are neither visible nor named by the text itself; sqlglot has the better words for them."""
    own = {str(item["key"]).lower() for node in nodes if "cte_map" in node for item in node["cte_map"]["map"]}
    seen = {name.lower() for name in scope.tables} | scope.broken | own
    flaws: list[Flaw] = []
    for node in nodes:
        at = _index(sql, node.get("query_location", _NOWHERE))
        if node.get("type") == "BASE_TABLE":
            if node["schema_name"] or node["catalog_name"] or str(node["table_name"]).lower() not in seen:
                flaws.append(table_flaw(".".join(filter(None, (node["schema_name"], node["table_name"]))), scope, at))
        elif node.get("type") == "TABLE_FUNCTION" and node["function"]["function_name"].lower() not in TABLE_FUNCTIONS:
            flaws.append(Flaw("E142", f"{node['function']['function_name']}() is no table to read", _seen(scope), at))
    return flaws


def table_flaw(name: str, scope: Scope, at: int | None) -> Flaw:
    """A table that this SQL may not see."""
    plain = name.rsplit(".", 1)[-1].lower()
    if "." in name and plain in scope.tables:
        return Flaw("E142", f"'{name}' is written with a schema", f"write {plain} alone", at)
    what = "a file" if name.rsplit(".", 1)[-1].lower() in ("csv", "json", "parquet", "txt", "xlsx") else "a table"
    hint = _seen(scope) if what == "a file" else suggest(plain, scope.tables, otherwise=_seen(scope))
    return Flaw("E142", f"'{name}' is not {what} that may be read here", hint, at)


def _seen(scope: Scope) -> str:
    return f"to be read here: {', '.join(scope.tables)}" if scope.tables else "an expression reads one row only"


def _index(sql: str, byte: int) -> int | None:
    """The engine counts bytes; None where it says nothing."""
    if sql.isascii():
        return byte if byte <= len(sql) else None
    encoded = sql.encode()
    return len(encoded[:byte].decode("utf-8", "ignore")) if byte <= len(encoded) else None
