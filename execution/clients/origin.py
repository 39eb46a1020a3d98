"""Where a source may be asked: one origin, and nowhere else, so that a key never reaches another host."""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from execution.errors import UsageError, VendorError

_PORTS = {"http": 80, "https": 443}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Origin:
    """`declared` is the directive's base URL; `base` the one in use: the same, or what the environment says instead.

    Both without a slash at the end. Raises UsageError where either is no base URL.
    """

    declared: str
    base: str

    def __post_init__(self) -> None:
        for url in (self.declared, self.base):
            parts = _split(url)
            if parts is None or parts.query or parts.fragment:
                raise UsageError(
                    f"{url[:100]!r} is no base URL",
                    hint="write https://host or https://host/path, without a user, a query or a fragment",
                    code="E250",
                )

    @property
    def is_loopback(self) -> bool:
        """Whether the base in use is this machine itself, which no proxy can reach."""
        return self.host in _LOOPBACK

    @property
    def host(self) -> str:
        return urlsplit(self.base).hostname or ""

    @property
    def scheme(self) -> str:
        return urlsplit(self.base).scheme

    def reach(self, url: str) -> str:
        """The URL to ask for `url`: moved to the base in use where it starts with the declared one.

        Raises VendorError for any other origin, and for what is no web address.
        """
        parts = _split(url)
        if parts is None:
            raise VendorError("the vendor sent a link that is no web address", code="E323")
        base, declared = urlsplit(self.base), urlsplit(self.declared)
        if self.base != self.declared and _is_same(parts, declared):
            return self._moved(parts)
        if _is_same(parts, base):
            return url
        raise VendorError(
            f"a link leads to {parts.scheme}://{parts.netloc}{parts.path[:100]}, "
            f"which is not at {declared.scheme}://{declared.netloc}",
            hint="nothing was sent there; if the vendor has moved, change base_url in the source's directive",
            code="E323",
        )

    def _moved(self, parts: SplitResult) -> str:
        root = urlsplit(self.declared).path
        below = parts.path.removeprefix(root)
        if not parts.path.startswith(root) or below[:1] not in {"", "/"}:
            raise VendorError(
                f"a link leads outside {self.declared}, to {parts.path[:100]}",
                hint="where the environment sets another base URL, only what is below the declared one can be asked",
                code="E323",
            )
        return f"{self.base}{below}?{parts.query}" if parts.query else self.base + below


def _split(url: str) -> SplitResult | None:
    """The parts of an absolute web address; None for anything else, and for what two readers of a URL understand
    differently: a user before the host, backslashes, spaces, control characters."""
    if not url.isascii() or "\\" in url or any(character <= " " or character == "\x7f" for character in url):
        return None
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in _PORTS and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return None
    return parts if is_web else None


def _is_same(one: SplitResult, other: SplitResult) -> bool:
    return (one.scheme, one.hostname, one.port or _PORTS[one.scheme]) == (
        other.scheme,
        other.hostname,
        other.port or _PORTS[other.scheme],
    )
