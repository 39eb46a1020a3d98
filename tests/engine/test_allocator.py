"""The allocator is asked where it can be, and left alone where it cannot."""

import ctypes

import pytest

from execution.engine import allocator


class Asked:
    """A C library that notes what it is asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, ...]] = []

    def mallopt(self, *arguments: int) -> int:
        self.calls.append(arguments)
        return 1


def test_the_library_is_asked_for_few_arenas(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Asked()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    allocator.share_arenas()
    assert library.calls == [(-8, 2)]


def test_another_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Asked()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    allocator.give_back()  # it has no malloc_trim
    assert library.calls == []


def test_where_libraries_cannot_be_asked_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    allocator.share_arenas()
    allocator.give_back()
