"""The chief revenue officer's week.

from reporting.team.cro_report import CROReport

print(CROReport().generate({"time_period": "last_7_days"}))
"""

from reporting.composition import Report


class CROReport(Report):
    """`directives/reports/cro.md`, composed by `reporting/report.md.j2`."""

    name = "cro"
