"""HubSpot's search and associations, read whole.

A search gives at most 10,000 records however far one pages, so it is not paged at all: each request asks for the ids
behind the last one, in the order of ids, within a window of time that stays as it was at the start. Going on by time
instead would stand still where a bulk update gave more records than a page holds the same moment.

A first load is searched too, not listed: a listing is one chain of 100 a page with all properties in its URL (too long
a URL beyond a few hundred), a search gives 200 and can be read in slices of ids side by side.

Associations are asked for in batches, and each record of an answer is paged on its own: where one goes on, the rest of
it is asked for before the page counts as read.

The directive says all names: the search is a POST stream with `paginate: {keyset: id, param: hs_object_id}`, its `body`
lists the properties, and the property that tells when a record changed is the end of the path of `sync`'s column.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

import msgspec

from execution.clients.base_client import BaseClient
from execution.clients.chain import keep
from execution.clients.heads import dig
from execution.clients.page import Head, NotAPageError, Page
from execution.clients.paginators import Paginator, Place, head_total
from execution.clients.request import Request
from execution.clients.verdicts import Answer
from execution.directives.model import CursorSync, Stream
from execution.directives.model.source import Keyset
from execution.directives.paths import parse_path
from execution.directives.placeholders import Values
from execution.errors import LoopError, PageError, UsageError

LAG = timedelta(minutes=5)
"""Search finds a record only some time after it changed, so a window ends this long before the moment of the run."""

_MOST_PER_PAGE = 200
_LEAP = 10_000
_SLICES = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class IdSearch:
    """A paginator. Its place says the window in milliseconds since 1970, and the ids: behind `after`, up to `to`.

    `changed` and `id_name` are the properties that are filtered by, `path` is for messages.
    """

    path: str
    wanted: Mapping[str, str]
    key: str
    id_name: str
    changed: str | None

    def request(self, first: Request, place: Place) -> Request:
        bounds = [
            _filter(self.changed, "GTE", place["since"]),
            _filter(self.changed, "LTE", place["until"]),
            _filter(self.id_name, "GT", place["after"]),
            _filter(self.id_name, "LTE", place["to"]),
        ]
        own = [bound for bound in bounds if bound is not None]
        body: dict[str, Any] = {"limit": _MOST_PER_PAGE, "after": "0", **(first.body or {})}
        groups = body.get("filterGroups") or [{"filters": []}]
        body["filterGroups"] = [{**group, "filters": [*group["filters"], *own]} for group in groups]
        body["sorts"] = [self.id_name]  # by its bare name a property is sorted upwards
        return replace(first, body=body)

    def after(self, place: Place, head: Head) -> Place:
        total = head_total(head)
        if head.edges is None:
            if total:
                raise NotAPageError(f"a search that finds {total} gives none of them")
            return None
        first, last = self._id(msgspec.json.decode(head.edges[0])), self._id(head.last)
        if not int(place["after"] or -1) < first <= last:
            raise LoopError(
                f"POST {self.path}: the ids do not advance: asked for those behind {place['after'] or 'none'}, "
                f"it gave {first} to {last}",
                hint="the search was not sorted as asked, so there is no telling what it left out",
            )
        return None if total is not None and total <= head.count else {**place, "after": str(last)}

    def _id(self, found: object) -> int:
        """The number at the id's path of a record, or of what was found there."""
        value = dig(found, parse_path(self.key)) if isinstance(found, dict) else found
        if not isinstance(value, str) or not value.isdecimal():
            raise NotAPageError(f"a record has no id of digits at {self.key}")
        return int(value)

    def knows(self, place: Place) -> bool:
        if not isinstance(place, dict) or place.keys() != {"since", "until", "after", "to"}:
            return False
        return all(value is None or (isinstance(value, str) and value.isdecimal()) for value in place.values())


def _filter(name: str | None, operator: Literal["GTE", "LTE", "GT"], value: str | None) -> dict[str, str] | None:
    if name is None or value is None:
        return None
    return {"propertyName": name, "operator": operator, "value": value}


