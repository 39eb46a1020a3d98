"""One person's day in eight steps; `gtm day` prints and keeps it.

from reporting.personal.day import Day

print(Day().generate({"user_id": "uma_iqbal"}))
"""

from reporting.composition import Report


class Day(Report):
    """`directives/reports/day.md`, composed by `reporting/personal/day.md.j2`."""

    name = "day"
