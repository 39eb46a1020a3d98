"""The catalogue of a workspace: pages about the directives, made from them, so that they cannot say anything else."""

from execution.docs.catalogue import pages
from execution.docs.run import Page, compared, write

__all__ = ["Page", "compared", "pages", "write"]
