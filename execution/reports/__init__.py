"""Reports: facts from the store, composed by a template, as Markdown."""

from execution.reports.run import render, write

__all__ = ["render", "write"]
