"""One address in, one key out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution import engine, identity


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("Ada@X.com", "ada@x.com"),
        ("  ada@x.com\n", "ada@x.com"),
        ("\ufeffada@x.com\u200b", "ada@x.com"),
        ("Ada Lovelace <ADA@x.com>", "ada@x.com"),
        ('"Lovelace, Ada" <ada@x.com>', "ada@x.com"),
        ("mailto:ada@x.com?subject=hi", "ada@x.com"),
        ("<ada@x.com>", "ada@x.com"),
        ("ada@x.com,", "ada@x.com"),
        ("ada+calls@x.com", "ada+calls@x.com"),
        ("a.d.a@gmail.com", "a.d.a@gmail.com"),
        ("o'neil@x.ie", "o'neil@x.ie"),
        ("ada@exämple.de", "ada@xn--exmple-cua.de"),
        ("ada@XN--EXMPLE-CUA.de", "ada@xn--exmple-cua.de"),
        ("jose\u0301@x.com", "jos\u00e9@x.com"),
    ],
)
def test_becomes_canonical(text: str, email: str) -> None:
    assert identity.normalise(text).email == email


@pytest.mark.parametrize(
    "text",
    ["", "n/a", "ada", "ada@x", "ada@@x.com", "a..b@x.com", "ada@-x.com", "ada@x.com\x00", "a b@x.com", "ada@[1.2.3.4]",
     "l" * 65 + "@x.com", "ada@" + "d" * 250 + ".com"],
)  # fmt: skip
def test_is_no_address_and_says_why(text: str) -> None:
    found = identity.normalise(text)
    assert found.email is None
    assert found.problem


@given(st.text(max_size=40))
def test_a_canonical_address_is_canonical_already(text: str) -> None:
    email = identity.normalise(text).email
    if email is not None:
        assert identity.normalise(email).email == email


@given(st.from_regex(r"\s?[A-Za-z0-9._%+'-]{1,20}@[A-Za-z0-9.-]{1,20}\.[A-Za-z]{2,4}\s?", fullmatch=True))
def test_the_fast_way_in_sql_agrees_with_the_slow(text: str) -> None:
    con = engine.memory()
    fast = con.execute(f"SELECT {identity.fast_sql(engine.literal(text))}").fetchone()
    con.close()
    assert fast is not None
    if fast[0] is not None:
        assert fast[0] == identity.normalise(text).email


@pytest.mark.parametrize(
    ("email", "mailbox"),
    [
        ("ada+calls@x.com", "ada@x.com"),
        ("a.d.a+x@googlemail.com", "ada@gmail.com"),
        ("a.d.a@x.com", "a.d.a@x.com"),
        ("+x@x.com", "+x@x.com"),
    ],
)
def test_aliases_share_a_mailbox(email: str, mailbox: str) -> None:
    assert identity.mailbox(email) == mailbox


@pytest.mark.parametrize(
    ("domain", "registrable"),
    [("acme.com", "acme.com"), ("mail.acme.co.uk", "acme.co.uk"), ("co.uk", None), ("localhost", None)],
)
def test_a_company_is_a_registrable_domain(domain: str, registrable: str | None) -> None:
    assert identity.registrable(domain) == registrable


def test_each_odd_address_is_judged_once() -> None:
    con = engine.memory()
    con.execute("CREATE SCHEMA identity")
    con.execute("CREATE TABLE identity.emails (address VARCHAR, email VARCHAR, problem VARCHAR)")
    assert identity.learn_addresses(con, ["Ada <ada@x.com>", "nope", "nope"]) == 2
    assert identity.learn_addresses(con, ["nope", "Eve <eve@x.com>"]) == 1
    rows = con.execute("SELECT address, email, problem IS NULL FROM identity.emails ORDER BY address").fetchall()
    con.close()
    assert rows == [
        ("Ada <ada@x.com>", "ada@x.com", True),
        ("Eve <eve@x.com>", "eve@x.com", True),
        ("nope", None, False),
    ]
