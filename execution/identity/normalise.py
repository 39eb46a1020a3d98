"""One e-mail address, made canonical: the key by which sources meet.

Most addresses need no more than trimming and lower-casing, which SQL does for a whole table at once (`fast_sql`);
the rest come here one by one.
"""

import re
import unicodedata
from dataclasses import dataclass
from email.utils import parseaddr

from execution import engine

_PLAIN = r"[a-z0-9_%+'-]+(\.[a-z0-9_%+'-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_PLAIN_RE = re.compile(_PLAIN)
_LONGEST = 254
_LONGEST_LOCAL = 64
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
"""Providers whose mailboxes are the same with and without dots."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """The canonical address, or None and why there is none."""

    email: str | None
    problem: str | None = None


def normalise(text: str) -> Normalised:
    """Trim, NFC, drop a display name and `mailto:`, lower-case, IDNA-encode the domain, and check the syntax.

    The local part keeps its plus-tag and dots: they make an alias of a mailbox (see `mailbox`), and are no reason to
    change the key.
    """
    bare = _bare_address(unicodedata.normalize("NFC", text))
    lowered = bare.lower()
    if _is_plain(lowered):
        return Normalised(lowered)
    return _by_the_book(bare)


def _bare_address(text: str) -> str:
    bare = text.strip().strip("\u200b\ufeff\u00a0").strip()
    if "<" in bare and bare.endswith(">"):
        bare = parseaddr(bare)[1] or bare
    if bare[:7].lower() == "mailto:":
        bare = bare[7:].partition("?")[0]
    return bare.strip().strip("<>").rstrip(".,;")


def _is_plain(lowered: str) -> bool:
    local = lowered.partition("@")[0]
    return (
        len(lowered) <= _LONGEST
        and len(local) <= _LONGEST_LOCAL
        and "xn--" not in lowered
        and _PLAIN_RE.fullmatch(lowered) is not None
    )


def _by_the_book(bare: str) -> Normalised:
    from email_validator import EmailNotValidError, validate_email

    try:
        valid = validate_email(bare, check_deliverability=False, strict=True, test_environment=True)
    except EmailNotValidError as error:
        return Normalised(None, str(error))
    local = unicodedata.normalize("NFC", valid.local_part).lower()
    domain = (valid.ascii_domain or valid.domain).lower()
    return Normalised(f"{local}@{domain}")


def mailbox(email: str) -> str:
    """Where mail to a canonical address ends up: without its plus-tag, and without dots where the provider ignores
    them. Two addresses with one mailbox are aliases: candidates for a merge, not yet one person."""
    local, _, domain = email.partition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def mailbox_sql(email: str) -> str:
    """SQL for the mailbox of a canonical address, the expression `email`."""
    local, domain = f"split_part({email}, '@', 1)", f"split_part({email}, '@', 2)"
    plain = f"coalesce(nullif(split_part({local}, '+', 1), ''), {local})"
    dotless = ", ".join(engine.literal(name) for name in sorted(_DOTLESS))
    ends = " OR ".join(f"ends_with({email}, {engine.literal('@' + name)})" for name in sorted(_DOTLESS))
    return (  # most are their own mailbox, and are not taken apart
        f"CASE WHEN NOT (contains({email}, '+') OR {ends}) THEN {email} "
        f"WHEN {domain} IN ({dotless}) THEN replace({plain}, '.', '') || '@gmail.com' "
        f"ELSE {plain} || '@' || {domain} END"
    )


def fast_sql(text: str) -> str:
    """SQL for the canonical form of the expression `text`, or NULL where it needs `normalise` (or is NULL)."""
    lowered = f"lower(trim({text}))"
    return (
        f"CASE WHEN length({lowered}) <= {_LONGEST} AND strpos({lowered}, '@') <= {_LONGEST_LOCAL + 1} "
        f"AND NOT contains({lowered}, 'xn--') "
        f"AND regexp_full_match({lowered}, {engine.literal(_PLAIN)}) THEN {lowered} END"
    )
