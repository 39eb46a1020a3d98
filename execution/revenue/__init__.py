"""Recurring revenue: what every subscription came to on every day, what moved it, and the figures made of that.

What the sources say of subscriptions is kept as it is seen, run by run (`seen`); with what invoices tell of the time
before, it gives a step function per subscription (`steps`), which adds up to the ledger per customer and day
(`ledger`). Nothing in it depends on the moment it is worked out: a look back is a look at earlier days.
"""

from execution.revenue.findings import Findings, find
from execution.revenue.run import Kept, run

__all__ = ["Findings", "Kept", "find", "run"]
