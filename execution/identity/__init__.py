"""Who is who: canonical e-mails, mailboxes behind aliases, and the company a domain speaks for."""

from execution.identity.domains import registrable
from execution.identity.normalise import Normalised, fast_sql, mailbox, normalise
from execution.identity.resolve import canonical_sql, learn_addresses, learn_domains

__all__ = [
    "Normalised", "canonical_sql", "fast_sql", "learn_addresses", "learn_domains", "mailbox", "normalise",
    "registrable",
]  # fmt: skip
