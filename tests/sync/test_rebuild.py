"""However the store came to be what it is, it says what a new one would that was synced once from the same vendors.

Hypothesis makes up what vendors have and directives say, how both change from turn to turn, and how the run that ends
each turn goes. `GTM_REBUILD=thorough` looks for hours, elsewhere each time.
"""

import os
import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sync.changing import AS_IT_IS, IN_MONEY, OF_OTHER_ROWS, VARIANTS
from tests.sync.followed import SOURCES, Followed
from tests.sync.vendor import Record

EMAILS = (
    *("ada@x.com", "ADA@x.com ", "Ada <ada@x.com>", "eve@x.com", "ada@y.com"),
    *("zoe@gmail.com", "info@x.com", "me@us.com", "no", None),
)
DOMAINS = ("x.com", "y.com", "mail.z.co.uk", "gmail.com")
IS_THOROUGH = os.environ.get("GTM_REBUILD") == "thorough"

ORDERS: dict[str, Record] = {
    "o0": {"email": "ada@x.com", "name": "Ann", "amount": 2, "replaces": None},
    "o1": {"email": "Ada <ada@x.com>", "name": "Bob", "amount": 1, "replaces": "o2"},
    "o2": {"email": "zoe@gmail.com", "name": None, "amount": 5, "replaces": None},
    "o3": {"email": "eve@y.com", "name": "Eve", "amount": "much", "replaces": "o0"},
    "o4": {"email": "info@x.com", "name": "Desk", "amount": 3, "replaces": None},
    "o5": {"email": None, "name": "Nobody", "amount": 4, "replaces": None},
}
PEOPLE: dict[str, Record] = {
    "p0": {"email": "ada@x.com", "name": "Ada", "website": "X.com", "winner": None},
    "p1": {"email": "ada@x.com", "name": "Ada L.", "website": None, "winner": "p0"},
    "p2": {"email": "eve@y.com", "name": "Eve", "website": "mail.z.co.uk", "winner": "p0"},
    "p3": {"email": "me@us.com", "name": "Me", "website": "us.com", "winner": None},
}

Step = tuple[str, tuple[Any, ...], dict[str, Any]]
"""A method of Followed, and how it is called."""


def _step(name: str, *facts: st.SearchStrategy[Any], **how: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.tuples(st.just(name), st.tuples(*facts), st.fixed_dictionaries(how))


_emails, _names, _domains = st.sampled_from(EMAILS), st.sampled_from(["Ann", "Bob", None]), st.sampled_from(DOMAINS)
_sources, _yes_or_no = st.sampled_from(sorted(SOURCES)), st.booleans()
_order_ids, _person_ids = (st.sampled_from([f"{kind}{n}" for n in range(4)]) for kind in "op")
_order = st.fixed_dictionaries(
    {"email": _emails, "name": _names, "amount": st.sampled_from([1, 2, "much"]), "replaces": st.none() | _order_ids}
)
_person = st.fixed_dictionaries(
    {"email": _emails, "name": _names, "website": st.none() | _domains, "winner": st.none() | _person_ids}
)
_orders, _people = st.dictionaries(_order_ids, _order, max_size=3), st.dictionaries(_person_ids, _person, max_size=3)
_edits = st.sampled_from([(name, variant) for name, texts in VARIANTS.items() for variant in texts])

_everything = st.tuples(*(st.tuples(st.just(name), st.sampled_from([*texts])) for name, texts in VARIANTS.items()))
_changes = st.one_of(
    _step("directives_change", st.lists(_edits, min_size=1, max_size=2)),
    _step("directives_change", _everything),
    _step("records_come", _orders, _people),
    _step("records_go", st.sets(_order_ids, max_size=2), st.sets(_person_ids, max_size=2)),
    _step("records_are_back"),
    _step("visits_change", _order_ids, st.integers(0, 3)),
    _step("company_moves", _domains, _domains),
    _step("source_switched", _sources),
)
_runs = st.one_of(
    _step("sync", st.none(), full=st.just(False), twice=_yes_or_no),
    _step("sync", st.none() | _sources, full=_yes_or_no, twice=_yes_or_no),
    _step("sync_orders_alone"),
    _step("sync_fails", st.sampled_from(["orders", "visits", "people"]), st.integers(0, 1), is_sliced=_yes_or_no),
)
_turns = st.lists(st.tuples(st.lists(_changes, max_size=4), _runs), min_size=1, max_size=8 if IS_THOROUGH else 4)


@pytest.mark.timeout(0 if IS_THOROUGH else 600)  # a failure is made small before it is shown
@settings(
    max_examples=5000 if IS_THOROUGH else 4,
    derandomize=not IS_THOROUGH,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(orders=_orders, people=_people, turns=_turns)
def test_a_store_that_followed_says_what_a_new_one_says(
    orders: dict[str, Record], people: dict[str, Record], turns: list[tuple[list[Step], Step]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        followed = Followed(Path(folder))
        followed.records_come(orders, people)
        followed.sync(None, full=False, twice=False)
        for changes, run in turns:
            for name, facts, how in (*changes, run):
                getattr(followed, name)(*facts, **how)


@pytest.mark.parametrize("edited", [("shop", "crm"), ("customers", "companies", "events"), ("settings",)])
def test_what_a_directive_comes_to_say_holds_for_what_is_there(tmp_path: Path, edited: tuple[str, ...]) -> None:
    followed = Followed(tmp_path)
    followed.records_come(ORDERS, PEOPLE)
    for count, order in enumerate(ORDERS):
        followed.visits_change(order, count)
    followed.directives_change([("shop", IN_MONEY)])
    sayings = ([v for v in VARIANTS[name] if v not in OF_OTHER_ROWS] for name in edited)
    for variants in (*zip_longest(*sayings), (None,) * len(edited)):
        followed.directives_change([(name, v or AS_IT_IS) for name, v in zip(edited, variants, strict=True)])
        followed.sync(None, full=False, twice=False)
