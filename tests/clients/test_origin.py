"""A key goes to the declared origin, or to what the environment says instead, and nowhere else."""

import pytest

from execution.clients.origin import Origin
from execution.errors import UsageError, VendorError

DECLARED = "https://api.vendor.test/v1"
SANDBOX = "http://127.0.0.1:9/vendor"


def test_as_declared_any_path_of_the_origin_is_reached() -> None:
    origin = Origin(DECLARED, DECLARED)

    assert origin.reach(f"{DECLARED}/things?a=1") == f"{DECLARED}/things?a=1"
    assert origin.reach("https://api.vendor.test/v2/x") == "https://api.vendor.test/v2/x"
    assert origin.reach("https://api.vendor.test:443/v1/x") == "https://api.vendor.test:443/v1/x"


def test_where_the_environment_says_another_base_links_are_moved_onto_it() -> None:
    origin = Origin(DECLARED, SANDBOX)

    assert origin.reach(f"{DECLARED}/things?a=%2B&b=") == f"{SANDBOX}/things?a=%2B&b="
    assert origin.reach(DECLARED) == SANDBOX
    assert origin.reach(f"{SANDBOX}/things") == f"{SANDBOX}/things"


def test_what_is_not_below_the_declared_base_cannot_be_moved() -> None:
    origin = Origin(DECLARED, SANDBOX)

    for link in ("https://api.vendor.test/v2/things", "https://api.vendor.test/v10"):
        with pytest.raises(VendorError) as caught:
            origin.reach(link)
        assert caught.value.code == "E323"


@pytest.mark.parametrize("base", [DECLARED, SANDBOX])
@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/v1/things",
        "http://api.vendor.test/v1/things",
        "https://api.vendor.test:8443/v1/things",
        "https://api.vendor.test.evil.test/v1",
        "https://api.vendor.test@evil.test/v1",
        "https://user:pw@api.vendor.test/v1",
        "https://api.vendor.test\\@evil.test/v1",
        "https://api.vendor.test\t.evil.test/v1",
        "https://api.vendor.tést/v1",
        "https:///v1",
        "https://[::1/v1",
        "https://api.vendor.test:99999/v1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "",
    ],
)
def test_any_other_origin_is_refused(base: str, link: str) -> None:
    with pytest.raises(VendorError) as caught:
        Origin(DECLARED, base).reach(link)

    assert caught.value.code == "E323"


@pytest.mark.parametrize(
    "base", ["", "vendor", "ftp://a.test", "https://u:p@a.test", "https://a.test?x=1", "http://a b.test"]
)
def test_a_base_url_that_is_none_is_told(base: str) -> None:
    with pytest.raises(UsageError) as caught:
        Origin(DECLARED, base)

    assert caught.value.code == "E250"


def test_knows_this_machine() -> None:
    assert Origin(DECLARED, SANDBOX).is_loopback
    assert not Origin(DECLARED, DECLARED).is_loopback
