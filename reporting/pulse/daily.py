"""The daily pulse: where customers stand, who is on the phone, whom to save first.

from reporting.pulse.daily import DailyPulse

print(DailyPulse().generate({"as_of": "2026-06-30T06:00:00+00:00"}))
"""

from reporting.composition import Report


class DailyPulse(Report):
    """`directives/reports/daily.md`, composed by `reporting/report.md.j2`."""

    name = "daily"
