"""A workspace with the shipped directives, and a Calendly of three answers on loopback."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from execution.workspace import Workspace

USER = "https://api.calendly.com/users/U1"
EVENT = "https://api.calendly.com/scheduled_events/E1"
GOOD = "a-good-token"


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Workspace:
    """A copy of it, of the test's own."""
    root = tmp_path / "ws"
    shutil.copytree(made, root)
    return Workspace(root)


@dataclass
class Vendor:
    """What it answers by path, with which status, and the paths it was asked for."""

    url: str = ""
    answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


def listed(*records: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return 200, {"collection": list(records), "pagination": {"count": len(records), "next_page": None}}


def refused(status: int, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"title": "No", "message": message}


@pytest.fixture
def calendly(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """A Calendly with one meeting and one guest; the environment sends the client there, without a token."""
    vendor = Vendor()
    vendor.answers = {
        "/users/me": (
            200,
            {"resource": {"uri": USER, "current_organization": "https://api.calendly.com/organizations/O1"}},
        ),
        "/scheduled_events": listed({"uri": EVENT, "name": "Demo", "status": "active", "location": {"type": "zoom"}}),
        "/scheduled_events/E1/invitees": listed(
            {"uri": f"{EVENT}/invitees/I1", "email": "jane@acme.com", "tracking": None}
        ),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            vendor.asked.append(path)
            status, body = vendor.answers.get(path, refused(404, "not here"))
            if self.headers["Authorization"] != f"Bearer {GOOD}":
                status, body = refused(401, "The access token is invalid")
            sent = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature is the base class's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    vendor.url = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("GTM_CALENDLY__BASE_URL", vendor.url)
    monkeypatch.delenv("CALENDLY_TOKEN", raising=False)
    yield vendor
    server.shutdown()
    server.server_close()
    thread.join()
