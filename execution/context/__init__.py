"""What people and agents read of each account: generated Markdown that leaves people's own words alone."""

from execution.context.chosen import TIERS
from execution.context.places import folder_of
from execution.context.run import Wanted, Written, check, render, write

__all__ = ["TIERS", "Wanted", "Written", "check", "folder_of", "render", "write"]
