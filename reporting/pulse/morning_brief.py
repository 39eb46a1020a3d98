"""What one person has to know before the first call, on one screen.

from reporting.pulse.morning_brief import MorningBrief

print(MorningBrief().generate({"user_id": "uma_iqbal"}))
"""

from reporting.composition import Report


class MorningBrief(Report):
    """`directives/reports/morning-brief.md`, composed by `reporting/pulse/morning_brief.md.j2`."""

    name = "morning_brief"
