"""The report of whoever shows that it works.

from reporting.personal.se_report import SEReport

print(SEReport().generate({"user_id": "simon_nowak"}))
"""

from reporting.composition import Report


class SEReport(Report):
    """`directives/reports/se.md`, composed by `reporting/report.md.j2`."""

    name = "se"
