"""What is kept of rendered records: what fits, in the version asked for."""

from execution.sandbox.shelf import Shelf


class Kept:
    """A shelf that counts what is made for it."""

    def __init__(self, most_bytes: int) -> None:
        self.shelf = Shelf(most_bytes)
        self.made: list[str] = []

    def text(self, key: str, version: int = 0) -> bytes:
        return self.shelf.text(key, version, lambda: self._make(key, version))

    def _make(self, key: str, version: int) -> bytes:
        self.made.append(key)
        return f"{key}={version:02d}".encode()


def test_what_fits_is_kept_and_the_oldest_goes() -> None:
    kept = Kept(10)
    for key in ("a", "b", "a", "c", "a"):
        assert kept.text(key) == f"{key}=00".encode()
    assert kept.made == ["a", "b", "c", "a"]
    kept.shelf.clear()
    assert kept.text("c") == b"c=00"
    assert kept.made[-1] == "c"


def test_another_version_takes_the_place_of_the_one_before() -> None:
    kept = Kept(10)
    assert [kept.text("a", version) for version in (1, 1, 2, 2)] == [b"a=01", b"a=01", b"a=02", b"a=02"]
    assert kept.text("b") == b"b=00"
    assert kept.made == ["a", "a", "b"]
    kept.text("a", 2)
    kept.text("b")
    assert kept.made == ["a", "a", "b"]  # both still fit: the older version of `a` takes no room
