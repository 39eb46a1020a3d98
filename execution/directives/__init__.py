"""Directives: Markdown files → typed values, every mistake with its file, line and column.

Pure but for `read_folder` and `read_git`: `load` takes the texts, so a git ref, an edited draft and the files on disk
are checked alike.
"""

from execution.directives.loading import load
from execution.directives.program import Program
from execution.directives.reading import Texts, read_folder, read_git

__all__ = ["Program", "Texts", "load", "read_folder", "read_git"]
