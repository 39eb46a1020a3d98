"""Where accounts stand, who moved, and what renews.

from reporting.team.customer_success_report import CustomerSuccessReport

print(CustomerSuccessReport().generate({"time_period": "last_7_days"}))
"""

from reporting.composition import Report


class CustomerSuccessReport(Report):
    """`directives/reports/customer-success.md`, composed by `reporting/report.md.j2`."""

    name = "customer_success"
