"""The chief financial officer's month.

from reporting.team.cfo_report import CFOReport

print(CFOReport().generate({"time_period": "last_month"}))
"""

from reporting.composition import Report


class CFOReport(Report):
    """`directives/reports/cfo.md`, composed by `reporting/team/cfo.md.j2`."""

    name = "cfo"
