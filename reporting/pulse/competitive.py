"""What customers wrote of competitors, and what is at stake.

from reporting.pulse.competitive import Competitive

print(Competitive().generate({"time_period": "this_quarter"}))
"""

from reporting.composition import Report


class Competitive(Report):
    """`directives/reports/competitive.md`, composed by `reporting/report.md.j2`."""

    name = "competitive"
