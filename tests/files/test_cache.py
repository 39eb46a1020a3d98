"""Kept texts are whole or not there."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from execution.files import cache


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.json"
    cache.write(file, "größe\n{}\n")
    assert cache.read(file) == "größe\n{}\n"
    assert [each.name for each in file.parent.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda was: was[:-1],
        lambda was: was[:30],
        lambda was: was.replace(b"x", b"y"),
        lambda was: was[:0],
        lambda was: b"\xff\xfe\n" + was,
        lambda was: was + b" ",
    ],
)
def test_a_damaged_text_is_not_there(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    file = tmp_path / "a.json"
    cache.write(file, '{"x": 1}')
    file.write_bytes(damage(file.read_bytes()))
    assert cache.read(file) is None


def test_nothing_is_there_at_first(tmp_path: Path) -> None:
    assert cache.read(tmp_path / "a.json") is None
    assert cache.read(tmp_path) is None


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache.write(tmp_path / "file" / "a.json", "x")
    cache.prune(tmp_path / "file", 1)
    cache.prune(tmp_path / "nowhere", 1)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_the_last_written_stay(tmp_path: Path) -> None:
    for number in range(5):
        cache.write(tmp_path / str(number), "x")
        os.utime(tmp_path / str(number), (number, number))
    cache.prune(tmp_path, 2)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["3", "4"]
