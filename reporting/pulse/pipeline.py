"""What is open, how long, what moved, and what should close.

from reporting.pulse.pipeline import Pipeline

print(Pipeline().generate({"time_period": "this_week"}))
"""

from reporting.composition import Report


class Pipeline(Report):
    """`directives/reports/pipeline.md`, composed by `reporting/report.md.j2`."""

    name = "pipeline"
