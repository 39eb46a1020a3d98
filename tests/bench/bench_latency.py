"""Three streams of 13,000 records in all, when every answer takes 100 ms: how near to what the API allows.

    python tests/bench/bench_latency.py [records] [latency_ms]

Each stream is a listing, whose next page is only known from the one before: the API allows one request at a time per
stream, so no program can be faster than the longest stream's pages one after another. Prints the ratio to that.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from execution.sandbox import Options, start
from tests.bench.portal import gtm, make_workspace, timed

PER_PAGE = 100
STREAM = """  {name}:
    path: /crm/v3/objects/contacts
    params: {{limit: 100, properties: "email,firstname,lastname,{property}"}}
    records: results
    key: id
    columns: {{email: properties.email, first: properties.firstname, last: properties.lastname}}
"""
DIRECTIVE = """---
kind: source
name: hubspot
api:
  base_url: https://api.hubapi.com
  auth: {{type: bearer, token: env:HUBSPOT_TOKEN}}
  rate_limit: {{requests: 100, per: 1s, concurrency: 8}}
  paginate: {{cursor: paging.next.after, param: after}}
streams:
{streams}---
```sql customers
select email, max(first) as name from one where email is not null group by email
```
"""


def directive() -> str:
    """The source directive of the benchmark: one listing three times, each with another property."""
    held = (("one", "city"), ("two", "zip"), ("three", "state"))
    return DIRECTIVE.format(streams="".join(STREAM.format(name=name, property=each) for name, each in held))


def main(records: int, latency_ms: float) -> None:
    """Time it and print what came out."""
    options = Options(customers=records // 3, speed=0, latency_ms=latency_ms, vendors=("hubspot",))
    with tempfile.TemporaryDirectory() as folder, start(options) as sandbox:
        root = make_workspace(Path(folder))
        (root / "directives" / "data-sources" / "hubspot-sync.md").write_text(directive())
        timed(gtm(root, "sync"), sandbox.environment)  # the sandbox renders its pages
        runs = [timed(gtm(root, "sync", "--full"), sandbox.environment) for _ in range(3)]
        asked = sum(1 for seen in sandbox.log() if seen["path"].endswith("/contacts"))
    pages = asked / 4 / 3
    least = pages * latency_ms / 1000
    wall = statistics.median(run.wall_s for run in runs)
    print(f"{records:,} records in three streams of {pages:.0f} pages, {latency_ms:.0f} ms an answer")
    print(f"  least possible {least:.2f} s, took {wall:.2f} s: ratio {wall / least:.2f} (aim 1.20)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 13_000, float(sys.argv[2]) if len(sys.argv) > 2 else 100.0)
