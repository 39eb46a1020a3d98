"""The report of whoever finds and qualifies leads.

from reporting.personal.sdr_report import SDRReport

print(SDRReport().generate({"user_id": "olivia_mensah", "time_period": "last_7_days"}))
"""

from reporting.composition import Report


class SDRReport(Report):
    """`directives/reports/sdr.md`, composed by `reporting/report.md.j2`."""

    name = "sdr"
