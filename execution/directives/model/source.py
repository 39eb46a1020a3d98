"""`kind: source`: one SaaS tool, from its API to the entities it feeds."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from execution.directives.model.outcome import Label
from execution.directives.model.shape import STEP, Block, Directive, Duration, Name, Shape, UnfitError

# --- how the API is called ----------------------------------------------------------------------


class BearerAuth(Shape):
    type: Literal["bearer"]
    token: str


class BasicAuth(Shape):
    type: Literal["basic"]
    username: str
    password: str = ""


class KeyAuth(Shape):
    """An API key in a header or in the query; exactly one of the two names where."""

    type: Literal["api_key"]
    key: str
    header: str | None = None
    query: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.header is None) == (self.query is None):
            raise ValueError("say where the key goes: either header or query")
        return self


class NoAuth(Shape):
    type: Literal["none"]


Auth = Annotated[BearerAuth | BasicAuth | KeyAuth | NoAuth, Field(discriminator="type")]


class RateLimit(Shape):
    """`requests` in any `per`, with at most `concurrency` of them under way at once."""

    requests: Annotated[int, Field(ge=1)]
    per: Duration
    concurrency: Annotated[int, Field(ge=1, le=64)] = 8


class NextUrl(Shape):
    """The answer names the next page's URL at this path; followed as it is."""

    next_url: str


class Cursor(Shape):
    """The answer names a token at path `cursor`; it goes into query parameter `param`."""

    cursor: str
    param: str


class BodyCursor(Shape):
    """As Cursor, but the token goes into the request's JSON body at path `into`."""

    body_cursor: str
    into: str


class PageNumber(Shape):
    """Pages 1, 2, 3 … in query parameter `page`, until `more` is false, `pages` (total pages) is reached,
    or a page has fewer than `size` records (`size` itself goes into `size_param` where that is named)."""

    page: str
    first: int = 1
    size: Annotated[int, Field(ge=1)]
    size_param: str | None = None
    more: str | None = None
    pages: str | None = None


class Offset(Shape):
    """Query parameter `offset` grows by the records received, until a page has fewer than `limit`."""

    offset: str
    limit: Annotated[int, Field(ge=1)]
    limit_param: str | None = "limit"


class Keyset(Shape):
    """The last record's value at path `keyset` goes into `param`, while `more` (a boolean) is true,
    or, without `more`, until a page is empty."""

    keyset: str
    param: str
    more: str | None = None


class OnePage(Shape):
    """Everything in one answer."""

    single: Literal[True]


PAGINATORS: dict[str, type[Shape]] = {
    "next_url": NextUrl,
    "cursor": Cursor,
    "body_cursor": BodyCursor,
    "page": PageNumber,
    "offset": Offset,
    "keyset": Keyset,
    "single": OnePage,
}


def _paginator_tag(value: object) -> str | None:
    """The union tag of a paginator: its first key that names one. In <>, so that no tag looks like a key."""
    if isinstance(value, Shape):
        return next(f"<{name}>" for name, form in PAGINATORS.items() if isinstance(value, form))
    if isinstance(value, dict):
        return next((f"<{name}>" for name in PAGINATORS if name in value), None)
    return None


Paginate = Annotated[
    Annotated[NextUrl, Tag("<next_url>")]
    | Annotated[Cursor, Tag("<cursor>")]
    | Annotated[BodyCursor, Tag("<body_cursor>")]
    | Annotated[PageNumber, Tag("<page>")]
    | Annotated[Offset, Tag("<offset>")]
    | Annotated[Keyset, Tag("<keyset>")]
    | Annotated[OnePage, Tag("<single>")],
    Discriminator(_paginator_tag),
]


