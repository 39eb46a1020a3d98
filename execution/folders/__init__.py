"""What stands in an account's folder beside its briefs: timeline, dated notes, tasks, and the index of all folders."""

from execution.folders.run import BLOCKS, Brought, check, render, write
from execution.folders.settling import Settled, settle
from execution.folders.ticking import finish

__all__ = ["BLOCKS", "Brought", "Settled", "check", "finish", "render", "settle", "write"]
