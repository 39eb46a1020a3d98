"""The report of whoever looks after accounts.

from reporting.personal.csm_report import CSMReport

print(CSMReport().generate({"user_id": "uma_iqbal"}))
"""

from reporting.composition import Report


class CSMReport(Report):
    """`directives/reports/csm.md`, composed by `reporting/report.md.j2`."""

    name = "csm"
