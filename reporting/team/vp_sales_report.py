"""What whoever leads sales looks at.

from reporting.team.vp_sales_report import VPSalesReport

print(VPSalesReport().generate({"time_period": "this_quarter"}))
"""

from reporting.composition import Report


class VPSalesReport(Report):
    """`directives/reports/vp-sales.md`, composed by `reporting/report.md.j2`."""

    name = "vp_sales"
