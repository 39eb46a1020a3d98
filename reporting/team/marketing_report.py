"""Who is new, who stays, and what customers say.

from reporting.team.marketing_report import MarketingReport

print(MarketingReport().generate({"time_period": "last_month"}))
"""

from reporting.composition import Report


class MarketingReport(Report):
    """`directives/reports/marketing.md`, composed by `reporting/report.md.j2`."""

    name = "marketing"
