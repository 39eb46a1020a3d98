"""Calendly's API over the world: users, memberships, event types, scheduled events, invitees and no-show marks.

Wire facts come from the vendor's own description of the API (v2) and from recorded answers: pages name the next one
by its full URL, times are UTC with microseconds, ids are URIs, and the limit is 500 requests a minute and user.

Assumed, for want of a source: the wording of details in a 400, that every unknown parameter is refused, the body of a
429, that a no-show mark leaves the event's updated_at alone, and that windows of the limit do not slide.
"""

from execution.sandbox.calendly.vendor import Calendly

__all__ = ["Calendly"]
