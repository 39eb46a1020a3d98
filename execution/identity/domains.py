"""From an e-mail's domain to the company it speaks for."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


@cache
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(only_icann=True)


def registrable(domain: str) -> str | None:
    """`mail.acme.co.uk` → `acme.co.uk`, by the public suffix list that ships with the library; None for a suffix
    itself and for names that cannot be registered."""
    found = _suffixes().privatesuffix(domain)
    return str(found) if found else None


def registrable_all(domains: Iterable[str]) -> list[tuple[str, str | None]]:
    """Each domain with its registrable one, in the order given."""
    return [(domain, registrable(domain)) for domain in domains]
