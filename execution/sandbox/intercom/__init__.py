"""Intercom's API over the world: contacts, companies, conversations and the workspace they are in, version 2.14.

Wire facts come from the vendor's own description: search matches dates of contacts by calendar day in the workspace's
time zone, pages go on by a cursor, companies are listed up to the ten-thousandth or scrolled, conversations hold up to
500 parts, and only the single one has them.

Assumed, for want of a source: that lists are newest first, that conversations are matched to the second, that a deleted
one vanishes as contacts do, the codes of 400s, that a lost scroll is a 500, and that windows of the limit do not slide.
Not there: notes, segments, events, tickets, webhooks, anything that writes.
"""

from execution.sandbox.intercom.vendor import Intercom

__all__ = ["Intercom"]
