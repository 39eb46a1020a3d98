"""Ids that hold what they name, masked by a keyed hash that also guards them against guesses: any thing is found from
its id without a table of all things."""

from hashlib import blake2b

_HALF = 12
_LOW = (1 << 48) - 1


class Seal:
    """The ids of one vendor's things in one world: 24 hexadecimal digits, kind by kind."""

    def __init__(self, seed: int, vendor: str) -> None:
        self._key = b"%d:%s" % (seed, vendor.encode())

    def of(self, kind: str, number: int) -> str:
        """The id of thing `number` (below 2**48) of a kind."""
        mask = self._mask(kind, number)
        return f"{(number ^ _spread(mask)):012x}{mask:012x}"

    def read(self, kind: str, text: str) -> int | None:
        """The number that an id names, or None where it is no id of this kind and world."""
        try:
            mask, masked = int(text[_HALF:], 16), int(text[:_HALF], 16)
        except ValueError:
            return None
        number = masked ^ _spread(mask)
        return number if len(text) == 2 * _HALF and 0 <= number <= _LOW and self._mask(kind, number) == mask else None

    def _mask(self, kind: str, number: int) -> int:
        text = b"%s:%d" % (kind.encode(), number)
        return int.from_bytes(blake2b(text, key=self._key, digest_size=6).digest(), "big")


def _spread(mask: int) -> int:
    return mask * 0x9E37_79B9_7F4B & _LOW
