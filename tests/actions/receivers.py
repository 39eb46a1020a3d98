"""Real servers on this machine that misbehave as they are told: a receiver of webhooks and a mail server."""

import asyncio
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Behaviour = Literal["ok", "500", "hang", "drop", "slow", "refuse", "429", "redirect", "garbage"]


@dataclass
class Receiver:
    """What webhooks reach; `script` is how the next requests are met, `ok` when it is used up. One that was told an id
    before does nothing more, as its sender's headers let it."""

    url: str = ""
    script: list[Behaviour] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    patience_s: float = 3.0

    def take(self, headers: dict[str, str], body: bytes) -> Behaviour:
        """Note a request; how to meet it."""
        with self.lock:
            self.requests.append((headers, body))
            how = self.script.pop(0) if self.script else "ok"
            if how not in {"refuse", "429", "redirect"} and not self.effects[headers["idempotency-key"]]:
                self.effects[headers["idempotency-key"]] += 1
            return how

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.requests]


@contextmanager
def receiver(*script: Behaviour) -> Iterator[Receiver]:
    """A webhook receiver on loopback."""
    made = Receiver(script=list(script))
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            how = made.take({name.lower(): value for name, value in self.headers.items()}, body)
            if how == "hang":
                ended.wait(made.patience_s)
                self.close_connection = True
            elif how == "drop":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            elif how == "garbage":
                self.wfile.write(b"SMTP? no\r\n\r\n")
                self.close_connection = True
            else:
                if how == "slow":
                    time.sleep(0.3)
                self._answer({"ok": 204, "slow": 204, "refuse": 400, "redirect": 307}.get(how, 0) or int(how), how)

        do_PATCH = do_POST  # noqa: N815 - the name that the library calls

        def _answer(self, status: int, how: str) -> None:
            self.send_response(status)
            if how == "429":
                self.send_header("Retry-After", "120")
            if how == "redirect":
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    try:
        yield made
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


@dataclass
class Mailbag:
    """What reached a mail server; `answers` are its replies to the next mails."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    drops_after: int = 0

    async def handle_DATA(  # noqa: N802 - the name that the library calls
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """A mail came."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250") or answer == "drop":
            self.raw.append(raw)
            parsed = message_from_bytes(raw, policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            self.mails.append(parsed)
            self.recipients.append(list(envelope.rcpt_tos))
        if answer == "drop":
            cast("asyncio.Transport", server.transport).abort()
        return answer

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Everybody but nobody is here."""
        if address.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@contextmanager
def mail_server(*answers: str, login: bool = False) -> Iterator[Mailbag]:
    """A mail server on loopback; with `login` it wants the one that the tests have."""
    bag = Mailbag(answers=list(answers))

    def known(_server: object, _session: object, _envelope: object, _mechanism: str, data: LoginPassword) -> AuthResult:
        bag.logins.append(data.login.decode())
        return AuthResult(success=data.password == b"p4ssw0rd-of-mail", handled=False)

    more: dict[str, Any] = {"authenticator": known, "auth_required": True, "auth_require_tls": False} if login else {}
    controller = Controller(bag, hostname="127.0.0.1", port=_free_port(), **more)
    controller.start()
    bag.port = controller.port
    try:
        yield bag
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
