"""Segments: named sets of an entity's rows, and named divisions of them into groups."""

from execution.segments.run import run

__all__ = ["run"]
