"""Which account somebody means."""

import pytest

from execution.context.finding import Everybody

EVERYBODY = Everybody(
    (
        ("acme.com", "Acme, Inc.", "Jane Roe", "jane@acme.com"),
        ("acme.com", "Acme, Inc.", None, "joe@acme.com"),
        ("acme-labs.io", None, "Lea", "lea@acme-labs.io"),
        ("acme-labs.io", "Acme Labs", None, None),
        ("mueller.de", "Müller & Söhne", None, None),
        ("solo@gmail.com", "Solo Ray", "Solo Ray", "solo@gmail.com"),
        ("quiet.com", None, None, None),
        ("ab.com", "A/B", None, None),
    ),
    {"big-one": "mueller.de", "Ours": "quiet.com"},
)


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        ("acme.com", ["acme.com"]),
        (" ACME.com ", ["acme.com"]),
        ("acme inc", ["acme.com"]),
        ("Acme", ["acme.com", "acme-labs.io"]),
        ("acme labs", ["acme-labs.io"]),
        ("labs", ["acme-labs.io"]),
        ("jane@acme.com", ["acme.com"]),
        ("jane roe", ["acme.com"]),
        ("Muller", ["mueller.de"]),
        ("müller", ["mueller.de"]),
        ("big-one", ["mueller.de"]),
        ("customers/big-one/", ["mueller.de"]),
        ("Ours", ["quiet.com"]),
        ("a/b", ["ab.com"]),
        ("solo", ["solo@gmail.com"]),
        ("quiet", ["quiet.com"]),
        ("nobody", []),
        ("", []),
        ("  ", []),
        ("…", []),
    ],
)
def test_who_is_meant(wanted: str, keys: list[str]) -> None:
    assert list(EVERYBODY.meant(wanted)) == keys


def test_an_account_is_called_by_its_name_and_else_by_its_key() -> None:
    assert EVERYBODY.names == {
        "acme.com": "Acme, Inc.",
        "acme-labs.io": "Acme Labs",
        "mueller.de": "Müller & Söhne",
        "solo@gmail.com": "Solo Ray",
        "quiet.com": "quiet.com",
        "ab.com": "A/B",
    }


@pytest.mark.parametrize(
    ("wanted", "near"), [("acmee.com", "acme.com"), ("Quiett", "quiet.com"), ("Solo Rai", "solo@gmail.com")]
)
def test_who_is_called_nearly_that_is_told(wanted: str, near: str) -> None:
    assert near in EVERYBODY.near(wanted)
    assert EVERYBODY.near("zzz") == ()
