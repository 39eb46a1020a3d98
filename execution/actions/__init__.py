"""Actions: what is done about an alert, to whom it goes, when, and that it is done once.

`plan` writes the outbox in the transaction that opens alerts; `deliver` does what it says, at least once and effective
once.
"""

from execution.actions.deliver import Delivered, Handled, deliver
from execution.actions.plan import Planned, plan
from execution.actions.reported import reported

__all__ = ["Delivered", "Handled", "Planned", "deliver", "plan", "reported"]
