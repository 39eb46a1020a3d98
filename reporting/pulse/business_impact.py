"""A quarter against the one before.

from reporting.pulse.business_impact import BusinessImpact

print(BusinessImpact().generate({"time_period": "last_quarter"}))
"""

from reporting.composition import Report


class BusinessImpact(Report):
    """`directives/reports/business-impact.md`, composed by `reporting/report.md.j2`."""

    name = "business_impact"
