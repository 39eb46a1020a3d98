"""The portal that the sync benchmarks read: a sandbox with its pages rendered ahead, and a workspace that syncs it."""

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from execution.sandbox.hubspot.properties import NAMES

ROOT = Path(__file__).parents[2]
TYPES = {
    "createdate": "timestamp",
    "email": "email",
    "hs_analytics_num_page_views": "integer",
    "hs_analytics_num_visits": "integer",
    "hs_email_optout": "boolean",
    "hs_lifecyclestage_customer_date": "timestamp",
    "hs_lifecyclestage_lead_date": "timestamp",
    "hubspot_owner_assigneddate": "timestamp",
    "lastmodifieddate": "timestamp",
    "monthly_recurring_revenue": "decimal",
}
"""The directive types of the portal's forty properties; all others are text."""

DIRECTIVE = """---
kind: source
name: hubspot
api:
  base_url: https://api.hubapi.com
  auth: {{type: bearer, token: env:HUBSPOT_TOKEN}}
  rate_limit: {{requests: 100000, per: 1s, concurrency: 8}}
  error_message: message
streams:
  contacts:
    method: POST
    path: /crm/v3/objects/contacts/search
    body: {{limit: 200, properties: [{names}]}}
    records: results
    key: id
    total: total
    paginate: {{keyset: id, param: hs_object_id}}
    sync: {{by: cursor, column: lastmodifieddate, lookback: 1h}}
    version: lastmodifieddate
    columns:
{columns}
---
```sql customers
select
    email, key as hubspot_contact_id, trim(concat_ws(' ', firstname, lastname)) as name, company as company_name,
    country as location_country, city as location_city, lifecyclestage as lifecycle_stage, industry,
    numemployees as company_size, associatedcompanyid as hubspot_company_id, stripe_customer_id,
    hs_analytics_source as acquisition_source, hs_lifecyclestage_customer_date::date as signup_date
from contacts
where email is not null
qualify row_number() over (partition by email order by lastmodifieddate desc nulls last, key desc) = 1
```
"""


def directive() -> str:
    """The source directive of the benchmark: all forty properties, typed."""
    columns = "\n".join(f"      {name}: {{path: properties.{name}, type: {TYPES.get(name, 'text')}}}" for name in NAMES)
    return DIRECTIVE.format(names=", ".join(NAMES), columns=columns)


def make_workspace(root: Path) -> Path:
    """A workspace with the shipped directives, and the benchmark's source alone."""
    shutil.copytree(ROOT / "directives", root / "directives", ignore=shutil.ignore_patterns("data-sources", "local"))
    (root / "directives" / "data-sources").mkdir()
    (root / "directives" / "data-sources" / "hubspot-sync.md").write_text(directive(), encoding="utf-8")
    return root


@dataclass(frozen=True, slots=True)
class Timed:
    """One run of a command: wall and CPU seconds, peak memory in MB, what it printed."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    said: str


def timed(command: Sequence[str], environment: Mapping[str, str]) -> Timed:
    """Run a command as a whole process, byte-code caching on. Raises RuntimeError where it fails."""
    env = {**os.environ, **environment}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    child = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert child.stdout is not None
    said = child.stdout.read()
    child.stdout.close()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}:\n{said}")
    return Timed(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def gtm(workspace: Path, *arguments: str) -> list[str]:
    """The command line of `gtm` in this environment."""
    return [str(Path(sys.executable).with_name("gtm")), "--workspace", str(workspace), *arguments]


def own_peak_mb() -> float:
    """This process's peak memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