class Api(Shape):
    """Where the API is and its manners.

    `account` asks one path once a run; its other keys name paths in the answer, usable as `{account.KEY}`.
    `error_message` is the path of the vendor's own words in an error body.
    """

    base_url: str
    auth: Auth
    headers: dict[str, str] = {}
    rate_limit: RateLimit = RateLimit.model_validate({"requests": 5, "per": "1s"})
    paginate: Paginate = OnePage(single=True)
    account: dict[str, str] = {}
    error_message: str | None = None
    timeout: Duration = Field(default="30s", validate_default=True)
    max_page_mb: Annotated[int, Field(ge=1, le=512)] = 64
    attempts: Annotated[int, Field(ge=1, le=10)] = 5


# --- what is read -------------------------------------------------------------------------------


class FullSync(Shape):
    """Everything, every time; what is no longer there is tombstoned."""

    by: Literal["full"]


class WindowSync(Shape):
    """All records whose time lies in a window that starts `lookback` before the last run began, or
    `backfill` ago at first; `{since}` and `{until}` in the request say which. For APIs with no updated-since filter.

    Every `sweep` everything is read instead, whatever `backfill` says, and what is no longer there is tombstoned."""

    by: Literal["window"]
    lookback: Duration
    backfill: Duration
    sweep: Duration | None = None


class CursorSync(Shape):
    """Records changed since the greatest value of `column` stored, less `lookback`; everything
    (or `backfill`) at first. `{since}` in the request says from when. `sweep` is as for a window."""

    by: Literal["cursor"]
    column: Name
    lookback: Duration
    backfill: Duration | None = None
    sweep: Duration | None = None


class FeedSync(Shape):
    """Records that another stream, `feed`, says have changed: its column `id` names them, `where` (a condition over
    its columns) tells which of its rows are about this stream. Each is asked for again at `path`, where `{id}` stands
    for the id; an answer of 404 means it is gone.

    At first, and where the last complete read is so old that the feed may have forgotten something since (it `keeps`
    its rows so long), everything is read through the stream's own path instead."""

    by: Literal["feed"]
    feed: Name
    id: Name
    path: str
    keeps: Duration
    where: str | None = None


Sync = Annotated[FullSync | WindowSync | CursorSync | FeedSync, Field(discriminator="by")]

ColumnType = Literal["text", "integer", "decimal", "number", "boolean", "timestamp", "date", "json", "email"]


class Column(Shape):
    """One leaf of a record. `unit` says what a timestamp counts where it is not ISO text:
    `s` or `ms` since 1970 in UTC."""

    path: str
    type: ColumnType = "text"
    unit: Literal["iso", "s", "ms"] = "iso"
    description: str = ""


def _columns_in_short(columns: object) -> object:
    """`name: path` stands for `name: {path: path}`, and a column named email is an e-mail unless it says otherwise."""
    if not isinstance(columns, dict):
        return columns
    full = {name: {"path": column} if isinstance(column, str) else column for name, column in columns.items()}
    email = full.get("email")
    if isinstance(email, dict):
        full["email"] = {"type": "email", **email}
    return full


def _check_in_short(check: object) -> object:
    return {"check": check} if isinstance(check, str) else check


class Check(Shape):
    """A condition every row should meet; rows that do not are counted and reported.

    A blocking one fails its stream instead."""

    check: str
    blocking: bool = False


