"""Folder names: safe everywhere, one account one folder."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.context.slugs import LONGEST, RESERVED, assign, short_hash, slug

NAMES = st.dictionaries(
    st.text(min_size=1), st.text() | st.sampled_from(["Acme", "ACME!", "acme", "templates", "CON", ".."])
)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Acme Inc.", "acme-inc"),
        ("Müller & Söhne GmbH", "muller-sohne-gmbh"),
        ("Straße", "strasse"),
        ("../../etc/passwd", "etc-passwd"),
        ("a/b\\c:d", "a-b-c-d"),
        ("  ", ""),
        ("東京", ""),
        ("A" * 300, "a" * LONGEST),
    ],
)
def test_slug(name: str, folder: str) -> None:
    assert slug(name) == folder


@pytest.mark.parametrize("name", ["CON", "nul", "Templates", "workflows", "LPT1"])
def test_names_that_mean_something_else_get_a_hash(name: str) -> None:
    assert assign({"k": name}, {}) == {"k": f"{name.lower()}-{short_hash('k')}"}


def test_a_name_without_any_ascii_falls_back_on_the_key() -> None:
    assert assign({"acme.jp": "東京"}, {}) == {"acme.jp": "acme-jp"}
    assert assign({"東京": "東京"}, {}) == {"東京": "account"}


def test_both_of_two_accounts_with_one_name_get_a_hash() -> None:
    given_ = assign({"acme.com": "Acme", "acme.de": "ACME", "other.com": "Other"}, {})
    assert given_ == {
        "acme.com": f"acme-{short_hash('acme.com')}",
        "acme.de": f"acme-{short_hash('acme.de')}",
        "other.com": "other",
    }


def test_an_account_keeps_its_folder_under_a_new_name_and_beside_a_newcomer_of_its_name() -> None:
    taken = {"acme": "acme.com"}
    assert assign({"acme.com": "Acme Holding", "acme.de": "Acme"}, taken) == {
        "acme.com": "acme",
        "acme.de": f"acme-{short_hash('acme.de')}",
    }


@given(NAMES)
def test_folders_are_safe_and_distinct_whatever_the_names(names: dict[str, str]) -> None:
    folders = assign(names, {})
    assert set(folders) == set(names)
    assert len(set(folders.values())) == len(folders)
    for folder in folders.values():
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", folder)
        assert folder not in RESERVED
        assert len(folder) <= LONGEST + 9


@given(NAMES)
def test_the_order_of_accounts_makes_no_difference(names: dict[str, str]) -> None:
    backwards = dict(reversed(list(names.items())))
    assert assign(names, {}) == assign(backwards, {})


@given(NAMES)
def test_a_second_time_everybody_stays_where_they_are(names: dict[str, str]) -> None:
    folders = assign(names, {})
    assert assign(names, {folder: key for key, folder in folders.items()}) == folders
