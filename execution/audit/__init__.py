"""The workspace as a whole: is it where and what it says, does it give nothing away, can it be relied on.

    facts ── CHECKS ──▶ outcomes ──▶ report: findings, points, a band
      │                    └──▶ fixes: planned, then done

`facts` is data; `reading` and `history` look at the disk, `fixing` changes it; every check is a function of the facts.
"""

from execution.audit.report import Outcome, Report, audit

__all__ = ["Outcome", "Report", "audit"]
