"""Figures of a team that does not exist: rows for every kind of picture, with gaps, and names that mean no good."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

HOSTILE = '<script>alert(1)</script> & "Ärger" 🚀 株式会社 \u202edrowssap\x07 ]]> --> http://evil.example {{7*7}}'

_FIRST = date(2026, 1, 5)
_SIZES = (("Healthy", 120.0, 1.5), ("Stable", 61.0, -0.3), ("At risk", 33.0, 0.2), ("Critical", 29.0, -0.1))

Rows = Sequence[Mapping[str, Any]]


def _bridge() -> Rows:
    changes = (("New", "14200"), ("Expansion", "8350.50"), ("Contraction", "-3100"), ("Churn", "-12800"))
    return [
        {"label": "MRR on 2026-09-30", "amount": Decimal("182400.00"), "kind": "total"},
        *({"label": name, "amount": Decimal(amount), "kind": "change"} for name, amount in changes),
        {"label": "MRR on 2026-10-31", "amount": Decimal("189050.50"), "kind": "total"},
    ]


def _trend() -> Rows:
    return [
        {
            "day": _FIRST + timedelta(weeks=week),
            "series": name,
            "value": None if (name, week) in {("Healthy", 5), ("Healthy", 6), ("Critical", 8)} else start + week * pace,
        }
        for name, start, pace in _SIZES
        for week in range(13)
    ]


def _cohorts() -> Rows:
    return [
        {
            "cohort": f"2026-{cohort:02d}",
            "month": month,
            "share": None if (cohort, month) == (3, 2) else 1 - month * 0.06 - cohort * 0.01,
            "customers": None if cohort == 4 else 40 - month * 3 - cohort,
        }
        for cohort in range(1, 7)
        for month in range(7 - cohort)
    ]


ROWS: Mapping[str, Rows] = {
    "bridge": _bridge(),
    "bands": [
        {"label": "Healthy", "count": 124, "amount": Decimal(96000)},
        {"label": "Stable", "count": 61, "amount": Decimal("51200.25")},
        {"label": "At risk", "count": 33, "amount": None},
        {"label": "Critical", "count": None, "amount": None},
        {"label": None, "count": 14, "amount": Decimal(1200)},
    ],
    "trend": _trend(),
    "cohorts": _cohorts(),
    "funnel": [
        {"label": "Leads", "count": 1240, "share": 1.0},
        {"label": "Meetings", "count": 410, "share": Decimal("0.3306")},
        {"label": "Proposals", "count": None, "share": None},
        {"label": "Won", "count": 41, "share": 0.033},
    ],
    "bars": [
        {"label": "Uma Iqbal", "value": 98.5},
        {"label": HOSTILE, "value": -40},
        {"label": "Oscar Klein", "value": None},
        {"label": "Priya Lindqvist", "value": 0},
    ],
    "sparkline": [
        {"day": _FIRST + timedelta(days=n), "value": None if n in {9, 10} else 50 + 10 * math.sin(n / 3)}
        for n in range(30)
    ],
}
TITLES = {
    "bridge": "MRR from September to October 2026",
    "bands": "Customers by health",
    "trend": "Customers by health, week by week",
    "cohorts": "Customers kept, by month of their beginning",
    "funnel": "From lead to customer",
    "bars": "Share of the goal, by owner",
    "sparkline": "Health of Acme",
}
UNITS = {"bridge": "USD", "bands": "USD", "bars": "%", "sparkline": "points"}
