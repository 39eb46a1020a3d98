"""Directives: Markdown files → typed values, every mistake with its file, line and column.

Pure but for `read_folder` and `read_git`: `load` takes the texts, so a git ref, an edited draft and the files on disk
are checked alike.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from execution.directives.program import Program
from execution.directives.reading import Texts, read_folder, read_git

if TYPE_CHECKING:
    from execution.directives.loading import load

__all__ = ["Program", "Texts", "load", "read_folder", "read_git"]


def __getattr__(name: str) -> object:
    """`load` brings YAML and all checks along; a program that is known already needs neither."""
    if name != "load":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.loading").load
