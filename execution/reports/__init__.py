"""Reports: facts from the store, composed by a template, as Markdown, HTML, JSON and PDF."""

from execution.reports.compose import Composed, Wish, as_json, compose, readers
from execution.reports.kept import Kept
from execution.reports.run import FORMS, File, Form, write

__all__ = ["FORMS", "Composed", "File", "Form", "Kept", "Wish", "as_json", "compose", "readers", "write"]
