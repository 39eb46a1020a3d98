"""What an answer that is not a page means: ask again, and when; or stop, and why.

408 425 429 5xx      ask again (403 too, where it comes with Retry-After: some vendors throttle with it)
401 403              CredentialsError, with the vendor's own words
any other            VendorError
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

import msgspec

from execution.clients.allowance import asked_to_wait
from execution.clients.clock import Clock
from execution.clients.credentials import Credentials
from execution.clients.heads import dig
from execution.directives.paths import parse_path
from execution.errors import CredentialsError, NetworkError, PageError, SourceError, VendorError

QUOTA_S = 600.0
"""A vendor that wants to be left alone for longer than this has a spent quota, not a busy moment."""

_WORDS = 300
_RETRIED = {408, 425, 429}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read whole. `headers` are found by any case; `sent` is method and path, for messages."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: str


class AskAgainError(Exception):
    """An answer that may be better next time.

    `wait_s` is how long the vendor asked to wait (None: unsaid), `throttled` whether that concerns every request of
    the budget; `error` is what to raise when there is no next time, as there never is if `is_final`.
    `evidence` is the body that was not as it should be.
    """

    def __init__(
        self,
        reason: str,
        *,
        wait_s: float | None = None,
        throttled: bool = False,
        error: type[SourceError] = NetworkError,
        evidence: bytes | None = None,
        is_final: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_s = wait_s
        self.throttled = throttled
        self.error = error
        self.evidence = evidence
        self.is_final = is_final

    def given_up(self, sent: str, tries: int, where: str, *, is_kept: bool) -> SourceError:
        """The error after the last try; `is_kept`: somebody keeps the answers that were bad."""
        kept = f"the bad answers are kept in data/landing/{where}, in the run's quarantine: " if is_kept else ""
        bad_page = self.error is PageError
        times = f"{tries} time{'s' if tries != 1 else ''}"
        return self.error(
            f"{sent} was asked {times}; the last answer was {self.reason}"
            if bad_page
            else f"{sent} was asked {times} without success; the last time: {self.reason}",
            hint=f"{kept}compare what came with what the directive expects, or try again later"
            if bad_page
            else "try again later; what was read so far is kept",
            where=where,
        )


@dataclass(frozen=True, slots=True)
class Judge:
    """Tells what refusals mean. `words` is the path of the vendor's own words in an error's body."""

    where: str
    credentials: Credentials
    words: str | None
    clock: Clock

    def refuse(self, answer: Answer) -> None:
        """Raises what an answer means that is not a page."""
        status, reason = answer.status, self._reason(answer)
        if status in _RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR or self._is_throttled_403(answer):
            wait_s = asked_to_wait(answer.headers, self.clock.wall())
            if wait_s is not None and wait_s > QUOTA_S:
                raise self.quota_spent(answer, wait_s)
            throttled = status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.FORBIDDEN}
            raise AskAgainError(reason, wait_s=wait_s, throttled=throttled)
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise self._refused_key(answer, reason)
        hint = "asking again will not help: what is asked stands in the source's directive, so mend it there"
        raise VendorError(f"{answer.sent} was refused: {reason}", hint=hint, where=self.where)

    def quota_spent(self, answer: Answer, wait_s: float | None) -> VendorError:
        """The error for a quota that does not come back within this run."""
        when = "tomorrow" if wait_s is None else _moment(self.clock.wall() + wait_s)
        return VendorError(
            f"{answer.sent}: the vendor's quota is used up until {when}: {self._reason(answer)}",
            hint=f"run it again {'' if wait_s is None else 'after '}{when}; what was read so far is kept",
            where=self.where,
            code="E322",
        )

    def _refused_key(self, answer: Answer, reason: str) -> CredentialsError:
        names = " and ".join(self.credentials.variables)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            hint = (
                f"put a key that is valid into {names}" if names else "this API wants a key: set auth in the directive"
            )
            return CredentialsError(f"{answer.sent} was refused: {reason}", hint=hint, where=self.where, code="E313")
        hint = f"give the key in {names or 'use'} the right to read this, or turn the stream off"
        return CredentialsError(f"{answer.sent} is not allowed: {reason}", hint=hint, where=self.where, code="E314")

    def _is_throttled_403(self, answer: Answer) -> bool:
        return answer.status == HTTPStatus.FORBIDDEN and "retry-after" in answer.headers

    def _reason(self, answer: Answer) -> str:
        said = self.own_words(answer.body)
        status = f"{answer.status} {_phrase(answer.status)}".strip()
        return f"{status}: {said}" if said else status

    def own_words(self, body: bytes) -> str:
        """What the vendor says in an error's body, as one short line without keys and control characters."""
        found: object = None
        try:
            decoded = msgspec.json.decode(body)
            found = dig(decoded, parse_path(self.words)) if self.words else None
            if found is None and not self.words:
                found = msgspec.json.encode(decoded).decode()
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return ""
        text = found if isinstance(found, str) else "" if found is None else msgspec.json.encode(found).decode()
        return one_line(self.credentials.hide(text))


def one_line(text: str, most: int = _WORDS) -> str:
    """Text from outside as one line that is safe to print: no control, format or bidirectional characters."""
    safe = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text[: most * 4])
    line = " ".join(safe.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _moment(epoch_s: float) -> str:
    """Minutes are enough; a moment further away than calendars go is only "far away"."""
    try:
        return f"{datetime.fromtimestamp(epoch_s, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return "a far-away day"
