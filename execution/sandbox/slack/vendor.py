"""Slack's door: whose token it is, how often a channel takes a message, and what a method answers."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from execution.sandbox.exchange import Record, Reply, Request, json_reply
from execution.sandbox.options import SLACK_TOKEN, SLACK_UNSCOPED_TOKEN
from execution.sandbox.slack.channels import TEAM, USER, Room, Rooms, described, roots, since, thread
from execution.sandbox.slack.checking import problem

WEBHOOK = "/services/T0SANDBOX/B0000SANDBOX/sandboxhook"
"""The one incoming webhook; it posts to the first channel."""

_READS = {"conversations.history": "channels:history", "conversations.replies": "channels:history",
          "conversations.list": "channels:read"}  # fmt: skip

Method = Callable[[Mapping[str, Any]], Record]


class _Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    def __init__(self, error: str, **more: str) -> None:
        super().__init__(error)
        self.body: Record = {"ok": False, "error": error, **more}


class _Pages:
    """Where lists of messages are; see `exchange.PageShape`."""

    def records(self, page: Record) -> list[Record] | None:
        """The messages."""
        found = page.get("messages")
        return found if isinstance(found, list) else None

    def own_cursor(self, request: Request) -> str:
        """The cursor it was asked by."""
        return dict(request.params()).get("cursor", "")

    def next_cursor(self, page: Record) -> str | None:
        """The next one."""
        return (page.get("response_metadata") or {}).get("next_cursor") or None

    def point(self, page: Record, cursor: str, origin: str | None = None) -> None:  # noqa: ARG002 - no URLs here
        """Name the next one."""
        page["response_metadata"] = {"next_cursor": cursor}

    def texts(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:
        """The text."""
        yield record, "text"

    def emails(self, record: Record) -> Iterator[tuple[MutableMapping[str, Any], str]]:  # noqa: ARG002
        """There are none."""
        yield from ()

    def touch(self, record: Record) -> None:
        """Messages do not change by themselves."""


class Slack:
    """The vendor. `speed` multiplies how often a channel takes a message, 0 lifts the limit."""

    name = "slack"

    def __init__(self, speed: float) -> None:
        self.shape = _Pages()
        self.rooms = Rooms()
        self._apart_s = 1 / speed if speed else 0.0
        self._last: dict[str, float] = {}
        self._methods: Mapping[str, Method] = {
            "auth.test": self._test,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.list": self._list,
        }

    def answer(self, request: Request) -> Reply:
        """What Slack answers."""
        if request.path == WEBHOOK or request.path.startswith("/services/"):
            return self._hook(request)
        method = request.path.strip("/")
        if method not in self._methods:
            return json_reply(200, {"ok": False, "error": "unknown_method", "req_method": method})
        try:
            self._let_in(request, method)
            body = _body(request)
            room = self.rooms.find(str(body.get("channel"))) if method == "chat.postMessage" else None
            if room is not None and (wait := self._too_soon(room)) is not None:
                return json_reply(429, {"ok": False, "error": "ratelimited"}, [(b"retry-after", b"%d" % wait)])
            return json_reply(200, self._methods[method](body))
        except _Refusal as refusal:
            return json_reply(200, refusal.body)

    def failure(self, status: int) -> Reply:
        """Slack's words for a status."""
        words = {401: "invalid_auth", 429: "ratelimited", 500: "internal_error", 503: "service_unavailable"}
        return json_reply(status, {"ok": False, "error": words.get(status, "fatal_error")})

    def render_ahead(self) -> None:
        """Nothing is."""

    def moved_on(self) -> None:
        """Messages are of the clock on the wall, not of the world's."""

    def truth(self) -> Record:
        """Every message by channel, in order; whose they are is in their metadata."""
        return {room.name: room.messages for room in self.rooms.all}

    # --- who may, and how often -------------------------------------------------------------------

    def _let_in(self, request: Request, method: str) -> None:
        token = request.bearer()
        if token is None:
            raise _Refusal("not_authed")
        if token not in {SLACK_TOKEN, SLACK_UNSCOPED_TOKEN}:
            raise _Refusal("invalid_auth")
        if token == SLACK_UNSCOPED_TOKEN and method in _READS:
            raise _Refusal("missing_scope", needed=_READS[method], provided="chat:write")

    def _too_soon(self, room: Room) -> int | None:
        """Seconds to wait where a channel had a message just now."""
        now = time.monotonic()
        left = self._last.get(room.id, -1e9) + self._apart_s - now
        if left > 0.05 * self._apart_s:
            return max(1, round(left + 0.5))
        self._last[room.id] = now
        return None

    def _room(self, body: Mapping[str, Any], *, by_id: bool = False) -> Room:
        named = str(body.get("channel") or "")
        room = self.rooms.find(named)
        if room is None or (by_id and room.id != named):
            raise _Refusal("channel_not_found")
        return room

    # --- methods ----------------------------------------------------------------------------------

    def _test(self, _body: Mapping[str, Any]) -> Record:
        url = "https://sandbox.slack.com/"
        return {"ok": True, "url": url, "team": "Sandbox", "user": "gtm", "team_id": TEAM, "user_id": USER}

    def _post(self, body: Mapping[str, Any]) -> Record:
        room = self._room(body)
        refused = room.refusal or problem(body)
        if refused is not None:
            raise _Refusal(refused)
        if body.get("thread_ts") and not thread(room, str(body["thread_ts"])):
            raise _Refusal("thread_not_found")
        message = self.rooms.post(room, dict(body))
        return {"ok": True, "channel": room.id, "ts": message["ts"], "message": message}

    def _update(self, body: Mapping[str, Any]) -> Record:
        room = self._room(body, by_id=True)
        message = next((each for each in room.messages if each["ts"] == body.get("ts")), None)
        if message is None:
            raise _Refusal("message_not_found")
        refused = problem(body)
        if refused is not None:
            raise _Refusal(refused)
        message["text"] = str(body.get("text") or "")
        if body.get("blocks"):
            message["blocks"] = body["blocks"]
        told = {"text": message["text"]}
        return {"ok": True, "channel": room.id, "ts": message["ts"], "text": message["text"], "message": told}

    def _history(self, body: Mapping[str, Any]) -> Record:
        room = self._room(body, by_id=True)
        found = since(roots(room), str(body.get("oldest") or ""), str(body.get("latest") or ""))
        more = {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}
        return {"ok": True, **_page(found, body, "messages"), **more}

    def _replies(self, body: Mapping[str, Any]) -> Record:
        room = self._room(body, by_id=True)
        found = thread(room, str(body.get("ts") or ""))
        if not found:
            raise _Refusal("thread_not_found")
        return {"ok": True, **_page(found, body, "messages")}

    def _list(self, body: Mapping[str, Any]) -> Record:
        hides = str(body.get("exclude_archived")).lower() == "true"
        rooms = [room for room in self.rooms.all if not (hides and room.refusal == "is_archived")]
        page = _page([described(room) for room in rooms], body, "channels")
        page.pop("has_more")
        return {"ok": True, "response_metadata": {"next_cursor": ""}, **page}

    def _hook(self, request: Request) -> Reply:
        """An incoming webhook answers in plain text."""
        text = [(b"content-type", b"text/plain; charset=utf-8")]
        if request.path != WEBHOOK:
            return Reply(404, text, b"no_service")
        try:
            body = json.loads(request.body)
        except ValueError:
            return Reply(400, text, b"invalid_payload")
        refused = problem(body) if isinstance(body, dict) else "invalid_payload"
        if refused is not None:
            return Reply(400, text, refused.encode())
        room = self.rooms.all[0]
        if (wait := self._too_soon(room)) is not None:
            return Reply(429, [*text, (b"retry-after", b"%d" % wait)], b"rate_limited")
        self.rooms.post(room, body)
        return Reply(200, text, b"ok")


def _body(request: Request) -> dict[str, Any]:
    """What is asked for: JSON, a form, or the query."""
    if request.method == "GET":
        return dict(request.params())
    if b"json" in request.headers.get(b"content-type", b""):
        try:
            found = json.loads(request.body)
        except ValueError:
            raise _Refusal("invalid_json") from None
        if not isinstance(found, dict):
            raise _Refusal("json_not_object")
        return found
    form: dict[str, Any] = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    for name in ("blocks", "metadata"):
        if name in form:
            form[name] = json.loads(form[name])
    return form


def _page(found: list[Record], body: Mapping[str, Any], name: str) -> Record:
    """One page of a list, by the number of what was given already."""
    limit = int(str(body.get("limit") or 100))
    start = int(str(body.get("cursor") or 0))
    page: Record = {name: found[start : start + limit], "has_more": start + limit < len(found)}
    if page["has_more"]:
        page["response_metadata"] = {"next_cursor": str(start + limit)}
    return page
