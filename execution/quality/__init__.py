"""How far the data can be relied on: points per row and per source, what fails, and whether it may be published."""

from execution.quality.gate import gate
from execution.quality.run import rate, run, standings

__all__ = ["gate", "rate", "run", "standings"]
