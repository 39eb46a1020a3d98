"""Pictures where people would rather look than read: figures in, SVG out."""

from execution.charts.draw import KINDS, draw

__all__ = ["KINDS", "draw"]
