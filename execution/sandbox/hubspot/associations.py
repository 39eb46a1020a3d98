"""Which records belong to which, as version 4 of the associations API tells it: per record, with pages of its own."""

from collections.abc import Callable

import msgspec

from execution.sandbox.exchange import Record, Request, encode
from execution.sandbox.hubspot import errors
from execution.sandbox.hubspot.collection import Answer, Collection, batch
from execution.sandbox.hubspot.errors import invalid, missing
from execution.sandbox.hubspot.ids import DEALS_PER_ACCOUNT
from execution.sandbox.hubspot.kinds import KINDS, Kind
from execution.sandbox.hubspot.pages import ORIGIN
from execution.sandbox.hubspot.params import joined, limit_of
from execution.sandbox.world import World

MOST_INPUTS = 1_000
MOST_PER_PAGE = 500

_Type = tuple[int, str | None]
_TYPES: dict[tuple[str, str], tuple[_Type, ...]] = {
    ("contacts", "companies"): ((1, "Primary"), (279, None)),
    ("companies", "contacts"): ((2, "Primary"), (280, None)),
    ("deals", "companies"): ((5, "Primary"), (341, None)),
    ("companies", "deals"): ((6, "Primary"), (342, None)),
    ("deals", "contacts"): ((3, None),),
    ("contacts", "deals"): ((4, None),),
}
"""The vendor's own type numbers and labels."""


class _One(msgspec.Struct):
    id: str
    after: str | None = None


class _Many(msgspec.Struct):
    inputs: list[_One]


class Associations:
    """The associations between the records of one world; `per_page` of one record come at once."""

    def __init__(self, world: World, collections: dict[str, Collection], per_page: int) -> None:
        self._world = world
        self._collections = collections
        self._per_page = per_page
        self._found: dict[tuple[str, str], Callable[[int], list[int]]] = {
            ("contacts", "companies"): lambda person: self._company(world.person(person).account),
            ("companies", "contacts"): lambda account: list(world.census.people_of(account)),
            ("deals", "companies"): lambda deal: self._company(deal // DEALS_PER_ACCOUNT),
            ("companies", "deals"): self._deals,
            ("deals", "contacts"): lambda deal: list(world.census.people_of(deal // DEALS_PER_ACCOUNT))[:2],
            ("contacts", "deals"): self._deals_of_person,
        }

    @staticmethod
    def _company(account: int) -> list[int]:
        return [account]

    @staticmethod
    def _deals(account: int) -> list[int]:
        return list(range(account * DEALS_PER_ACCOUNT, (account + 1) * DEALS_PER_ACCOUNT))

    def _deals_of_person(self, person: int) -> list[int]:
        account = self._world.person(person).account
        return self._deals(account) if person in self._world.census.people_of(account)[:2] else []

    def of(self, one: Kind, other: Kind, number: int) -> list[str]:
        """The ids of the records of kind `other` that are there and belong to a record, in order."""
        found = self._found[one.name, other.name](number)
        edit = self._world.edits.links.get((one.name, number, other.name))
        if edit is not None:
            found = sorted({*found, *edit.added} - edit.removed)
        there = self._collections[other.name]
        return [id_ for id_ in (str(other.id_of(one)) for one in found) if self._is_live(there, id_)]

    @staticmethod
    def _is_live(collection: Collection, record: str) -> bool:
        number = collection.number(record)
        return number is not None and collection.is_live(number)

    # --- over HTTP --------------------------------------------------------------------------------

    def read_many(self, request: Request, one: str, other: str) -> Answer:
        """POST /crm/v4/associations/{one}/{other}/batch/read: 207 where some have none or are not there."""
        from_kind, to_kind = self._kinds(one, other)
        try:
            asked = msgspec.json.decode(request.body, type=_Many)
        except msgspec.DecodeError as error:
            raise invalid(f"Invalid input JSON: {error}") from error
        if not 1 <= len(asked.inputs) <= MOST_INPUTS:
            raise invalid(f"inputs must have between 1 and {MOST_INPUTS} entries, had {len(asked.inputs)}")
        results, lost = [], []
        for asked_one in asked.inputs:
            number = self._collections[from_kind.name].number(asked_one.id)
            ids = [] if number is None else self.of(from_kind, to_kind, number)
            if ids:
                to, following = self._page(from_kind, to_kind, ids, (asked_one.after, self._per_page))
                result: Record = {"from": {"id": asked_one.id}, "to": to}
                if following is not None:
                    path = f"/crm/v4/objects/{from_kind.type_id}/{asked_one.id}/associations/{to_kind.type_id}"
                    link = f"{ORIGIN}{path}?after={following}"
                    result["paging"] = {"next": {"after": following, "link": link}}
                results.append(result)
            else:
                lost.append(_nothing(from_kind, to_kind, asked_one.id))
        answer = batch(self._world.now, results)
        if not lost:
            return 200, encode(answer)
        answer["errors"], answer["numErrors"] = lost, len(lost)
        return 207, encode(answer)

    def read(self, request: Request, one: str, record: str, other: str) -> Answer:
        """GET /crm/v4/objects/{one}/{record}/associations/{other}."""
        from_kind, to_kind = self._kinds(one, other)
        params = joined(request.params())
        number = self._collections[from_kind.name].number(record)
        if number is None:
            raise missing()
        size = min(limit_of(params, MOST_PER_PAGE, MOST_PER_PAGE), self._per_page)
        ids = self.of(from_kind, to_kind, number)
        results, following = self._page(from_kind, to_kind, ids, (params.get("after"), size))
        answer: Record = {"results": results}
        if following is not None:
            answer["paging"] = {"next": {"after": following, "link": f"{ORIGIN}{request.path}?after={following}"}}
        return 200, encode(answer)

    def _kinds(self, one: str, other: str) -> tuple[Kind, Kind]:
        found = KINDS.get(one), KINDS.get(other)
        if found[0] is None or found[1] is None or (found[0].name, found[1].name) not in _TYPES:
            raise invalid(f"Unable to infer object type from: {other if found[0] else one}")
        return found[0], found[1]

    @staticmethod
    def _page(one: Kind, other: Kind, ids: list[str], place: tuple[str | None, int]) -> tuple[list[Record], str | None]:
        last, size = place
        if last is not None and not last.isdecimal():
            raise invalid(f"Invalid after: {last}")
        rest = [id_ for id_ in ids if last is None or int(id_) > int(last)]
        types = [
            {"category": "HUBSPOT_DEFINED", "typeId": number, "label": label}
            for number, label in _TYPES[one.name, other.name]
        ]
        page = [{"toObjectId": id_, "associationTypes": types} for id_ in rest[:size]]
        return page, rest[size - 1] if len(rest) > size else None


def _nothing(one: Kind, other: Kind, record: str) -> Record:
    """The vendor's error for a record without associations; one that is not there gets the same."""
    context = {"fromObjectId": [record], "fromObjectType": [one.one], "toObjectType": [other.one]}
    error = errors.standard(f"No {other.one} is associated with {one.one} {record}.", context)
    return {**error, "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}
