"""HubSpot's CRM API over the world: contacts listed and searched, their property definitions, and owners.

Wire facts: everything in `properties` is text or null, ids are decimal strings, `paging.next.after` is absent on the
last page; search tells a total, ends at 10,000 results and has a limit of its own without headers.

Assumed, for want of a source: the wording of a 400, that `after` of a list is the last id read, that the id of a
merged contact answers with the winner, and that windows of the limits do not slide. Not there: associations,
propertiesWithHistory, batch reads, companies and deals.
"""

from execution.sandbox.hubspot.vendor import Hubspot

__all__ = ["Hubspot"]
