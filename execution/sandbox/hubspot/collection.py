"""One kind of records over HTTP: listed, searched, read one by one or many at once."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from execution.sandbox.exchange import Record, Request, encode
from execution.sandbox.hubspot import errors
from execution.sandbox.hubspot.asking import offset_of, parse
from execution.sandbox.hubspot.errors import invalid, missing
from execution.sandbox.hubspot.kinds import Kind, Library, after
from execution.sandbox.hubspot.pages import ORIGIN
from execution.sandbox.hubspot.params import joined, limit_of
from execution.sandbox.hubspot.search import Searches
from execution.sandbox.world import World, moments

MOST_PER_PAGE = 100
MOST_INPUTS = 100

Answer = tuple[int, bytes]


class _Named(msgspec.Struct):
    id: str


class _Read(msgspec.Struct, rename="camel"):
    inputs: Annotated[list[_Named], msgspec.Meta(max_length=MOST_INPUTS)]
    properties: tuple[str, ...] = ()


class _Update(msgspec.Struct):
    properties: dict[str, str]


class Collection:
    """`resolve` finds the number of a record by its id and the parameters of the request."""

    def __init__(self, world: World, kind: Kind, library: Library, lag: int) -> None:
        self.kind = kind
        self.library = library
        self._world = world
        self._lag = lag
        self._searches = Searches(kind, library)
        self.resolve: Callable[[str, dict[str, str]], int | None] = lambda record, _: self.number(record)

    def number(self, record: str) -> int | None:
        """The number of a record id, if it names a record that is there or was deleted."""
        number = self.kind.number_of(int(record)) if record.isdecimal() else None
        index = self.library.index
        if number is None or number >= len(index.created):
            return None
        return number if index.created[number] <= self._world.now else None

    def is_live(self, number: int) -> bool:
        """Whether a record is there, neither deleted nor merged away."""
        live = self.library.index.live
        place = after(live, number) - 1
        return place >= 0 and live[place] == number

    def list(self, request: Request) -> Answer:
        """GET: in the order of ids, those after the last one read."""
        params = joined(request.params())
        index, limit = self.library.index, limit_of(params, MOST_PER_PAGE, 10)
        there = index.archived if params.get("archived") == "true" else index.live
        last = params.get("after", "0")
        if not last.isdecimal():
            raise invalid(f"Invalid request: after must be a number, was {last}")
        first_id, step = self.kind.id_of(0), self.kind.id_of(1) - self.kind.id_of(0)
        start = after(there, (int(last) - first_id) // step)
        page = there[start : start + limit]
        more = b""
        if start + limit < len(there):
            last = str(self.kind.id_of(page[-1]))
            link = f"{ORIGIN}{request.path}?{urlencode({**params, 'after': last})}"
            more = b',"paging":' + encode({"next": {"after": last, "link": link}})
        return 200, b"".join((b'{"results":[', *self.library.parts(page, self._names(params)), b"]", more, b"}"))

    def search(self, request: Request) -> Answer:
        """POST …/search."""
        search = parse(request.body, self.kind)
        start = offset_of(search)
        found = self._searches.find(search, self._world.now - self._lag)
        page = found[start : start + search.limit]
        more = b""
        if start + search.limit < len(found) and search.limit:
            more = b',"paging":' + encode({"next": {"after": str(start + search.limit)}})
        parts = self.library.parts(page, self.kind.selected(search.properties))
        return 200, b"".join((b'{"total":%d,"results":[' % len(found), *parts, b"]", more, b"}"))

    def read(self, request: Request, record: str) -> Answer:
        """GET of one."""
        params = joined(request.params())
        number = self.resolve(record, params)
        if number is None:
            raise missing()
        found = self.library.record(number, self._names(params))
        if found["archived"] != (params.get("archived") == "true"):
            raise missing()
        return 200, encode(found)

    def changed(self, request: Request) -> dict[str, str | None]:
        """The properties that a PATCH sets. Raises Refusal (400) for one that is not there or is HubSpot's own."""
        try:
            asked = msgspec.json.decode(request.body, type=_Update)
        except msgspec.DecodeError as error:
            raise invalid(f"Invalid input JSON: {error}") from error
        for name in asked.properties:
            if name not in self.kind.by_name:
                raise invalid(f'Property "{name}" does not exist', code="PROPERTY_DOESNT_EXIST")
            if self.kind.by_name[name].is_read_only:
                raise invalid(f"{name} is a read only property", code="READ_ONLY_VALUE")
        return {name: value or None for name, value in asked.properties.items()}

    def read_many(self, request: Request) -> Answer:
        """POST …/batch/read: 207 where one of them is not there."""
        try:
            asked = msgspec.json.decode(request.body, type=_Read)
        except msgspec.DecodeError as error:
            raise invalid(f"Invalid input JSON: {error}") from error
        is_archived = joined(request.params()).get("archived") == "true"
        names = self.kind.selected(asked.properties)
        results, lost = [], []
        for one in asked.inputs:
            number = self.resolve(one.id, {})
            found = None if number is None else self.library.record(number, names)
            if found is None or found["archived"] != is_archived:
                lost.append(one.id)
            else:
                results.append(found)
        answer = batch(self._world.now, results)
        if not lost:
            return 200, encode(answer)
        message = "Could not get some CRM objects, they may be deleted or not exist. Check that ids are valid."
        answer["errors"] = [errors.standard(message, {"ids": lost})]
        answer["numErrors"] = 1
        return 207, encode(answer)

    def _names(self, params: dict[str, str]) -> tuple[str, ...]:
        return self.kind.selected(tuple(name.strip() for name in params.get("properties", "").split(",")))


def batch(now: int, results: list[Record]) -> Record:
    """The envelope of an answer about many records."""
    at = moments.iso_ms(now)
    return {"status": "COMPLETE", "results": results, "startedAt": at, "completedAt": at}
