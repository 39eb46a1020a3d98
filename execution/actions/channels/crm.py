"""Writing a field back to the CRM it came from. Setting a property to a value twice is the same as once."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from execution.actions.channels.telling import NotSentError, Receipt, Wire
from execution.actions.outbox import Row
from execution.clients.credentials import Credentials, credentials
from execution.clients.sending import Outgoing
from execution.directives.model import Source
from execution.errors import UsageError
from execution.settings import Environment

TIMEOUT_S = 30.0

_HUBSPOT = {"customers": "contacts", "companies": "companies", "deals": "deals"}
"""HubSpot's name of an entity's records."""
_BY = {"customers": "email"}
"""The property that names a record there, where it is not its id."""


@dataclass(frozen=True, slots=True)
class HubspotSender:
    """HubSpot, as its source is read."""

    base_url: str
    credentials: Credentials = field(repr=False)
    ids: Callable[[Row], str | None]
    timeout_s: float = TIMEOUT_S
    wall: Callable[[], float] = time.time

    def send(self, row: Row) -> Receipt:
        """PATCH the record's property."""
        entity = str(row.payload.get("entity"))
        kind, id_ = _HUBSPOT.get(entity), self.ids(row)
        if kind is None or not id_:
            raise NotSentError(f"HubSpot has no record of this row of {entity}", is_final=kind is None)
        name = str(row.payload.get("property") or row.payload.get("field"))
        body = json.dumps({"properties": {name: value_of(row.payload.get("value"))}}).encode()
        by = f"?idProperty={_BY[entity]}" if entity in _BY else ""
        url = f"{self.base_url}/crm/v3/objects/{kind}/{quote(id_, safe='')}{by}"
        headers = {"content-type": "application/json", **self.credentials.headers}
        answered = Wire(self.timeout_s, self.wall()).tell(Outgoing("PATCH", url, headers, body))
        return {"status": answered.status, "object": kind, "id": id_, "property": name}


def value_of(value: object) -> str:
    """A value as HubSpot takes it: text, and empty for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def crm_sender(
    source: Source | None,
    name: str,
    environment: Environment,
    ids: Callable[[Row], str | None],
    wall: Callable[[], float] = time.time,
) -> HubspotSender:
    """What writes back to a source. Raises UsageError where nothing can, CredentialsError where its key is not set."""
    if source is None or not source.enabled or name != "hubspot" or source.files is not None:
        raise UsageError(f"nothing can be written back to {name}", hint="write_back: hubspot", code="E385")
    base_url = environment.base_url(name, source.api.base_url)
    return HubspotSender(base_url, credentials(source.api.auth, environment), ids, wall=wall)
