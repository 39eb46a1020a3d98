"""Us, as the owners of records."""

from execution.sandbox.exchange import Record, Request, encode
from execution.sandbox.hubspot.collection import Answer
from execution.sandbox.hubspot.errors import missing
from execution.sandbox.hubspot.ids import owner_id
from execution.sandbox.hubspot.params import joined, limit_of
from execution.sandbox.world import World
from execution.sandbox.world.moments import DAY, iso_ms
from execution.sandbox.world.team import Member

MOST_PER_PAGE = 500


class Owners:
    """The owners of one world, none of whom was ever archived."""

    def __init__(self, world: World, founded: int) -> None:
        self._records = [_owner(member, founded) for member in world.team]

    def list(self, request: Request) -> Answer:
        """GET /crm/v3/owners."""
        params = joined(request.params())
        limit, after = limit_of(params, MOST_PER_PAGE, 100), params.get("after", "0")
        email = params.get("email", "").lower()
        there = [
            one
            for one in ([] if params.get("archived") == "true" else self._records)
            if int(one["id"]) > int(after if after.isdecimal() else 0) and email in {"", one["email"]}
        ]
        page: Record = {"results": there[:limit]}
        if limit < len(there):
            page["paging"] = {"next": {"after": there[limit - 1]["id"]}}
        return 200, encode(page)

    def read(self, _request: Request, id_: str) -> Answer:
        """GET of one."""
        for one in self._records:
            if one["id"] == id_:
                return 200, encode(one)
        raise missing()


def _owner(member: Member, founded: int) -> Record:
    return {
        "id": str(owner_id(member.number)),
        "email": member.email,
        "type": "PERSON",
        "firstName": member.first,
        "lastName": member.last,
        "userId": 1_296_600 + member.number,
        "userIdIncludingInactive": 1_296_600 + member.number,
        "createdAt": iso_ms(founded + member.number * 7 * DAY),
        "updatedAt": iso_ms(founded + (member.number * 7 + 30) * DAY),
        "archived": False,
        "teams": [{"id": "178588", "name": "Account management", "primary": True}],
    }
