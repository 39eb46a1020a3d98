"""What proves who we are: taken from the environment, put into requests, and kept out of everything that is shown."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

from execution.directives.model.source import Auth, BasicAuth, BearerAuth, KeyAuth, NoAuth
from execution.errors import CredentialsError
from execution.settings import Environment

_HIDDEN = "[hidden]"
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Headers and one query parameter (name and value) that every request carries.

    `variables` are the names in the environment they came from, for messages.
    """

    variables: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: tuple[str, str] | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def query_bytes(self) -> bytes | None:
        """The query parameter as it is sent."""
        return None if self.query is None else f"{quote_plus(self.query[0])}={quote_plus(self.query[1])}".encode()

    def hide(self, text: str) -> str:
        """`text` with every secret in it made unreadable: vendors quote refused keys in their answers."""
        for secret in self.secrets:
            text = text.replace(secret, _HIDDEN)
        return text

    def without_key(self, url: str) -> str:
        """A link without the query parameter that carries the key: vendors repeat it in links to the next page."""
        if self.query is None:
            return url
        start, mark, query = url.partition("?")
        kept = [pair for pair in query.split("&") if pair.partition("=")[0] != quote_plus(self.query[0])]
        return start + (mark + "&".join(kept) if kept and mark else "")


def credentials(auth: Auth, environment: Environment) -> Credentials:
    """What `auth` declares, with its values from the environment.

    Raises CredentialsError, naming the variable, where one is not set or cannot be sent.
    """
    match auth:
        case BearerAuth():
            token = _value(auth.token, environment)
            return Credentials(_variables(auth.token), {"Authorization": f"Bearer {token}"}, None, _forms(token))
        case BasicAuth():
            user, password = _value(auth.username, environment), _value(auth.password, environment)
            pair = b64encode(f"{user}:{password}".encode()).decode()
            names = _variables(auth.username, auth.password)
            secret = tuple(
                text for part, text in ((auth.username, user), (auth.password, password)) if _is_secret(part)
            )
            return Credentials(names, {"Authorization": f"Basic {pair}"}, None, _forms(pair, *secret))
        case KeyAuth(header=str() as header):
            key = _value(auth.key, environment)
            return Credentials(_variables(auth.key), {header: key}, None, _forms(key))
        case KeyAuth():
            key = _value(auth.key, environment)
            return Credentials(_variables(auth.key), {}, (auth.query or "", key), _forms(key))
        case NoAuth():
            return Credentials(())


def _value(reference: str, environment: Environment) -> str:
    """The value behind a reference. A line break or a curly quote from a copy-and-paste is refused here, by the
    variable's name: further on, the value itself would stand in the error."""
    value = environment.resolve(reference)
    if value and not _HEADER_VALUE.fullmatch(value):
        raise CredentialsError(
            f"{reference.removeprefix('env:') if _is_secret(reference) else 'the key'} has a character that no key has",
            hint="paste it again, without quotes, spaces or line breaks around it",
            code="E312",
        )
    return value


def _is_secret(reference: str) -> bool:
    return reference.startswith("env:")


def _variables(*references: str) -> tuple[str, ...]:
    return tuple(reference.removeprefix("env:") for reference in references if _is_secret(reference))


def _forms(*values: str) -> tuple[str, ...]:
    """The values as they may be quoted: as they are and escaped for a URL; longest first, so none is cut in two."""
    forms = {form for value in values if value for form in (value, quote(value, safe=""), quote_plus(value))}
    return tuple(sorted(forms, key=len, reverse=True))