class Stream(Shape):
    """One kind of record of the API.

    `each` names a parent stream: one request per parent record that changed, and again while
    `reread` (a condition over the parent's columns and $as_of) holds, or once the last read is `refresh` ago.
    `batch` asks for so many parents in one request: in `body`, a list's one item that names the parent is repeated
    for each of them, and a record's key is its parent's.
    `version` names the column that orders two versions of one record: an older one never replaces a newer.
    `deleted` is the path of a flag: a record where it is true is a tombstone.
    `deletes` names a stream: every record of this one is a tombstone of the record there that has its key.
    `total` is the path of the vendor's own count, where it tells one. `empty_status` are statuses that mean no records.
    """

    path: str
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str | int | bool] = {}
    body: dict[str, Any] | None = None
    records: str = ""
    key: str
    each: Name | None = None
    reread: str | None = None
    refresh: Duration | None = None
    batch: Annotated[int, Field(ge=1, le=10_000)] | None = None
    sync: Sync = FullSync(by="full")
    columns: Annotated[dict[Name, Column], BeforeValidator(_columns_in_short)]
    version: Name | None = None
    deleted: str | None = None
    deletes: Name | None = None
    total: str | None = None
    paginate: Paginate | None = None
    rate_limit: RateLimit | None = None
    empty_status: tuple[int, ...] = ()
    description: str = ""

    @property
    def waits_for(self) -> tuple[str, ...]:
        """The streams that are read before this one: its parent, its feed, the one it deletes from."""
        feed = self.sync.feed if isinstance(self.sync, FeedSync) else None
        return tuple(name for name in (self.each, feed, self.deletes) if name is not None)

    def by_id(self) -> "Stream":
        """A stream that follows a feed, as it is asked for one record: the whole answer is that record."""
        if not isinstance(self.sync, FeedSync):
            raise TypeError(f"{self.sync.by} follows no feed")
        gone = tuple({*self.empty_status, 404})
        alone: dict[str, Any] = {"method": "GET", "params": {}, "body": None, "records": "", "total": None}
        one_page = OnePage(single=True)
        return self.model_copy(update={**alone, "path": self.sync.path, "paginate": one_page, "empty_status": gone})


class Freshness(Shape):
    """Ages past which the source counts as stale: reported, then an error."""

    warn: Duration
    error: Duration


class Files(Shape):
    """Files of the workspace in the place of an API: each stream's `path` names one in `folder`, or several by a
    pattern (`2026-*.csv`), all of one form and one heading.

    Of Markdown files the frontmatter is the record. Its keys are held to a `form` where one is named."""

    folder: str = "."
    form: Literal["account"] | None = None


NOWHERE = Api(base_url="https://nowhere.invalid", auth=NoAuth(type="none"))
"""The API of a source that has files instead."""


class Source(Directive):
    """A source directive. `after` names sources that are synced before this one. It has an `api`, or `files`.

    One with `files` is synced like any other. One with a `label` is a table of what came of customers elsewhere or
    earlier: scores are held against it, and it is never synced.

    `known_unless` names entities whose rows another source has to have too, each with the column that, where it is
    true, lets a row count alone."""

    kind: Literal["source"]
    phase: int = 1
    enabled: bool = True
    api: Api = NOWHERE
    files: Files | None = None
    after: tuple[Name, ...] = ()
    freshness: Freshness | None = None
    checks: dict[Name, tuple[Annotated[Check, BeforeValidator(_check_in_short)], ...]] = Field(
        default={}, alias="validate"
    )
    streams: Annotated[dict[Name, Stream], Field(min_length=1)]
    label: Label | None = None
    known_unless: dict[Name, Name] = {}

    @model_validator(mode="after")
    def _is_read_somewhere(self) -> Self:
        if (self.files is None) != ("api" in self.model_fields_set):
            raise UnfitError("a source has either api: or files:", hint="write one of the two")
        return self

    @property
    def feeds(self) -> tuple[str, ...]:
        """The entities that its projections aim at."""
        steps = {block.target for _, block in self.steps()}
        return tuple(block.target for block in self.blocks if block.target not in steps)

    @property
    def written_in(self) -> str:
        """The stream whose records are whole Markdown files, by whose keys its rows are known; empty without one."""
        whole = (name for name, each in self.streams.items() if each.path.lower().endswith(".md") and not each.records)
        return next(whole, "")

    def steps(self) -> Iterator[tuple[str, Block]]:
        """The named steps that the projections read, in the order in which they see each other."""
        for block in self.blocks:
            if block.target.startswith(f"{STEP} "):
                yield block.target.removeprefix(f"{STEP} "), block
