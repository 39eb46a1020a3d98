"""The workspace's `.env`: variables written to it, other lines kept, readable by its owner only."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/@+=,%~")


def read(file: Path) -> dict[str, str]:
    """The variables written there; empty where there is no file."""
    from dotenv import dotenv_values

    if not file.is_file():
        return {}
    return {name: value for name, value in dotenv_values(file, interpolate=False).items() if value is not None}


def write(file: Path, values: Mapping[str, str], *, heading: str = "") -> None:
    """Set variables, whether or not they are there already. The file is replaced at once and has mode 0600.

    `heading` is a comment that a new file begins with.
    """
    kept = _others(file, values) if file.exists() else [f"# {heading}\n"] if heading else []
    if kept and not kept[-1].endswith("\n"):
        kept[-1] += "\n"
    text = "".join([*kept, *(f"{name}={quoted(value)}\n" for name, value in values.items())])
    descriptor, partial = tempfile.mkstemp(dir=file.parent, prefix=".env.")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(partial).replace(file)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _others(file: Path, values: Mapping[str, str]) -> list[str]:
    """The file's text without the bindings of `values`, as dotenv itself reads them (some span lines)."""
    from dotenv.parser import parse_stream

    with file.open(encoding="utf-8") as stream:
        return [binding.original.string for binding in parse_stream(stream) if binding.key not in values]


def quoted(value: str) -> str:
    """The value as dotenv reads it back, whatever characters it has."""
    if value and set(value) <= _PLAIN:
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
