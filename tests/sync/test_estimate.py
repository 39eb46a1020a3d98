"""How many requests are to be expected, what says so, and what is certain."""

from dataclasses import replace
from datetime import timedelta

import pytest

from execution.directives.model import Source
from execution.sync.estimate import Estimate, Known, estimate
from execution.sync.plan import Bookmark, Options, StreamState

from .readings import DUE, FIRST, LAST, NOW, READ, STREAMS, YESTERDAY, reads, source


@pytest.mark.parametrize(
    ("stream", "wanted"),
    [
        ("tags", Estimate(None, 1, None, "not known before the first sync of tags")),
        ("whole", Estimate(1, 1, None, "everything is in one answer")),
        ("people", Estimate(None, 1, None, "not known before the first sync of people")),
        ("notes", Estimate(None, 0, None, "not known before the first sync of people")),
        ("deals", Estimate(None, 1, None, "not known before the first sync of deals")),
    ],
)
def test_before_the_first_sync_nothing_is_made_up(stream: str, wanted: Estimate) -> None:
    assert estimate(reads(state=FIRST), stream) == wanted


@pytest.mark.parametrize(
    ("stream", "wanted"),
    [
        ("people", Estimate(125, 1, 12_480, "12,480 by the vendor's count, 100 a page")),
        ("notes", Estimate(12_480, 0, 12_480, "all 12,480 people by the vendor's count")),
        ("links", Estimate(250, 0, 12_480, "all 12,480 people by the vendor's count, 50 a request")),
    ],
)
def test_the_vendors_count_tells_what_a_first_sync_takes(stream: str, wanted: Estimate) -> None:
    assert estimate(reads({"people": Known(total=12_480)}, state=FIRST), stream) == wanted


def test_what_is_read_whole_every_time_goes_by_the_last_run() -> None:
    assert estimate(reads(), "tags") == Estimate(3, 1, None, "by the last run's journal: 3 requests")
    without = Known(is_stored=True)
    assert estimate(reads({"tags": without}), "tags") == Estimate(5, 1, 250, "250 stored, 50 a page")


def test_a_cursor_goes_by_what_is_stored_since_and_changed_lately() -> None:
    known = Known(is_stored=True, last=LAST, within=180, moment="changed", lately=40)
    said = "180 stored with changed since then, about 40 more: as many as in the 1 d before, 100 a page"
    assert estimate(reads({"people": known}), "people") == Estimate(3, 1, 220, said)
    quiet = replace(known, within=0, lately=0)
    assert estimate(reads({"people": quiet}), "people") == Estimate(
        1, 1, 0, "0 stored with changed since then, 100 a page"
    )


def test_a_sweep_reads_all_there_is() -> None:
    due = replace(READ, swept_at=NOW - timedelta(days=8))
    known = Known(is_stored=True, last=LAST, within=1, moment="changed", lately=1)
    assert estimate(reads({"people": known}, people=due), "people") == Estimate(3, 1, 250, "250 stored, 100 a page")


def test_without_a_page_size_there_is_no_number() -> None:
    known = Known(is_stored=True, last=LAST, within=180, moment="changed", lately=0)
    found = estimate(reads({"blobs": known}), "blobs")
    assert (found.requests, found.at_least) == (None, 1)
    assert found.basis.endswith("the directive names no page size")


def test_a_window_without_times_goes_by_all_that_is_stored() -> None:
    found = estimate(reads({"news": Known(is_stored=True, last=LAST)}), "news")
    assert found == Estimate(3, 1, 250, "250 stored in all, no column says since when, 100 a page")


def test_an_unfinished_read_goes_on_at_so_many_places() -> None:
    bookmark = Bookmark(("a", "b"), None, YESTERDAY).dump()
    found = estimate(reads(people=replace(READ, resume=bookmark)), "people")
    assert found == Estimate(None, 2, None, "an unfinished read goes on at 2 places")


def test_children_are_asked_for_what_is_due_and_what_is_going_to_change() -> None:
    changing = Known(is_stored=True, last=LAST, lately=40)
    read = reads({"people": changing, "notes": Known(due=DUE), "links": Known(due=DUE)})
    more = "12 of 250 people due, about 40 more: as many as in the 1 d before"
    assert estimate(read, "notes") == Estimate(55, 12, 52, more)
    assert estimate(read, "links") == Estimate(2, 1, 52, f"{more}, 50 a request")


def test_how_many_parents_change_may_not_be_known() -> None:
    found = estimate(reads({"notes": Known(due=DUE)}), "notes")
    assert found == Estimate(None, 12, None, "12 of 250 people due, and each that changes, which is not known")


def test_where_the_directives_columns_changed_only_the_number_of_rows_tells() -> None:
    """What is stored is decoded again before the next read; until then no time and no condition can be looked up."""
    known = {"people": Known(last=LAST), "notes": Known(last=LAST)}
    said = "not known: the columns of people changed, and what is stored has yet to be decoded again"
    assert estimate(reads(known), "people") == Estimate(None, 1, None, said)
    assert estimate(reads(known), "notes") == Estimate(None, 0, None, said)
    swept = replace(READ, swept_at=NOW - timedelta(days=8))
    assert estimate(reads(known, people=swept), "people") == Estimate(3, 1, 250, "250 stored, 100 a page")
    full = reads(known, options=Options(full=True))
    assert estimate(full, "notes") == Estimate(250, 0, 250, "all 250 people stored")


def test_in_a_full_sync_every_parent_is_asked_for() -> None:
    found = estimate(reads({"links": Known(due=DUE)}, options=Options(full=True)), "links")
    assert found == Estimate(5, 0, 250, "all 250 people stored, 50 a request")


@pytest.mark.parametrize(
    ("of", "states"),
    [
        (source(gone={"path": "/gone", "deletes": "people"}), {}),
        (source(people={**STREAMS["people"], "deleted": "gone"}), {}),
        (source(), {"people": replace(READ, swept_at=NOW - timedelta(days=8))}),
    ],
)
def test_parents_that_may_be_gone_make_nothing_certain(of: Source, states: dict[str, StreamState]) -> None:
    known = {"people": Known(is_stored=True, last=LAST, lately=0), "notes": Known(due=DUE)}
    found = estimate(reads(known, of=of, people=states.get("people", READ)), "notes")
    assert (found.requests, found.at_least) == (15, 0)


def test_a_feed_names_what_is_asked_for() -> None:
    known = Known(is_stored=True, last=LAST, named=2, lately=7)
    found = estimate(reads({"deals": known}), "deals")
    said = "2 named by news and not asked for yet, about 7 more: as many as in the 1 d before"
    assert found == Estimate(9, 2, 9, said)
    blind = estimate(reads({"deals": replace(known, lately=None)}), "deals")
    assert (blind.requests, blind.at_least) == (None, 2)
    assert estimate(reads({"deals": Known()}), "deals") == Estimate(None, 0, None, "not known before news is read")


def test_where_a_feed_may_have_forgotten_all_is_read() -> None:
    old = replace(READ, high_water=NOW - timedelta(days=24))
    assert estimate(reads(deals=old), "deals") == Estimate(3, 1, 250, "250 stored, 100 a page")
    known = {"deals": Known(is_stored=True, last=LAST, lately=3), "calls": Known(due=DUE)}
    assert estimate(reads(known), "calls").at_least == 0, "a feed may say of a parent that it is gone"
