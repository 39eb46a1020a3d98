"""Records rendered once with all their properties, so that any selection of them is cut out of the text."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from execution.sandbox.exchange import Record, encode


class Sliced(NamedTuple):
    """A record's JSON, and where each property begins in it; the last start is where the next one would."""

    text: bytes
    starts: "array[int]"

    def with_only(self, places: Sequence[int]) -> bytes:
        """The JSON with the properties at these places alone."""
        text, starts = self
        chosen = b",".join([text[starts[place] : starts[place + 1] - 1] for place in places])
        return b"".join((text[: starts[0]], chosen, text[starts[-1] - 1 :]))


def sliced(record: Record) -> Sliced:
    """Cut a record up."""
    properties = [b"%b:%b" % (encode(name), encode(value)) for name, value in record["properties"].items()]
    head = b'{"id":%b,"properties":{' % encode(record["id"])
    tail = encode({name: value for name, value in record.items() if name not in {"id", "properties"}})[1:]
    starts = array("I", accumulate((len(text) + 1 for text in properties), initial=len(head)))
    return Sliced(b"%b%b},%b" % (head, b",".join(properties), tail), starts)


class Slices:
    """The records of a kind, by number. `render` gives one with all properties, which are `names`."""

    def __init__(self, names: tuple[str, ...], render: Callable[[int], Record]) -> None:
        self._names = names
        self._render = render
        self._kept: dict[int, Sliced] = {}

    def parts(self, numbers: Iterable[int], names: tuple[str, ...]) -> list[bytes]:
        """See `kinds.Library`."""
        if names == self._names:
            texts = [self.of(number).text for number in numbers]
        else:
            places = [self._names.index(name) for name in names]
            texts = [self.of(number).with_only(places) for number in numbers]
        return [b",".join(texts)]

    def of(self, number: int) -> Sliced:
        """One record's."""
        kept = self._kept.get(number)
        if kept is None:
            kept = self._kept[number] = sliced(self._render(number))
        return kept

    def forget(self, numbers: Iterable[int]) -> None:
        """These have changed."""
        for number in numbers:
            self._kept.pop(number, None)
