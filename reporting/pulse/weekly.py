"""The week that is over.

from reporting.pulse.weekly import WeeklySummary

print(WeeklySummary().generate({"time_period": "last_week"}))
"""

from reporting.composition import Report


class WeeklySummary(Report):
    """`directives/reports/weekly.md`, composed by `reporting/report.md.j2`."""

    name = "weekly"
