"""Who is at risk, and what became of who was.

from reporting.pulse.churn_risk_quarterly import QuarterlyChurnRisk

print(QuarterlyChurnRisk().generate({"time_period": "last_quarter"}))
"""

from reporting.composition import Report


class QuarterlyChurnRisk(Report):
    """`directives/reports/churn-risk-quarterly.md`, composed by `reporting/report.md.j2`."""

    name = "churn_risk_quarterly"
