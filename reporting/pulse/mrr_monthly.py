"""Recurring revenue, month by month.

from reporting.pulse.mrr_monthly import MonthlyMRR

print(MonthlyMRR().generate({"time_period": "2026-10"}))
"""

from reporting.composition import Report


class MonthlyMRR(Report):
    """`directives/reports/mrr-monthly.md`, composed by `reporting/report.md.j2`."""

    name = "mrr_monthly"
