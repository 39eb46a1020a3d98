"""Letters in other styles, and what they read as: full width, mathematical, circled, run together."""

import unicodedata

_RANGES = ((0x24B6, 0x24EA), (0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B), (0x1D400, 0x1D800))


def _styled() -> dict[str, str]:
    signs = (chr(point) for first, end in _RANGES for point in range(first, end))
    plain = {sign: unicodedata.normalize("NFKC", sign) for sign in signs}
    return {sign: letter for sign, letter in plain.items() if len(letter) == 1 and letter != sign}


_MAP = _styled()
STYLED, PLAIN = "".join(_MAP), "".join(_MAP.values())
"""Sign by sign."""

LIGATURES = {chr(point): unicodedata.normalize("NFKC", chr(point)) for point in range(0xFB00, 0xFB07)}
