"""A fifth, ordinary REST source is one Markdown file beside the shipped ones: no Python, and no edit elsewhere."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from execution import store
from execution.directives import load, read_folder
from execution.proof import run_cases
from execution.settings import Environment
from execution.sync.sync_all import sync_all
from execution.workspace import Workspace

ROOT = Path(__file__).parents[2]
KEY = "a-key-of-the-test"

HELPDESK = """---
kind: source
name: helpdesk
title: Helpdesk
api:
  base_url: https://api.helpdesk.example/v1
  auth: {type: basic, username: env:HELPDESK_KEY}
  rate_limit: {requests: 50, per: 1s}
  paginate: {page: page, size: 2, size_param: per_page, more: has_more}
  error_message: message
freshness: {warn: 6h, error: 24h}
streams:
  users:
    path: /users
    records: entries
    key: uuid
    columns: {email: contact.email, city: address.city, seen: {path: last_seen, type: timestamp, unit: s}}
  tickets:
    each: users
    path: /users/{users.uuid}/tickets
    records: entries
    key: uuid
    columns: {subject: subject, opened: {path: opened_at, type: timestamp}, state: state}
---
# Helpdesk → unified customers
Whoever opened a ticket is a customer; the ticket is an event of theirs.

```sql customers
select email, max(city) as location_city, max(seen) as last_seen_at
from users where email is not null group by email
```

```sql events
select t.uuid as source_id, u.email, 'note' as kind, t.state as status, t.opened as occurred_at, t.subject as title
from tickets t join users u on u.uuid = t.parent_key where u.email is not null
```

```yaml tests
- name: a ticket is an event of whoever opened it
  given:
    users: [{uuid: u1, contact: {email: Ada@X.com}, address: {city: Leeds}}]
    tickets: [{uuid: t1, subject: Help, opened_at: "2026-03-01T10:00:00Z", state: open}]
  expect:
    customers: [{email: ada@x.com, location_city: Leeds}]
    events: [{source_id: t1, email: ada@x.com, title: Help}]
```
"""

USERS = [
    {
        "uuid": f"u{n}",
        "contact": {"email": f"Person{n}@Co{n % 2}.com"},
        "address": {"city": "Leeds"},
        "last_seen": 1772000000,
    }
    for n in range(5)
]


class Helpdesk(BaseHTTPRequestHandler):
    """The vendor: pages of two, Basic auth, an error body of its own."""

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        expected = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()
        if self.headers.get("Authorization") != expected:
            return self._answer(401, {"message": "who are you?"})
        page = int(parse_qs(asked.query).get("page", ["1"])[0])
        if asked.path == "/users":
            found = USERS[2 * (page - 1) : 2 * page]
            return self._answer(200, {"entries": found, "has_more": 2 * page < len(USERS)})
        user = asked.path.split("/")[2]
        ticket = {"uuid": f"t-{user}", "subject": "Help", "opened_at": "2026-03-01T10:00:00Z", "state": "open"}
        return self._answer(200, {"entries": [ticket], "has_more": False})

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Helpdesk)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


TEXTS = {**read_folder(ROOT), "directives/data-sources/helpdesk-sync.md": HELPDESK.encode()}


def test_one_file_syncs_unifies_and_is_tested(tmp_path: Path, url: str) -> None:
    program = load(TEXTS).require_valid()
    cases = run_cases(program, ["directives/data-sources/helpdesk-sync.md"])
    assert [case.differences for case in cases] == [()]
    workspace = Workspace(tmp_path)
    environment = Environment({"HELPDESK_KEY": KEY, "GTM_HELPDESK__BASE_URL": url})
    result = sync_all(workspace, program, environment, ["helpdesk"])
    assert result.exit_code == 0, result
    people = store.query(
        workspace, "SELECT email, location_city, company_domain FROM core.customers ORDER BY email"
    ).rows
    assert people == tuple((f"person{n}@co{n % 2}.com", "Leeds", f"co{n % 2}.com") for n in range(5))
    events = store.query(workspace, "SELECT count(*), count(DISTINCT email), min(title) FROM core.events").rows
    assert events == ((5, 5, "Help"),)
    assert sync_all(workspace, program, environment, ["helpdesk"]).published is None


def test_a_wrong_key_is_told_in_the_vendors_words_and_never_shown(tmp_path: Path, url: str) -> None:
    environment = Environment({"HELPDESK_KEY": "wrong-key", "GTM_HELPDESK__BASE_URL": url})
    result = sync_all(Workspace(tmp_path), load(TEXTS).require_valid(), environment, ["helpdesk"])
    assert result.exit_code == 3
    told = result.sources[0].error + result.sources[0].hint
    assert "who are you?" in told
    assert "wrong-key" not in told
