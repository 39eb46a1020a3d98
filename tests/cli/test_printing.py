"""Answers for people and for programs: what is shown, and what can do no harm."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from execution.cli.encoding import plain, to_json
from execution.cli.printing import ago, cell, harmless, print_table


@dataclass(frozen=True)
class Thing:
    path: Path
    sizes: tuple[int, ...]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05Z"),  # noqa: DTZ001 - the store's times have no zone
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00"),
        (date(2026, 1, 2), "2026-01-02"),
        (timedelta(minutes=2), 120.0),
        (Decimal("12.3400"), 12.34),
        (float("nan"), None),
        (Decimal("Infinity"), None),
        ({3, 1, 2}, [1, 2, 3]),
        ({1: b"\x00\xff"}, {"1": "00ff"}),
        (Thing(Path("a/b"), (1, 2)), {"path": "a/b", "sizes": [1, 2]}),
        (True, True),
    ],
)
def test_any_result_becomes_json(value: object, expected: object) -> None:
    assert plain(value) == expected


def test_json_is_one_line_whatever_a_crm_wrote() -> None:
    assert "\n" not in to_json({"name": "two\nlines", "emoji": "🙂"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë 🙂 مرحبا", "Zoë 🙂 مرحبا"),
        ("\x1b[31mred\x07", "�[31mred�"),
        ("a\u202eb\u2066c", "a�b�c"),
        ("one\ntwo\r", "one�two�"),
    ],
)
def test_text_from_outside_cannot_steer_the_terminal(text: str, shown: str) -> None:
    assert harmless(text) == shown
    assert harmless("a\nb", keep="\n") == "a\nb"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "yes"),
        (1234567, "1234567"),
        (0.123456, "0.1235"),
        (12345.6, "12,346"),
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "2026-01-02 03:04:05"),
        (("a", None, 1), "a, , 1"),
    ],
)
def test_cells_are_what_people_read(value: object, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(seconds=90), "90 s"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=3), "3 d"),
    ],
)
def test_ages_have_one_number(length: timedelta, shown: str) -> None:
    assert ago(length) == shown


def test_a_table_holds_markup_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "n"), [("[bold]x[/bold] \x1b[2J", 1), ("y", 22)])
    out = capsys.readouterr().out
    assert "[bold]x[/bold] �[2J" in out
    assert "\x1b" not in out
    assert [line.rstrip()[-2:] for line in out.splitlines() if line.strip()][-2:] == [" 1", "22"]
