"""Deals that cannot wait, what speaks for more, and what is about to go wrong.

from reporting.pulse.deal_alert import DealAlert

print(DealAlert().generate())
"""

from reporting.composition import Report


class DealAlert(Report):
    """`directives/reports/deal-alert.md`, composed by `reporting/report.md.j2`."""

    name = "deal_alert"
