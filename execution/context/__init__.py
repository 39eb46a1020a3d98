"""What people and agents read of each account: generated Markdown that leaves people's own words alone."""

from execution.context.run import Written, write

__all__ = ["Written", "write"]
