"""Intercom's lists and searches: contacts, conversations and companies, page by page."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from execution.sandbox.exchange import Record, Request, encode
from execution.sandbox.intercom import asking
from execution.sandbox.intercom.companies import company
from execution.sandbox.intercom.contacts import contact
from execution.sandbox.intercom.conversations import conversation
from execution.sandbox.intercom.errors import invalid
from execution.sandbox.intercom.scroll import Scroll
from execution.sandbox.intercom.search import Page, Searches, Source
from execution.sandbox.intercom.view import View
from execution.sandbox.intercom.workspace import TIMEZONE
from execution.sandbox.shelf import Shelf
from execution.sandbox.world.moments import SECOND

_MOST_COMPANIES = 10_000
_CONTACTS, _TALKS, _COMPANIES = 50, 20, 20
"""How many a page has where nothing is asked for."""
_NOT_LATER = (1 << 31) - 1
_CONTACT_HEAD = b'{"type":"list","data":['
_TALK_HEAD = b'{"type":"conversation.list","conversations":['


class Listings:
    """The lists over one world; `lag_s` is how long a new contact stays unseen by search."""

    def __init__(self, view: View, lag_s: int, clock: Callable[[], float]) -> None:
        self._view = view
        self._lag_s = lag_s
        self._shelf = Shelf()
        self._scroll = Scroll(clock)
        roster, dates = view.roster, frozenset(n for n, kind in asking.CONTACT_FIELDS.items() if kind == "date")
        contacts = Source(
            roster.contacts, {"created_at": roster.created_s, "updated_at": roster.updated_s}, self._contact, dates
        )
        talks = Source(
            roster.talks, {"created_at": roster.begun_s, "updated_at": roster.spoken_s}, self._talk, frozenset()
        )
        self._contacts = Searches(contacts, TIMEZONE, lambda: roster.version)
        self._talks = Searches(talks, TIMEZONE, lambda: roster.version)

    def render_ahead(self) -> None:
        """Render what is not rendered yet, and put it in order."""
        self._contacts.prepare()
        self._talks.prepare()
        for key in self._view.roster.contacts():
            self._contact_text(key)
        for key in self._view.roster.talks():
            self._talk_text(key)
        for number in self._view.roster.companies():
            self._company_text(number)

    # --- contacts ---------------------------------------------------------------------------------

    def contacts(self, request: Request) -> bytes:
        """GET /contacts."""
        per_page, cursor = _cursor_of(dict(request.params()), _CONTACTS)
        page = self._contacts.page(None, per_page, cursor, _NOT_LATER)
        return _page(_CONTACT_HEAD, map(self._contact_text, page.keys), page, per_page)

    def search_contacts(self, request: Request) -> bytes:
        """POST /contacts/search."""
        search = asking.parse(request.body, asking.CONTACT_FIELDS)
        per_page = search.pagination.per_page or _CONTACTS
        until = self._view.world.now // SECOND - self._lag_s if self._lag_s else _NOT_LATER
        page = self._contacts.page(search, per_page, search.pagination.starting_after, until)
        return _page(_CONTACT_HEAD, map(self._contact_text, page.keys), page, per_page)

    def _contact(self, key: int) -> Record:
        there = self._view.roster.contact(key)
        assert there is not None  # noqa: S101 - the roster gave the number
        return contact(self._view, there)

    def _contact_text(self, key: int) -> bytes:
        """A contact changes when it says so."""
        version = self._view.roster.updated_s(key)
        return self._shelf.text(("contact", key), version, lambda: encode(self._contact(key)))

    # --- conversations ----------------------------------------------------------------------------

    def talks(self, request: Request) -> bytes:
        """GET /conversations."""
        per_page, cursor = _cursor_of(dict(request.params()), _TALKS)
        page = self._talks.page(None, per_page, cursor, _NOT_LATER)
        return _page(_TALK_HEAD, map(self._talk_text, page.keys), page, per_page)

    def search_talks(self, request: Request) -> bytes:
        """POST /conversations/search."""
        search = asking.parse(request.body, asking.TALK_FIELDS)
        per_page = search.pagination.per_page or _TALKS
        page = self._talks.page(search, per_page, search.pagination.starting_after, _NOT_LATER)
        return _page(_TALK_HEAD, map(self._talk_text, page.keys), page, per_page)

    def _talk(self, key: int) -> Record:
        talk = self._view.roster.talk(key)
        assert talk is not None  # noqa: S101 - the roster gave the number
        return conversation(self._view, talk)

    def _talk_text(self, key: int) -> bytes:
        """A conversation changes when it says so, but for who its contact is: a user or still a lead."""
        version = self._view.roster.talk_state(key)
        return self._shelf.text(("talk", key), version, lambda: encode(self._talk(key)))

    # --- companies --------------------------------------------------------------------------------

    def companies(self, request: Request) -> bytes:
        """POST /companies/list: by the number of the page, up to the ten-thousandth company."""
        params = {**dict(request.params()), **_body_of(request)}
        page, per_page = _whole(params, "page", 1), _whole(params, "per_page", _COMPANIES)
        if per_page > asking.MOST_PER_PAGE:
            raise invalid(f"per_page must be between 1 and {asking.MOST_PER_PAGE}")
        if page * per_page > _MOST_COMPANIES:
            raise invalid("page limit reached, please use scroll API", "page_limit_reached")
        there = self._view.roster.companies()
        if params.get("order") == "asc":
            there = there[::-1]
        start, last = (page - 1) * per_page, -(-len(there) // per_page)
        following = None if start + per_page >= len(there) else {"per_page": per_page, "starting_after": None}
        pages = {"type": "pages", "next": following, "page": page, "per_page": per_page, "total_pages": last}
        texts = b",".join(map(self._company_text, there[start : start + per_page]))
        return b'{"type":"list","data":[%b],"pages":%b,"total_count":%d}' % (texts, encode(pages), len(there))

    def scroll(self, request: Request) -> bytes:
        """GET /companies/scroll."""
        given = dict(request.params()).get("scroll_param")
        param, page = self._scroll.next(given or None, self._view.roster.companies)
        texts = b",".join(map(self._company_text, page))
        tail = encode({"pages": None, "total_count": None, "scroll_param": param})[1:]
        return b'{"type":"list","data":[%b],%b' % (texts, tail)

    def _company_text(self, number: int) -> bytes:
        version = self._view.roster.version
        return self._shelf.text(("company", number), version, lambda: encode(company(self._view, number)))


def _page(head: bytes, texts: Iterable[bytes], page: Page, per_page: int) -> bytes:
    pages: Record = {
        "type": "pages", "page": page.number, "per_page": per_page, "total_pages": -(-page.total // per_page),
    }  # fmt: skip
    if page.following is not None:
        pages["next"] = {"per_page": per_page, "starting_after": page.following}
    return b"".join((head, b",".join(texts), b'],"total_count":%d,"pages":' % page.total, encode(pages), b"}"))


def _cursor_of(params: Mapping[str, str], default: int) -> tuple[int, str | None]:
    per_page = _whole(params, "per_page", default)
    if per_page > asking.MOST_PER_PAGE:
        raise invalid(f"per_page must be between 1 and {asking.MOST_PER_PAGE}")
    return per_page, params.get("starting_after") or None


def _whole(params: Mapping[str, object], name: str, default: int) -> int:
    text = str(params.get(name, default))
    if not text.isdecimal() or int(text) < 1:
        raise invalid(f"{name} must be a whole number from 1 on")
    return int(text)


def _body_of(request: Request) -> dict[str, object]:
    """The paging that some clients send in the body of /companies/list."""
    try:
        return msgspec.json.decode(request.body, type=dict[str, object]) if request.body.strip() else {}
    except msgspec.MsgspecError as error:
        raise invalid("the body is no JSON object") from error
