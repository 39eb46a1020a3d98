"""Whether the CRM can be forecast from.

from reporting.team.sales_ops_report import SalesOpsReport

print(SalesOpsReport().generate({"time_period": "last_7_days"}))
"""

from reporting.composition import Report


class SalesOpsReport(Report):
    """`directives/reports/sales-ops.md`, composed by `reporting/report.md.j2`."""

    name = "sales_ops"
