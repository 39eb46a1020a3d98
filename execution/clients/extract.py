"""Single values out of an answer, and the answer that has none."""

from collections.abc import Mapping

import msgspec

from execution.clients.heads import dig
from execution.clients.verdicts import AskAgainError
from execution.directives.paths import parse_path
from execution.errors import PageError


def extract(body: bytes, wanted: Mapping[str, str]) -> dict[str, str]:
    """The values at the paths `wanted`, as text, by their names.

    Raises AskAgainError where `body` is not JSON, PageError where a path leads to nothing.
    """
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise AskAgainError("not JSON", error=PageError, evidence=body) from exc
    found = {name: dig(decoded, parse_path(path)) for name, path in wanted.items()}
    missing = [wanted[name] for name, value in found.items() if value is None or isinstance(value, dict | list)]
    if missing:
        raise PageError(
            f"the answer has no text at {', '.join(missing)}",
            hint="check api.account in the source's directive",
            code="E344",
        )
    return {name: str(value) for name, value in found.items()}


def nothing(records: str) -> bytes:
    """The smallest page without records: their path, and an empty list at its end."""
    inner: object = []
    for step in reversed(parse_path(records)):
        inner = {str(step): inner}
    return msgspec.json.encode(inner)
