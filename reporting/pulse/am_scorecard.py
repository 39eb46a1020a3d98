"""Account managers side by side, or one of them.

from reporting.pulse.am_scorecard import AMScorecard

print(AMScorecard().generate({"user_id": "uma_iqbal", "time_period": "last_month"}))
"""

from reporting.composition import Report


class AMScorecard(Report):
    """`directives/reports/am-scorecard.md`, composed by `reporting/report.md.j2`."""

    name = "am_scorecard"
