"""Folder names for accounts: readable, safe on every file system, and never two for one or one for two."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256

LONGEST = 60

_FOREIGN = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ł": "l", "þ": "th", "ð": "d"}
_OTHER = re.compile(r"[^a-z0-9]+")
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10)}
RESERVED = frozenset({"templates", "workflows", "context", "index", *_DEVICES})
"""Folders of `customers/` that are no account's, and names that Windows keeps for devices."""


def slug(name: str) -> str:
    """`Müller & Söhne GmbH` → `muller-sohne-gmbh`; empty where nothing of the name can be written in ASCII."""
    lowered = "".join(_FOREIGN.get(character, character) for character in name[:400].lower())
    ascii_only = unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode()
    return _OTHER.sub("-", ascii_only).strip("-")[:LONGEST].rstrip("-")


def short_hash(key: str) -> str:
    """Eight hexadecimal digits that tell accounts with one name apart."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def assign(names: Mapping[str, str], taken: Mapping[str, str]) -> dict[str, str]:
    """A folder for every account: account key → slug. `names` maps keys to names.

    `taken` maps the folders that already are some account's to that account: an account keeps its folder, even under
    another name. Of new accounts, those that share a slug with any other get a short hash behind it, and which do
    never depends on the order they come in.
    """
    kept = {key: folder for folder, key in sorted(taken.items(), reverse=True)}
    wanted = {key: slug(name) or slug(key) or "account" for key, name in names.items() if key not in kept}
    shared = Counter(wanted.values())
    given: dict[str, str] = {key: kept[key] for key in names if key in kept}
    for key, folder in wanted.items():
        is_free = folder not in taken and folder not in RESERVED and shared[folder] == 1
        given[key] = folder if is_free else f"{folder}-{short_hash(key)}"
    return given