class HubSpotClient(BaseClient):
    """HubSpot; everything but searches and batches of associations goes the usual way."""

    async def pages(self, stream: str, values: Values, *, resume: str | None = None) -> AsyncIterator[Page]:
        async for page in super().pages(stream, values, resume=resume):
            is_batch = self.source.streams[stream].batch is not None
            yield await self._completed(stream, page) if is_batch and b'"paging"' in page.body else page

    async def _completed(self, name: str, page: Page) -> Page:
        """A page of associations with every record's list to its end."""
        reading = self._reading(name)
        batch = msgspec.json.decode(page.body)
        records = {str(record["from"]["id"]): record for record in batch["results"]}
        url = f"{self._origin.declared}/{reading.stream.path.lstrip('/')}"
        asked: set[tuple[str, str]] = set()
        while going_on := {key: after for key, record in records.items() if (after := _rest(record))}:
            if not asked.isdisjoint(going_on.items()):
                raise LoopError(
                    f"POST {reading.stream.path}: the associations of a record go on where they went on before",
                    hint="HubSpot does not advance; try again later",
                    where=reading.judge.where,
                )
            asked.update(going_on.items())
            inputs = [{"id": key, "after": after} for key, after in going_on.items()]
            found = await self._page(reading, Request("POST", url, {}, {"inputs": inputs}), None)
            for key in going_on:
                del records[key]["paging"]
            for more in msgspec.json.decode(found.body)["results"]:
                key = str(more["from"]["id"])
                if key not in going_on:
                    raise PageError(
                        f"POST {reading.stream.path} was asked how the associations of {len(going_on)} records go on, "
                        "and gave those of another",
                        hint="HubSpot mixes records up; try again later",
                        where=reading.judge.where,
                    )
                records[key]["to"] += more["to"]
                if "paging" in more:
                    records[key]["paging"] = more["paging"]
        return replace(page, body=msgspec.json.encode(batch))

    def shows_all(self, stream: str) -> bool:
        """A search by time ends before what was changed in the last minutes."""
        return _searched(self.source.streams[stream]) is None

    def paginator_of(self, stream: Stream) -> Paginator:
        rule = _searched(stream)
        if rule is None:
            return super().paginator_of(stream)
        wanted = {} if stream.total is None else {"total": stream.total}
        return IdSearch(stream.path, wanted, rule.keyset, rule.param, _changed(stream))

    def start(self, stream: Stream, values: Values) -> Place:
        """The window of this run, fixed for the whole chain, and for its continuation in a later run."""
        if _searched(stream) is None:
            return None
        since, until = _moment(values, "since"), _moment(values, "until") or _moment(values, "now")
        if until is None:
            raise UsageError("a search needs the moment it reads up to", hint="give `until` or `now`", code="E253")
        until = max(until - LAG, since or _EPOCH)
        return {"since": None if since is None else _ms(since), "until": _ms(until), "after": None, "to": None}

    async def slices(self, stream: str, values: Values) -> tuple[str | None, ...]:
        """Ranges of ids with the same number of records each, for a first load by search; the last one is open.

        A search can be entered at any of its first 10,000 records, so the ids to cut at are found in leaps of as many:
        one request for one record each, 2 % of those that the reading itself takes.
        """
        reading = self._reading(stream)
        search = reading.paginator
        if not isinstance(search, IdSearch) or values.get("since") is not None:
            return await super().slices(stream, values)
        begin = place = self.start(reading.stream, values)
        first = await self._first(reading, values)

        async def look(skip: int) -> Head:
            """The one record behind `skip` others from `place` on."""
            body = {**(first.body or {}), "limit": 1, "after": str(skip)}
            return (await self._page(reading, search.request(replace(first, body=body), place), place)).head

        total = head_total(await look(0)) or 0
        marks: list[str] = []
        while (len(marks) + 1) * _LEAP < total and (head := await look(_LEAP - 1)).count:
            marks.append(str(head.last))
            place = {**place, "after": marks[-1]}
        step = len(marks) // _SLICES + 1
        cuts = [None, *marks[step - 1 :: step], None]
        return tuple(keep({**begin, "after": after, "to": to}) for after, to in pairwise(cuts))

    def is_quota_spent(self, answer: Answer) -> bool:
        """A 429 for the day's quota looks like any other, but for the policy it names."""
        return answer.status == 429 and (
            b'"DAILY"' in answer.body or answer.headers.get("x-hubspot-ratelimit-daily-remaining") == "0"
        )


def _rest(record: Mapping[str, Any]) -> str | None:
    """The token with which a record's associations go on."""
    return ((record.get("paging") or {}).get("next") or {}).get("after")


def _searched(stream: Stream) -> Keyset | None:
    """The rule of a stream that is a search."""
    is_search = stream.method == "POST" and stream.path.endswith("/search")
    return stream.paginate if is_search and isinstance(stream.paginate, Keyset) else None


def _changed(stream: Stream) -> str | None:
    """The property that tells when a record changed."""
    if not isinstance(stream.sync, CursorSync) or stream.sync.column not in stream.columns:
        return None
    return str(parse_path(stream.columns[stream.sync.column].path)[-1])


def _moment(values: Values, name: str) -> datetime | None:
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise UsageError(f"{name} is no moment with a zone", hint="times are in UTC everywhere", code="E253")
    return value


def _ms(moment: datetime) -> str:
    return str((moment - _EPOCH) // timedelta(milliseconds=1))
