"""An account executive's own report.

from reporting.personal.ae_report import AEReport

print(AEReport().generate({"user_id": "olivia_mensah", "time_period": "last_7_days", "include_goals": True}))
"""

from reporting.composition import Report


class AEReport(Report):
    """`directives/reports/ae.md`, composed by `reporting/report.md.j2`."""

    name = "ae"
