"""Which accounts went to another band of health, and why.

from reporting.pulse.customer_health import CustomerHealth

print(CustomerHealth().generate({"time_period": "last_30_days"}))
"""

from reporting.composition import Report


class CustomerHealth(Report):
    """`directives/reports/health-pulse.md`, composed by `reporting/report.md.j2`."""

    name = "health_pulse"
