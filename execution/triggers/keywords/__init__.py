"""Keywords: words in what customers wrote to us, found once in every text, and not where they are denied."""

from datetime import datetime

from execution.directives import Program
from execution.directives.model import Trigger
from execution.measures.stored import Stored
from execution.triggers.keywords.compile import latest_select
from execution.triggers.keywords.run import Found, find, refresh

__all__ = ["Found", "find", "hits", "refresh"]


def hits(program: Program, trigger: Trigger, as_of: datetime, stored: Stored) -> str:
    """SELECT of `key`, `words`, `snippet`, `source`, `said_at`: of each row of the trigger's entity the latest
    text with its words that was written by a moment and not too long before it."""
    return latest_select(program, trigger, as_of, stored)
