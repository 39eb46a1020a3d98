"""Whether gtm itself does its work.

from reporting.pulse.system_health import SystemHealth

print(SystemHealth().generate({"time_period": "last_7_days"}))
"""

from reporting.composition import Report


class SystemHealth(Report):
    """`directives/reports/system-health.md`, composed by `reporting/report.md.j2`."""

    name = "system_health"
