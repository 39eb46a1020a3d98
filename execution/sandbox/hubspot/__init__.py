"""HubSpot's CRM API over the world: contacts, companies and deals listed, searched and read, what belongs to what, and
their properties, pipelines and owners.

Wire facts: everything in `properties` is text or null, ids are decimal strings, `paging.next.after` is absent on the
last page; search tells a total, ends at 10,000 results and has a limit of its own without headers; the limit of ten
seconds rolls; a change of associations is no modification. Where the vendor's pages differ, the strictest holds.

Assumed, for want of a source: the wording of a 400, that `after` of a list is the last id read, that the id of a
merged contact answers with the winner, that a record without associations is an error of a 207, that search leaves out
what changed within its lag instead of showing it as it was, that equals are sorted in no order of use, and that the
windows of the other limits do not slide. What writes is the PATCH of one record. Not there: associations beside a
list, propertiesWithHistory, anything else that writes.
"""

from execution.sandbox.hubspot.vendor import Hubspot

__all__ = ["Hubspot"]
